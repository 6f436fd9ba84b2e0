// What a server did not keep, and what it still does for a client that is gone.
#include <doctest/doctest.h>
#include <libpq-fe.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "e2e/copies.h"
#include "support/other_session.h"
#include "support/server.h"

namespace rowferry::testing {
namespace {

// A copy, in small chunks, into a server that has written nothing for up to ten seconds: what it
// has acknowledged is lost when it crashes.
class ForgetfulTarget {
 public:
  static constexpr int64_t kRows = 8000;
  static constexpr int64_t kChunkRows = 7;

  explicit ForgetfulTarget(const std::string& more_settings = "")
      : target_("wal_writer_delay = 10s\n" + more_settings) {
    source_.Exec(
        "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, note text); INSERT INTO items WITH "
        "RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
        std::to_string(kRows) + ") SELECT i * 3, 'note ' || i FROM n");
  }
  std::vector<std::string> Command() const {
    return {"copy",        source_.url(), target_.url(), "--chunk-rows", std::to_string(kChunkRows),
            "--retry-for", "10min"};
  }

  // The server crashes and is there again, with a ledger behind what it had acknowledged. The
  // process stands still (SIGSTOP).
  void LoseChunks(Process& process) const {
    REQUIRE(process.AwaitErr("job "));
    int64_t lost = 0;
    // Now and then the server has just written all of it.
    for (int crashes = 0; lost <= 0 && crashes < 10; ++crashes) {
      process.Signal(SIGCONT);
      AwaitMoreThan(Committed() + 10 * kChunkRows, process);
      REQUIRE(process.Stop());
      // A chunk is begun when the one before is acknowledged: all but the last one are.
      const int64_t acknowledged = Committed() - kChunkRows;
      target_.Crash();
      target_.Start();
      lost = acknowledged - Committed();
    }
    REQUIRE_MESSAGE(lost > 0, "no crash took anything that was acknowledged");
    CHECK(target_.One("SELECT count(*) FROM items") == std::to_string(Committed()));
  }

  // The server crashes, and is there again, with all that it had acknowledged.
  void CrashAfterTheEnd() const {
    const std::string committed = target_.One(kCommitted);
    target_.Crash();
    target_.Start();
    REQUIRE(target_.One("SELECT to_regclass('rowferry.split') IS NOT NULL") == "t");
    CHECK(target_.One(kCommitted) == committed);
    CHECK(target_.One("SELECT count(*) FROM items") == committed);
  }
  void AwaitMiddle(Process& process) const { AwaitMoreThan(10 * kChunkRows, process); }
  std::string State() const { return target_.One("SELECT state FROM rowferry.job"); }

  // The server crashes while the run that stands still waits to close the job, for a trigger which
  // goes with the crash. False: it took no rows back, or the copy was too fast.
  bool LoseRowsAtTheClosing(Process& process) const {
    AwaitMiddle(process);
    OtherSession gate(target_.url());
    gate.Exec("SELECT pg_advisory_lock(8)");
    target_.Exec(
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM "
        "pg_advisory_xact_lock(8); RETURN NEW; END $$; CREATE TRIGGER wait BEFORE UPDATE ON "
        "rowferry.job FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION wait()");
    const std::string held =
        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory')";
    while (target_.One(held) != "t") {
      if (!process.Running()) return false;
    }
    CHECK(target_.One("SELECT count(*) FROM items") == std::to_string(kRows));
    REQUIRE(process.Stop());
    target_.Crash();
    target_.Start();
    return Committed() < kRows;
  }

  void CheckExact() {
    const auto rows = source_.Rows(
        "SELECT count(*), sum(id), group_concat(id || note, ',') FROM "
        "(SELECT * FROM items ORDER BY id)");
    CHECK(target_.One("SELECT count(*) FROM items") == rows[0][0]);
    CHECK(target_.One("SELECT sum(id) FROM items") == rows[0][1]);
    CHECK(target_.One("SELECT string_agg(id || note, ',' ORDER BY id) FROM items") == rows[0][2]);
    CHECK(target_.One("SELECT read || ' ' || inserted || ' ' || done FROM rowferry.split") ==
          "8000 8000 true");
    CHECK(target_.One("SELECT state FROM rowferry.job") == "done");
  }

 private:
  static constexpr char kCommitted[] = "SELECT coalesce(sum(read), 0) FROM rowferry.split";

  int64_t Committed() const { return std::stoll(target_.One(kCommitted)); }
  void AwaitMoreThan(int64_t rows, Process& process) const {
    while (true) {
      try {
        if (Committed() > rows) return;
      } catch (const std::exception&) {
        // There is no ledger yet.
      }
      REQUIRE(process.Running());
    }
  }

