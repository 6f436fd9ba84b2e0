#include <doctest/doctest.h>
#include <sqlite3.h>

#include "base/error.h"
#include "base/text.h"
#include "sqlite/copy.h"
#include "sqlite/reader.h"

namespace rowferry::testing {
namespace {

struct KeyCase {
  const char* name;
  const char* sql;  // makes and fills table t
  const char* proof;
};

const std::vector<KeyCase>& Cases() {
  static const std::vector<KeyCase> cases = {
      {"the rowid's alias, negative and up to 2^63-1",
       "CREATE TABLE t(id INTEGER PRIMARY KEY, x);"
       "INSERT INTO t VALUES (-9223372036854775808, 1), (-5, 2), (0, 3), (7, 4),"
       "(9223372036854775806, 5), (9223372036854775807, 6)",
       "primary key (id)"},
      {"composite: (1, 11) is not (11, 1)",
       "CREATE TABLE t(a INT NOT NULL, b INT NOT NULL, PRIMARY KEY(a, b));"
       "INSERT INTO t VALUES (1, 11), (11, 1), (1, 1), (1, 2), (1, 3), (2, 0), (11, 11)",
       "primary key (a, b)"},
      {"NULL in a primary key, also twice",
       "CREATE TABLE t(a, b, PRIMARY KEY(a, b));"
       "INSERT INTO t VALUES (NULL, NULL), (NULL, NULL), (NULL, 2), (NULL, 2), (1, NULL), (1, "
       "NULL),"
       "(1, 2), (2, NULL), (NULL, 3), ('a', NULL)",
       "primary key (a, b), then rowid, as it may hold NULL"},
      {"NULL in a descending primary key",
       "CREATE TABLE t(a, b, PRIMARY KEY(a DESC, b));"
       "INSERT INTO t VALUES (NULL, NULL), (NULL, 2), (NULL, 2), (1, NULL), (1, 2), (2, NULL),"
       "(NULL, NULL), (2, 5)",
       "primary key (a, b), then rowid, as it may hold NULL"},
      {"mixed directions",
       "CREATE TABLE t(a NOT NULL, b NOT NULL, c NOT NULL, PRIMARY KEY(a DESC, b, c DESC));"
       "INSERT INTO t SELECT value % 3, value % 2, value FROM generate",
       "primary key (a, b, c)"},
      {"mixed storage classes: 9001 is not '9001'",
       "CREATE TABLE t(k PRIMARY KEY NOT NULL) WITHOUT ROWID;"
       "INSERT INTO t VALUES (9001), ('9001'), (x'39303031'), (-1), (1.5), (''), (x''), ('abc'),"
       "(1e300), ('9001 '), (9223372036854775807)",
       "primary key (k)"},
      {"text without regard to case",
       "CREATE TABLE t(k TEXT COLLATE NOCASE NOT NULL PRIMARY KEY);"
       "INSERT INTO t VALUES ('b'), ('A'), ('C'), ('a b'), ('Ä'), ('ä'), ('_')",
       "primary key (k)"},
      {"a BINARY index on a NOCASE column",
       "CREATE TABLE t(k TEXT COLLATE NOCASE NOT NULL);"
       "CREATE UNIQUE INDEX u ON t(k COLLATE BINARY);"
       "INSERT INTO t VALUES ('b'), ('B'), ('a'), ('A'), ('_')",
       "unique index u (k)"},
      {"trailing blanks under RTRIM",
       "CREATE TABLE t(k TEXT COLLATE RTRIM NOT NULL PRIMARY KEY);"
       "INSERT INTO t VALUES ('b  '), ('a'), ('c '), (' d')",
       "primary key (k)"},
      {"WITHOUT ROWID, composite",
       "CREATE TABLE t(a TEXT, b INT, x, PRIMARY KEY(a, b DESC)) WITHOUT ROWID;"
       "INSERT INTO t SELECT 'k' || value % 3, value, 1 FROM generate",
       "primary key (a, b)"},
      {"blobs",
       "CREATE TABLE t(k BLOB PRIMARY KEY NOT NULL);"
       "INSERT INTO t VALUES (x'00'), (x''), (x'ff00'), (x'ff'), (x'0000')",
       "primary key (k)"},
      {"reals",
       "CREATE TABLE t(k REAL PRIMARY KEY NOT NULL);"
       "INSERT INTO t VALUES (0.1), (-1e300), (9e999), (5e-324), (3), (-9e999)",
       "primary key (k)"},
      {"timestamps as text",
       "CREATE TABLE t(k TIMESTAMP PRIMARY KEY NOT NULL);"
       "INSERT INTO t VALUES ('2024-02-29 12:00:00.000001'), ('2024-02-29 12:00:00'), "
       "('1999-01-01')",
       "primary key (k)"},
      {"no key at all", "CREATE TABLE t(x); INSERT INTO t VALUES (3), (3), (NULL), ('a'), (3)",
       "rowid"},
      {"no key, and a column called rowid",
       "CREATE TABLE t(rowid, _rowid_); INSERT INTO t VALUES (3, 1), (3, 1), (NULL, 1), (1, 1)",
       "rowid"},
      {"a unique index rather than the rowid",
       "CREATE TABLE t(a NOT NULL, b); CREATE UNIQUE INDEX u ON t(a DESC);"
       "INSERT INTO t VALUES (3, 1), (4, 1), ('x', 1)",
       "unique index u (a)"},
      {"one row", "CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)",
       "primary key (id)"},
      {"no row", "CREATE TABLE t(id INTEGER PRIMARY KEY)", "primary key (id)"},
  };
  return cases;
}

void Fill(SqliteDatabase& database, const KeyCase& c) {
  database.Exec(
      "CREATE TABLE generate AS WITH RECURSIVE g(value) AS "
      "(SELECT 1 UNION ALL SELECT value + 1 FROM g WHERE value < 13) SELECT value FROM g");
  database.Exec(c.sql);
}

TEST_CASE("every kind of key is read once, in one order, whatever the page's size") {
  for (const KeyCase& c : Cases()) {
    CAPTURE(std::string(c.name));
    SqliteDatabase database;
    Fill(database, c);
    const auto source = SourceOf(database);
    const Table table = source->DescribeTable({"", "t"}).value();
    const ReadPlan plan = PlanOf(*source, table, true);
    CHECK(plan.key.proof == c.proof);
    const std::vector<std::string> all = ReadAll(*source, plan);
    CHECK(static_cast<int64_t>(all.size()) == table.estimated_rows);
    for (const size_t page_rows : {1, 2, 3, 5}) {
      CAPTURE(page_rows);
      CHECK(ReadByPages(*source, plan, page_rows) == all);
    }
  }
}

TEST_CASE("dropped key columns still page") {
  SqliteDatabase database;
  database.Exec(
      "CREATE TABLE t(k TEXT PRIMARY KEY NOT NULL, x);"
      "INSERT INTO t VALUES ('b', 1), ('a', 2), ('c', 3)");
  const auto source = SourceOf(database);
  ReadPlan plan = PlanOf(*source, source->DescribeTable({"", "t"}).value(), true);
  plan.outputs.erase(plan.outputs.begin());
  CHECK(ReadByPages(*source, plan, 1) == std::vector<std::string>{"2", "1", "3"});
}

TEST_CASE("--key wins over the primary key, where an index proves it unique") {
  SqliteDatabase database;
  database.Exec(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b);"
      "CREATE UNIQUE INDEX u ON t(a COLLATE NOCASE);"
      "INSERT INTO t VALUES (1, 'b', 1), (2, 'A', 1), (3, NULL, 1), (4, NULL, 1)");
  const auto source = SourceOf(database);
  const Table table = source->DescribeTable({"", "t"}).value();
  const ReadPlan plan = PlanOf(*source, table, true, {"A"});
  CHECK(plan.key.proof == "asked for (a); unique by index u, then rowid, as it may hold NULL");
  CHECK(ReadByPages(*source, plan, 1) ==
        std::vector<std::string>{"3|NULL|1", "4|NULL|1", "2|'A'|1", "1|'b'|1"});
}

TEST_CASE("columns that --key adds to a unique key may hold anything") {
  const char* const tables[] = {
      "CREATE TABLE t(id INT PRIMARY KEY, v) WITHOUT ROWID",
      "CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
      "CREATE TABLE t(id INT NOT NULL PRIMARY KEY, v)",
  };
  for (const char* const sql : tables) {
    CAPTURE(std::string(sql));
    SqliteDatabase database;
    database.Exec(sql);
    database.Exec(
        "INSERT INTO t VALUES (1, NULL), (2, 'b'), (3, NULL), (4, '2'), (5, 2), (6, x'32'),"
        "(7, 2), (8, NULL), (9, '2')");
    const auto source = SourceOf(database);
    const Table table = source->DescribeTable({"", "t"}).value();
    ReadPlan plan = PlanOf(*source, table, true, {"v", "id"});
    CHECK(ReadByPages(*source, plan, 1) == std::vector<std::string>{"1|NULL", "3|NULL", "8|NULL",
                                                                    "5|2", "7|2", "4|'2'", "9|'2'",
                                                                    "2|'b'", "6|x'32'"});
    const ReadPlan null_at_end = PlanOf(*source, table, true, {"id", "v"});
    CHECK(ReadByPages(*source, null_at_end, 1) == ReadAll(*source, null_at_end));
    plan.outputs.pop_back();  // v is read for the key alone
    CHECK(ReadByPages(*source, plan, 2) ==
          std::vector<std::string>{"1", "3", "8", "5", "7", "4", "9", "2", "6"});
  }
}

TEST_CASE("--key is refused where nothing proves it unique") {
  SqliteDatabase database;
  database.Exec(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b); CREATE UNIQUE INDEX u ON t(a, b);"
      "CREATE UNIQUE INDEX p ON t(b) WHERE b > 0");
  const auto source = SourceOf(database);
  const Table table = source->DescribeTable({"", "t"}).value();
  CHECK_THROWS_WITH_AS(source->ChooseKey(table, {"b"}), doctest::Contains("not proven unique"),
                       Error);
  CHECK_THROWS_WITH_AS(source->ChooseKey(table, {"c"}), doctest::Contains("no column c"), Error);
  CHECK_NOTHROW(source->ChooseKey(table, {"b", "a"}));
}

