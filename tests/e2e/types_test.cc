// Every type, at its edges, through the real binary: there, and there and back.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "e2e/copies.h"
#include "support/database.h"
#include "support/process.h"

namespace rowferry::testing {
namespace {

constexpr char kUserTypes[] = R"(
CREATE TYPE mood AS ENUM ('sad', 'so so', '007');
CREATE DOMAIN zipcode AS text CHECK (value ~ '^[0-9]{5}$');
)";
constexpr char kValues[] = "SELECT e::text FROM every e ORDER BY id";
constexpr char kTypes[] =
    "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
    "WHERE attrelid = 'every'::regclass AND attnum > 0 AND attname <> 'c_domain' ORDER BY attnum";

std::string Fixture(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(ROWFERRY_FIXTURES "/") + name).rdbuf();
  return text.str();
}

void Copy(TestDatabase& source, TestDatabase& target) {
  const Finished finished = Rowferry({"copy", source.url(), target.url(), "--chunk-rows", "1"});
  REQUIRE_MESSAGE(finished.exit_code == 0, finished.err);
}

void CheckSame(TestDatabase& source, TestDatabase& target) {
  CHECK(source.Rows(kValues).size() == 4);
  CHECK(target.Rows(kValues) == source.Rows(kValues));
  CHECK(target.Rows(kTypes) == source.Rows(kTypes));
}

TEST_CASE("PostgreSQL to SQLite and back brings back every type and value") {
  PostgresDatabase source;
  source.Exec(Fixture("types.sql"));
  SqliteDatabase between;
  PostgresDatabase target;
  target.Exec(kUserTypes);
  Copy(source, between);
  Copy(between, target);
  CheckSame(source, target);
}

TEST_CASE("a numeric that rounds before the point comes back from SQLite as it was") {
  PostgresDatabase source;
  source.Exec(
      "CREATE TABLE t (id bigint PRIMARY KEY, v numeric(5,-2));"
      "INSERT INTO t VALUES (1, 1234567), (2, -100), (3, 'NaN'), (4, NULL), (5, 0), (6, 9999900)");
  SqliteDatabase between;
  PostgresDatabase target;
  Copy(source, between);
  CHECK(between.One("SELECT v FROM t WHERE id = 1") == "1234600");
  Copy(between, target);
  const std::string contents = "SELECT v FROM t ORDER BY id";
  CHECK(target.Rows(contents) == source.Rows(contents));
  CHECK(target.One("SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
                   "WHERE attrelid = 't'::regclass AND attname = 'v'") == "numeric(5,-2)");
}

TEST_CASE("XML that names another encoding than the server's arrives as it was") {
  PostgresDatabase source;
  source.Exec(
      "CREATE TABLE t (id bigint PRIMARY KEY, v xml); INSERT INTO t VALUES "
      "(1, '<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>é</a>'), (2, '<a>1</a>')");
  SqliteDatabase between;
  PostgresDatabase target;
  PostgresDatabase back;
  Copy(source, target);
  Copy(source, between);
  Copy(between, back);
  const std::string contents = "SELECT v::text FROM t ORDER BY id";
  CHECK(target.Rows(contents) == source.Rows(contents));
  CHECK(back.Rows(contents) == source.Rows(contents));
}

TEST_CASE("PostgreSQL to PostgreSQL brings every type and value, the user's own too") {
  PostgresDatabase source;
  source.Exec(Fixture("types.sql"));
  PostgresDatabase target;
  target.Exec(kUserTypes);
  Copy(source, target);
  CheckSame(source, target);
}

TEST_CASE("what PostgreSQL does not receive as it sends it arrives all the same") {
  PostgresDatabase source;
  source.Exec(
      "CREATE TABLE t (a int2vector, b oidvector, c oidvector[], d tsquery, e tsquery[]);"
      "INSERT INTO t VALUES ('', '', '{\"\",7 8}', '', '{\"\",a & b}'), ('1 2', '3', '{}', 'a', "
      "'{}')");
  PostgresDatabase target;
  Copy(source, target);
  const std::string contents = "SELECT t::text FROM t ORDER BY 1";
  CHECK(target.Rows(contents) == source.Rows(contents));
}

TEST_CASE("a type that the target lacks becomes text, and the plan says so") {
  PostgresDatabase source;
  source.Exec(Fixture("types.sql"));
  PostgresDatabase target;
  const Finished plan = Rowferry({"plan", source.url(), target.url()});
  CHECK_MESSAGE(plan.out.find("mood") != std::string::npos, plan.out);
  CHECK(plan.out.find("warning") != std::string::npos);
  Copy(source, target);
  CHECK(target.Rows("SELECT c_enum FROM every ORDER BY id") ==
        source.Rows("SELECT c_enum::text FROM every ORDER BY id"));
}

