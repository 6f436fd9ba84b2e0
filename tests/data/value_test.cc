#include "data/value.h"

#include <doctest/doctest.h>

#include <limits>

namespace rowferry {
namespace {

TEST_CASE("a value is shown as its user would write it") {
  const auto show = [](const Value& value, const char* type) {
    return ShowValue(value, ParseType(type));
  };
  CHECK(show(Value::Null(), "text") == "NULL");
  CHECK(show(Value::Integer(-5), "bigint") == "-5");
  CHECK(show(Value::Integer(59), "date") == "'2000-02-29'");
  CHECK(show(Value::Integer(1), "timestamp") == "'2000-01-01 00:00:00.000001'");
  CHECK(show(Value::Real(0.1), "real") == "0.1");
  CHECK(show(Value::Text("a\nb"), "text") == "'a\\x0ab'");
  CHECK(show(Value::Blob(std::string("\0\xff", 2)), "bytea") == "x'00ff'");
  CHECK(show(Value::Blob("0123456789abcdef"), "uuid") == "'30313233-3435-3637-3839-616263646566'");
}

TEST_CASE("a long value is cut, and says how long it was") {
  CHECK(ShowValue(Value::Blob(std::string(1000, 'x')), Type{}).ends_with("…' (1000 bytes)"));
  CHECK(ShowValue(Value::Text(std::string(1000, 'x')), Type{}).size() < 80);
}

TEST_CASE("values are equal only bit for bit and class for class") {
  CHECK(Value::Integer(1) != Value::Real(1));
  CHECK(Value::Text("1") != Value::Integer(1));
  CHECK(Value::Real(0.0) != Value::Real(-0.0));
  CHECK(Value::Real(std::numeric_limits<double>::quiet_NaN()) ==
        Value::Real(std::numeric_limits<double>::quiet_NaN()));
}

}  // namespace
}  // namespace rowferry
