#include "sqlite/error.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <sqlite3.h>

namespace rowferry::testing {
namespace {

// What a statement that inserts into t is refused for.
Refusal RefusalFor(const std::string& make, const std::string& insert) {
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec(make);
  REQUIRE(sqlite3_exec(database.getHandle(), insert.c_str(), nullptr, nullptr, nullptr) !=
          SQLITE_OK);
  return sqlite::LastRefusal(database.getHandle(), "t");
}

TEST_CASE("a refused row's column is named where SQLite names one of the table's") {
  struct Case {
    const char* make;
    const char* insert;
    const char* column;
  };
  const Case cases[] = {
      {"CREATE TABLE t (a NOT NULL)", "INSERT INTO t VALUES (NULL)", "a"},
      {"CREATE TABLE T (\"a. b\" NOT NULL)", "INSERT INTO t VALUES (NULL)", "a. b"},
      {"CREATE TABLE t (a UNIQUE)", "INSERT INTO t VALUES (1), (1)", "a"},
      {"CREATE TABLE t (a INTEGER PRIMARY KEY)", "INSERT INTO t VALUES (1), (1)", "a"},
      {"CREATE TABLE t (a text PRIMARY KEY)", "INSERT INTO t VALUES (1), (1)", "a"},
      {"CREATE TABLE t (a integer) STRICT", "INSERT INTO t VALUES ('x')", "a"},
      {"CREATE TABLE t (a, b, UNIQUE (a, b))", "INSERT INTO t VALUES (1, 2), (1, 2)", ""},
      {"CREATE TABLE t (a); CREATE UNIQUE INDEX i ON t (a + 1)", "INSERT INTO t VALUES (1), (1)",
       ""},
      {"CREATE TABLE t (a CHECK (a > 0))", "INSERT INTO t VALUES (0)", ""},
      {"CREATE TABLE t (a); CREATE TABLE u (b NOT NULL); CREATE TRIGGER g AFTER INSERT ON t BEGIN "
       "INSERT INTO u VALUES (NEW.a); END",
       "INSERT INTO t VALUES (NULL)", ""},
      {"CREATE TABLE t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT RAISE(ABORT, 'no: "
       "t.a'); END",
       "INSERT INTO t VALUES (1)", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.make));
    CHECK(RefusalFor(c.make, c.insert).column == c.column);
  }
}

TEST_CASE("a refused row's CHECK is told by its name, or by its expression") {
  const auto constraint = [](const std::string& check) {
    return RefusalFor("CREATE TABLE t (a " + check + ")", "INSERT INTO t VALUES (0)").constraint;
  };
  CHECK(constraint("CONSTRAINT \"no zero\" CHECK (a > 0)") == "no zero");
  CHECK(constraint("CHECK (a > 0)") == "a > 0");
}

}  // namespace
}  // namespace rowferry::testing
