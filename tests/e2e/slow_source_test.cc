// Runs that are to end while their source computes, or waits for a lock.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <csignal>

#include "e2e/copies.h"
#include "e2e/outcomes.h"
#include "support/other_session.h"
#include "support/proxy.h"

namespace rowferry::testing {
namespace {

const Direction kFromSqlite = {"sqlite", "postgres"};
const Direction kFromPostgres = {"postgres", "postgres"};

// A copy of items whose condition takes the source hours from the row with id 1000 on, the 500th.
// Rows are wide: PostgreSQL sends them by 8 KiB, and all but a few of the 499 are to come.
class SlowCopy {
 public:
  explicit SlowCopy(const Direction& direction)
      : copies_(direction), is_postgres_(direction.source == "postgres") {
    source().Exec("DROP TABLE lines; UPDATE items SET note = note || '" + std::string(1000, 'x') +
                  "'");
    if (is_postgres_) {
      SetPace("id < 1000 OR pg_catalog.pg_sleep(100000) IS NOT NULL");
    } else {
      source().Exec("CREATE TABLE pace (steps); INSERT INTO pace VALUES (1000000000000)");
    }
  }

  TestDatabase& source() { return copies_.source(); }
  TestDatabase& target() { return copies_.target(); }

  std::vector<std::string> Command() const {
    return copies_.Command({"--table", "items", "--where", is_postgres_ ? kInPostgres : kInSqlite});
  }
  // The source is at work, and what came before is committed but for the chunk at hand.
  void AwaitSlow(Process& process, int64_t rows = 480) {
    copies_.AwaitRows(process, rows);
    if (is_postgres_) AwaitTrue(source(), "EXISTS (" + std::string(kSleepers) + ")");
  }
  void MakeFast() {
    if (is_postgres_) return SetPace("true");
    source().Exec("UPDATE pace SET steps = 1");
  }
  // Nobody computes for a copy that has ended.
  void CheckServerIsIdle() {
    if (is_postgres_) AwaitTrue(source(), "NOT EXISTS (" + std::string(kSleepers) + ")");
  }
  void CheckCompletes() {
    MakeFast();
    const Finished next = Rowferry(Command());
    CHECK_MESSAGE(next.exit_code == 0, next.err);
    CHECK_MESSAGE(Holds(next.err, "resumed after"), next.err);
    const std::string contents = "SELECT id, batch, note FROM items ORDER BY id";
    CHECK(target().Rows(contents) == source().Rows(contents));
    CHECK(copies_.RowsCommitted() == Copies::kItems);
  }
  nlohmann::json Status() const { return copies_.Status(); }

 private:
  static constexpr char kSleepers[] =
      "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
  static constexpr char kInPostgres[] = "public.at_pace(id)";
  static constexpr char kInSqlite[] =
      "id < 1000 OR (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n, pace WHERE i "
      "< steps) SELECT count(*) FROM n) > 0";

  void SetPace(const std::string& condition) {
    source().Exec(
        "CREATE OR REPLACE FUNCTION public.at_pace(id bigint) RETURNS boolean LANGUAGE "
        "sql VOLATILE AS $$ SELECT " +
        condition + " $$");
  }

