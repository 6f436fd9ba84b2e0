// Dates and times: between the numbers that stand in a RowBatch (data/type.h) and ISO text.
//
// The calendar is the proleptic Gregorian one, the zero of days and microseconds is 2000-01-01, and
// text is what PostgreSQL prints under DateStyle ISO and TimeZone UTC:
//   date         2024-02-29 · 0044-03-15 BC · infinity · -infinity
//   time         12:34:56.5 · 24:00:00
//   timestamp    2024-02-29 12:34:56.123456
//   timestamptz  2024-02-29 12:34:56.123456+00 · 4713-01-01 00:00:00+00 BC
// Nothing here allocates, throws (but for Append…, which may run out of memory) or asks the locale.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace rowferry {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
inline constexpr int64_t kUnixEpochDays = 10'957;  // from 1970-01-01 to 2000-01-01

inline constexpr int64_t kDateInfinity = std::numeric_limits<int32_t>::max();
inline constexpr int64_t kDateMinusInfinity = std::numeric_limits<int32_t>::min();
inline constexpr int64_t kTimestampInfinity = std::numeric_limits<int64_t>::max();
inline constexpr int64_t kTimestampMinusInfinity = std::numeric_limits<int64_t>::min();

// PostgreSQL's limits (its src/include/datatype/timestamp.h); the last values that are valid.
inline constexpr int64_t kFirstDate = -2'451'545;                           // 4714-11-24 BC
inline constexpr int64_t kLastDate = 2'145'031'948;                         // 5874897-12-31
inline constexpr int64_t kFirstTimestamp = kFirstDate * kMicrosPerDay;      // 4714-11-24 BC
inline constexpr int64_t kLastTimestamp = 106'751'983 * kMicrosPerDay - 1;  // 294276-12-31

struct CivilDate {
  int64_t year = 0;  // astronomical: 0 is 1 BC
  int month = 1;
  int day = 1;

  bool operator==(const CivilDate&) const = default;
};

// Exact from 8000 BC on; years before that give some day far before kFirstDate.
int64_t DaysOf(const CivilDate& date);
CivilDate CivilOf(int64_t days);

// Room for whatever the Write functions write.
inline constexpr size_t kMaxCalendarText = 48;

// Each writes at `out`, without a NUL, and returns the end.
// REQUIRES: kMaxCalendarText bytes at `out`; the value is in PostgreSQL's range.
char* WriteDate(char* out, int64_t days);
char* WriteTime(char* out, int64_t micros);
char* WriteTimestamp(char* out, int64_t micros);
char* WriteTimestampTz(char* out, int64_t micros);

using CalendarWriter = char* (*)(char* out, int64_t value);
inline void AppendCalendar(std::string& out, CalendarWriter write, int64_t value) {
  std::array<char, kMaxCalendarText> text;
  out.append(text.data(), static_cast<size_t>(write(text.data(), value) - text.data()));
}

// Each takes what its counterpart writes, and of ISO 8601 also: T between date and time, a time
// without seconds, a date alone for a timestamp, and zones as Z, +HH, +HHMM, +HH:MM, +HH:MM:SS.
// Nothing for all else: values out of PostgreSQL's range, the year 0000, the 30th of February, leap
// seconds, a fraction finer than a microsecond. ParseTimestamp refuses a zone, ParseTimestampTz a
// missing one: neither may be guessed.
std::optional<int64_t> ParseDate(std::string_view text);
std::optional<int64_t> ParseTime(std::string_view text);
std::optional<int64_t> ParseTimestamp(std::string_view text);
std::optional<int64_t> ParseTimestampTz(std::string_view text);

}  // namespace rowferry
