// From the forms of a RowBatch to values in SQLite's columns: one small encoder a column, found
// once.
//
// An encoder puts a value only if the column's affinity will store it unchanged, or in a form that
// the decoder of the same type turns back into the same value.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "data/row_batch.h"
#include "data/schema.h"
#include "sqlite/number.h"
#include "sqlite/types.h"

struct sqlite3_context;

namespace rowferry::sqlite {

enum class Encoded : uint8_t {
  kDone,
  kWouldChange,  // the column's affinity would store another value
  kNoUtf16,      // text that the database's own encoding would change
  kNoRowid,      // NULL for an INTEGER PRIMARY KEY, which SQLite would replace by a number
};

// Not thread-safe, and not to be moved while SQLite uses what it made: that text lives in the
// encoder until the next value.
class Encoder {
 public:
  using Function = Encoded (*)(Encoder& encoder, sqlite3_context* out, const Column& column,
                               size_t row);

  // REQUIRES: !WhyNotEncode(from, column).
  Encoder(const Type& from, const ColumnInfo& column, bool rowid_alias);

  // For a database whose encoding is not UTF-8: text is looked at before SQLite converts it.
  void RefuseBrokenText();

  // `out` takes the value; the bytes of `column` must stay where they are until SQLite stored it.
  Encoded operator()(sqlite3_context* out, const Column& column, size_t row) {
    return function_(*this, out, column, row);
  }

  Affinity affinity() const { return affinity_; }
  bool rowid_alias() const { return rowid_alias_; }
  std::array<char, kMaxNumberText>& buffer() { return buffer_; }

 private:
  Function function_;
  Affinity affinity_;
  bool rowid_alias_;
  std::array<char, kMaxNumberText> buffer_;
};

// Why values of the form `from` cannot be stored in the column; nothing if they can, though single
// values may still not fit.
std::optional<std::string> WhyNotEncode(const Type& from, const ColumnInfo& column);

}  // namespace rowferry::sqlite
