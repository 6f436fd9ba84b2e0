#include "postgres/copy_encode.h"

#include <doctest/doctest.h>

#include "golden.h"
#include "postgres/copy_text.h"

namespace rowferry::testing {
namespace {

struct Target {
  const char* type;  // PostgreSQL's name
  uint32_t oid;
  const char* receive;
};

TypeFacts FactsOf(const Target& target) { return {target.oid, target.receive, true, false}; }

using Find = std::optional<CellEncoder> (*)(const Type&, const Type&, const TypeFacts&);

// The field that `find`'s encoder makes of a value; the reason, if it refuses.
std::string EncodeOne(Find find, const Value& value, const Type& from, const Target& target) {
  std::string bytes;
  CopyBuffer buffer([&](std::string_view piece) { bytes += piece; });
  const auto cell = find(from, ParseType(target.type), FactsOf(target));
  if (!cell) return "no encoder";
  Column column;
  column.Append(value);
  try {
    cell->encode(*cell, column, 0, buffer);
  } catch (const BadCell& bad) {
    return bad.reason;
  }
  buffer.Flush();
  return bytes;
}

std::string Binary(const Value& value, const char* from, const Target& target) {
  return EncodeOne(FindBinaryEncoder, value, ParseType(from), target);
}

constexpr Target kText = {"text", 25, "textrecv"};
constexpr Target kVarchar3 = {"varchar(3)", 1043, "varcharrecv"};
constexpr Target kChar3 = {"char(3)", 1042, "bpcharrecv"};
constexpr Target kChar5 = {"char(5)", 1042, "bpcharrecv"};
constexpr Target kNumeric = {"numeric(12,2)", oid::kNumeric, "numeric_recv"};
constexpr Target kSmall = {"smallint", oid::kInt2, "int2recv"};
constexpr Target kReal = {"real", oid::kFloat4, "float4recv"};
constexpr Target kDouble = {"double precision", oid::kFloat8, "float8recv"};
constexpr Target kSeconds = {"timestamp(0)", oid::kTimestamp, "timestamp_recv"};
constexpr Target kJsonb = {"jsonb", oid::kJsonb, "jsonb_recv"};
constexpr Target kDate = {"date", oid::kDate, "date_recv"};
constexpr Target kTime = {"time", oid::kTime, "time_recv"};
constexpr Target kZoned = {"timestamptz", oid::kTimestampTz, "timestamptz_recv"};
constexpr Target kInterval = {"interval", 1186, "interval_recv"};

struct Round {
  const char* name;
  Kind kind;
  Target target;
};

constexpr Round kRounds[] = {
    {"bool", Kind::kBool, {"boolean", oid::kBool, "boolrecv"}},
    {"int2", Kind::kInt, {"smallint", oid::kInt2, "int2recv"}},
    {"int4", Kind::kInt, {"integer", oid::kInt4, "int4recv"}},
    {"int8", Kind::kInt, {"bigint", oid::kInt8, "int8recv"}},
    {"float4", Kind::kFloat, {"real", oid::kFloat4, "float4recv"}},
    {"float8", Kind::kFloat, {"double precision", oid::kFloat8, "float8recv"}},
    {"numeric", Kind::kDecimal, {"numeric", oid::kNumeric, "numeric_recv"}},
    {"text", Kind::kText, {"text", 25, "textrecv"}},
    {"bytea", Kind::kBytes, {"bytea", oid::kBytea, "bytearecv"}},
    {"date", Kind::kDate, {"date", oid::kDate, "date_recv"}},
    {"time", Kind::kTime, {"time", oid::kTime, "time_recv"}},
    {"timestamp", Kind::kTimestamp, {"timestamp", oid::kTimestamp, "timestamp_recv"}},
    {"timestamptz", Kind::kTimestampTz, {"timestamptz", oid::kTimestampTz, "timestamptz_recv"}},
    {"uuid", Kind::kUuid, {"uuid", oid::kUuid, "uuid_recv"}},
    {"jsonb", Kind::kJsonb, {"jsonb", oid::kJsonb, "jsonb_recv"}},
    {"numeric", Kind::kNative, {"numeric", oid::kNumeric, "numeric_recv"}},
};

TEST_CASE("what was decoded encodes to PostgreSQL's own bytes") {
  for (const Round& round : kRounds) {
    CAPTURE(std::string(round.name));
    const std::string golden = ReadGolden(round.name);
    const Decoded decoded = Decode(golden, {round.kind});
    std::string bytes;
    CopyBuffer buffer([&](std::string_view piece) { bytes += piece; });
    const auto cell =
        FindBinaryEncoder(TypeOf(round.kind), ParseType(round.target.type), FactsOf(round.target));
    REQUIRE(cell);
    PutCopyHeader(buffer);
    for (size_t row = 0; row < decoded.columns[0].rows(); ++row) {
      buffer.Put(int16_t{1});
      if (decoded.columns[0].is_null(row)) {
        buffer.Put(int32_t{-1});
      } else {
        cell->encode(*cell, decoded.columns[0], row, buffer);
      }
    }
    PutCopyTrailer(buffer);
    buffer.Flush();
    CHECK((bytes == golden));
  }
}

struct Refusal {
  Value value;
  const char* from;
  Target target;
  const char* reason;
};

TEST_CASE("a value that its column would change is refused, with the reason") {
  const Refusal refusals[] = {
      {Value::Text("12.3456"), "numeric", kNumeric, "would be rounded to numeric(12,2)"},
      {Value::Text("12345678901"), "numeric", kNumeric, "does not fit numeric(12,2)"},
      {Value::Text("Infinity"), "numeric", kNumeric, "does not fit numeric(12,2)"},
      {Value::Text("1,5"), "text", kNumeric, "is not a decimal number"},
      {Value::Real(0.125), "double precision", kNumeric, "would be rounded to numeric(12,2)"},
      {Value::Integer(32768), "bigint", kSmall, "does not fit smallint"},
      {Value::Text("1.5"), "numeric", kSmall, "would be rounded to smallint"},
      {Value::Text("99999999999999999999"), "numeric", kSmall, "does not fit smallint"},
      {Value::Real(0.1), "double precision", kReal, "would be rounded to real"},
      {Value::Real(1e300), "double precision", kReal, "does not fit real"},
      {Value::Integer(9007199254740993), "bigint", kDouble, "would be rounded to double precision"},
      {Value::Integer(INT64_MAX), "bigint", kDouble, "would be rounded to double precision"},
      {Value::Text("abc "), "text", kVarchar3, "does not fit varchar(3)"},
      {Value::Text("a "), "text", kChar3,
       "ends in a blank, which char(3) cannot tell from its padding"},
      {Value::Text("-0.00"), "numeric", kNumeric, "would lose its sign"},
      {Value::Real(-0.0), "double precision", kNumeric, "would lose its sign"},
      {Value::Integer(1), "timestamp", kSeconds, "would be rounded to timestamp(0)"},
      {Value::Text("{\"a\": 1, \"a\": 2}"), "json", kJsonb,
       "holds the key \"a\" twice, and jsonb keeps but one"},
      {Value::Text("2024-02-29 12:00"), "text", kDate, "is no date in ISO form"},
      {Value::Text("2024-02-29 12:00+02"), "text", kSeconds, "is no timestamp(0) in ISO form"},
      {Value::Text("2024-02-29 12:00:00.5"), "text", kSeconds, "would be rounded to timestamp(0)"},
      {Value::Text("2024-02-29 12:00"), "text", kZoned, "is no timestamptz in ISO form"},
      {Value::Text("12:00:00.1234567"), "text", kTime, "is no time in ISO form"},
      {Value::Integer(1), "timestamp", kInterval, "no encoder"},
      {Value::Integer(1),
       "timestamp",
       {"timestamptz", oid::kTimestampTz, "timestamptz_recv"},
       "no encoder"},
      {Value::Blob("x"), "bytea", kText, "no encoder"},
  };
  for (const Refusal& refusal : refusals) {
    CAPTURE(std::string(refusal.reason));
    CAPTURE(std::string(refusal.target.type));
    CHECK(Binary(refusal.value, refusal.from, refusal.target) == refusal.reason);
  }
}

TEST_CASE("a value that only looks too large is taken") {
  CHECK(Binary(Value::Text("12.500"), "numeric", kNumeric).size() == 4 + 8 + 4);
  CHECK(Binary(Value::Text("äöü"), "text", kVarchar3).size() == 4 + 6);
  CHECK(Binary(Value::Text("ä  "), "text", kChar3).size() == 4 + 4);
  CHECK(Binary(Value::Text("ab "), "char(3)", kChar5).size() == 4 + 3);
  CHECK(Binary(Value::Text("-0.01"), "numeric", kNumeric).size() == 4 + 8 + 2);
  CHECK(Binary(Value::Text("7.00"), "numeric", kSmall) == std::string("\0\0\0\2\0\7", 6));
  CHECK(Binary(Value::Integer(-7), "bigint", kText) == std::string("\0\0\0\2-7", 6));
  CHECK(Binary(Value::Text("2000-01-02"), "text", kDate) == std::string("\0\0\0\4\0\0\0\1", 8));
  CHECK(Binary(Value::Text("2000-01-01T00:00Z"), "text", kZoned).size() == 4 + 8);
  CHECK(Binary(Value::Integer(1LL << 62), "bigint", kDouble).size() == 4 + 8);
  CHECK(Binary(Value::Integer(INT64_MAX), "timestamp", kSeconds).size() == 4 + 8);
}

struct TextCase {
  Value value;
  const char* from;
  Target target;
  const char* text;
};

TEST_CASE("the text format escapes what would end a field") {
  const TextCase cases[] = {
      {Value::Text("a\tb\nc\\d\re"), "text", kText, "a\\tb\\nc\\\\d\\re"},
      {Value::Text("\\N"), "text", kText, "\\\\N"},
      {Value::Text("1 day"), "interval", kInterval, "1 day"},
      {Value::Text("1 day"), "interval(3)", kInterval, "1 day"},
      {Value::Integer(1), "boolean", {"boolean", oid::kBool, "boolrecv"}, "true"},
      {Value::Blob(std::string("\0\xff", 2)),
       "bytea",
       {"bytea", oid::kBytea, "bytearecv"},
       "\\\\x00ff"},
      {Value::Real(0.1), "double precision", kDouble, "0.1"},
      {Value::Real(0.1F), "real", {"real", oid::kFloat4, "float4recv"}, "0.1"},
      {Value::Real(0.1F), "real", kDouble, "0.10000000149011612"},
      {Value::Integer(7), "bigint", kDouble, "7"},
      {Value::Integer(INT64_MAX), "bigint", kDouble, "would be rounded to double precision"},
      {Value::Text("12.3456"), "numeric", kNumeric, "would be rounded to numeric(12,2)"},
      {Value::Integer(1), "timestamp", kSeconds, "would be rounded to timestamp(0)"},
      {Value::Integer(0), "timestamp", kSeconds, "2000-01-01 00:00:00"},
      {Value::Integer(70000), "bigint", kSmall, "does not fit smallint"},
      {Value::Text("x"), "text", {"interval(0)", 1186, "interval_recv"}, "no encoder"},
      {Value::Text("x"), "text", kInterval, "no encoder"},
      {Value::Text("2024-02-29"), "text", kDate, "2024-02-29"},
      {Value::Text("{\"a\": 1, \"a\": 2}"), "text", kJsonb,
       "holds the key \"a\" twice, and jsonb keeps but one"},
      {Value::Text("2024-02-29 12:00"), "text", kDate, "is no date in ISO form"},
      {Value::Text("12:00+02"), "text", kTime, "is no time in ISO form"},
  };
  for (const TextCase& c : cases) {
    CAPTURE(std::string(c.text));
    CHECK(EncodeOne(FindTextEncoder, c.value, ParseType(c.from), c.target) == c.text);
  }
}

TEST_CASE("a value larger than the buffer goes out in pieces") {
  std::vector<size_t> pieces;
  CopyBuffer buffer([&](std::string_view piece) { pieces.push_back(piece.size()); });
  buffer.Append(std::string(200'000, 'x'));
  buffer.Flush();
  CHECK(pieces == std::vector<size_t>{65536, 65536, 65536, 3392});
}

}  // namespace
}  // namespace rowferry::testing
