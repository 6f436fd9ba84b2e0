#include "postgres/keyset.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace rowferry::testing {
namespace {

const TableName kTable = {"public", "t"};

KeyColumn ColumnOf(const std::string& name, const std::string& type, bool descending = false,
                   const std::string& collation = "") {
  KeyColumn column;
  column.column = {name, collation, descending, descending};
  column.type = ParseType(type);
  column.native = type;
  return column;
}

KeyChoice Choice(std::vector<KeyColumn> columns) {
  return {KeyKind::kColumns, std::move(columns), "primary key"};
}

TEST_CASE("a composite key is compared as a row, in the index's collation") {
  const KeyChoice key =
      Choice({ColumnOf("name", "text", false, "pg_catalog.\"C\""), ColumnOf("line", "integer")});
  CHECK(KeyCondition(key, {{Value::Text("o'neil"), Value::Integer(7)}}) ==
        "(\"name\" COLLATE pg_catalog.\"C\", \"line\") > ('o''neil'::text, '7'::integer)");
  CHECK(KeyOrder(key, kTable) ==
        "\"public\".\"t\".\"name\" COLLATE pg_catalog.\"C\", \"public\".\"t\".\"line\"");
}

TEST_CASE("a descending key is walked downwards") {
  const KeyChoice key = Choice({ColumnOf("id", "bigint", true)});
  CHECK(KeyCondition(key, {{Value::Integer(7)}}) == "(\"id\") < ('7'::bigint)");
  CHECK(KeyOrder(key, kTable) == "\"public\".\"t\".\"id\" DESC");
}

TEST_CASE("mixed directions are expanded") {
  const KeyChoice key = Choice({ColumnOf("a", "integer"), ColumnOf("b", "integer", true)});
  CHECK(KeyCondition(key, {{Value::Integer(1), Value::Integer(2)}}) ==
        "\"a\" >= '1'::integer AND (\"a\" > '1'::integer OR (\"a\" = '1'::integer AND "
        "\"b\" < '2'::integer))");
}

TEST_CASE("the place of NULLs follows the index") {
  KeyColumn column = ColumnOf("id", "bigint");
  column.column.nulls_first = true;
  CHECK(KeyOrder(Choice({column}), kTable) == "\"public\".\"t\".\"id\" NULLS FIRST");
}

struct Case {
  Value value;
  const char* type;
  const char* literal;
};

TEST_CASE("every kind of key has a lossless literal") {
  const Case cases[] = {
      {Value::Integer(INT64_MIN), "bigint", "'-9223372036854775808'::bigint"},
      {Value::Real(0.1), "double precision", "'0.1'::double precision"},
      {Value::Real(static_cast<double>(0.1F)), "real", "'0.1'::real"},
      {Value::Text("-12.50"), "numeric(12,2)", "'-12.50'::numeric(12,2)"},
      {Value::Blob(std::string("\0\xff", 2)), "bytea", "'\\x00ff'::bytea"},
      {Value::Integer(1), "timestamp", "'2000-01-01 00:00:00.000001'::timestamp"},
      {Value::Integer(-1), "date", "'1999-12-31'::date"},
      {Value::Blob(std::string(16, '\x11')), "uuid",
       "'11111111-1111-1111-1111-111111111111'::uuid"},
      {Value::Text("Ab"), "public.citext", "'Ab'::public.citext"},
      {Value::Integer(1), "boolean", "'true'::boolean"},
  };
  for (const Case& c : cases) {
    CHECK(KeyLiteral(c.value, ParseType(c.type), c.type) == c.literal);
  }
}

TEST_CASE("the query gives outputs, hidden key, condition and order") {
  ReadPlan plan;
  plan.table = {"public", "Order"};
  plan.outputs = {{"note", ParseType("text")}, {"span", ParseType("interval")}};
  plan.key = Choice({ColumnOf("id", "bigint")});
  plan.where = "id > 0 -- all";
  CatalogTable table;
  table.table.name = plan.table;
  CHECK(ReadQuery(plan, table, Key{{Value::Integer(5)}}) ==
        "SELECT \"note\", CASE WHEN pg_catalog.num_nulls(\"span\") = 0 THEN "
        "pg_catalog.format('%s', \"span\") END, \"id\" FROM ONLY \"public\".\"Order\" WHERE "
        "(id > 0 -- all\n) AND ((\"id\") > ('5'::bigint)) ORDER BY \"public\".\"Order\".\"id\"");
}

TEST_CASE("a table without a key is read in physical order") {
  ReadPlan plan;
  plan.table = {"public", "log"};
  plan.outputs = {{"line", ParseType("text")}};
  plan.key.kind = KeyKind::kCtid;
  CatalogTable table;
  table.table.name = plan.table;
  CHECK(ReadQuery(plan, table, Key{{Value::Text("(3,4)")}}) ==
        "SELECT \"line\", ctid::pg_catalog.text FROM ONLY \"public\".\"log\" WHERE "
        "(ctid > '(3,4)'::tid)");
  plan.where = "line IN (SELECT kept FROM public.kept)";
  CHECK(ReadQuery(plan, table, std::nullopt) ==
        "SELECT \"line\", ctid::pg_catalog.text FROM ONLY \"public\".\"log\" WHERE "
        "(line IN (SELECT kept FROM public.kept)\n) ORDER BY \"public\".\"log\".ctid");
  plan.where.clear();
  table.relkind = 'p';
  CHECK(ReadQuery(plan, table, Key{{Value::Text("16385(3,4)")}}) ==
        "SELECT \"line\", tableoid::pg_catalog.text || ctid::pg_catalog.text FROM "
        "\"public\".\"log\" WHERE ((tableoid, ctid) > ('16385'::oid, '(3,4)'::tid)) ORDER BY "
        "\"public\".\"log\".tableoid, \"public\".\"log\".ctid");
}

}  // namespace
}  // namespace rowferry::testing
