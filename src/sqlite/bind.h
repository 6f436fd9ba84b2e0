// From the forms of a RowBatch to values in SQLite's columns: one small binder a column, found
// once.
//
// A binder binds a value only if the column's affinity will store it unchanged, or in a form that
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

struct sqlite3_stmt;

namespace rowferry::sqlite {

enum class Bound : uint8_t {
  kDone,
  kWouldChange,  // the column's affinity would store another value
  kNoRowid,      // NULL for an INTEGER PRIMARY KEY, which SQLite would replace by a number
};

// Not thread-safe, and not to be moved between binding and stepping: text that is made here lives
// in the binder until the next value.
class Binder {
 public:
  using Function = Bound (*)(Binder& binder, sqlite3_stmt* statement, int index,
                             const Column& column, size_t row);

  // REQUIRES: !WhyNotBind(from, column, strict).
  Binder(const Type& from, const ColumnInfo& column, bool strict, bool rowid_alias);

  // The column's bytes must stay where they are until the statement was stepped or bound anew.
  Bound operator()(sqlite3_stmt* statement, int index, const Column& column, size_t row) {
    return function_(*this, statement, index, column, row);
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
std::optional<std::string> WhyNotBind(const Type& from, const ColumnInfo& column, bool strict);

}  // namespace rowferry::sqlite
