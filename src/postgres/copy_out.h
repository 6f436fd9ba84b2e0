// One COPY … TO STDOUT (FORMAT binary) under way.
#pragma once

#include <string>
#include <vector>

#include "postgres/copy_decode.h"
#include "postgres/session.h"

namespace rowferry {

// The session outlives it, and does nothing else until Next has given false or thrown.
class CopyOut {
 public:
  // Begins it; `query` is a SELECT with one column for each of `cells`. Throws Error.
  CopyOut(Session& session, const std::string& query, const std::vector<DecodeCell>& cells);

  // Appends the next row. False: the stream came to its proper end. Throws what the server said,
  // with the transaction failed; Error(kTransient) where the proper end is missing; and as
  // CopyDecoder::Decode, with the rest of the stream still to come. `out` then has whole rows only.
  bool Next(std::vector<Column>& out);
  // Takes what is still to come, and drops it, whatever it is.
  void Drain();

  bool gave_rows() const { return gave_rows_; }
  size_t largest_bytes() const { return largest_bytes_; }  // of the rows so far

 private:
  void Finish();

  Session& session_;
  CopyDecoder decoder_;
  bool gave_rows_ = false;
  size_t largest_bytes_ = 0;
};

}  // namespace rowferry
