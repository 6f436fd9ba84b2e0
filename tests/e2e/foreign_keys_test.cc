// Rows that come before those that they refer to.
#include <doctest/doctest.h>

#include <csignal>

#include "copies.h"

namespace rowferry::testing {
namespace {

// Tables a_lines (first in the copy's order) and b_items of a source, lines referring to items and
// to other lines. What the target then asks of them is `target`.
struct Case {
  const char* what;
  std::string target;
};

const std::string kItems = "CREATE TABLE b_items (id bigint PRIMARY KEY, name text)";

std::string Lines(const std::string& item, const std::string& next, const std::string& more = "") {
  return "CREATE TABLE a_lines (id bigint PRIMARY KEY, item bigint " + item + ", next bigint " +
         next + ", note text)" + more;
}

std::vector<Case> Cases() {
  const std::string items = " REFERENCES b_items";
  const std::string lines = " REFERENCES a_lines";
  return {
      {"two foreign keys", kItems + ";" + Lines(items, lines)},
      {"deferred ones", kItems + ";" +
                            Lines(items + " DEFERRABLE INITIALLY DEFERRED",
                                  lines + " DEFERRABLE INITIALLY DEFERRED")},
      {"of another type",
       "CREATE TABLE b_items (id numeric PRIMARY KEY, name text);" + Lines(items, lines)},
      {"a partitioned table that is referred to",
       "CREATE TABLE b_items (id bigint PRIMARY KEY, name text) PARTITION BY HASH (id);"
       "CREATE TABLE b_0 PARTITION OF b_items FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
       "CREATE TABLE b_1 PARTITION OF b_items FOR VALUES WITH (MODULUS 2, REMAINDER 1);" +
           Lines(items, lines)},
      {"a partitioned table that refers",
       kItems + ";" + Lines(items, lines, " PARTITION BY HASH (id)") +
           "; CREATE TABLE a_0 PARTITION OF a_lines FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
           "CREATE TABLE a_1 PARTITION OF a_lines FOR VALUES WITH (MODULUS 2, REMAINDER 1)"},
      {"a trigger beside them", kItems + ";" + Lines(items, lines) +
                                    "; CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql "
                                    "AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER nothing BEFORE "
                                    "INSERT ON a_lines FOR EACH ROW EXECUTE FUNCTION nothing()"},
  };
}

constexpr int kRows = 120;

// Every third line has no next one, each behind it points to one of these, and the third kind to
// one of the second: forward and backward. Some items and some next lines are not there.
void Fill(TestDatabase& source) {
  source.Exec(
      "CREATE TABLE a_lines (id bigint NOT NULL PRIMARY KEY, item bigint, next bigint, "
      "note text)");
  source.Exec("CREATE TABLE b_items (id bigint NOT NULL PRIMARY KEY, name text)");
  const std::string numbers =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
      std::to_string(kRows) + ") ";
  source.Exec(numbers + "INSERT INTO b_items SELECT i, 'item' FROM n WHERE i <= 10");
  source.Exec(numbers +
              "INSERT INTO a_lines SELECT i, CASE WHEN i % 40 = 7 THEN 99 ELSE 1 + i % 10 END, "
              "CASE WHEN i % 3 = 0 THEN NULL WHEN i % 50 = 1 THEN 5000 "
              "ELSE i * 17 % 40 * 3 + CASE i % 3 WHEN 1 THEN 3 ELSE 1 END END, 'note' FROM n");
}

// The lines that can be there, by SQL's own word.
std::string Loadable() {
  return "WITH RECURSIVE good(id) AS (SELECT id FROM a_lines WHERE next IS NULL AND item IN "
         "(SELECT id FROM b_items) UNION SELECT a.id FROM a_lines a JOIN good ON a.next = good.id "
         "WHERE a.item IN (SELECT id FROM b_items)) ";
}

void CheckLoaded(TestDatabase& source, TestDatabase& target) {
  const auto good = source.Rows(Loadable() +
                                "SELECT id, item, next, note FROM a_lines WHERE id IN "
                                "(SELECT id FROM good) ORDER BY id");
  REQUIRE(good.size() > kRows / 2);
  REQUIRE(good.size() < kRows - 5);
  CHECK(target.Rows("SELECT id, item, next, note FROM a_lines ORDER BY id") == good);
  CHECK(target.Rows("SELECT id, name FROM b_items ORDER BY id") ==
        source.Rows("SELECT id, name FROM b_items ORDER BY id"));
  CHECK(target.Rows("SELECT DISTINCT state, kind, code FROM " + target.LedgerTable("reject")) ==
        std::vector<TextRow>{{"open", "foreign-key", "23503"}});
  CHECK(target.One("SELECT count(*) FROM " + target.LedgerTable("reject")) ==
        std::to_string(kRows - good.size()));
  CHECK(target.Rows("SELECT read, inserted, rejected, pending FROM " + target.LedgerTable("split") +
                    " ORDER BY id") ==
        std::vector<TextRow>{{std::to_string(kRows), std::to_string(good.size()),
                              std::to_string(kRows - good.size()), "0"},
                             {"10", "10", "0", "0"}});
}

std::vector<std::string> CopyCommand(const TestDatabase& source, const TestDatabase& target,
                                     const std::string& chunk_rows) {
  return {"copy",       source.url(), target.url(),   "--max-rejects", "100%",
          "--progress", "none",       "--chunk-rows", chunk_rows};
}

TEST_CASE("children that come before their parents are loaded, and only orphans are rejected") {
  for (const Case& c : Cases()) {
    for (const std::string source_kind : {"sqlite", "postgres"}) {
      for (const std::string chunk_rows : {"7", "25000"}) {
        CAPTURE(std::string(c.what));
        CAPTURE(source_kind);
        CAPTURE(chunk_rows);
        const auto source = MakeDatabase(source_kind);
        PostgresDatabase target;
        Fill(*source);
        target.Exec(c.target);
        const Finished run = Rowferry(CopyCommand(*source, target, chunk_rows));
        CHECK_MESSAGE(run.exit_code == 3, run.err);
        CheckLoaded(*source, target);
      }
    }
  }
}

TEST_CASE("who may not ask which rows refer to nothing finds out row by row") {
  SqliteDatabase source;
  PostgresDatabase target;
  Fill(source);
  target.Exec(kItems + ";" + Lines(" REFERENCES b_items", " REFERENCES a_lines"));
  PostgresRole role(target);
  target.Exec("GRANT CREATE ON DATABASE " + target.One("SELECT current_database()") + " TO " +
              role.name() + "; REVOKE TEMP ON DATABASE " + target.One("SELECT current_database()") +
              " FROM PUBLIC; GRANT INSERT, SELECT ON a_lines, b_items TO " + role.name());
  auto words = CopyCommand(source, target, "50");
  words[2] = role.url();
  const Finished run = Rowferry(words);
  CHECK_MESSAGE(run.exit_code == 3, run.err);
  CheckLoaded(source, target);
}

// Of the 51 rows of a_lines one alone refers to nothing, by what the target enforces.
TEST_CASE("only the row that refers to nothing is rejected, whatever stands beside it") {
  const struct {
    const char* what;
    std::string source;  // beside b_items, with the one row 1
    std::string target;
  } cases[] = {
      {"a column with the name and the fields of what the question names",
       "CREATE TYPE fields AS (item bigint); CREATE TABLE a_lines (id bigint PRIMARY KEY, t fields,"
       " item bigint); INSERT INTO a_lines SELECT i, ROW(777)::fields, 1 + i / 51 "
       "FROM generate_series(1, 51) i",
       "CREATE TYPE fields AS (item bigint); CREATE TABLE a_lines (id bigint PRIMARY KEY, t fields,"
       " item bigint REFERENCES b_items)"},
      {"rows of a partition that refer to themselves",
       "CREATE TABLE a_lines (id bigint PRIMARY KEY, next bigint); "
       "INSERT INTO a_lines SELECT i, i + i / 51 FROM generate_series(1, 51) i",
       "CREATE TABLE whole (id bigint PRIMARY KEY, next bigint REFERENCES whole) PARTITION BY "
       "RANGE (id); CREATE TABLE a_lines PARTITION OF whole FOR VALUES FROM (1) TO (100)"},
      {"a foreign key whose trigger is disabled",
       "CREATE TABLE a_lines (id bigint PRIMARY KEY, off bigint, item bigint); "
       "INSERT INTO a_lines SELECT i, 777, 1 + i / 51 FROM generate_series(1, 51) i",
       "CREATE TABLE a_lines (id bigint PRIMARY KEY, off bigint REFERENCES b_items, "
       "item bigint REFERENCES b_items); DO $$ BEGIN EXECUTE (SELECT "
       "format('ALTER TABLE a_lines DISABLE TRIGGER %I', g.tgname) FROM pg_trigger g "
       "JOIN pg_constraint c ON c.oid = g.tgconstraint WHERE c.conname = 'a_lines_off_fkey' "
       "AND g.tgrelid = c.conrelid AND g.tgname LIKE '%\\_c\\_%' ORDER BY g.tgname LIMIT 1); "
       "END $$"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.what));
    PostgresDatabase source;
    PostgresDatabase target;
    source.Exec(kItems + "; INSERT INTO b_items (id) VALUES (1); " + c.source);
    target.Exec(kItems + "; " + c.target);
    const Finished run = Rowferry({"copy", source.url(), target.url(), "--progress", "none"});
    CHECK_MESSAGE(run.exit_code == 3, run.err);
    const std::string rows = "SELECT id, a::text FROM a_lines a WHERE id < 51 ORDER BY id";
    CHECK(target.Rows(rows) == source.Rows(rows));
    CHECK(target.Rows("SELECT shown, kind FROM rowferry.reject") ==
          std::vector<TextRow>{{"(id) = (51)", "foreign-key"}});
  }
}

TEST_CASE("rows that wait survive SIGKILL") {
  for (const int rows : {3, 60, 119}) {
    CAPTURE(rows);
    SqliteDatabase source;
    PostgresDatabase target;
    Fill(source);
    target.Exec(kItems + ";" + Lines(" REFERENCES b_items", " REFERENCES a_lines"));
    {
      Process copy(CopyCommand(source, target, "1"));
      const std::string read = "SELECT coalesce(sum(read), 0) FROM rowferry.split";
      const std::string there = "SELECT to_regclass('rowferry.split') IS NOT NULL";
      while (copy.Running() && (target.One(there) != "t" || std::stoi(target.One(read)) < rows)) {
      }
      copy.Signal(SIGKILL);
      copy.Wait();
    }
    const Finished run = Rowferry(CopyCommand(source, target, "1"));
    CHECK_MESSAGE(run.exit_code == 3, run.err);
    CheckLoaded(source, target);
  }
}

TEST_CASE("rows that wait count for --max-rejects at the end alone") {
  SqliteDatabase source;
  PostgresDatabase target;
  source.Exec(
      "CREATE TABLE a_lines (id bigint PRIMARY KEY, item bigint); "
      "CREATE TABLE b_items (id bigint PRIMARY KEY); INSERT INTO b_items VALUES (1), (2);"
      "INSERT INTO a_lines VALUES (1, 1), (2, 2), (3, 1), (4, NULL), (5, 3)");
  target.Exec(
      "CREATE TABLE b_items (id bigint PRIMARY KEY); CREATE TABLE a_lines (id bigint "
      "PRIMARY KEY, item bigint REFERENCES b_items)");
  const Finished strict = Rowferry({"copy", source.url(), target.url(), "--max-rejects", "0"});
  CHECK(strict.exit_code == 1);
  CHECK_MESSAGE(
      strict.err.find("column item refers to a row of public.b_items that is not there") !=
          std::string::npos,
      strict.err);
  CHECK(target.One("SELECT count(*) FROM a_lines") == "4");
  target.Exec("INSERT INTO b_items VALUES (3)");
  const Finished again = Rowferry({"copy", source.url(), target.url(), "--max-rejects", "0"});
  CHECK_MESSAGE(again.exit_code == 0, again.err);
  CHECK(target.One("SELECT count(*) FROM a_lines") == "5");
  CHECK(target.One("SELECT count(*) FROM rowferry.reject") == "0");
}

// The row is refused only once those that refer to nothing are out of its chunk.
TEST_CASE("a row too many before rows that refer to nothing ends the run") {
  for (const char* rows : {"(1, NULL, 1), (2, 99, 5)", "(1, NULL, 1), (2, 99, 5), (3, 98, 6)"}) {
    CAPTURE(std::string(rows));
    SqliteDatabase source;
    PostgresDatabase target;
    source.Exec(
        "CREATE TABLE lines (id bigint PRIMARY KEY, item bigint, number bigint); "
        "INSERT INTO lines VALUES " +
        std::string(rows));
    target.Exec(
        "CREATE TABLE items (id bigint PRIMARY KEY); CREATE TABLE lines (id bigint PRIMARY KEY, "
        "item bigint REFERENCES items, number bigint UNIQUE DEFERRABLE INITIALLY DEFERRED); "
        "INSERT INTO lines VALUES (0, NULL, 1)");
    const auto copy = [&](const char* most) {
      return Rowferry(
          {"copy", source.url(), target.url(), "--existing", "append", "--max-rejects", most});
    };
    const Finished strict = copy("0");
    CHECK_MESSAGE(strict.exit_code == 1, strict.err);
    CHECK_MESSAGE(strict.err.find("with --max-rejects N the run goes on") != std::string::npos,
                  strict.err);
    const Finished done = copy("100%");
    CHECK_MESSAGE(done.exit_code == 3, done.err);
    CHECK(target.One("SELECT count(*) FROM lines") == "1");
  }
}

TEST_CASE("an SQLite target, which takes such rows, has them named at the end") {
  SqliteDatabase source;
  SqliteDatabase target;
  source.Exec(
      "CREATE TABLE a_lines (id INTEGER PRIMARY KEY, item INTEGER); "
      "CREATE TABLE b_items (id INTEGER PRIMARY KEY); INSERT INTO b_items VALUES (1), (2);"
      "INSERT INTO a_lines VALUES (1, 1), (2, 2), (3, 1), (4, NULL), (5, 3), (6, 4)");
  target.Exec(
      "CREATE TABLE b_items (id INTEGER PRIMARY KEY); CREATE TABLE a_lines (id INTEGER "
      "PRIMARY KEY, item INTEGER REFERENCES b_items)");
  const Finished run = Rowferry({"copy", source.url(), target.url()});
  CHECK(run.exit_code == 0);
  CHECK_MESSAGE(run.err.find("refers to a row of b_items that is not there: 2, the first with "
                             "rowid 5") != std::string::npos,
                run.err);
  CHECK(target.One("SELECT count(*) FROM a_lines") == "6");
}

}  // namespace
}  // namespace rowferry::testing