  SqliteDatabase source_;
  mutable PostgresServer target_;
};

TEST_CASE("chunks that a crash takes back after they were acknowledged are copied again") {
  ForgetfulTarget copy;
  Process process(copy.Command());
  copy.LoseChunks(process);
  SUBCASE("by the run itself, once the server is there again") {
    process.Signal(SIGCONT);
    const Finished finished = process.Wait();
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  }
  SUBCASE("by the next run, as this one is killed as well") {
    process.Signal(SIGKILL);
    CHECK(process.Wait().signal == SIGKILL);
    const Finished next = Rowferry(copy.Command());
    CHECK_MESSAGE(next.exit_code == 0, next.err);
  }
  copy.CheckExact();
}

// The default for synchronous_commit that some set for the time of a load.
constexpr char kForgetsAll[] = "synchronous_commit = off";

TEST_CASE("what a run told at its end outlives a crash, though the server commits to memory") {
  ForgetfulTarget copy(kForgetsAll);
  SUBCASE("that all is copied") {
    const Finished finished = Rowferry(copy.Command());
    copy.CrashAfterTheEnd();
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  }
  SUBCASE("how far it was when it was stopped") {
    Process process(copy.Command());
    REQUIRE(process.AwaitErr("job "));
    copy.AwaitMiddle(process);
    process.Signal(SIGTERM);
    const Finished stopped = process.Wait();
    copy.CrashAfterTheEnd();
    CHECK_MESSAGE(stopped.exit_code == 143, stopped.err);
    CHECK(copy.State() == "stopped");
    const Finished next = Rowferry(copy.Command());
    CHECK_MESSAGE(next.exit_code == 0, next.err);
  }
  copy.CheckExact();
}

TEST_CASE("rows that a crash takes back while the job is closed are copied again before it is") {
  // Now and then the server has just written all of it.
  for (int crashes = 0;; ++crashes) {
    REQUIRE_MESSAGE(crashes < 10, "no crash took anything that was acknowledged");
    ForgetfulTarget copy(kForgetsAll);
    Process process(copy.Command());
    REQUIRE(process.AwaitErr("job "));
    const bool lost = copy.LoseRowsAtTheClosing(process);
    process.Signal(SIGCONT);
    const Finished finished = process.Wait();
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
    copy.CheckExact();
    if (lost) break;
  }
}

// Children whose parents come behind them, and a server that keeps nothing until it is told to.
class ForgetfulFamily {
 public:
  ForgetfulFamily() {
    source_.Exec(
        "CREATE TABLE a_lines (id bigint PRIMARY KEY, item bigint); "
        "CREATE TABLE b_items (id bigint PRIMARY KEY); INSERT INTO b_items WITH RECURSIVE n(i) AS "
        "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT i FROM n; "
        "INSERT INTO a_lines SELECT id, 201 - id FROM b_items");
  }

  // False: the crash took no parent back, or the copy was too fast.
  bool LoseParents() {
    target_.Exec(
        "DROP SCHEMA IF EXISTS rowferry CASCADE; DROP TABLE IF EXISTS a_lines, b_items; "
        "CREATE TABLE b_items (id bigint PRIMARY KEY); CREATE TABLE a_lines (id bigint PRIMARY "
        "KEY, item bigint REFERENCES b_items)");
    process_.emplace(std::vector<std::string>{"copy", source_.url(), target_.url(), "--chunk-rows",
                                              "1", "--max-rejects", "0", "--retry-for", "10min"});
    REQUIRE(process_->AwaitErr("job "));
    while (target_.One(kAreThere + " AND (SELECT sum(inserted) > 0 FROM rowferry.split WHERE "
                                   "table_name = 'a_lines')") != "t") {
      if (!process_->Running()) return false;
    }
    if (!process_->Stop()) return false;
    target_.Crash();
    target_.Start();
    const bool lost = target_.One(kAreThere) != "t";
    process_->Signal(SIGCONT);
    return lost && target_.One("SELECT sum(pending) > 0 FROM rowferry.split") == "t";
  }
  Finished Wait() { return process_->Wait(); }
  const PostgresServer& target() const { return target_; }

 private:
  // Children are tried again once the parents are through.
  const std::string kAreThere =
      "SELECT (SELECT done FROM rowferry.split WHERE table_name = 'b_items')";

