#include "data/row_json.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "data/calendar.h"

namespace rowferry {
namespace {

using json = nlohmann::ordered_json;

struct Case {
  Type type;
  Value value;
  std::string text;  // the JSON
};

Type Utf16() {
  Type type = TypeOf(Kind::kAny);
  type.name = kUtf16Text;
  return type;
}

Type Unread() {
  Type type = TypeOf(Kind::kAny);
  type.name = kUnreadValue;
  return type;
}

Type Native(std::string_view name) {
  Type type = TypeOf(Kind::kNative);
  type.name = name;
  return type;
}

double WithBits(uint64_t bits) { return std::bit_cast<double>(bits); }

const Case kCases[] = {
    {ParseType("bigint"), Value::Null(), "null"},
    {TypeOf(Kind::kBool), Value::Integer(1), "true"},
    {TypeOf(Kind::kBool), Value::Integer(0), "false"},
    {ParseType("smallint"), Value::Integer(-32768), "-32768"},
    {ParseType("bigint"), Value::Integer(std::numeric_limits<int64_t>::max()),
     "9223372036854775807"},
    {ParseType("bigint"), Value::Integer(std::numeric_limits<int64_t>::min()),
     "-9223372036854775808"},
    {ParseType("double precision"), Value::Real(0.1), "0.1"},
    {ParseType("double precision"), Value::Real(1), "1.0"},
    {ParseType("double precision"), Value::Real(-0.0), "-0.0"},
    {ParseType("double precision"), Value::Real(std::numeric_limits<double>::max()),
     "1.7976931348623157e+308"},
    {ParseType("double precision"), Value::Real(std::numeric_limits<double>::denorm_min()),
     "5e-324"},
    {ParseType("double precision"), Value::Real(std::numeric_limits<double>::quiet_NaN()),
     R"("NaN")"},
    {ParseType("double precision"), Value::Real(-std::numeric_limits<double>::infinity()),
     R"("-Infinity")"},
    {ParseType("double precision"), Value::Real(WithBits(0x7ff8000000000001)),
     R"({"real":"7ff8000000000001"})"},
    {ParseType("double precision"), Value::Real(WithBits(0xfff8000000000000)),
     R"({"real":"fff8000000000000"})"},
    {ParseType("real"), Value::Real(static_cast<double>(0.1F)), "0.1"},
    {ParseType("real"), Value::Real(static_cast<double>(std::numeric_limits<float>::max())),
     "3.4028235e+38"},
    {ParseType("real"), Value::Real(static_cast<double>(std::numeric_limits<float>::denorm_min())),
     "1e-45"},
    {ParseType("numeric"), Value::Text("-00012.50"), R"("-00012.50")"},
    {ParseType("numeric"), Value::Text("NaN"), R"("NaN")"},
    {ParseType("numeric(40,10)"), Value::Text("123456789012345678901234567890.1234567890"),
     R"("123456789012345678901234567890.1234567890")"},
    {TypeOf(Kind::kText), Value::Text(""), R"("")"},
    {TypeOf(Kind::kText), Value::Text("Grö\"ße\n\\"), R"("Grö\"ße\n\\")"},
    {TypeOf(Kind::kText), Value::Text("\xff\xfe"), R"({"text-hex":"fffe"})"},
    {TypeOf(Kind::kText), Value::Text(std::string("a\0b", 3)), R"({"text-hex":"610062"})"},
    {TypeOf(Kind::kBytes), Value::Blob(std::string("\0\xff", 2)), R"({"hex":"00ff"})"},
    {TypeOf(Kind::kBytes), Value::Blob(""), R"({"hex":""})"},
    {TypeOf(Kind::kDate), Value::Integer(0), R"("2000-01-01")"},
    {TypeOf(Kind::kDate), Value::Integer(kFirstDate), R"("4714-11-24 BC")"},
    {TypeOf(Kind::kDate), Value::Integer(kLastDate), R"("5874897-12-31")"},
    {TypeOf(Kind::kDate), Value::Integer(kDateInfinity), R"("infinity")"},
    {TypeOf(Kind::kDate), Value::Integer(kDateMinusInfinity), R"("-infinity")"},
    {TypeOf(Kind::kTime), Value::Integer(kMicrosPerDay), R"("24:00:00")"},
    {TypeOf(Kind::kTimestamp), Value::Integer(kFirstTimestamp), R"("4714-11-24 00:00:00 BC")"},
    {TypeOf(Kind::kTimestamp), Value::Integer(kLastTimestamp), R"("294276-12-31 23:59:59.999999")"},
    {TypeOf(Kind::kTimestampTz), Value::Integer(1), R"("2000-01-01 00:00:00.000001+00")"},
    {TypeOf(Kind::kTimestampTz), Value::Integer(kTimestampMinusInfinity), R"("-infinity")"},
    {TypeOf(Kind::kUuid), Value::Blob("0123456789abcdef"),
     R"("30313233-3435-3637-3839-616263646566")"},
    {TypeOf(Kind::kJson), Value::Text(R"({"a":  1.10})"), R"("{\"a\":  1.10}")"},
    {TypeOf(Kind::kJsonb), Value::Text("[]"), R"("[]")"},
    {ParseType("interval"), Value::Text("1 mon"), R"("1 mon")"},
    {TypeOf(Kind::kAny), Value::Integer(1), "1"},
    {TypeOf(Kind::kAny), Value::Real(1), "1.0"},
    {TypeOf(Kind::kAny), Value::Real(-0.0), "-0.0"},
    {TypeOf(Kind::kAny), Value::Real(std::numeric_limits<double>::infinity()),
     R"({"real":"Infinity"})"},
    {TypeOf(Kind::kAny), Value::Text("1"), R"("1")"},
    {TypeOf(Kind::kAny), Value::Blob("1"), R"({"hex":"31"})"},
    {TypeOf(Kind::kAny), Value::Text("\xc0"), R"({"text-hex":"c0"})"},
    {TypeOf(Kind::kAny), Value::Null(), "null"},
    {Utf16(), Value::Blob(std::string("=\xd8", 2)), R"({"utf16-hex":"3dd8"})"},
    {Unread(), Value::Null(), R"({"unreadable":true})"},
    {Native("inet"), Value::Blob(std::string("\2\0", 2)), R"({"hex":"0200"})"},
    // Types of users' own, with names of ours.
    {Native(kUtf16Text), Value::Blob("1"), R"({"hex":"31"})"},
    {Native(kUnreadValue), Value::Blob("1"), R"({"hex":"31"})"},
};

TEST_CASE("every kind of value, and its extremes, come back from JSON bit for bit") {
  for (const Case& a_case : kCases) {
    CAPTURE(a_case.text);
    const KeptRow row = {{"c", a_case.type, a_case.value}};
    const std::string line = RowToJson(row).dump();
    const std::string expected = "{\"c\":" + a_case.text + "}";
    CHECK(line == expected);
    CHECK(EncodeRow(RowFromJson(json::parse(line), row)) == EncodeRow(row));
  }
}

TEST_CASE("columns of one name are told apart") {
  const KeptRow row = {{"id", TypeOf(Kind::kText), Value::Text("a")},
                       {"id", ParseType("bigint"), Value::Integer(7)}};
  const json object = RowToJson(row);
  const std::string expected = "{\"id\":\"a\",\"id (2)\":7}";
  CHECK(object.dump() == expected);
  CHECK(RowFromJson(object, row) == row);
}

KeptRow Edited(const std::string& text, const Type& type) {
  const KeptRow like = {{"amount", type, Value::Null()}};
  return RowFromJson(json::parse(text), like);
}

TEST_CASE("an edited value takes the place of another storage class of SQLite") {
  const Type any = TypeOf(Kind::kAny);
  const KeptRow real = Edited(R"({"amount": 12.5})", any);
  CHECK(real[0].value == Value::Real(12.5));
  const KeptRow text = Edited(R"({"amount": "x"})", Utf16());
  CHECK(text[0] == KeptValue{"amount", any, Value::Text("x")});
  const KeptRow whole = Edited(R"({"amount": 12})", ParseType("numeric"));
  CHECK(whole[0].value == Value::Text("12"));
}

TEST_CASE("what is no value of its column's type is refused, and the column named") {
  const std::pair<const char*, Type> kBad[] = {
      {R"({"amount": "12"})", ParseType("bigint")},
      {R"({"amount": 1.5})", ParseType("bigint")},
      {R"({"amount": 9223372036854775808})", ParseType("bigint")},
      {R"({"amount": 1e39})", ParseType("real")},
      {R"({"amount": 1.5})", ParseType("numeric")},
      {R"({"amount": "1e5"})", ParseType("numeric")},
      {R"({"amount": "."})", ParseType("numeric")},
      {R"({"amount": 5})", TypeOf(Kind::kText)},
      {R"({"amount": "a\u0000b"})", TypeOf(Kind::kText)},
      {R"({"amount": "2024-02-30"})", TypeOf(Kind::kDate)},
      {R"({"amount": {"integer": 99999999999}})", TypeOf(Kind::kDate)},
      {R"({"amount": {"hex": "00"}})", TypeOf(Kind::kUuid)},
      {R"({"amount": {"hex": "0"}})", TypeOf(Kind::kBytes)},
      {R"({"amount": {"text-hex": "00"}})", ParseType("bigint")},
      {R"({"amount": {"other": "00"}})", TypeOf(Kind::kAny)},
      {R"({"amount": [1]})", TypeOf(Kind::kAny)},
      {R"({"amount": 1})", TypeOf(Kind::kBool)},
      {R"({"amuont": 1})", ParseType("bigint")},
      {R"({})", ParseType("bigint")},
      {R"([])", ParseType("bigint")},
  };
  for (const auto& [text, type] : kBad) {
    CAPTURE(std::string(text));
    CAPTURE(type.name);
    std::string message;
    try {
      Edited(text, type);
    } catch (const Error& error) {
      message = error.what();
    }
    CHECK((message.find("\"amount\"") != std::string::npos || message == "\"row\" is no object"));
  }
}

}  // namespace
}  // namespace rowferry
