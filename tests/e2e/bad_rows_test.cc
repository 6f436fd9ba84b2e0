// Rows that the target does not take: they are kept, the rest arrives.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "copies.h"

namespace rowferry::testing {
namespace {

// A target's table t of (id bigint primary key, v …), a value for v that it takes, and one that it
// does not, both as SQL of the source; v is of the source's column type.
struct Case {
  const char* what;
  std::string source_type;
  std::string target;  // statements
  std::string good;
  std::string bad;
  std::string kind;
  std::string code;
  std::string column;
  std::string constraint;
};

constexpr int kRows = 60;

// The bad ones, by their place in the table: first, in the middle, last, neighbours.
const std::vector<int> kEverywhere = {1, 2, 30, 31, 59, kRows};
// Where chunks are of 7 rows: one of the first, all of the second, one of the fifth, the last.
const std::vector<int> kWholeChunk = {1, 8, 9, 10, 11, 12, 13, 14, 31, kRows};

std::string Ids(const std::vector<int>& ids) {
  std::string text;
  for (const int id : ids) text += (text.empty() ? "" : ",") + std::to_string(id);
  return text;
}

void Fill(TestDatabase& source, const Case& c, const std::vector<int>& bad) {
  source.Exec("CREATE TABLE t (id bigint NOT NULL PRIMARY KEY, v " + c.source_type + ")");
  source.Exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
              std::to_string(kRows) + ") INSERT INTO t SELECT i, " + c.good + " FROM n");
  source.Exec("UPDATE t SET v = " + c.bad + " WHERE id IN (" + Ids(bad) + ")");
}

void CheckCase(const std::string& source_kind, const std::string& target_kind, const Case& c,
               const std::vector<int>& bad, const std::string& chunk_rows) {
  CAPTURE(source_kind);
  CAPTURE(target_kind);
  CAPTURE(std::string(c.what));
  CAPTURE(Ids(bad));
  CAPTURE(chunk_rows);
  const auto source = MakeDatabase(source_kind);
  const auto target = MakeDatabase(target_kind);
  Fill(*source, c, bad);
  target->Exec(c.target);
  const Finished run = Rowferry({"copy", source->url(), target->url(), "--table", "t",
                                 "--chunk-rows", chunk_rows, "--max-rejects", "100%"});
  CHECK_MESSAGE(run.exit_code == 3, run.err);
  CHECK_MESSAGE(run.err.find("is rejected") != std::string::npos, run.err);
  CHECK(target->Rows("SELECT id, v FROM t ORDER BY id") ==
        source->Rows("SELECT id, v FROM t WHERE id NOT IN (" + Ids(bad) + ") ORDER BY id"));
  const auto rejects = target->Rows("SELECT key, kind, code, column_name, constraint_name FROM " +
                                    target->LedgerTable("reject") + " ORDER BY id");
  std::vector<TextRow> expected;
  for (const int id : bad) {
    expected.push_back({"i" + std::to_string(id), c.kind, c.code, c.column, c.constraint});
  }
  CHECK(rejects == expected);
  CHECK(target->Rows("SELECT inserted, rejected FROM " + target->LedgerTable("split")) ==
        std::vector<TextRow>{{std::to_string(kRows - bad.size()), std::to_string(bad.size())}});
  const Finished again =
      Rowferry({"copy", source->url(), target->url(), "--table", "t", "--max-rejects", "100%"});
  CHECK(again.exit_code == 3);  // finished, with rows that wait for repair
}

void CheckCases(const std::string& source_kind, const std::string& target_kind,
                const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CheckCase(source_kind, target_kind, c, kEverywhere, "25000");
    CheckCase(source_kind, target_kind, c, kWholeChunk, "7");
  }
}

std::string Table(const std::string& v) {
  return "CREATE TABLE t (id bigint PRIMARY KEY, v " + v + ")";
}