  Copies copies_;
  const bool is_postgres_;
};

TEST_CASE("a signal ends a copy at once whose source computes for hours") {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    SlowCopy copy(direction);
    Process process(copy.Command());
    copy.AwaitSlow(process);
    process.Signal(SIGINT);
    const Finished stopped = process.Wait();
    CHECK_MESSAGE(stopped.exit_code == 130, stopped.err);
    CheckHolds(stopped.err, "stopped by signal 2");
    CHECK_MESSAGE(!Holds(stopped.err, "error"), stopped.err);
    CHECK_MESSAGE(!Holds(stopped.err, "try 2"), stopped.err);
    CHECK(copy.Status().at("state") == "stopped");
    CHECK(copy.Status().at("rows_done") == 480);
    copy.CheckServerIsIdle();
    copy.CheckCompletes();
  }
}

TEST_CASE("a full target ends a copy at once whose source computes for hours" *
          doctest::test_suite("full disk")) {
  for (const Direction& direction : {kFromSqlite, kFromPostgres}) {
    CAPTURE(direction.source);
    SlowCopy copy(direction);
    copy.target().Exec(
        "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text); CREATE "
        "FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id > 900 THEN "
        "PERFORM pg_advisory_xact_lock_shared(7); RAISE 'no space left' USING ERRCODE = '53100'; "
        "END IF; RETURN NEW; END $$; CREATE TRIGGER fill BEFORE INSERT ON items FOR EACH ROW "
        "EXECUTE FUNCTION fill()");
    OtherSession gate(copy.target().url());
    gate.Exec("SELECT pg_advisory_lock(7)");
    Process process(copy.Command());
    copy.AwaitSlow(process, 460);
    AwaitWaitAtGate(copy.target());
    gate.Exec("SELECT pg_advisory_unlock(7)");
    CheckStopped(process.Wait(), "no space left",
                 "free space on the disk of the database that says so");
    CHECK(copy.Status().at("rows_done") == 460);
    copy.CheckServerIsIdle();
    copy.target().Exec("DROP TRIGGER fill ON items");
    copy.CheckCompletes();
  }
}

TEST_CASE("a signal ends a copy at once whose source's table is locked by somebody else") {
  for (const std::string target : {"sqlite", "postgres"}) {
    CAPTURE(target);
    Copies copies({"postgres", target});
    const auto process = copies.Paused(copies.Slowly());
    OtherSession other(copies.source().url());
    other.Exec("BEGIN; LOCK TABLE lines IN ACCESS EXCLUSIVE MODE");
    process->Signal(SIGCONT);
    AwaitWaitForTable(copies.source(), "lines");
    process->Signal(SIGTERM);
    const Finished stopped = process->Wait();
    CHECK_MESSAGE(stopped.exit_code == 143, stopped.err);
    CheckHolds(stopped.err, "the same command resumes");
    CHECK(copies.Status().at("state") == "stopped");
    AwaitTrue(copies.source(),
              "NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = "
              "'lines'::regclass)");
    other.Exec("COMMIT");
    CheckCompletes(copies, copies.Command());
  }
}

TEST_CASE("a signal ends a copy whose source computes, and does not answer any more") {
  SlowCopy copy(kFromPostgres);
  Proxy proxy(copy.source().url());
  std::vector<std::string> words = copy.Command();
  words.at(1) = proxy.url() + "&connect_timeout=2";
  Process process(words);
  copy.AwaitSlow(process);
  Fault fault;
  fault.kind = Fault::Kind::kStall;
  fault.side = Side::kClient;
  fault.stalls_new_ones = true;
  proxy.Arm(fault);
  process.Signal(SIGINT);
  const Finished stopped = process.Wait();
  CHECK_MESSAGE(stopped.exit_code == 130, stopped.err);
  CHECK(copy.Status().at("state") == "stopped");
  CHECK(proxy.Happened());  // the server was to be told
  ForAllOfOurs(copy.source(), "pg_terminate_backend");
}

TEST_CASE("a signal ends a plan, and a copy that is being planned, while the source waits") {
  Copies copies({"postgres", "sqlite"});
  OtherSession other(copies.source().url());
  other.Exec("BEGIN; LOCK TABLE lines IN ACCESS EXCLUSIVE MODE");
  for (const std::string command : {"plan", "copy"}) {
    CAPTURE(command);
    std::vector<std::string> words = copies.Command();
    words.front() = command;
    Process process(words);
    AwaitWaitForTable(copies.source(), "lines");
    process.Signal(SIGINT);
    const Finished stopped = process.Wait();
    CHECK_MESSAGE(stopped.exit_code == 130, stopped.err);
    CHECK_MESSAGE(Holds(stopped.err, "stopped by signal 2") == (command == "copy"), stopped.err);
    ForAllOfOurs(copies.source(), "pg_terminate_backend");
  }
  other.Exec("COMMIT");
  REQUIRE(copies.Run().exit_code == 0);
  copies.CheckExact();
}

TEST_CASE("a signal ends a copy and a retry that are being planned while the target waits") {
  Copies copies({"sqlite", "postgres"});
  copies.target().Exec(
      "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY CHECK (id <> 100), batch bigint, note "
      "text)");
  const std::vector<std::string> copy = copies.Command({"--table", "items", "--job", "items"});
  const std::vector<std::string> retry = {"rejects", "retry", copies.target().url(), "items"};
  for (const auto& [words, end] : {std::pair{copy, 3}, {retry, 3}}) {
    CAPTURE(words.front());
    OtherSession other(copies.target().url());
    other.Exec("BEGIN; LOCK TABLE items IN ACCESS EXCLUSIVE MODE");
    Process process(words);
    AwaitWaitForTable(copies.target(), "items");
    process.Signal(SIGINT);
    const Finished stopped = process.Wait();
    CHECK_MESSAGE(stopped.exit_code == 130, stopped.err);
    CheckHolds(stopped.err, "stopped by signal 2");
    other.Exec("COMMIT");
    const Finished next = Rowferry(words);
    CHECK_MESSAGE(next.exit_code == end, next.err);
  }
}

TEST_CASE("an SQLite source that is locked is waited for, its holder is named, a signal ends it") {
  Copies copies({"sqlite", "sqlite"});
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(copies.source().url().c_str(), &other) == SQLITE_OK);
  const auto exec = [&](const char* sql) {
    REQUIRE(sqlite3_exec(other, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  };
  exec("BEGIN EXCLUSIVE");
  for (const bool signalled : {true, false}) {
    Process process(copies.Command({"--lock-timeout", "10min"}));
    CHECK(process.AwaitErr("waits for a lock of process " + std::to_string(getpid())));
    signalled ? process.Signal(SIGINT) : exec("COMMIT");
    const Finished ended = process.Wait();
    CHECK_MESSAGE(ended.exit_code == (signalled ? 130 : 0), ended.err);
  }
  sqlite3_close(other);
  copies.CheckExact();
}

TEST_CASE("a signal ends a retry of rejects whose source waits for somebody else") {
  Copies copies({"postgres", "sqlite"});
  copies.source().Exec(
      "CREATE FUNCTION at_gate(id bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM "
      "pg_advisory_xact_lock_shared(7); RETURN true; END $$");
  copies.target().Exec(
      "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY CHECK (id <> 100), batch bigint, note "
      "text)");
  REQUIRE(copies.Run({"--table", "items", "--where", "public.at_gate(id)"}).exit_code == 3);
  OtherSession gate(copies.source().url());
  gate.Exec("SELECT pg_advisory_lock(7)");
  const std::vector<std::string> words = {"rejects", "retry", copies.target().url()};
  Process process(words);
  AwaitWaitAtGate(copies.source());
  process.Signal(SIGINT);
  const Finished stopped = process.Wait();
  CHECK_MESSAGE(stopped.exit_code == 130, stopped.err);
  CheckHolds(stopped.err, "stopped by signal 2; the same command goes on");
  gate.Exec("SELECT pg_advisory_unlock(7)");
  const Finished again = Rowferry(words);
  CHECK_MESSAGE(again.exit_code == 3, again.err);
  CheckHolds(again.out, "1 tried, 0 loaded, 1 failed again");
}

}  // namespace
}  // namespace rowferry::testing
