#include "data/type.h"

#include <doctest/doctest.h>

namespace rowferry {
namespace {

TEST_CASE("a type is known by all of its names") {
  struct Case {
    const char* text;
    Kind kind;
    const char* name;
    int width, precision, scale;
  };
  const Case cases[] = {
      {"INT8", Kind::kInt, "bigint", 8, -1, -1},
      {" Integer ", Kind::kInt, "integer", 4, -1, -1},
      {"character  varying(30)", Kind::kText, "varchar(30)", 0, 30, -1},
      {"bpchar", Kind::kText, "char", 0, -1, -1},
      {"character", Kind::kText, "char(1)", 0, 1, -1},
      {"numeric(12, 2)", Kind::kDecimal, "numeric(12,2)", 0, 12, 2},
      {"decimal(5)", Kind::kDecimal, "numeric(5,0)", 0, 5, 0},
      {"numeric", Kind::kDecimal, "numeric", 0, -1, -1},
      {"timestamp(3) with time zone", Kind::kTimestampTz, "timestamptz(3)", 0, 3, -1},
      {"timestamp without time zone", Kind::kTimestamp, "timestamp", 0, -1, -1},
      {"double precision", Kind::kFloat, "double precision", 8, -1, -1},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.text));
    CHECK(ParseType(c.text) == Type{c.kind, c.name, c.width, c.precision, c.scale});
  }
}

TEST_CASE("what is not in the table is kept by its own name") {
  for (const char* text : {"integer[]", "interval(3)", "bit(8)", "Mood", "int4range", "numeric(",
                           "numeric(a)", "numeric(5,-2)", "numeric(5,-1)", "varchar(1,2)",
                           "integer(4)", "", "time with time zone"}) {
    CAPTURE(std::string(text));
    CHECK(ParseType(text).kind == Kind::kOther);
    CHECK(ParseType(text).name == text);
  }
}

}  // namespace
}  // namespace rowferry