TEST_CASE("a value that its column would change is rejected, named by row, column and value") {
  struct Case {
    const char* column;
    const char* value;
    const char* shown;
  };
  const Case cases[] = {
      {"numeric(12,2)", "12.3456", "12.3456"},
      {"timestamp(0)", "'2024-01-01 00:00:00.5'", "00:00:00.5"},
      {"varchar(3)", "'ab  '", "'ab  '"},
      {"char(3)", "'a '", "'a '"},
      {"jsonb", "'[-0.0]'", "holds -0"},
      {"smallint", "40000", "40000"},
      {"bigint", "'seven'", "seven"},
      {"text", "CAST(x'6100' AS TEXT)", "a\\x00"},
      {"text", "CAST(x'ff' AS TEXT)", "\\xff"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.value));
    SqliteDatabase source;
    source.Exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (7, NULL); "
        "INSERT INTO t VALUES (8, " +
        std::string(c.value) + ")");
    PostgresDatabase target;
    target.Exec("CREATE TABLE t (id bigint PRIMARY KEY, v " + std::string(c.column) + ")");
    const Finished finished = Rowferry({"copy", source.url(), target.url()});
    CHECK(finished.exit_code == 3);
    for (const char* part : {"table t", "(id) = (8)", c.shown}) {
      CHECK_MESSAGE(finished.err.find(part) != std::string::npos, finished.err);
    }
    CHECK(target.One("SELECT count(*) FROM t") == "1");  // its neighbour
  }
}

TEST_CASE("text of a database in UTF-16 arrives as it was, or is rejected") {
  const char* const broken[] = {"410000d8", "00d84100", "00dc4100", "00d800d8"};
  for (const char* const encoding : {"UTF-16le", "UTF-16be"}) {
    for (const std::string bytes : broken) {
      CAPTURE(std::string(encoding));
      CAPTURE(bytes);
      const bool little = std::string(encoding) == "UTF-16le";
      std::string stored = bytes;
      if (!little) {
        for (size_t i = 0; i < bytes.size(); i += 4) {
          stored.replace(i, 4, bytes.substr(i + 2, 2) + bytes.substr(i, 2));
        }
      }
      SqliteDatabase source;
      source.Exec("PRAGMA encoding = '" + std::string(encoding) +
                  "'; CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
                  "INSERT INTO t VALUES (1, 'Größe 茶 🕰'), (2, CAST(x'" +
                  stored + "' AS TEXT))");
      SqliteDatabase target;
      const Finished finished = Rowferry({"copy", source.url(), target.url()});
      CHECK(finished.exit_code == 3);
      CHECK_MESSAGE(finished.err.find("row (id) = (2)") != std::string::npos, finished.err);
      CHECK(target.One("SELECT group_concat(v) FROM t") == "Größe 茶 🕰");
    }
  }
}

TEST_CASE("a key in UTF-16 that SQLite would not find again stops the run") {
  SqliteDatabase source;
  source.Exec(
      "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (id INTEGER, v TEXT NOT NULL UNIQUE);"
      "INSERT INTO t VALUES (1, 'a'), (2, CAST(x'fdff' AS TEXT)), (3, CAST(x'feff' AS TEXT))");
  PostgresDatabase target;
  const std::vector<std::string> copy = {"copy", source.url(), target.url(), "--chunk-rows", "1"};
  const Finished finished = Rowferry(copy);
  CHECK(finished.exit_code == 1);
  CHECK_MESSAGE(finished.err.find("column v") != std::string::npos, finished.err);
  CHECK(target.One("SELECT count(*) FROM t") == "2");
}

TEST_CASE("text is not put into a type whose own input would round it") {
  for (const std::string type : {"interval(0)", "numeric(5,-2)"}) {
    CAPTURE(type);
    SqliteDatabase source;
    source.Exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, '0')");
    PostgresDatabase target;
    target.Exec("CREATE TABLE t (id bigint PRIMARY KEY, v " + type + ")");
    const Finished finished = Rowferry({"copy", source.url(), target.url()});
    CHECK(finished.exit_code == 2);
    CHECK_MESSAGE(finished.err.find("cannot become " + type) != std::string::npos, finished.err);
  }
}

