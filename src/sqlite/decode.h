// From SQLite's dynamic values to the forms of a RowBatch: one small decoder a column, found once.
//
// A decoder takes a value as it is or not at all: nothing is rounded, cut or guessed. Values are
// read through sqlite3_column_value, which spares the mutex and error handling that the
// sqlite3_column_… functions have for every call; it asks that one thread at a time uses the
// connection, as here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "data/row_batch.h"

struct sqlite3_value;

namespace rowferry::sqlite {

// How the values of a column are to be understood where that is not plain: found by the census.
enum class Encoding : uint8_t {
  kPlain,        // as they are; dates as ISO text
  kUnixSeconds,  // of dates and timestamps, as integers
  kUnixMillis,
  kUnixMicros,
  kJulianDays,  // days since noon of 4714-11-24 BC, as reals: whole milliseconds, as SQLite says
  kMixed,       // the column as a whole became bytes, though it holds text and numbers as well
  kUnasked,     // nobody looked at the rows: a number for a date, or text for bytes, is unclear
};

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

// REQUIRES: CanDecode(as.kind).
Decoder MakeDecoder(const Type& as, Encoding encoding);
bool CanDecode(Kind kind);

// The value, class included: for keys and messages.
Value ValueOf(sqlite3_value* cell);

// Microseconds since 2000-01-01 that an encoded number stands for; nothing if out of range.
std::optional<int64_t> MomentOf(Encoding encoding, int64_t number);
std::optional<int64_t> MomentOfJulianDay(double days);

// 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' -> 16 bytes at `out`. REQUIRES: 16 bytes at `out`.
bool ReadUuid(std::string_view text, char* out);

// true, false, t, f in any case.
std::optional<bool> ReadBool(std::string_view text);

bool FitsTimePrecision(int64_t micros, int precision);
bool FitsLength(std::string_view text, int characters);

}  // namespace rowferry::sqlite
