// From SQLite's dynamic values to the forms of a RowBatch: one small decoder a column, found once.
//
// A decoder takes a value as it is or not at all: nothing is rounded, cut or guessed. Values are
// read through sqlite3_column_value, which spares the mutex and error handling that the
// sqlite3_column_… functions have for every call; it asks that one thread at a time uses the
// connection, as here.
#pragma once

#include <cstdint>

#include "data/row_batch.h"
#include "sqlite/meaning.h"

struct sqlite3_value;

namespace rowferry::sqlite {

enum class Decoded : uint8_t {
  kDone,
  kMisfit,   // the value does not have the form; nothing was appended
  kUnclear,  // the encoding kUnasked does not say what the value means; nothing was appended
};

struct Decoder {
  using Function = Decoded (*)(const Decoder& decoder, sqlite3_value* cell, Column& out);

  Type type;
  Encoding encoding = Encoding::kPlain;
  Function function = nullptr;

  // `cell` is a column of the row on which a statement stands.
  Decoded operator()(sqlite3_value* cell, Column& out) const { return function(*this, cell, out); }
};

// Text of a database in UTF-16 that has a surrogate without its other half: no UTF-8 says the same,
// and SQLite would make another text of it. In a key U+FFFE and U+FFFF as well: SQLite binds them
// as U+FFFD, which stands before them. To be asked before anything else reads the cell.
bool IsBrokenUtf16(sqlite3_value* cell, bool in_key);

// REQUIRES: CanDecode(as.kind).
Decoder MakeDecoder(const Type& as, Encoding encoding);
bool CanDecode(Kind kind);

// The value, class included: for keys and messages.
Value ValueOf(sqlite3_value* cell);

}  // namespace rowferry::sqlite