std::string Trigger(const std::string& when, const std::string& code = "P0001") {
  return Table("text") +
         "; CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.v = 'bad' "
         "THEN RAISE EXCEPTION 'no %', NEW.id USING ERRCODE = '" +
         code + "'; END IF; RETURN NEW; END $$; CREATE " + when + " INSERT ON t " +
         (when.find("CONSTRAINT") == std::string::npos ? "" : "DEFERRABLE INITIALLY DEFERRED ") +
         "FOR EACH ROW EXECUTE FUNCTION no()";
}

// Digits that no compression makes much shorter.
std::string Incompressible(size_t size) {
  std::mt19937 random(1);
  std::string text;
  while (text.size() < size) text += std::to_string(random());
  return text.substr(0, size);
}

// What PostgreSQL refuses, row by row and at the end of a statement or transaction.
std::vector<Case> PostgresCases() {
  return {
      {"NOT NULL", "text", Table("text NOT NULL"), "'x'", "NULL", "not-null", "23502", "v", ""},
      {"CHECK", "text", Table("text CHECK (v <> 'bad')"), "'x'", "'bad'", "check", "23514", "",
       "t_v_check"},
      {"a domain's CHECK", "text", "CREATE DOMAIN d AS text CHECK (VALUE <> 'bad'); " + Table("d"),
       "'x'", "'bad'", "check", "23514", "v", "d_check"},
      {"UNIQUE", "text", Table("text UNIQUE") + "; INSERT INTO t VALUES (-1, 'bad')",
       "CAST(i AS text)", "'bad'", "unique", "23505", "", "t_v_key"},
      {"UNIQUE, deferred", "text",
       Table("text UNIQUE DEFERRABLE INITIALLY DEFERRED") + "; INSERT INTO t VALUES (-1, 'bad')",
       "CAST(i AS text)", "'bad'", "unique", "23505", "", "t_v_key"},
      {"EXCLUDE", "text",
       Table("text, EXCLUDE USING btree (v WITH =)") + "; INSERT INTO t VALUES (-1, 'bad')",
       "CAST(i AS text)", "'bad'", "exclusion", "23P01", "", "t_v_excl"},
      {"a trigger before the row", "text", Trigger("TRIGGER no BEFORE"), "'x'", "'bad'", "trigger",
       "P0001", "", ""},
      {"a trigger after the row", "text", Trigger("TRIGGER no AFTER"), "'x'", "'bad'", "trigger",
       "P0001", "", ""},
      {"a deferred trigger", "text", Trigger("CONSTRAINT TRIGGER no AFTER"), "'x'", "'bad'",
       "trigger", "P0001", "", ""},
      {"a trigger with a code of its own", "text", Trigger("TRIGGER no AFTER", "45000"), "'x'",
       "'bad'", "other", "45000", "", ""},
      {"a deferred trigger with a code of its own", "text",
       Trigger("CONSTRAINT TRIGGER no AFTER", "U0001"), "'x'", "'bad'", "other", "U0001", "", ""},
      {"JSON nested too deep", "text", Table("jsonb"), "'[1]'",
       "'" + std::string(20'000, '[') + std::string(20'000, ']') + "'", "value", "54001", "v", ""},
      {"an enum", "text", "CREATE TYPE mood AS ENUM ('x', 'y'); " + Table("mood"), "'x'", "'bad'",
       "value", "22P02", "v", ""},
      {"no partition", "text",
       "CREATE TABLE t (id bigint, v text, PRIMARY KEY (id, v)) PARTITION BY LIST (v); CREATE "
       "TABLE t_x PARTITION OF t FOR VALUES IN ('x')",
       "'x'", "'bad'", "check", "23514", "", ""},
      {"an index's row is too large", "text", Table("text") + "; CREATE INDEX i ON t (v)", "'x'",
       "'" + Incompressible(6'000) + "'", "other", "54000", "", "i"},
      {"too long", "text", Table("varchar(3)"), "'x'", "'long'", "value", "", "v", ""},
      {"rounded", "numeric", Table("numeric(12,2)"), "1.25", "1.2345", "value", "", "v", ""},
  };
}

// "UNIQUE" and the like begin with a row of their own.
std::vector<Case> Without(const std::string& part, std::vector<Case> cases) {
  cases.erase(
      std::remove_if(cases.begin(), cases.end(),
                     [&](const Case& c) { return c.target.find(part) != std::string::npos; }),
      cases.end());
  return cases;
}

std::vector<Case> Only(const std::string& part, const std::vector<Case>& cases) {
  std::vector<Case> found;
  for (const Case& c : cases) {
    if (c.target.find(part) != std::string::npos) found.push_back(c);
  }
  return found;
}

TEST_CASE("what PostgreSQL refuses is rejected, whatever refuses it" *
          doctest::test_suite("bad row")) {
  const std::vector<Case> cases = Without("INSERT INTO t", PostgresCases());
  CheckCases("sqlite", "postgres", Without("numeric", cases));
  CheckCases("postgres", "postgres", cases);
  const Case syntax = {"a type whose syntax errors have SQL's code",
                       "text /* type: tsvector */",
                       Table("tsvector"),
                       "'''x'''",
                       "'''x'",
                       "value",
                       "42601",
                       "v",
                       ""};
  CheckCases("sqlite", "postgres", {syntax});
}

// The rows that are there belong to somebody else; the job appends.
void CheckBesideOthers(const std::string& source_kind, const std::string& target_kind,
                       const Case& c) {
  CAPTURE(source_kind);
  CAPTURE(target_kind);
  CAPTURE(std::string(c.what));
  const auto source = MakeDatabase(source_kind);
  const auto target = MakeDatabase(target_kind);
  Fill(*source, c, kWholeChunk);
  target->Exec(c.target);
  const Finished run = Rowferry({"copy", source->url(), target->url(), "--table", "t", "--existing",
                                 "append", "--chunk-rows", "7"});
  CHECK_MESSAGE(run.exit_code == 3, run.err);
  CHECK(target->One("SELECT count(*) FROM t") == std::to_string(kRows + 1 - kWholeChunk.size()));
  std::vector<TextRow> expected;
  for (const int id : kWholeChunk) {
    expected.push_back({"i" + std::to_string(id), c.kind, c.code, c.column, c.constraint});
  }
  CHECK(target->Rows("SELECT key, kind, code, column_name, constraint_name FROM " +
                     target->LedgerTable("reject") + " ORDER BY id") == expected);
}

TEST_CASE("rows that clash with what is there are rejected") {
  for (const Case& c : Only("INSERT INTO t", PostgresCases())) {
    CheckBesideOthers("sqlite", "postgres", c);
    CheckBesideOthers("postgres", "postgres", c);
  }
  const Case unique = {"UNIQUE",
                       "text",
                       Table("text UNIQUE") + "; INSERT INTO t VALUES (-1, 'bad')",
                       "CAST(i AS text)",
                       "'bad'",
                       "unique",
                       "SQLITE_CONSTRAINT_UNIQUE",
                       "v",
                       ""};
  CheckBesideOthers("sqlite", "sqlite", unique);
  CheckBesideOthers("postgres", "sqlite", unique);
}

TEST_CASE("what SQLite refuses is rejected, with triggers and without" *
          doctest::test_suite("bad row")) {
  const std::string trigger =
      "; CREATE TRIGGER no BEFORE INSERT ON t WHEN NEW.v = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); "
      "END";
  const std::vector<Case> cases = {
      {"NOT NULL", "text", Table("text NOT NULL"), "'x'", "NULL", "not-null",
       "SQLITE_CONSTRAINT_NOTNULL", "v", ""},
      {"CHECK", "text", Table("text CHECK (v <> 'bad')"), "'x'", "'bad'", "check",
       "SQLITE_CONSTRAINT_CHECK", "", ""},
      {"a CHECK with a name", "text", Table("text CONSTRAINT good CHECK (v <> 'bad')"), "'x'",
       "'bad'", "check", "SQLITE_CONSTRAINT_CHECK", "", "good"},
      {"a type of a STRICT table", "", "CREATE TABLE t (id integer PRIMARY KEY, v integer) STRICT",
       "1", "'bad'", "value", "SQLITE_CONSTRAINT_DATATYPE", "v", ""},
      {"a trigger", "text", Table("text") + trigger, "'x'", "'bad'", "trigger",
       "SQLITE_CONSTRAINT_TRIGGER", "", ""},
      {"a trigger that rolls back", "text",
       Table("text") + "; CREATE TRIGGER no BEFORE INSERT ON t WHEN NEW.v = 'bad' BEGIN SELECT "
                       "RAISE(ROLLBACK, 'no'); END",
       "'x'", "'bad'", "trigger", "SQLITE_CONSTRAINT_TRIGGER", "", ""},
      {"NOT NULL beside a trigger", "text", Table("text NOT NULL") + trigger, "'x'", "NULL",
       "not-null", "SQLITE_CONSTRAINT_NOTNULL", "v", ""},
      {"a CHECK that cannot read it", "text", Table("text CHECK (json_extract(v, '$.a') > 0)"),
       "'{\"a\":1}'", "'bad'", "other", "SQLITE_ERROR", "", ""},
      {"an index that cannot read it, beside a trigger", "text",
       Table("text") + "; CREATE INDEX i ON t (json_extract(v, '$.a'))" + trigger, "'{\"a\":1}'",
       "'{'", "other", "SQLITE_ERROR", "", ""},
      {"a column that would change it", "", Table("integer"), "1", "'07'", "value", "", "v", ""},
  };
  CheckCases("sqlite", "sqlite", cases);
  CheckCases("postgres", "sqlite", Without("integer", cases));
}

TEST_CASE("what SQLite cannot give in the target's type is rejected, as it stands in the file") {
  const Case text = {"text", "", Table("bigint"), "1", "'seven'", "unreadable", "", "v", ""};
  const Case nul = {"NUL",        "", Table("text"), "'x'", "CAST(x'6100' AS TEXT)",
                    "unreadable", "", "v",           ""};
  const Case invalid = {"no UTF-8",   "", Table("text"), "'x'", "CAST(x'ff' AS TEXT)",
                        "unreadable", "", "v",           ""};
  const Case day = {"no date", "", Table("date"), "'2024-02-29'", "'2023-02-29'", "unreadable", "",
                    "v",       ""};
  CheckCases("sqlite", "postgres", {text, nul, invalid, day});
}

TEST_CASE("a table without a key goes on behind its bad rows") {
  for (const std::string source_kind : {"sqlite", "postgres"}) {
    CAPTURE(source_kind);
    const auto source = MakeDatabase(source_kind);
    PostgresDatabase target;
    source->Exec("CREATE TABLE t (v text)");
    source->Exec("INSERT INTO t VALUES ('bad'), ('a'), ('b'), ('bad'), ('bad'), ('c'), ('bad')");
    target.Exec("CREATE TABLE t (v text CHECK (v <> 'bad'))");
    const Finished run = Rowferry({"copy", source->url(), target.url(), "--chunk-rows", "3"});
    CHECK_MESSAGE(run.exit_code == 3, run.err);
    CHECK(target.Rows("SELECT v FROM t ORDER BY v") == std::vector<TextRow>{{"a"}, {"b"}, {"c"}});
    CHECK(target.One("SELECT count(DISTINCT key) FROM rowferry.reject") == "4");
  }
}

TEST_CASE("a table of nothing but bad rows stops at the limit, and goes on once it is mended") {
  SqliteDatabase source;
  PostgresDatabase target;
  source.Exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
      "SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, 'bad' FROM n");
  target.Exec(Table("text CHECK (v <> 'bad')"));
  const std::vector<std::string> copy = {"copy", source.url(), target.url()};
  const Finished run = Rowferry(copy);
  CHECK(run.exit_code == 1);
  CHECK_MESSAGE(run.err.find("more rows are rejected than --max-rejects allows (100 rows or 1 %") !=
                    std::string::npos,
                run.err);
  CHECK(target.One("SELECT count(*) FROM t") == "0");
  CHECK(target.One("SELECT count(*) FROM rowferry.reject") == "100");
  CHECK(Rowferry(copy).exit_code == 1);  // no more than that by trying again
  CHECK(target.One("SELECT count(*) FROM rowferry.reject") == "100");
  target.Exec("ALTER TABLE t DROP CONSTRAINT t_v_check");
  CHECK(Rowferry(copy).exit_code == 3);
  CHECK(target.One("SELECT count(*) FROM t") == "4900");
}

TEST_CASE("another limit lets an interrupted job go on") {
  InEveryDirection([](Copies& copies) {
    copies.target().Exec(
        "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text "
        "CHECK (note <> 'bad'))");
    copies.source().Exec("UPDATE items SET note = 'bad' WHERE batch = 3");
    const std::string bad = copies.source().One("SELECT count(*) FROM items WHERE batch = 3");
    REQUIRE(std::stoi(bad) > 3);
    const Finished stopped = copies.Run({"--table", "items", "--max-rejects", "3"});
    CHECK_MESSAGE(stopped.exit_code == 1, stopped.err);
    CHECK_MESSAGE(stopped.err.find("--max-rejects allows (3 rows)") != std::string::npos,
                  stopped.err);
    const Finished done = copies.Run({"--table", "items", "--max-rejects", "100 %"});
    CHECK_MESSAGE(done.exit_code == 3, done.err);
    CHECK(copies.target().Rows("SELECT id, batch, note FROM items ORDER BY id") ==
          copies.source().Rows("SELECT id, batch, note FROM items WHERE batch <> 3 ORDER BY id"));
    const std::string kept = copies.target().One("SELECT count(DISTINCT key) FROM " +
                                                 copies.target().LedgerTable("reject"));
    CHECK(kept == bad);
  });
}

TEST_CASE("--max-rejects takes rows or a share, and nothing else") {
  SqliteDatabase source;
  for (const std::string bad : {"-1", "1.5", "x", "%", "101%", "-1%", "nan%", "1e1%", "5%%"}) {
    CAPTURE(bad);
    const Finished run =
        Rowferry({"copy", source.url(), source.url() + "2", "--max-rejects=" + bad});
    CHECK(run.exit_code == 2);
    CHECK_MESSAGE(run.err.find("--max-rejects takes a number of rows") != std::string::npos,
                  run.err);
  }
}

TEST_CASE("a restart and a forgotten job leave no rejects behind") {
  for (const std::string target_kind : {"sqlite", "postgres"}) {
    CAPTURE(target_kind);
    SqliteDatabase source;
    const auto target = MakeDatabase(target_kind);
    source.Exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'a'), (2, 'c')");
    target->Exec(Table("text CHECK (v <> 'a')"));
    const std::vector<std::string> copy = {"copy", source.url(), target->url(), "--job", "j"};
    CHECK(Rowferry(copy).exit_code == 3);
    const std::string rejects = "SELECT count(*) FROM " + target->LedgerTable("reject");
    CHECK(target->One(rejects) == "1");
    source.Exec("UPDATE t SET v = 'b' WHERE id = 1");
    auto anew = copy;
    anew.insert(anew.end(), {"--restart", "--existing", "truncate", "--yes"});
    CHECK(Rowferry(anew).exit_code == 0);
    CHECK(target->One(rejects) == "0");
    source.Exec("UPDATE t SET v = 'a' WHERE id = 1");
    CHECK(Rowferry(anew).exit_code == 3);
    CHECK(target->One(rejects) == "1");
    CHECK(Rowferry({"forget", target->url(), "j"}).exit_code == 0);
    CHECK(target->One(rejects) == "0");
  }
}

}  // namespace
}  // namespace rowferry::testing
