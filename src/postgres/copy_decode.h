// The binary COPY format, from the server:
//   stream  = "PGCOPY\n\xff\r\n\0", int32 flags, int32 length, extension of that length,
//             *( row ), trailer
//   row     = int16 number of fields, *( field )
//   field   = int32 length (-1: NULL), that many bytes
//   trailer = int16 -1
// libpq delivers it in messages of one row each; the header comes with the first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/row_batch.h"

namespace rowferry {

// Appends one field that is not NULL. False if it does not have the form of its type.
// `scratch` is the decoder's, for text that has to be made.
using DecodeCell = bool (*)(std::string_view field, Column& out, std::string& scratch);

// The decoder for values that take the form `kind` in a batch, when their type is selected as it is
// (kOther: its cast to text). Null for kAny.
DecodeCell FindDecoder(Kind kind);

// invalid_binary_representation, of a value that our decoders do not take.
inline constexpr std::string_view kNoBinaryForm = "22P03";

// Turns messages into rows. One decoder a stream.
class CopyDecoder {
 public:
  // One decoder for each field of a row.
  explicit CopyDecoder(std::vector<DecodeCell> cells) : cells_(std::move(cells)) {}

  // Appends the row of one message to `out`, which has as many columns; false if the message holds
  // none (header or trailer alone). Throws Error(kTarget) for a damaged message, and Error(kData)
  // of kNoBinaryForm for a value that does not have the form of its type; the columns are then as
  // they were before.
  bool Decode(std::string_view message, std::vector<Column>& out);

  // The trailer was seen: the stream came to its proper end.
  bool ended() const { return ended_; }

 private:
  bool DecodeRow(class ByteReader& reader, std::vector<Column>& out);

  std::vector<DecodeCell> cells_;
  std::string scratch_;
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace rowferry