TEST_CASE("a text form is that of the type's output, and no cast of the user's") {
  PostgresDatabase source;
  source.Exec(
      "CREATE TYPE mood AS ENUM ('sad'); CREATE TYPE pair AS (a int, b text);"
      "CREATE FUNCTION lossy(mood) RETURNS text LANGUAGE sql AS $$ SELECT 'any' $$;"
      "CREATE CAST (mood AS text) WITH FUNCTION lossy(mood);"
      "CREATE TABLE t (id bigint PRIMARY KEY, m mood, i inet, p pair, n interval);"
      "INSERT INTO t VALUES (1, 'sad', '10.0.0.1', ROW(NULL, NULL), NULL)");
  SqliteDatabase target;
  Copy(source, target);
  CHECK(target.One("SELECT m || ' ' || i || ' ' || p || ' ' || (n IS NULL) FROM t") ==
        "sad 10.0.0.1 (,) 1");
}

TEST_CASE("a type of an extension takes its own values, also by way of SQLite, and no other text") {
  const std::string table =
      "CREATE EXTENSION hstore; CREATE TABLE t (id bigint PRIMARY KEY, v hstore, w hstore[]);";
  PostgresDatabase source;
  source.Exec(table + "INSERT INTO t VALUES (1, 'a=>1, b=>\"\\\"\"', ARRAY['c=>2'::hstore])");
  SqliteDatabase between;
  Copy(source, between);
  PostgresDatabase back;
  back.Exec(table);
  Copy(between, back);
  CHECK(back.Rows("SELECT v, w FROM t") == source.Rows("SELECT v, w FROM t"));

  SqliteDatabase text;
  text.Exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'a=>1, a=>2')");
  const Finished finished = Rowferry({"copy", text.url(), back.url(), "--existing", "append"});
  CHECK(finished.exit_code == 2);
  const std::string why = "cannot become public.hstore without a guess or a loss";
  CHECK_MESSAGE(finished.err.find(why) != std::string::npos, finished.err);
}

TEST_CASE("NULL in an array stays NULL, whatever the server's default says of it") {
  SqliteDatabase source;
  source.Exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, '{NULL}')");
  PostgresDatabase target;
  target.Exec(
      "CREATE TABLE t (id bigint PRIMARY KEY, v text[]); DO $$ BEGIN EXECUTE "
      "format('ALTER DATABASE %I SET array_nulls = off', current_database()); END $$");
  Copy(source, target);
  CHECK(target.One("SELECT v[1] IS NULL FROM t") == "t");
}

TEST_CASE("a type is known by its name where the source's default is to quote all names") {
  PostgresDatabase source;
  source.Exec(
      "CREATE TABLE t (id bigint PRIMARY KEY, v bytea); INSERT INTO t VALUES (1, '\\x00ff'); "
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET quote_all_identifiers = on', "
      "current_database()); END $$");
  SqliteDatabase target;
  Copy(source, target);
  CHECK(target.One("SELECT typeof(v) || hex(v) FROM t") == "blob00FF");
}

TEST_CASE("two columns that would become one are refused, also where the table is there") {
  const char* const create[] = {"SELECT 1", "CREATE TABLE t (id int, a_b int)"};
  for (const std::string statement : create) {
    CAPTURE(statement);
    SqliteDatabase source;
    source.Exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, \"A B\" INT, a_b INT, \"aB\" INT);"
        "INSERT INTO t VALUES (1, 10, 20, 30)");
    SqliteDatabase into_sqlite;
    PostgresDatabase into_postgres;
    for (TestDatabase* target :
         std::initializer_list<TestDatabase*>{&into_sqlite, &into_postgres}) {
      target->Exec(statement);
      const Finished finished =
          Rowferry({"copy", source.url(), target->url(), "--identifiers", "snake"});
      CHECK(finished.exit_code == 2);
      const std::string why = "two of its columns would be \"a_b\" in the target";
      const size_t at = finished.err.find(why);
      CHECK_MESSAGE(at != std::string::npos, finished.err);
      CHECK(finished.err.find(why, at + 1) == std::string::npos);
    }
  }
}

