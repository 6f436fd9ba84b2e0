#include "data/calendar.h"

#include <doctest/doctest.h>

#include <vector>

namespace rowferry {
namespace {

std::string Written(CalendarWriter write, int64_t value) {
  std::string text;
  AppendCalendar(text, write, value);
  return text;
}

using Parser = std::optional<int64_t> (*)(std::string_view);

struct Pair {
  int64_t value;
  const char* text;
};

void CheckBothWays(Parser parse, CalendarWriter write, const std::vector<Pair>& pairs) {
  for (const Pair& pair : pairs) {
    CAPTURE(std::string(pair.text));
    CHECK(Written(write, pair.value) == pair.text);
    CHECK(parse(pair.text) == pair.value);
  }
}

void CheckRefused(Parser parse, const std::vector<const char*>& texts) {
  for (const char* text : texts) {
    CAPTURE(std::string(text));
    CHECK(parse(text) == std::nullopt);
  }
}

// The numbers are PostgreSQL 15's: SELECT d - '2000-01-01', extract(epoch from t) ….
TEST_CASE("dates are written and parsed as PostgreSQL does") {
  CheckBothWays(ParseDate, WriteDate,
                {{0, "2000-01-01"},
                 {-10'957, "1970-01-01"},
                 {8825, "2024-02-29"},
                 {-730'119, "0001-01-01"},
                 {-730'120, "0001-12-31 BC"},
                 {-746'131, "0044-03-01 BC"},
                 {kFirstDate, "4714-11-24 BC"},
                 {kLastDate, "5874897-12-31"},
                 {kDateInfinity, "infinity"},
                 {kDateMinusInfinity, "-infinity"}});
}

TEST_CASE("times are written and parsed to the microsecond, the end of the day included") {
  CheckBothWays(ParseTime, WriteTime,
                {{0, "00:00:00"},
                 {1, "00:00:00.000001"},
                 {45'296'500'000, "12:34:56.5"},
                 {86'399'999'999, "23:59:59.999999"},
                 {kMicrosPerDay, "24:00:00"}});
}

TEST_CASE("timestamps are written and parsed from 4714 BC to 294276 AD") {
  CheckBothWays(ParseTimestamp, WriteTimestamp,
                {{0, "2000-01-01 00:00:00"},
                 {-1, "1999-12-31 23:59:59.999999"},
                 {762'525'296'123'456, "2024-02-29 12:34:56.123456"},
                 {kFirstTimestamp, "4714-11-24 00:00:00 BC"},
                 {kLastTimestamp, "294276-12-31 23:59:59.999999"},
                 {kTimestampInfinity, "infinity"},
                 {kTimestampMinusInfinity, "-infinity"}});
}

TEST_CASE("timestamps with a zone are written in UTC") {
  CheckBothWays(ParseTimestampTz, WriteTimestampTz,
                {{762'525'296'000'000, "2024-02-29 12:34:56+00"},
                 {kFirstTimestamp, "4714-11-24 00:00:00+00 BC"},
                 {kTimestampInfinity, "infinity"}});
}

TEST_CASE("zones are taken off") {
  const int64_t noon = 762'523'200'000'000;
  for (const char* text :
       {"2024-02-29 12:00:00+00", "2024-02-29T12:00:00Z", "2024-02-29 12:00:00 Z",
        "2024-02-29 17:30:00+05:30", "2024-02-29 17:30:00 +0530", "2024-02-29T09:00-03",
        "2024-03-01 03:00:00.000+15", "2024-02-29 11:58:45-00:01:15"}) {
    CAPTURE(std::string(text));
    CHECK(ParseTimestampTz(text) == noon);
  }
}

TEST_CASE("shorter ISO forms are understood") {
  CHECK(ParseTime("12:34") == 45'240'000'000);
  CHECK(ParseTime("12:34:56.1234560000") == 45'296'123'456);
  CHECK(ParseTimestamp("2024-02-29") == 8825 * kMicrosPerDay);
  CHECK(ParseTimestamp("2024-02-29T12:34") == 8825 * kMicrosPerDay + 45'240'000'000);
  CHECK(ParseTimestamp("0044-03-01 BC") == -746'131 * kMicrosPerDay);
}

TEST_CASE("a fraction of one to six digits is a part of a second") {
  const int64_t second = 762'525'296'000'000;
  const std::vector<Pair> pairs = {{second + 100'000, ".1"},       {second + 120'000, ".12"},
                                   {second + 123'000, ".123"},     {second + 123'400, ".1234"},
                                   {second + 123'450, ".12345"},   {second + 123'456, ".123456"},
                                   {second + 123'456, ".12345600"}};
  for (const Pair& pair : pairs) {
    CAPTURE(std::string(pair.text));
    CHECK(ParseTimestamp("2024-02-29 12:34:56" + std::string(pair.text)) == pair.value);
    CHECK(ParseTimestampTz("2024-02-29 12:34:56" + std::string(pair.text) + "+00") == pair.value);
  }
}

TEST_CASE("what is no date is refused, never bent into one") {
  CheckRefused(ParseDate, {"",
                           "0000-00-00",
                           "0000-01-01",
                           "2010-00-08",
                           "2010-13-01",
                           "2010-01-00",
                           "2023-02-29",
                           "1900-02-29",
                           "9-01-01",
                           "2024-1-1",
                           "2024-01-01 ",
                           " 2024-01-01",
                           "2024-01-01x",
                           "2024/01/01",
                           "20240101",
                           "2024-01-01 bc",
                           "4714-11-23 BC",
                           "5874898-01-01",
                           "99999999-01-01",
                           "Infinity",
                           "2024-01-01 00:00:00",
                           "+2024-01-01",
                           "-2024-01-01"});
}

TEST_CASE("what is no time is refused") {
  CheckRefused(ParseTime, {"", "12", "12:", "12:60", "12:00:60", "23:59:60", "24:00:00.000001",
                           "24:00:01", "25:00", "12:00:00.", "12:00:00.1234567", "1:00:00",
                           "12:00:00Z", "12:00:00 PM", "-12:00:00"});
}

TEST_CASE("a timestamp's missing or surplus zone is not guessed") {
  CheckRefused(ParseTimestamp, {"2024-02-29 12:00:00+00",     "2024-02-29T12:00:00Z",
                                "2024-02-29 24:00:00",        "2024-02-29 ",
                                "2024-02-29  12:00:00",       "2016-12-31 23:59:60",
                                "4714-11-23 23:59:59 BC",     "294277-01-01 00:00:00",
                                "2024-02-29 12:00:00 AD",     "2023-02-29 12:00:00",
                                "1900-02-29 12:00:00",        "2024-04-31 12:00:00",
                                "0000-01-01 12:00:00",        "2024-00-01 12:00:00",
                                "2024-01-00 12:00:00",        "2024-01-01 25:00:00",
                                "2024-01-01 12:60:00",        "2024-01-01 12:00:0x",
                                "2024-01-01 12:00:00.",       "2024-01-01 12:00:00.12345x",
                                "2024-01-01 12:00:00x1",      "2024-01-0/ 12:00:00",
                                "2024-01-01 12:00:00.1234567"});
  CheckRefused(ParseTimestampTz,
               {"2024-02-29 12:00:00", "2024-02-29", "2024-02-29 12:00:00+16",
                "2024-02-29 12:00:00+5", "2024-02-29 12:00:00+00:60", "2024-02-29 12:00:00 UTC",
                "4714-11-24 00:00:00+01 BC", "294276-12-31 23:59:59-01"});
}

TEST_CASE("days and civil dates are inverse over the whole range") {
  for (int64_t days = kFirstDate; days <= kLastDate; days += 9'973) {
    REQUIRE(DaysOf(CivilOf(days)) == days);
  }
  for (int64_t days = -800'000; days < 200'000; ++days) REQUIRE(DaysOf(CivilOf(days)) == days);
}

}  // namespace
}  // namespace rowferry