TEST_CASE("a table that hides its rowid and has no key is refused") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE t(rowid, _rowid_, oid)");
  const auto source = SourceOf(database);
  CHECK_THROWS_AS(source->ChooseKey(source->DescribeTable({"", "t"}).value(), {}), Error);
}

TEST_CASE("--where narrows the rows of every page, a comment at its end included") {
  SqliteDatabase database;
  database.Exec(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, x);"
      "INSERT INTO t VALUES (1, 1), (2, 0), (3, 1), (4, 0), (5, 1)");
  const auto source = SourceOf(database);
  ReadPlan plan = PlanOf(*source, source->DescribeTable({"", "t"}).value(), true);
  plan.where = "x = 1 OR id = 4 -- every page";
  CHECK(ReadByPages(*source, plan, 1) == std::vector<std::string>{"1|1", "3|1", "4|0", "5|1"});
}

TEST_CASE("a --where that is not one condition by itself is refused before anything is read") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE t(id INTEGER PRIMARY KEY); CREATE TABLE other(id)");
  const auto source = SourceOf(database);
  ReadPlan plan = PlanOf(*source, source->DescribeTable({"", "t"}).value(), true);
  const std::pair<std::string, const char*> cases[] = {
      {"zzz = 1", "table t: --where \"zzz = 1\": no such column: zzz"},
      {"\"zzz\" = 1", "no such column: zzz (text stands between single quotes)"},
      {"id = ", "syntax error"},
      {"count(*) > 1", "misuse of aggregate"},
      {"1; DROP TABLE other", "near \";\": syntax error"},
      {"1); DROP TABLE other --", "ends the statement"},
      {"id = 1) UNION SELECT (1", "by itself"},
      {"1) OR (1", "by itself"},
      {"1 AS INTEGER) OR CAST(1", "syntax error"},
      {"SELECT 1", "by itself"},
      {"id = 'a", "unrecognized token"},
      {"id = \"a", "syntax error"},
      {"id = 1 /*", "incomplete input"},
      {"id = 1) /*", "by itself"},
      {"id = 1) --", "near \")\": syntax error"},
      {"id > ?", "parameter"},
  };
  for (const auto& [where, why] : cases) {
    plan.where = where;
    CAPTURE(where);
    CHECK_THROWS_WITH_AS(source->CheckQuery(plan), doctest::Contains(why), Error);
  }
}

