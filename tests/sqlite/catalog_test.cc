#include "sqlite/catalog.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "sqlite/copy.h"
#include "sqlite/declaration.h"
#include "sqlite/types.h"

namespace rowferry::testing {
namespace {

Table Described(SqliteDatabase& database, const std::string& ddl) {
  database.Exec(ddl);
  return SourceOf(database)->DescribeTable({"", "t"}).value();
}

std::string ShowColumn(const ColumnInfo& column) {
  return column.name + ":" + column.type.name + (column.not_null ? " not null" : "") +
         (column.generated ? " generated" : "") +
         (column.identity != Identity::kNone ? " numbered" : "") +
         (column.collation.empty() ? "" : " collate " + column.collation) +
         (column.default_value ? " default " + column.default_value->literal : "");
}

std::string ShowColumns(const Table& table) {
  std::vector<std::string> columns;
  for (const ColumnInfo& column : table.columns) columns.push_back(ShowColumn(column));
  return Join(columns, ", ");
}

std::string ShowKeys(const Table& table) {
  std::vector<std::string> keys;
  for (const UniqueKey& key : table.unique_keys) {
    std::vector<std::string> columns;
    for (const IndexColumn& column : key.columns) {
      columns.push_back(column.name + " " + column.collation + (column.descending ? " desc" : ""));
    }
    keys.push_back((key.primary ? "primary " : key.name + " ") + "(" + Join(columns, ", ") + ")");
  }
  return Join(keys, "; ");
}

TEST_CASE("lists the user's tables, and neither virtual, shadow, system nor ledger tables") {
  SqliteDatabase database;
  database.Exec(
      "CREATE TABLE b(x); CREATE TABLE \"A table\"(id INTEGER PRIMARY KEY AUTOINCREMENT);"
      "CREATE VIRTUAL TABLE words USING fts5(text); CREATE VIEW v AS SELECT 1;"
      "CREATE TABLE rowferry_job(x); CREATE TABLE rowferry_mine(x); ANALYZE");
  std::vector<std::string> names;
  for (const TableName& name : SourceOf(database)->ListTables()) names.push_back(name.Show());
  CHECK(Join(names, ",") == "A table,b,rowferry_mine");
  std::vector<std::string> others;
  for (const NoTable& other : SourceOf(database)->ListOthers()) {
    others.push_back(other.kind + " " + other.name.Show());
  }
  CHECK(Join(others, ",") == "view v,virtual table words");
}

TEST_CASE("describes columns as they are declared") {
  SqliteDatabase database;
  const Table table = Described(
      database,
      "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL DEFAULT 'it''s' "
      "COLLATE "
      "NOCASE, b INT4 DEFAULT -1, c NUMERIC(12,2), d DATETIME DEFAULT CURRENT_TIMESTAMP, e, "
      "f BLOB, g AS (b + 1), h INTEGER_OR_TEXT, i TEXT /* type: interval */, j TEXT /* note */)");
  CHECK(ShowColumns(table) ==
        "id:bigint numbered, a:text not null collate NOCASE default 'it''s', b:integer default -1, "
        "c:numeric(12,2), d:timestamp default , e:bytea, f:bytea, g:bytea generated, h:bigint, "
        "i:interval, j:text");
  CHECK(table.Find("i")->native == "TEXT /* type: interval */");
  CHECK(table.Find("j")->native == "TEXT");
}

TEST_CASE("describes keys with the collation and direction of their index") {
  SqliteDatabase database;
  const Table table = Described(
      database,
      "CREATE TABLE t(a, b TEXT COLLATE NOCASE, c, PRIMARY KEY (a, b DESC));"
      "CREATE UNIQUE INDEX u ON t(c COLLATE RTRIM, a DESC);"
      "CREATE UNIQUE INDEX partial ON t(c) WHERE c > 1; CREATE UNIQUE INDEX expr ON t(c + 1);"
      "CREATE INDEX plain ON t(c)");
  CHECK(ShowKeys(table) == "primary (a BINARY, b NOCASE desc); u (c RTRIM, a BINARY desc)");
}

TEST_CASE("tells the rowid's alias from other integer keys") {
  struct Case {
    const char* ddl;
    bool alias;
  };
  for (const Case& c : {Case{"CREATE TABLE t(id INTEGER PRIMARY KEY)", true},
                        Case{"CREATE TABLE t(id integer, x, PRIMARY KEY(id))", true},
                        Case{"CREATE TABLE t(id INT PRIMARY KEY)", false},
                        Case{"CREATE TABLE t(id INTEGER PRIMARY KEY DESC)", false},
                        Case{"CREATE TABLE t(id INTEGER PRIMARY KEY) WITHOUT ROWID", false}}) {
    CAPTURE(std::string(c.ddl));
    SqliteDatabase database;
    const Table table = Described(database, c.ddl);
    REQUIRE(table.unique_keys.size() == 1);
    CHECK(sqlite::IsRowidKey(table.unique_keys[0]) == c.alias);
  }
}

TEST_CASE("knows STRICT, WITHOUT ROWID and triggers that swallow rows") {
  SqliteDatabase database;
  const Table table =
      Described(database,
                "CREATE TABLE t(id INT PRIMARY KEY, a ANY) STRICT, WITHOUT ROWID;"
                "CREATE TRIGGER swallow BEFORE INSERT ON t BEGIN SELECT RAISE(IGNORE); END");
  CHECK(table.strict);
  CHECK_FALSE(table.has_rowid);
  CHECK(table.swallows_rows);
  CHECK(table.unique_keys[0].without_rowid);
}

TEST_CASE("finds a table whatever the case of its name, and says what it is called") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE Orders(x)");
  CHECK(SourceOf(database)->DescribeTable({"", "oRDERS"})->name.name == "Orders");
  CHECK_FALSE(SourceOf(database)->DescribeTable({"", "order"}));
}

TEST_CASE("a view is no target") {
  SqliteDatabase database;
  const Table view = Described(database, "CREATE VIEW t AS SELECT 1 AS x");
  CHECK(view.target_refusal ==
        "is a view, not a table: rename one of the two, or name another file");
}

TEST_CASE("says what it leaves behind") {
  SqliteDatabase database;
  const Table table =
      Described(database,
                "CREATE TABLE p(id INTEGER PRIMARY KEY);"
                "CREATE TABLE t(a DEFAULT (1 + 2) REFERENCES p(id), b UNIQUE, CHECK (a > 0));"
                "CREATE TRIGGER noisy AFTER INSERT ON t BEGIN SELECT 1; END");
  CHECK(table.warnings == std::vector<std::string>{
                              "column a: its default 1 + 2 stays behind",
                              "left behind: 1 index, 1 foreign key, 1 trigger, CHECK constraints"});
}

TEST_CASE("reads type comments past quotes, brackets and other comments") {
  const auto comments = sqlite::TypeComments(
      "CREATE TABLE \"odd (\" (\"a, \"\"(\" TEXT /* type: a */, -- type: no\n"
      " [b] TEXT DEFAULT '/* type: no */' /* type: numeric(30,10) */, c NUMERIC(1,2) /* x */,\n"
      " `d` TEXT CHECK (d > 1 /* type: no */) /* type: integer[] */, PRIMARY KEY (b))");
  CHECK(comments == std::map<std::string, std::string>{
                        {"a, \"(", "a"}, {"b", "numeric(30,10)"}, {"d", "integer[]"}});
}

TEST_CASE("a constraint's name is told from other words, however it is written") {
  const std::string_view sql =
      "CREATE TABLE t (a CHECK (a), b constraint/* */b1 CHECK (b), \"CONSTRAINT\" no, "
      "CONSTRAINT [c 2] UNIQUE (a), CONSTRAINT \"d\"\"3\" CHECK (b > 'CONSTRAINT e'))";
  for (const char* name : {"b1", "c 2", "d\"3"}) CHECK(sqlite::NamesConstraint(sql, name));
  for (const char* name : {"a", "b", "no", "e", "e'", ""}) {
    CHECK_FALSE(sqlite::NamesConstraint(sql, name));
  }
}

TEST_CASE("a conflict clause is one, and not a name, a comment or a text") {
  for (const char* sql : {"CREATE TABLE t (a UNIQUE ON CONFLICT IGNORE)",
                          "CREATE TABLE t (a NOT NULL on/* */conflict replace)"}) {
    CHECK(sqlite::HasConflictClause(sql));
  }
  for (const char* sql :
       {"CREATE TABLE t (conflict_id, \"on\" CONFLICT)",
        "CREATE TABLE t (a /* on conflict of interest */, b)",
        "CREATE TABLE t (a DEFAULT 'ON CONFLICT' REFERENCES c ON DELETE CASCADE)"}) {
    CHECK_FALSE(sqlite::HasConflictClause(sql));
  }
}

TEST_CASE("rows are counted in small files and told from the span of the rowids in large ones") {
  SqliteDatabase database;
  const auto rows = [&](const std::string& table) {
    return SourceOf(database)->DescribeTable({"", table})->estimated_rows;
  };
  database.Exec(
      "CREATE TABLE empty(x); CREATE TABLE sparse(id INTEGER PRIMARY KEY);"
      "INSERT INTO sparse VALUES (1), (9000000000000000000);"
      "CREATE TABLE keyed(k TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO keyed VALUES ('a'), ('b');"
      "CREATE TABLE dense(id INTEGER PRIMARY KEY, x); INSERT INTO dense VALUES (5, 1), (7, 2)");
  CHECK(rows("dense") == 2);
  CHECK(rows("sparse") == 2);
  database.Exec("INSERT INTO dense VALUES (9, zeroblob(9000000))");
  CHECK(rows("dense") == 5);
  CHECK(rows("sparse") == -1);  // no file of this size can hold so many
  CHECK(rows("keyed") == 2);
  CHECK(rows("empty") == 0);
}

}  // namespace
}  // namespace rowferry::testing
