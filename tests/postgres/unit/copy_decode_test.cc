#include "postgres/copy_decode.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "data/calendar.h"
#include "data/value.h"
#include "golden.h"

namespace rowferry::testing {
namespace {

struct Case {
  const char* name;
  Kind kind;
  std::vector<std::string> values;
};

const std::vector<Case> kCases = {
    {"bool", Kind::kBool, {"1", "0", "NULL"}},
    {"int2", Kind::kInt, {"0", "-1", "32767", "-32768", "NULL"}},
    {"int4", Kind::kInt, {"0", "-1", "2147483647", "-2147483648", "NULL"}},
    {"int8", Kind::kInt, {"0", "-1", "9223372036854775807", "-9223372036854775808", "NULL"}},
    {"numeric",
     Kind::kDecimal,
     {"0", "0.00", "1", "-1", "10000", "9999", "12.3456", "-12.50", "0.0001", "0.00001234",
      "100000000.00000001", "0.000000000000000069", "100000000000000000000",
      "123456789012345678901234567890123456789012345678901234567890123456789012345678",
      "0.123456789012345678901234567890", "NaN", "Infinity", "-Infinity", "NULL"}},
    {"date",
     Kind::kDate,
     {"2000-01-01", "1999-12-31", "2024-02-29", "0009-01-01", "4713-01-01 BC", "5874897-12-31",
      "infinity", "-infinity", "NULL"}},
    {"time", Kind::kTime, {"00:00:00", "23:59:59.999999", "24:00:00", "NULL"}},
    {"timestamp",
     Kind::kTimestamp,
     {"2000-01-01 00:00:00", "1999-12-31 23:59:59.999999", "0044-03-15 12:00:00 BC",
      "294276-12-31 23:59:59.999999", "infinity", "-infinity", "NULL"}},
    {"timestamptz",
     Kind::kTimestampTz,
     {"2000-01-01 00:00:00+00", "2024-06-01 10:00:00.000001+00", "infinity", "NULL"}},
    {"uuid",
     Kind::kUuid,
     {"00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "NULL"}},
    {"jsonb", Kind::kJsonb, {"{\"a\": 1.10}", "null", "[]", "NULL"}},
};

// As PostgreSQL would print it.
std::string Print(const Value& value, const Case& c) {
  std::string shown = ShowValue(value, TypeOf(c.kind));
  const bool quoted = shown.size() >= 2 && shown.front() == '\'';
  if (value.storage == StorageClass::kText) return value.bytes;
  return quoted ? shown.substr(1, shown.size() - 2) : shown;
}

TEST_CASE("every value of a golden stream is what PostgreSQL meant") {
  for (const Case& c : kCases) {
    CAPTURE(std::string(c.name));
    const Decoded decoded = Decode(ReadGolden(c.name), {c.kind});
    std::vector<std::string> values;
    for (size_t row = 0; row < decoded.columns[0].rows(); ++row) {
      values.push_back(Print(decoded.columns[0].value(row), c));
    }
    CHECK(Join(values, " ") == Join(c.values, " "));
    CHECK(decoded.ended);
  }
}

TEST_CASE("floating point numbers come bit by bit") {
  const Decoded decoded = Decode(ReadGolden("float8"), {Kind::kFloat});
  const Column& column = decoded.columns[0];
  CHECK(std::signbit(column.real(1)));
  CHECK(column.real(3) == 5e-324);
  CHECK(std::isnan(column.real(5)));
  CHECK(Decode(ReadGolden("float4"), {Kind::kFloat}).columns[0].real(3) ==
        static_cast<double>(0.1F));
}

TEST_CASE("text and bytes come untouched") {
  const Decoded text = Decode(ReadGolden("text"), {Kind::kText});
  CHECK(text.columns[0].bytes(2) == "tab\tnewline\nquote'back\\slash");
  CHECK(text.columns[0].bytes(3) == "Grüße, 世界 🚢");
  CHECK(text.columns[0].is_null(5));
  const Decoded bytes = Decode(ReadGolden("bytea"), {Kind::kBytes});
  CHECK(bytes.columns[0].bytes(2) == std::string_view("\x00\xff\x10", 3));
}

TEST_CASE("an empty stream has its proper end and no rows") {
  const Decoded decoded = Decode(ReadGolden("none"), {Kind::kInt});
  CHECK(decoded.columns[0].rows() == 0);
  CHECK(decoded.ended);
}

// False also where the stream was refused.
bool Ends(const std::string& stream, const std::vector<Kind>& kinds) {
  try {
    return Decode(stream, kinds).ended;
  } catch (const Error& error) {
    const bool misfit = error.kind() == ErrorKind::kData && error.code() == kNoBinaryForm;
    CHECK((misfit || error.kind() == ErrorKind::kTarget));
    return false;
  }
}

TEST_CASE("a stream cut anywhere never comes to its end") {
  const std::vector<std::pair<std::string, std::vector<Kind>>> streams = {
      {"pair", {Kind::kInt, Kind::kText}},
      {"numeric", {Kind::kDecimal}},
      {"jsonb", {Kind::kJsonb}},
      {"uuid", {Kind::kUuid}}};
  for (const auto& [name, kinds] : streams) {
    const std::string stream = ReadGolden(name);
    CHECK(Ends(stream, kinds));
    for (size_t size = 0; size < stream.size(); ++size) {
      CHECK_FALSE(Ends(stream.substr(0, size), kinds));
    }
  }
}

TEST_CASE("a damaged row leaves the columns as they were") {
  const std::vector<std::string> messages = Messages(ReadGolden("pair"));
  CopyDecoder decoder({FindDecoder(Kind::kInt), FindDecoder(Kind::kText)});
  std::vector<Column> columns(2);
  CHECK(decoder.Decode(messages[0], columns));
  CHECK_THROWS_AS(decoder.Decode(messages[1].substr(0, messages[1].size() - 1), columns), Error);
  CHECK(columns[0].rows() == 1);
  CHECK(columns[1].rows() == 1);
}

template <typename Wire>
bool Takes(Kind kind, Wire value) {
  std::string field(sizeof value, '\0');
  StoreNetwork(field.data(), value);
  Column column;
  std::string scratch;
  return FindDecoder(kind)(field, column, scratch);
}

TEST_CASE("a date or time out of PostgreSQL's range is damage, as no text can be made of it") {
  CHECK(Takes(Kind::kDate, static_cast<int32_t>(kLastDate)));
  CHECK_FALSE(Takes(Kind::kDate, static_cast<int32_t>(kLastDate + 1)));
  CHECK_FALSE(Takes(Kind::kDate, static_cast<int32_t>(kFirstDate - 1)));
  CHECK_FALSE(Takes(Kind::kDate, int64_t{0}));
  CHECK(Takes(Kind::kTime, kMicrosPerDay));
  CHECK_FALSE(Takes(Kind::kTime, kMicrosPerDay + 1));
  CHECK_FALSE(Takes(Kind::kTime, int64_t{-1}));
  for (const Kind kind : {Kind::kTimestamp, Kind::kTimestampTz}) {
    CHECK(Takes(kind, kFirstTimestamp));
    CHECK_FALSE(Takes(kind, kFirstTimestamp - 1));
    CHECK_FALSE(Takes(kind, kLastTimestamp + 1));
    CHECK_FALSE(Takes(kind, int32_t{0}));
  }
}

TEST_CASE("any byte of a stream may be wrong without a crash") {
  const std::string stream = ReadGolden("numeric");
  for (size_t i = 0; i < stream.size(); ++i) {
    for (const char wrong : {'\x00', '\x7f', '\xff'}) {
      std::string damaged = stream;
      damaged[i] = wrong;
      Ends(damaged, {Kind::kDecimal});
    }
  }
}

}  // namespace
}  // namespace rowferry::testing