TEST_CASE("every condition that SQLite takes may stand behind --where") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE t(id INTEGER PRIMARY KEY, x); CREATE TABLE other(id)");
  const auto source = SourceOf(database);
  ReadPlan plan = PlanOf(*source, source->DescribeTable({"", "t"}).value(), true);
  for (const std::string where :
       {"id > 1 OR x IS NULL", "\"id\" > 1", "(id, x) = (1, 2)", "NOT EXISTS (SELECT 1 FROM other)",
        "id IN (1, 2) -- comment", "x = ')' /* ) */", "x COLLATE NOCASE = 'a' AND t.id <> 2",
        "CASE WHEN x THEN 1 END", "CAST(x AS INTEGER) BETWEEN 1 AND 2", "rowid > 1"}) {
    plan.where = where;
    CAPTURE(where);
    CHECK_NOTHROW(source->CheckQuery(plan));
  }
}

TEST_CASE("a page ends with the row that reaches its bytes") {
  SqliteDatabase database;
  database.Exec(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, x);"
      "INSERT INTO t VALUES (1, 'a'), (2, zeroblob(5000)), (3, 'b'), (4, 'c')");
  const auto source = SourceOf(database);
  const ReadPlan plan = PlanOf(*source, source->DescribeTable({"", "t"}).value(), true);
  const auto reader = source->OpenReader(plan, {100, 1000});
  RowBatch batch(LayoutOf(plan));
  std::vector<size_t> sizes;
  while (reader->Read(batch)) sizes.push_back(batch.rows());
  CHECK(sizes == std::vector<size_t>{2, 2});
}

