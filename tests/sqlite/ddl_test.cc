#include "sqlite/ddl.h"

#include <doctest/doctest.h>

#include "sqlite/copy.h"

namespace rowferry::testing {
namespace {

std::string Remade(const std::string& ddl) {
  SqliteDatabase database;
  database.Exec(ddl);
  const Table table = SourceOf(database)->DescribeTable({"", "t"}).value();
  return sqlite::CreateStatement(sqlite::Translate(table, "t"));
}

ColumnInfo Foreign(const std::string& name, const std::string& type, bool not_null = false) {
  ColumnInfo column;
  column.name = name;
  column.type = ParseType(type);
  column.native = type;
  column.not_null = not_null;
  return column;
}

TEST_CASE("an SQLite table is made anew as it was declared") {
  for (const char* ddl : {
           "CREATE TABLE \"t\" (\n  \"id\" INTEGER PRIMARY KEY AUTOINCREMENT,\n  \"a\" VARCHAR(20) "
           "NOT NULL COLLATE \"NOCASE\" DEFAULT 'x'\n)",
           "CREATE TABLE \"t\" (\n  \"id\" INTEGER PRIMARY KEY DESC,\n  \"b\"\n)",
           "CREATE TABLE \"t\" (\n  \"a\" TEXT NOT NULL COLLATE \"RTRIM\",\n  \"b\" TEXT /* type: "
           "interval */ NOT NULL,\n  PRIMARY KEY (\"a\" COLLATE \"BINARY\", \"b\" DESC)\n) WITHOUT "
           "ROWID, STRICT",
           "CREATE TABLE \"t\" (\n  \"a\" DATETIME DEFAULT CURRENT_TIMESTAMP,\n  \"b\" INT\n)",
       }) {
    CHECK(Remade(ddl) == ddl);
  }
}

TEST_CASE("a declared type that was quoted is quoted again") {
  const char* const create =
      "CREATE TABLE \"t\" (\n  \"a\" \"enum('x','y')\",\n  \"b\" \"time(3) with zone\",\n"
      "  \"c\" \"my-type\",\n  \"d\" UNSIGNED BIG INT,\n  \"e\" numeric(10, 2),\n"
      "  \"f\" \"not null\",\n  \"g\" \"DEFAULT\",\n  \"h\" \"varchar(max)\",\n"
      "  \"i\" \"int(1,2,3)\",\n  \"j\" \"int()\"\n)";
  SqliteDatabase database;
  database.Exec(create);
  const Table table = SourceOf(database)->DescribeTable({"", "t"}).value();
  CHECK(sqlite::CreateStatement(sqlite::Translate(table, "t")) == create);
}

TEST_CASE("a computed column becomes an ordinary one, and that is said") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE t(a INT, b INT AS (a + 1) STORED)");
  const Table table = SourceOf(database)->DescribeTable({"", "t"}).value();
  const Table made = sqlite::Translate(table, "t");
  CHECK(sqlite::CreateStatement(made) == "CREATE TABLE \"t\" (\n  \"a\" INT,\n  \"b\" INT\n)");
  CHECK(made.warnings == std::vector<std::string>{
                             "column b is computed in the source and becomes an ordinary column"});
}

TEST_CASE("another database's table gets declarations that keep its values") {
  Table table;
  table.name = {"public", "orders"};
  table.columns = {Foreign("id", "integer", true), Foreign("note", "jsonb"),
                   Foreign("made", "timestamptz"), Foreign("rate", "numeric"),
                   Foreign("tax", "numeric(4,2)")};
  table.columns[0].identity = Identity::kAlways;
  table.columns[2].has_default = true;
  table.columns[2].default_value = {ColumnDefault::Kind::kCurrentTimestamp, {}};
  for (const size_t decimal : {3, 4}) {
    table.columns[decimal].default_value = {ColumnDefault::Kind::kLiteral, "1.50"};
  }
  table.columns[0].has_default = true;  // the sequence's
  table.unique_keys = {
      {"orders_pkey", true, false, {{"id", "\"pg_catalog\".\"C\"", false, false}}}};
  const Table made = sqlite::Translate(table, "orders");
  CHECK(made.warnings.empty());
  CHECK(sqlite::CreateStatement(made) ==
        "CREATE TABLE \"orders\" (\n"
        "  \"id\" INTEGER /* type: integer */ PRIMARY KEY AUTOINCREMENT NOT NULL,\n"
        "  \"note\" TEXT /* type: jsonb */,\n"
        "  \"made\" timestamptz DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00','now')),\n"
        "  \"rate\" TEXT /* type: numeric */ DEFAULT '1.50',\n"
        "  \"tax\" numeric(4,2) DEFAULT 1.50\n)");
}

TEST_CASE("another database's current time becomes the part of it that the column holds") {
  Table table;
  table.name = {"public", "t"};
  using DefaultKind = ColumnDefault::Kind;
  table.columns = {Foreign("day", "date"), Foreign("hour", "time"), Foreign("at", "timestamp"),
                   Foreign("from", "timestamptz")};
  for (ColumnInfo& column : table.columns) {
    column.has_default = true;
    column.default_value = {DefaultKind::kCurrentTimestamp, {}};
  }
  table.columns[3].default_value = {DefaultKind::kCurrentDate, {}};
  const Table made = sqlite::Translate(table, "t");
  CHECK(sqlite::CreateStatement(made) ==
        "CREATE TABLE \"t\" (\n"
        "  \"day\" date DEFAULT CURRENT_DATE,\n"
        "  \"hour\" time DEFAULT CURRENT_TIME,\n"
        "  \"at\" timestamp DEFAULT CURRENT_TIMESTAMP,\n"
        "  \"from\" timestamptz\n)");
  CHECK(made.warnings ==
        std::vector<std::string>{"column from: its default CURRENT_DATE stays behind"});
}

TEST_CASE("what was made is described by the catalog with the same types") {
  Table table;
  table.name.name = "t";
  for (const char* type : {"integer", "numeric(30,2)", "real", "timestamptz(3)", "public.mood",
                           "char(3)", "bytea", "integer[]"}) {
    table.columns.push_back(Foreign(type, type, true));
  }
  table.unique_keys = {{"pk", true, false, {{"integer", "", false, false}}}};
  const Table made = sqlite::Translate(table, "t");
  SqliteDatabase database;
  database.Exec(sqlite::CreateStatement(made));
  const Table described = TargetOf(database)->DescribeTable({"", "t"}).value();
  REQUIRE(described.columns.size() == made.columns.size());
  for (size_t i = 0; i < made.columns.size(); ++i) {
    CAPTURE(made.columns[i].name);
    CHECK(described.columns[i].type == made.columns[i].type);
    CHECK(described.columns[i].type == table.columns[i].type);
    CHECK(described.columns[i].native == made.columns[i].native);
  }
}

TEST_CASE("an AUTOINCREMENT column goes on after the rows that were copied") {
  SqliteDatabase database;
  database.Exec(
      "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, x); "
      "INSERT INTO t VALUES (41, 1); INSERT INTO t(x) VALUES (2)");
  CHECK(database.One("SELECT max(id) FROM t") == "42");
}

}  // namespace
}  // namespace rowferry::testing