TEST_CASE("values are not left out for a column that the target computes itself") {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    const auto source = MakeDatabase(direction.source);
    const auto target = MakeDatabase(direction.target);
    source->Exec("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, 5)");
    target->Exec("CREATE TABLE t (id int PRIMARY KEY, a int GENERATED ALWAYS AS (id * 2) STORED)");
    const Finished refused = Rowferry({"copy", source->url(), target->url()});
    CHECK(refused.exit_code == 2);
    CHECK_MESSAGE(refused.err.find("computes its column \"a\"") != std::string::npos, refused.err);
    const Finished dropped =
        Rowferry({"copy", source->url(), target->url(), "--table", "t", "--drop", "a"});
    CHECK_MESSAGE(dropped.exit_code == 0, dropped.err);
    CHECK(target->One("SELECT a FROM t") == "2");
  }
}

TEST_CASE("a type of the same name with parts of other types takes no values") {
  const std::string types[] = {
      "CREATE DOMAIN money2 AS numeric(7,2); CREATE TYPE mood AS ENUM ('a');"
      "CREATE TYPE pair AS (a numeric(7,2), b mood, c money2[])",
      "CREATE DOMAIN money2 AS numeric(7,1); CREATE TYPE mood AS ENUM ('a');"
      "CREATE TYPE pair AS (a numeric(7,2), b mood, c money2[])"};
  const std::string table = "CREATE TABLE t (id int PRIMARY KEY, p pair, m money2[], d money2)";
  const std::string rows = "SELECT p::text || m::text || d FROM t";
  PostgresDatabase source;
  source.Exec(types[0] + "; " + table);
  source.Exec("INSERT INTO t VALUES (1, '(12.34,a,{1.25})', '{12.34}', 12.34)");
  SqliteDatabase between;
  Copy(source, between);
  for (const bool same : {true, false}) {
    for (TestDatabase* from : std::initializer_list<TestDatabase*>{&source, &between}) {
      CAPTURE(same);
      CAPTURE(from->url());
      PostgresDatabase made;
      made.Exec(types[same ? 0 : 1]);
      Copy(*from, made);
      CHECK(made.One(rows) == source.One(rows));
      CHECK(made.One("SELECT pg_typeof(m)::text FROM t") == (same ? "money2[]" : "text"));
      PostgresDatabase existing;
      existing.Exec(types[same ? 0 : 1] + "; " + table);
      const Finished finished = Rowferry({"copy", from->url(), existing.url()});
      CHECK_MESSAGE(finished.exit_code == (same ? 0 : 2), finished.err);
      CHECK((finished.err.find("their parts are of other types") == std::string::npos) == same);
    }
  }
}

TEST_CASE("defaults that are literals arrive in either database, blobs too") {
  SqliteDatabase source;
  source.Exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER DEFAULT -7, d NUMERIC(6,2) DEFAULT 1.50,"
      "s TEXT DEFAULT 'it''s', b BLOB DEFAULT X'00FF', f BOOLEAN DEFAULT 1);"
      "INSERT INTO t DEFAULT VALUES");
  PostgresDatabase between;
  PostgresDatabase made;
  SqliteDatabase back;
  Copy(source, between);
  Copy(between, made);
  Copy(made, back);
  made.Exec("INSERT INTO t (id) VALUES (2)");
  CHECK(made.One("SELECT concat_ws(' ', n, d, s, encode(b, 'hex'), f) FROM t WHERE id = 2") ==
        "-7 1.50 it's 00ff t");
  back.Exec("INSERT INTO t (id) VALUES (2)");
  CHECK(back.One("SELECT printf('%d %.2f %s %s %d', n, d, s, hex(b), f) FROM t WHERE id = 2") ==
        "-7 1.50 it's 00FF 1");
}

TEST_CASE("names of every kind arrive as they were") {
  const std::string names[] = {"select", "Mixed Case", "quote\"d",  "semi;colon",
                               "Größe",  "a.b",        "--comment", "tab\tname"};
  SqliteDatabase source;
  for (const std::string& name : names) {
    std::string quoted = name;
    if (const size_t at = quoted.find('"'); at != std::string::npos) quoted.insert(at, "\"");
    source.Exec("CREATE TABLE \"" + quoted + "\" (\"" + quoted +
                "\" INTEGER PRIMARY KEY, \"order\" TEXT); INSERT INTO \"" + quoted +
                "\" VALUES (1, 'x'), (2, 'y')");
  }
  PostgresDatabase between;
  SqliteDatabase back;
  Copy(source, between);
  Copy(between, back);
  const char* schema =
      "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c "
      "WHERE m.type = 'table' AND m.name NOT LIKE 'rowferry%' ORDER BY 1, 2";
  CHECK(back.Rows(schema).size() == 16);
  CHECK(back.Rows(schema) == source.Rows(schema));
}

}  // namespace
}  // namespace rowferry::testing