  SqliteDatabase source_;
  PostgresServer target_{std::string("wal_writer_delay = 10s\n") + kForgetsAll};
  std::optional<Process> process_;
};

TEST_CASE("rows that wait for rows that a crash took back are not rejected for that") {
  ForgetfulFamily family;
  int crashes = 0;
  while (!family.LoseParents()) {
    REQUIRE(++crashes < 20);
    family.Wait();
  }
  const Finished finished = family.Wait();
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  CHECK(family.target().One("SELECT count(*) FROM a_lines JOIN b_items ON item = b_items.id") ==
        "200");
  CHECK(family.target().One("SELECT count(*) FROM rowferry.reject") == "0");
}

// The advisory lock that holds chunks in their commit, kept by a session of the test's.
class Gate {
 public:
  explicit Gate(TestDatabase& database) : connection_(PQconnectdb(database.url().c_str())) {
    Exec("SELECT pg_advisory_lock(1)");
  }
  void Open() { Exec("SELECT pg_advisory_unlock(1)"); }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  void Exec(const char* sql) {
    PGresult* result = PQexec(connection_.get(), sql);
    REQUIRE(PQresultStatus(result) == PGRES_TUPLES_OK);
    PQclear(result);
  }
  std::unique_ptr<PGconn, Finish> connection_;
};

// The triggers that hold a chunk while it makes all constraints immediate, before its checkpoint;
// or in COMMIT itself, as the statement before that defers them again. What comes behind it takes
// the lock 2, and keeps it.
constexpr char kHoldBeforeCheckpoint[] =
    "CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON items DEFERRABLE INITIALLY DEFERRED FOR EACH "
    "ROW EXECUTE FUNCTION hold()";
constexpr char kHoldInCommit[] =
    "CREATE CONSTRAINT TRIGGER hold AFTER UPDATE ON rowferry.split DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION hold(); "
    "CREATE FUNCTION defer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "SET CONSTRAINTS ALL DEFERRED; RETURN NULL; END $$; "
    "CREATE TRIGGER defer BEFORE UPDATE ON rowferry.split FOR EACH STATEMENT EXECUTE FUNCTION "
    "defer()";
constexpr char kMarkCheckpoint[] =
    "CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "PERFORM pg_advisory_xact_lock_shared(2); RETURN NULL; END $$; "
    "CREATE TRIGGER mark AFTER UPDATE ON rowferry.split FOR EACH STATEMENT EXECUTE FUNCTION mark()";

// A copy whose client is killed while the server is held in a chunk of one row, for whose end the
// server has all messages.
class Zombie {
 public:
  Zombie(Copies& copies, const std::string& triggers) : copies_(copies), gate_(copies.target()) {
    Process process(Command());
    copies_.AwaitRows(process, 10);
    copies_.target().Exec(
        std::string("CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    "PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$; ") +
        triggers + "; " + kMarkCheckpoint);
    pid_ = AwaitOne(process,
                    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND "
                    "database = (SELECT oid FROM pg_database WHERE datname = current_database())");
    process.Signal(SIGKILL);
    REQUIRE(process.Wait().signal == SIGKILL);
    committed_ = copies_.RowsCommitted();
  }

  // The same command again.
  std::vector<std::string> Command() const { return copies_.Slowly({"--report", "-"}); }
  // The backend runs the message that ends with COMMIT, and of that nothing else is left.
  bool IsInCommit() const {
    const std::string runs_the_end =
        "(SELECT query LIKE 'SET CONSTRAINTS ALL IMMEDIATE;%' AND wait_event = 'advisory' FROM "
        "pg_stat_activity WHERE pid = " +
        pid_ + ")";
    const std::string wrote_checkpoint =
        "EXISTS (SELECT FROM pg_locks WHERE granted AND locktype = 'advisory' AND classid = 0 AND "
        "objid = 2 AND pid = " +
        pid_ + ")";
    REQUIRE(copies_.target().One("SELECT " + runs_the_end) == "t");
    return copies_.target().One("SELECT " + wrote_checkpoint) == "t";
  }
  void AwaitWaiter(Process& next) {
    AwaitOne(next,
             "SELECT DISTINCT 1 FROM pg_stat_activity WHERE datname = current_database() AND " +
                 pid_ + " = ANY (pg_blocking_pids(pid))");
  }
  void LetCommit() { gate_.Open(); }
  void Terminate(Process& next) {
    copies_.target().Exec("SELECT pg_terminate_backend(" + pid_ + ")");
    AwaitOne(next,
             "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = " + pid_ + ")");
    gate_.Open();
  }
  int64_t committed() const { return committed_; }

 private:
  std::string AwaitOne(Process& process, const std::string& sql) {
    while (true) {
      const auto rows = copies_.target().Rows(sql);
      if (rows.size() == 1) return rows[0][0];
      REQUIRE(process.Running());
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  Copies& copies_;
  Gate gate_;
  std::string pid_;
  int64_t committed_ = 0;
};

TEST_CASE("a chunk that a killed run left in its commit is waited for, however it ends") {
  for (const bool in_commit : {true, false}) {
    for (const bool commits : {true, false}) {
      CAPTURE(in_commit);
      CAPTURE(commits);
      Copies copies({"sqlite", "postgres"});
      Zombie zombie(copies, in_commit ? kHoldInCommit : kHoldBeforeCheckpoint);
      CHECK(zombie.IsInCommit() == in_commit);
      Process next(zombie.Command());
      zombie.AwaitWaiter(next);
      CHECK(copies.RowsCommitted() == zombie.committed());
      commits ? zombie.LetCommit() : zombie.Terminate(next);
      const Finished finished = next.Wait();
      CHECK_MESSAGE(finished.exit_code == 0, finished.err);
      const auto report = nlohmann::json::parse(finished.out);
      CHECK(report.at("this_run").at("processed") ==
            Copies::kItems + Copies::kLines - zombie.committed() - (commits ? 1 : 0));
      copies.CheckExact();
    }
  }
}

}  // namespace
}  // namespace rowferry::testing
