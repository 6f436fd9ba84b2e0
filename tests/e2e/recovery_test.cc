// Failures that pass, made for real: the copy goes on by itself and ends exact, or ends resumable.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "e2e/copies.h"
#include "e2e/outcomes.h"
#include "support/other_session.h"
#include "support/proxy.h"
#include "support/server.h"

namespace rowferry::testing {
namespace {

const Direction kIntoPostgres{"sqlite", "postgres"};
const Direction kBetweenPostgres{"postgres", "postgres"};

// Every so many rows the target's server raises the error, `times` times in all; what a sequence
// has given out does not come back with a rollback.
std::string RaiseNow(const std::string& code, int times) {
  return "CREATE SEQUENCE failures; "
         "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
         "IF NEW.id % 100 = 1 AND nextval('failures') <= " +
         std::to_string(times) + " THEN RAISE 'made to fail' USING ERRCODE = '" + code +
         "'; END IF; RETURN NEW; END $$; "
         "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text); "
         "CREATE TRIGGER fail AFTER INSERT ON items FOR EACH ROW EXECUTE FUNCTION fail()";
}

// Four times, which is as often as --retries allows.
void SurviveRaised(const std::string& code) {
  CAPTURE(code);
  Copies copies(kIntoPostgres);
  copies.target().Exec(RaiseNow(code, 4));
  const Finished finished = copies.Run({"--chunk-rows", "500", "--report", "-", "--retries", "4"});
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  copies.CheckExact();
  CHECK(Holds(finished.err, "made to fail"));
  CHECK(Holds(finished.err, "try 2 in "));
  const auto report = nlohmann::json::parse(finished.out);
  CHECK(report.at("metadata").at("retry_attempts") == 4);
  CHECK(report.at("retries").at(0).at("sqlstate") == code);
  CHECK(report.at("retries").at(0).at("table") == "items");
  CHECK(report.at("tables").at(0).at("retries") == 4);
}

TEST_CASE("deadlocks and serialization failures are tried again, and told" *
          doctest::test_suite("deadlock or conflict")) {
  for (const char* code : {"40001", "40P01", "53200"}) SurviveRaised(code);
}

TEST_CASE("what a server says that cannot tell how a transaction ended is tried again, and told" *
          doctest::test_suite("commit in doubt")) {
  for (const char* code : {"40003", "08007"}) SurviveRaised(code);
}

constexpr char kItems[] =
    "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text); ";

TEST_CASE("behind a deadlock chunks are half of the one that met it, whatever had ended that" *
          doctest::test_suite("deadlock or conflict")) {
  for (const bool wide : {false, true}) {
    CAPTURE(wide);
    Copies copies(kIntoPostgres);
    copies.target().Exec(kItems + RaiseSizes("items", 3));
    if (wide) copies.source().Exec("UPDATE items SET note = printf('%500d', id)");
    const Finished finished =
        copies.Run({"--chunk-rows", "25000", "--memory", wide ? "1MiB" : "32MiB"});
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
    const std::vector<int> sizes = SizesRaised(finished.err);
    REQUIRE_MESSAGE(sizes.size() == 3, finished.err);
    CHECK((sizes[0] < Copies::kItems) == wide);
    CHECK(sizes == std::vector<int>{sizes[0], sizes[0] / 2, sizes[0] / 4});
    copies.CheckExact();
  }
}

TEST_CASE("behind a deadlock rows that had to wait are sent in halves as well" *
          doctest::test_suite("deadlock or conflict")) {
  SqliteDatabase source;
  PostgresDatabase target;
  source.Exec(
      "CREATE TABLE items (id bigint PRIMARY KEY, parent bigint); "
      "CREATE TABLE parents (id bigint PRIMARY KEY); INSERT INTO parents VALUES (7); "
      "INSERT INTO items WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
      "400) SELECT i, 7 FROM n");
  target.Exec(
      "CREATE TABLE parents (id bigint PRIMARY KEY); "
      "CREATE TABLE items (id bigint PRIMARY KEY, parent bigint REFERENCES parents); " +
      RaiseSizes("items", 3));
  const Finished finished = Rowferry({"copy", source.url(), target.url()});
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  CAPTURE(finished.err);
  CHECK(SizesRaised(finished.err) == std::vector<int>{400, 200, 100});
  CHECK(finished.err.find("table items: table items") == std::string::npos);
  CHECK(target.One("SELECT count(*) FROM items") == "400");
}

TEST_CASE("what does not pass within --retries ends the run, and the next one completes it") {
  Copies copies(kIntoPostgres);
  copies.target().Exec(RaiseNow("40001", 1'000'000));
  const Finished finished = copies.Run({"--retries", "2", "--chunk-rows", "500"});
  CHECK(finished.exit_code == 1);
  CHECK(Holds(finished.err, "gave up after 2 tries in a row (--retries)"));
  CHECK(Holds(finished.err, "the same command resumes"));
  copies.target().Exec("DROP TRIGGER fail ON items");
  CHECK(copies.Run().exit_code == 0);
  copies.CheckExact();
}

TEST_CASE("a lock of somebody else's is waited for, named, and survived" *
          doctest::test_suite("lock of others")) {
  Copies copies(kIntoPostgres);
  const auto process =
      copies.Paused(copies.Slowly({"--lock-timeout", "500ms", "--retries", "100000"}));
  OtherSession other(copies.target().url() + "?application_name=nightly");
  other.Send("BEGIN; LOCK TABLE items IN ACCESS EXCLUSIVE MODE");
  process->Signal(SIGCONT);
  CHECK(
      process->AwaitErr("canceling statement due to lock timeout (the writer of public.items "
                        "waits for a lock (relation) of process"));
  other.AwaitAnswers();
  other.Send("COMMIT");
  other.AwaitAnswers();
  const Finished finished = process->Wait();
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  CHECK(Holds(finished.err, "(nightly, user postgres, in a transaction since "));
  copies.CheckExact();
}

TEST_CASE("a table that is to be emptied while somebody reads it is not waited for in silence") {
  Copies copies(kIntoPostgres);
  copies.target().Exec(
      "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text); "
      "INSERT INTO items VALUES (1, 1, 'old')");
  OtherSession other(copies.target().url());
  other.Send("BEGIN; LOCK TABLE items IN ACCESS SHARE MODE");
  other.AwaitAnswers();
  Process process(
      copies.Command({"--existing", "truncate", "--lock-timeout", "500ms", "--retries", "100000"}));
  CHECK(process.AwaitErr("the control session waits for a lock (relation) of process"));
  other.Send("COMMIT");
  other.AwaitAnswers();
  const Finished finished = process.Wait();
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  copies.CheckExact();
}

TEST_CASE("an SQLite file that somebody else writes to is waited for" *
          doctest::test_suite("lock of others")) {
  for (const Direction& direction : {kDirections[0], kDirections[3]}) {
    CAPTURE(direction.source);
    Copies copies(direction);
    Process process(copies.Slowly({"--lock-timeout", "100ms", "--retries", "100000"}));
    copies.AwaitRows(process, 10);
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(copies.target().url().c_str(), &other) == SQLITE_OK);
    sqlite3_busy_timeout(other, 600'000);
    REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    CHECK(process.AwaitErr("database is locked"));
    CHECK(process.AwaitErr("; try 2 in "));
    CHECK(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(other);
    const Finished finished = process.Wait();
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
    copies.CheckExact();
  }
}

// Which of our sessions is ended, in the middle of a copy.
struct Termination {
  const char* what;
  bool at_source;
  const char* condition;  // on pg_stat_activity
};

TEST_CASE("sessions of ours that an administrator ends are opened anew" *
          doctest::test_suite("lost connection")) {
  const Termination terminations[] = {
      {"the writer", false, "query LIKE 'SET CONSTRAINTS ALL%' OR query LIKE 'BEGIN;%COPY%'"},
      {"the control session", false,
       "pid IN (SELECT pid FROM rowferry.backend) AND query NOT LIKE 'SET CONSTRAINTS ALL%' AND "
       "query NOT LIKE 'BEGIN;%COPY%'"},
      {"all of the target's", false, "true"},
      {"the reader", true, "query LIKE 'COPY (%'"},
      {"the snapshot's session", true, "query LIKE '%pg_export_snapshot%'"},
      {"all of the source's", true, "true"},
  };
  for (const Termination& termination : terminations) {
    CAPTURE(std::string(termination.what));
    Copies copies(kBetweenPostgres);
    const auto process = copies.Paused(copies.Slowly());
    TestDatabase& end = termination.at_source ? copies.source() : copies.target();
    const auto ended = end.Rows(
        std::string("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                    "current_database() AND pid <> pg_backend_pid() AND (") +
        termination.condition + ")");
    CHECK(!ended.empty());
    process->Signal(SIGCONT);
    const Finished finished = process->Wait();
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
    copies.CheckExact();
  }
}

// The writer waits, and nobody but the heartbeat needs the control session meanwhile.
TEST_CASE("a control session that is lost in a long chunk is opened anew, and told with the cause" *
          doctest::test_suite("lost connection")) {
  Copies copies(kIntoPostgres);
  copies.target().Exec(std::string(kItems) + kWaitAtGate);
  OtherSession gate(copies.target().url());
  gate.Exec("SELECT pg_advisory_lock(7)");
  Process process(copies.Command({"--report", "-", "--lock-timeout", "10min"}));
  AwaitWaitAtGate(copies.target());
  copies.target().Exec(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
      "AND application_name LIKE 'rowferry%' AND wait_event_type IS DISTINCT FROM 'Lock'");
  CHECK(process.AwaitErr("is opened anew: the connection to database "));
  gate.Exec("SELECT pg_advisory_unlock(7)");
  const Finished finished = process.Wait();
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  const auto report = nlohmann::json::parse(finished.out);
  CHECK(report.at("metadata").at("retry_attempts") == 1);
  CHECK(report.at("retries").at(0).at("table").is_null());
  const std::string cause = report.at("retries").at(0).at("error_message");
  CHECK(Holds(cause, "terminating connection due to administrator command"));
  copies.CheckExact();
}

// A copy into, or out of, a server that the test may crash.
class CrashedCopy {
 public:
  CrashedCopy() {
    source_.Exec(
        "CREATE TABLE items AS SELECT i AS id, 'note ' || i AS note FROM generate_series(1, 4000) "
        "i; ALTER TABLE items ADD PRIMARY KEY (id)");
  }
  PostgresServer& source() { return source_; }
  PostgresServer& target() { return target_; }
  std::vector<std::string> Command() const {
    return {"copy", source_.url(), target_.url(), "--chunk-rows", "1", "--retry-for", "10min"};
  }
  // Rows are committed, and most are not.
  void AwaitMiddle(Process& process) const {
    REQUIRE(process.AwaitErr("job "));
    while (std::stoi(target_.One("SELECT coalesce(sum(read), 0) FROM rowferry.split")) < 10) {
      REQUIRE(process.Running());
    }
  }
  void CheckExact() const {
    const char* contents =
        "SELECT count(*) || ' ' || sum(id) || ' ' || md5(string_agg(id || note, "
        "',' ORDER BY id)) FROM items";
    CHECK(target_.One(contents) == source_.One(contents));
    CHECK(target_.One("SELECT read || ' ' || inserted || ' ' || done FROM rowferry.split") ==
          "4000 4000 true");
    CHECK(target_.One("SELECT state FROM rowferry.job") == "done");
  }

 private:
  PostgresServer source_;
  PostgresServer target_;
};

TEST_CASE("a server that crashes and comes back is waited for: nothing is lost or doubled" *
          doctest::test_suite("lost connection")) {
  CrashedCopy copy;
  Process process(copy.Command());
  copy.AwaitMiddle(process);
  copy.target().Crash();
  copy.target().Start();
  copy.source().Crash();
  copy.source().Start();
  const Finished finished = process.Wait();
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  CHECK(Holds(finished.err, "was lost"));
  copy.CheckExact();
}

TEST_CASE("a signal ends the wait for a lost server at once, and the next run completes the job") {
  CrashedCopy copy;
  Process process(copy.Command());
  copy.AwaitMiddle(process);
  copy.target().Crash();
  CHECK(process.AwaitErr("try 4 in "));
  process.Signal(SIGTERM);
  CHECK(process.Wait().exit_code == 143);
  copy.target().Start();
  const Finished next = Rowferry(copy.Command());
  CHECK_MESSAGE(next.exit_code == 0, next.err);
  copy.CheckExact();
}

TEST_CASE("a server that does not come back within --retry-for ends the run with exit 1" *
          doctest::test_suite("lost connection")) {
  CrashedCopy copy;
  std::vector<std::string> words = copy.Command();
  words.back() = "300ms";
  Process process(words);
  copy.AwaitMiddle(process);
  copy.target().Crash();
  const Finished finished = process.Wait();
  CHECK(finished.exit_code == 1);
  CHECK(Holds(finished.err, "gave up after 0.3 s without progress (--retry-for)"));
  copy.target().Start();
  CHECK(Rowferry(copy.Command()).exit_code == 0);
  copy.CheckExact();
}

// Everything is swallowed from some message on, and all sockets stay open: nobody would ever learn
// of it.
TEST_CASE("a connection that went silent is found by the watchdog, ended and made anew" *
          doctest::test_suite("silent connection")) {
  for (const bool at_source : {false, true}) {
    for (const Side side : {Side::kClient, Side::kServer}) {
      CAPTURE(at_source);
      Copies copies(at_source ? kDirections[3] : kDirections[1]);
      const std::string url = at_source ? copies.source().url() : copies.target().url();
      const Proxy counting(url);
      std::vector<std::string> words = copies.Command({"--job", "first"});
      words[at_source ? 1 : 2] = counting.url();
      REQUIRE(Rowferry(words).exit_code == 0);
      const auto begins =
          counting.FirstWith(at_source ? "COPY (SELECT" : "SELECT \"rowferry\".lock_split(");
      REQUIRE(begins.has_value());
      const Fault fault{Fault::Kind::kStall, side,
                        side == Side::kClient ? begins->client : begins->server + 2};
      Copies fresh(at_source ? kDirections[3] : kDirections[1]);
      const Proxy proxy(at_source ? fresh.source().url() : fresh.target().url(), fault);
      words = fresh.Command({"--stall", "2s"});
      words[at_source ? 1 : 2] = proxy.url();
      const Finished finished = Rowferry(words);
      CHECK_MESSAGE(finished.exit_code == 0, finished.err);
      CHECK(proxy.Happened());
      CHECK(Holds(finished.err, "is taken for dead"));
      fresh.CheckExact();
    }
  }
}

}  // namespace
}  // namespace rowferry::testing
