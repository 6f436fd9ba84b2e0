// How a run comes to own its job, and what may happen to it between that and the job's birth.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "e2e/copies.h"
#include "e2e/outcomes.h"
#include "support/other_session.h"
#include "support/proxy.h"

namespace rowferry::testing {
namespace {

const Direction kIntoPostgres{"sqlite", "postgres"};

TEST_CASE("a run that was away before its job was born leaves the job to who began it") {
  SqliteDatabase source;
  PostgresDatabase target;
  source.Exec(
      "CREATE TABLE items (id integer, note text); INSERT INTO items "
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
      "SELECT i, 'note' FROM n; CREATE TABLE other (id integer)");
  target.Exec("CREATE TABLE items (id bigint, note text); INSERT INTO items VALUES (0, 'there')");
  REQUIRE(Rowferry({"copy", source.url(), target.url(), "--table", "other"}).exit_code == 0);
  const std::vector<std::string> words = {"copy",   source.url(),  target.url(), "--table",
                                          "items",  "--job",       "items",      "--existing",
                                          "append", "--retry-for", "10min"};
  OtherSession other(target.url());
  other.Exec("BEGIN; SELECT pg_advisory_xact_lock(hashtext('rowferry ledger rowferry'))");
  Process process(words);
  AwaitWaitAtGate(target);
  REQUIRE(process.Stop());
  ForAllOfOurs(target, "pg_terminate_backend");
  other.Exec("COMMIT");
  const Finished second = Rowferry(words);
  CHECK_MESSAGE(second.exit_code == 0, second.err);
  process.Signal(SIGCONT);
  const Finished first = process.Wait();
  CHECK_MESSAGE(first.exit_code == 5, first.err);
  CheckHolds(first.err, "another run owns job items now");
  CHECK(target.One("SELECT count(*) || ' ' || count(DISTINCT id) FROM items") == "1001 1001");
}

TEST_CASE("a lock on the job of a former run is waited for as often as one on a table") {
  const std::vector<std::string> impatient = {"--lock-timeout", "100ms", "--retries", "100000"};
  SUBCASE("of PostgreSQL") {
    Copies copies(kIntoPostgres);
    CHECK(copies.Interrupt(SIGKILL).signal == SIGKILL);
    OtherSession other(copies.target().url());
    other.Exec("BEGIN; SELECT FROM rowferry.split FOR UPDATE");
    Process process(copies.Command(impatient));
    CHECK(process.AwaitErr("; try 2 in "));
    other.Exec("COMMIT");
    const Finished finished = process.Wait();
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
    copies.CheckExact();
  }
  SUBCASE("of SQLite") {
    Copies copies(kDirections[0]);
    CHECK(copies.Interrupt(SIGKILL).signal == SIGKILL);
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(copies.target().url().c_str(), &other) == SQLITE_OK);
    REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    Process process(copies.Command(impatient));
    CHECK(process.AwaitErr("; try 2 in "));
    CHECK(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(other);
    const Finished finished = process.Wait();
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
    copies.CheckExact();
  }
}

// The second COMMIT is that of the birth: before it the ledger is made.
TEST_CASE("a run whose job may have been born does not say that nothing was changed") {
  Copies copies(kIntoPostgres);
  copies.target().Exec(
      "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text); "
      "INSERT INTO items VALUES (1, 1, 'goes')");
  Fault lost{Fault::Kind::kReset, Side::kServer, 2};
  lost.tag = "COMMIT";
  const Proxy proxy(copies.target().url(), lost);
  const SqliteDatabase folder;
  const std::string report = folder.folder() + "/report.json";
  std::vector<std::string> words =
      copies.Command({"--existing", "truncate", "--yes", "--job", "born", "--report", report});
  words[2] = proxy.url();
  std::vector<std::string> once = words;
  once.insert(once.end(), {"--retry-for", "0"});
  const Finished ended = Rowferry(once);
  CHECK_MESSAGE(ended.exit_code == 1, ended.err);
  CheckHolds(ended.err, "the same command resumes");
  CHECK(copies.target().One("SELECT count(*) FROM items") == "0");
  CHECK(nlohmann::json::parse(std::ifstream(report)).at("status") == "failed");
  const Finished next = Rowferry(words);
  CHECK_MESSAGE(next.exit_code == 0, next.err);
  copies.CheckExact();
}

// The TRUNCATE of the birth shuts the role out, as an administrator may at that very moment.
TEST_CASE("nor does one that is not let in any more to find out") {
  Copies copies(kIntoPostgres);
  const PostgresRole role(copies.target());
  copies.target().Exec(
      "ALTER ROLE " + role.name() +
      " SUPERUSER; CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text); "
      "INSERT INTO items VALUES (1, 1, 'goes'); CREATE FUNCTION close() RETURNS trigger LANGUAGE "
      "plpgsql AS $$ BEGIN ALTER ROLE " +
      role.name() +
      " NOLOGIN; RETURN NULL; END $$; CREATE TRIGGER close BEFORE TRUNCATE ON items EXECUTE "
      "FUNCTION close()");
  Fault lost{Fault::Kind::kReset, Side::kServer, 2};
  lost.tag = "COMMIT";
  const Proxy proxy(role.url(), lost);
  const SqliteDatabase folder;
  const std::string report = folder.folder() + "/report.json";
  std::vector<std::string> words =
      copies.Command({"--existing", "truncate", "--yes", "--job", "born", "--report", report});
  words[2] = proxy.url();
  const Finished ended = Rowferry(words);
  CHECK_MESSAGE(ended.exit_code == 1, ended.err);
  CheckHolds(ended.err, "is not permitted to log in");
  CheckHolds(ended.err, "the same command resumes");
  CHECK(copies.target().One("SELECT count(*) FROM items") == "0");
  CHECK(nlohmann::json::parse(std::ifstream(report)).at("status") == "failed");
  copies.target().Exec("ALTER ROLE " + role.name() + " LOGIN");
  const Finished next = Rowferry(words);
  CHECK_MESSAGE(next.exit_code == 0, next.err);
  copies.CheckExact();
}

// A connection that is lost while a run comes to own a job of before: nobody else does.
TEST_CASE("a run is not refused for its own job, whose lease or birth was cut off") {
  struct Cut {
    const char* tag;  // of the answer that is lost
    int64_t at;
    bool restarts;
  };
  const Cut kCuts[] = {{"UPDATE", 1, false}, {"UPDATE", 2, false}, {"COMMIT", 1, false},
                       {"COMMIT", 2, false}, {"UPDATE", 2, true},  {"COMMIT", 1, true},
                       {"COMMIT", 2, true}};
  for (const Cut& cut : kCuts) {
    CAPTURE(std::string(cut.tag));
    CAPTURE(cut.at);
    CAPTURE(cut.restarts);
    Copies copies(kIntoPostgres);
    const std::vector<std::string> job = {"--job", "cut"};
    CHECK(copies.Interrupt(SIGKILL, job).signal == SIGKILL);
    Fault lost{Fault::Kind::kReset, Side::kServer, cut.at};
    lost.tag = cut.tag;
    const Proxy proxy(copies.target().url(), lost);
    std::vector<std::string> words = copies.Command(job);
    if (cut.restarts) words.insert(words.end(), {"--restart", "--existing", "truncate", "--yes"});
    words[2] = proxy.url();
    const Finished finished = Rowferry(words);
    CHECK(proxy.Happened());
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
    CheckHolds(finished.err, "; try 2 in ");
    copies.CheckExact();
  }
}

// Whoever waits for the lock gets it when its session is ended, before the run has connected anew.
TEST_CASE("a run that lost its hold on the job takes it again as soon as it is free") {
  Copies copies(kIntoPostgres);
  copies.target().Exec(
      std::string(
          "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text); ") +
      kWaitAtGate);
  OtherSession gate(copies.target().url());
  gate.Exec("SELECT pg_advisory_lock(7)");
  Process process(copies.Slowly({"--lock-timeout", "10min"}));
  AwaitWaitAtGate(copies.target());
  const std::string held =
      "FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted AND "
      "datname = current_database() AND classid <> 0 AND application_name LIKE 'rowferry%'";
  const std::string key =
      copies.target().One("SELECT (classid::bigint << 32) | objid::bigint " + held);
  OtherSession other(copies.target().url());
  other.Send("SELECT pg_advisory_lock(" + key + ")");
  AwaitTrue(copies.target(),
            "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND "
            "classid <> 0 AND (classid::bigint << 32) | objid::bigint = " +
                key + ")");
  copies.target().Exec("SELECT pg_terminate_backend(pid) " + held);
  other.AwaitAnswers();
  CHECK(process.AwaitErr("is opened anew"));
  CHECK(copies.target().One("SELECT count(*) " + held) == "0");
  other.Exec("SELECT pg_advisory_unlock(" + key + ")");
  AwaitTrue(copies.target(), "EXISTS (SELECT " + held + ")");
  gate.Exec("SELECT pg_advisory_unlock(7)");
  const Finished finished = process.Wait();
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  copies.CheckExact();
}

}  // namespace
}  // namespace rowferry::testing
