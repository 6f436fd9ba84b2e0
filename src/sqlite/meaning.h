// What SQLite's numbers and texts stand for, and whether they fit their type: for the decoder,
// which converts, and for the census, which finds out whether all of them could be.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rowferry::sqlite {

// How the values of a column are to be understood where that is not plain: found by the census.
enum class Encoding : uint8_t {
  kPlain,        // as they are; dates as ISO text
  kUnixSeconds,  // of dates and timestamps, as integers
  kUnixMillis,
  kUnixMicros,
  kJulianDays,  // days since noon of 4714-11-24 BC, as reals: the doubles of whole milliseconds
  kMixed,       // the column as a whole became bytes, though it holds text and numbers as well
  kUnasked,     // nobody looked at the rows: a number for a date, or text for bytes, is unclear
};

// Microseconds since 2000-01-01 that an encoded number stands for; nothing if out of range, or for
// Julian days that SQLite's julianday() would not give: between two milliseconds.
std::optional<int64_t> MomentOf(Encoding encoding, int64_t number);
std::optional<int64_t> MomentOfJulianDay(double days);

// 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' -> 16 bytes at `out`. REQUIRES: 16 bytes at `out`.
bool ReadUuid(std::string_view text, char* out);

// true, false, t, f in any case.
std::optional<bool> ReadBool(std::string_view text);

bool FitsTimePrecision(int64_t micros, int precision);
bool FitsLength(std::string_view text, int characters);

}  // namespace rowferry::sqlite
