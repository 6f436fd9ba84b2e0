#include "postgres/ledger.h"

#include <doctest/doctest.h>

#include <thread>

#include "fixture.h"

namespace rowferry::testing {
namespace {

// Quick, but for the time that a backend may take to end on a slow machine.
constexpr LeaseTimes kQuick{std::chrono::milliseconds(5), std::chrono::milliseconds(50),
                            LeaseTimes{}.silence, LeaseTimes{}.give_up};

// A ledger on a session of its own, as a run has it.
struct Run {
  explicit Run(const PostgresDatabase& database, const std::string& schema = "rowferry")
      : session(database.url(), SessionUse::kControl, "rowferry"),
        ledger(session, schema, SystemClock(), kQuick) {}
  Session session;
  PostgresLedger ledger;
};

JobRecord Job(const std::string& name) {
  JobRecord job;
  job.name = name;
  job.source = "sqlite:a";
  job.target = "postgresql://b";
  job.mode = "copy";
  job.fingerprint = "what: it is";
  return job;
}

TableStart Start(const std::vector<std::string>& statements = {}) {
  TableStart start;
  start.split.table = {"public", "t"};
  start.split.source_table = "t";
  start.split.prepared = "created";
  start.split.estimated_rows = 7;
  start.statements = statements;
  return start;
}

TEST_CASE("a database without a ledger has no jobs, and gets no ledger by asking") {
  PostgresDatabase database;
  Run run(database);
  CHECK(run.ledger.Jobs().empty());
  CHECK(run.ledger.Splits("x").empty());
  CHECK_FALSE(run.ledger.Forget("x"));
  CHECK(database.One("SELECT count(*) FROM pg_namespace WHERE nspname = 'rowferry'") == "0");
}

TEST_CASE("a failure is noted also where the database cannot hold the text of its message") {
  PostgresDatabase database("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  Run run(database);
  CHECK_FALSE(run.ledger.Acquire("x"));
  run.ledger.Begin(Job("x"), {Start()}, {});
  run.ledger.Interrupt("x", JobState::kFailed, "the value '5 \xE2\x82\xAC'");
  CHECK(run.ledger.Jobs()[0].state == JobState::kFailed);
  CHECK(run.ledger.Jobs()[0].message == "the value '5 \\xe2\\x82\\xac'");
}

TEST_CASE("a job is born with its tables, or not at all") {
  PostgresDatabase database;
  Run run(database);
  CHECK_FALSE(run.ledger.Acquire("x"));
  CHECK(
      Holds(Thrown(
                [&] {
                  run.ledger.Begin(Job("x"), {Start({"CREATE TABLE public.t (a int)", "bad"})}, {});
                },
                ErrorKind::kTarget),
            "preparing table public.t"));
  CHECK(run.ledger.Jobs().empty());
  run.ledger.Begin(Job("x"), {Start({"CREATE TABLE public.t (a int)"})}, {});
  CHECK(database.One("SELECT count(*) FROM t") == "0");
  CHECK(run.ledger.Jobs()[0].source == "sqlite:a");
  CHECK(run.ledger.Splits("x")[0].prepared == "created");
}

TEST_CASE("a job that begins anew gets a higher epoch") {
  PostgresDatabase database;
  Run run(database);
  run.ledger.Acquire("x");
  const int64_t first = run.ledger.Begin(Job("x"), {Start()}, {});
  const int64_t second = run.ledger.Acquire("x")->epoch;
  CHECK(second > first);
  CHECK(run.ledger.Begin(Job("x"), {Start()}, {}) > second);
}

TEST_CASE("a job of a forgotten one's name gets another epoch") {
  PostgresDatabase database;
  Run run(database);
  run.ledger.Acquire("x");
  const int64_t first = run.ledger.Begin(Job("x"), {Start()}, {});
  CHECK(run.ledger.Forget("x"));
  run.ledger.Release();
  run.ledger.Acquire("x");
  CHECK(run.ledger.Begin(Job("x"), {Start()}, {}) > first);
}

TEST_CASE("a second run is refused while the owner lives, and told who it is") {
  PostgresDatabase database;
  Run first(database);
  first.ledger.Acquire("x");
  const int64_t epoch = first.ledger.Begin(Job("x"), {Start()}, {});
  Run second(database);
  const std::string thrown = Thrown([&] { second.ledger.Acquire("x"); }, ErrorKind::kOwned);
  CHECK(Holds(thrown, "process " + std::to_string(getpid())));
  CHECK(Holds(Thrown([&] { second.ledger.Forget("x"); }, ErrorKind::kOwned), "owned"));
  CHECK_FALSE(second.ledger.Acquire("y"));
  first.ledger.Release();
  CHECK(second.ledger.Acquire("x")->epoch == epoch + 1);
}

TEST_CASE("an owner that gave no sign of life is ended and its job taken over") {
  PostgresDatabase database;
  Run first(database);
  first.ledger.Acquire("x");
  const int64_t epoch = first.ledger.Begin(Job("x"), {Start()}, {});
  database.Exec("UPDATE rowferry.job SET heartbeat_at = heartbeat_at - 61000000");
  Run second(database);
  CHECK(second.ledger.Acquire("x")->epoch == epoch + 1);
  CHECK(Thrown([&] { first.ledger.Finish("x"); }, ErrorKind::kLost) != "nothing");
}

TEST_CASE("a beat is a sign of life, also from another thread") {
  PostgresDatabase database;
  Run run(database);
  run.ledger.Acquire("x");
  run.ledger.Begin(Job("x"), {Start()}, {});
  database.Exec("UPDATE rowferry.job SET heartbeat_at = 1");
  std::thread([&] { run.ledger.Beat(); }).join();
  CHECK(run.ledger.Jobs()[0].heartbeat_at > 1'000'000);
}

TEST_CASE("a beat opens a session that was lost anew, and says by what it was lost") {
  PostgresDatabase database;
  Run run(database);
  run.ledger.Acquire("x");
  run.ledger.Begin(Job("x"), {Start()}, {});
  CHECK_FALSE(run.ledger.Beat());
  database.Exec("SELECT pg_terminate_backend(" + std::to_string(run.session.backend().pid) + ")");
  const auto lost = run.ledger.Beat();
  REQUIRE(lost);
  CHECK(lost->kind() == ErrorKind::kLost);
  CHECK(Holds(lost->what(), "job x is opened anew"));
  CHECK(Holds(lost->what(), "terminating connection due to administrator command"));
  CHECK_FALSE(run.ledger.Beat());
  CHECK(run.ledger.Finish("x") == false);  // it is ours
}

TEST_CASE("done is said only if every split is done in the ledger") {
  PostgresDatabase database;
  Run run(database);
  run.ledger.Acquire("x");
  run.ledger.Begin(Job("x"), {Start()}, {});
  CHECK_FALSE(run.ledger.Finish("x"));
  CHECK(run.ledger.Jobs()[0].state == JobState::kRunning);
  database.Exec("UPDATE rowferry.split SET done = true");
  CHECK(run.ledger.Finish("x"));
  CHECK(run.ledger.Jobs()[0].state == JobState::kDone);
}

TEST_CASE("an interrupted job says why, and the next run counts as another") {
  PostgresDatabase database;
  Run run(database);
  run.ledger.Acquire("x");
  run.ledger.Begin(Job("x"), {Start()}, {});
  run.ledger.Interrupt("x", JobState::kStopped, "by request");
  CHECK(run.ledger.Jobs()[0].message == "by request");
  run.ledger.Release();
  run.ledger.Acquire("x");
  run.ledger.Restarted("x");
  CHECK(run.ledger.Jobs()[0].runs == 2);
  CHECK(run.ledger.Jobs()[0].state == JobState::kRunning);
}

TEST_CASE("a run that lost its job changes nothing of it") {
  PostgresDatabase database;
  Run first(database);
  first.ledger.Acquire("x");
  first.ledger.Begin(Job("x"), {Start()}, {});
  database.Exec("UPDATE rowferry.job SET epoch = 9");
  first.ledger.Interrupt("x", JobState::kFailed, "late");
  CHECK(first.ledger.Jobs()[0].state == JobState::kRunning);
  CHECK(Holds(Thrown([&] { first.ledger.Finish("x"); }, ErrorKind::kOwned), "another run"));
}

TEST_CASE("a checkpoint that was edited is found out") {
  PostgresDatabase database;
  Run run(database);
  run.ledger.Acquire("x");
  run.ledger.Begin(Job("x"), {Start()}, {});
  database.Exec("UPDATE rowferry.split SET inserted = 5");
  CHECK(Holds(Thrown([&] { run.ledger.Splits("x"); }, ErrorKind::kTarget), "damaged"));
}

TEST_CASE("a ledger of a newer format is refused") {
  PostgresDatabase database;
  Run(database).ledger.Acquire("x");
  database.Exec("UPDATE rowferry.meta SET version = 99");
  Run run(database);
  CHECK(Holds(Thrown([&] { run.ledger.Jobs(); }, ErrorKind::kPlan), "newer"));
  CHECK(Holds(Thrown([&] { run.ledger.Acquire("x"); }, ErrorKind::kPlan), "newer"));
}

TEST_CASE("a user's own table is never taken for the ledger's") {
  PostgresDatabase database;
  database.Exec("CREATE TABLE public.job (name text)");
  Run run(database, "public");
  CHECK(Holds(Thrown([&] { run.ledger.Acquire("x"); }, ErrorKind::kPlan), "--ledger-schema"));
}

TEST_CASE("runs that begin at once make one ledger") {
  PostgresDatabase database;
  std::vector<std::thread> threads;
  std::atomic<int> failed = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      Run run(database);
      if (Thrown([&] { run.ledger.Acquire("job" + std::to_string(i)); }, ErrorKind::kPlan) !=
          "nothing") {
        ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
  CHECK(database.One("SELECT count(*) FROM rowferry.meta") == "1");
}

TEST_CASE("a job that waits to begin sees the one before it, whatever isolation is the default") {
  PostgresDatabase database;
  database.Exec(
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = "
      "''repeatable read''', current_database()); END $$");
  Run first(database);
  Run second(database);
  first.ledger.Acquire("x");
  second.ledger.Acquire("y");
  size_t seen = 0;
  std::thread begins;
  const auto begin_second = [&] {
    second.ledger.Begin(Job("y"), {Start()}, [&] { seen = second.ledger.Jobs().size(); });
  };
  first.ledger.Begin(Job("x"), {Start()}, [&] {
    begins = std::thread(begin_second);
    while (database.One("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND "
                        "datname = current_database()") == "0") {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  begins.join();
  CHECK(seen == 1);
}

TEST_CASE("a forgotten job is gone with all that belongs to it") {
  PostgresDatabase database;
  Run run(database);
  run.ledger.Acquire("x");
  run.ledger.Begin(Job("x"), {Start()}, {});
  run.ledger.Release();
  CHECK(run.ledger.Forget("x"));
  CHECK_FALSE(run.ledger.Forget("x"));
  CHECK(database.One("SELECT count(*) FROM rowferry.split") == "0");
}

}  // namespace
}  // namespace rowferry::testing
