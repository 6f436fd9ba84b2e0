#include "postgres/defaults.h"

#include <doctest/doctest.h>

namespace rowferry::testing {
namespace {

struct Case {
  const char* expression;
  const char* type;
  const char* sql;  // as another PostgreSQL column would have it
};

std::string ThereAndBack(const Case& c) {
  const Type type = ParseType(c.type);
  const auto value = ParseDefault(c.expression, type);
  return value ? SpellDefault(*value, type).value_or("does not go") : "unknown";
}

TEST_CASE("defaults that are literals or the current time are understood") {
  const Case cases[] = {
      {"42", "integer", "42"},
      {"'-1'::integer", "integer", "-1"},
      {"(-1.5)", "numeric", "-1.5"},
      {"('-7'::integer)::bigint", "bigint", "unknown"},
      {"'it''s'::text", "text", "'it''s'"},
      {"'a::b'::character varying", "varchar(10)", "'a::b'"},
      {"''::text", "text", "''"},
      {"true", "boolean", "true"},
      {"NULL::text", "text", "NULL"},
      {"now()", "timestamptz", "CURRENT_TIMESTAMP"},
      {"CURRENT_DATE", "date", "CURRENT_DATE"},
      {"'2024-01-01'::date", "date", "'2024-01-01'"},
      {"gen_random_uuid()", "uuid", "unknown"},
      {"(1 + 2)", "integer", "unknown"},
      {"'a'::text || 'b'::text", "text", "unknown"},
      {"'\\x00'::bytea", "bytea", "'\\x00'"},
      {"'a\\000'::bytea", "bytea", "unknown"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.expression));
    CHECK(ThereAndBack(c) == c.sql);
  }
}

TEST_CASE("a default of another database is spelled for the column's type, or left out") {
  const auto literal = [](const char* text) {
    return ColumnDefault{ColumnDefault::Kind::kLiteral, text};
  };
  CHECK(SpellDefault(literal("1"), ParseType("boolean")) == "true");
  CHECK(SpellDefault(literal("2"), ParseType("boolean")) == std::nullopt);
  CHECK(SpellDefault(literal("5"), ParseType("text")) == "'5'");
  CHECK(SpellDefault(literal("x'00ff'"), ParseType("bytea")) == "'\\x00ff'");
  CHECK(SpellDefault(literal("x'00ff'"), ParseType("text")) == std::nullopt);
  CHECK(SpellDefault({ColumnDefault::Kind::kCurrentTimestamp, {}}, ParseType("text")) ==
        std::nullopt);
}

}  // namespace
}  // namespace rowferry::testing