TEST_CASE("the snapshot is the same for all tables, whatever others write meanwhile") {
  SqliteDatabase database;
  database.Exec(
      "PRAGMA journal_mode = wal; CREATE TABLE t(id INTEGER PRIMARY KEY);"
      "INSERT INTO t VALUES (1)");
  const auto source = SourceOf(database);
  const ReadPlan plan = PlanOf(*source, source->DescribeTable({"", "t"}).value(), true);
  database.Exec("INSERT INTO t VALUES (2)");
  CHECK(ReadAll(*source, plan) == std::vector<std::string>{"1"});
}

TEST_CASE("a position by rowid holds only as long as nobody writes to the source") {
  for (const char* mode : {"delete", "wal"}) {
    for (const char* change : {"VACUUM", "UPDATE t SET x = 3"}) {
      CAPTURE(std::string(mode));
      CAPTURE(std::string(change));
      SqliteDatabase database;
      database.Exec(
          "PRAGMA journal_mode = " + std::string(mode) +
          "; CREATE TABLE t(x); INSERT INTO t VALUES (1), (2); DELETE FROM t WHERE x = 1");
      std::string stamp;
      ReadPlan plan;
      {
        const auto source = SourceOf(database);
        plan = PlanOf(*source, source->DescribeTable({"", "t"}).value(), true);
        CHECK(ReadAll(*source, plan).size() == 1);
        stamp = source->PositionStamp(plan);
      }
      CHECK(SourceOf(database)->StampHolds(plan, stamp));
      database.Exec(change);
      CHECK_FALSE(SourceOf(database)->StampHolds(plan, stamp));
    }
  }
}

TEST_CASE("a row whose rowid has changed is not read again behind a key without NULL") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE t(k TEXT PRIMARY KEY); INSERT INTO t VALUES (NULL), ('a'), ('b')");
  const auto source = SourceOf(database);
  const ReadPlan plan = PlanOf(*source, source->DescribeTable({"", "t"}).value(), true);
  const auto reader = source->OpenReader(plan, {});
  RowBatch batch(LayoutOf(plan));
  reader->Seek(Key{{Value::Text("a"), Value::Integer(-5)}});
  CHECK(reader->Read(batch));
  CHECK(batch.rows() == 1);
}

TEST_CASE("a key that SQLite does not take is an error, and not the end of the table") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE t(k TEXT PRIMARY KEY NOT NULL); INSERT INTO t VALUES ('a'), ('b')");
  const auto source = SourceOf(database);
  const Table table = source->DescribeTable({"", "t"}).value();
  const auto session = sqlite::Session::OpenForReading(database.url());
  sqlite3_limit(session->handle(), SQLITE_LIMIT_LENGTH, 1000);
  const auto reader = sqlite::MakeReader(
      *session, {PlanOf(*source, table, true), {}, "", {sqlite::Encoding::kPlain}, {}});
  CHECK_THROWS_WITH_AS(reader->Seek(Key{{Value::Text(std::string(2000, 'a'))}}),
                       doctest::Contains("too big"), Error);
}

TEST_CASE("a page query that has to sort a large table is a warning") {
  SqliteDatabase database;
  database.Exec(
      "PRAGMA journal_mode = wal; CREATE TABLE t(a NOT NULL, b NOT NULL, UNIQUE (a, b));"
      "INSERT INTO t WITH RECURSIVE g(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM g "
      "WHERE v < 100000) SELECT v, v FROM g");
  const auto source = SourceOf(database);
  const Table table = source->DescribeTable({"", "t"}).value();
  CHECK(source->CheckQuery(PlanOf(*source, table, true)).empty());
  const auto warnings = source->CheckQuery(PlanOf(*source, table, true, {"b", "a"}));
  CHECK(Join(warnings, ";").find("sorted before it is read") != std::string::npos);
}

TEST_CASE("every kind of key enters its index at the key") {
  for (const KeyCase& c : Cases()) {
    CAPTURE(std::string(c.name));
    SqliteDatabase database;
    Fill(database, c);
    database.Exec("PRAGMA journal_mode = wal");
    const auto source = SourceOf(database);
    Table table = source->DescribeTable({"", "t"}).value();
    CHECK(source->CheckQuery(PlanOf(*source, table, true)).empty());
  }
}

}  // namespace
}  // namespace rowferry::testing
