// Signals that ask for an end, and runs that get in each other's way.
#include <doctest/doctest.h>
#include <utime.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "e2e/copies.h"
#include "support/other_session.h"

namespace rowferry::testing {
namespace {

TEST_CASE("a polite signal stops after the chunk at hand, and the next run resumes") {
  struct Case {
    int signal;
    int exit_code;
  };
  for (const Case& c : {Case{SIGINT, 130}, Case{SIGTERM, 143}, Case{SIGHUP, 129}}) {
    for (const Direction& direction : kDirections) {
      CAPTURE(c.signal);
      CAPTURE(direction.source);
      CAPTURE(direction.target);
      Copies copies(direction);
      const Finished stopped = copies.Interrupt(c.signal);
      CHECK(stopped.exit_code == c.exit_code);
      CHECK(stopped.err.find("the same command resumes") != std::string::npos);
      CHECK(copies.Status().at("state") == "stopped");
      const Finished resumed = copies.Run();
      CHECK_MESSAGE(resumed.exit_code == 0, resumed.err);
      CHECK(resumed.err.find("resumed after") != std::string::npos);
      copies.CheckExact();
    }
  }
}

// Whether rows are open is what a run asks last, and whoever locks the rejects has it wait.
void StopWhileCounting(Process& process, Copies& copies) {
  AwaitWaitForTable(copies.target(), "rowferry.reject");
  process.Signal(SIGTERM);
  ForAllOfOurs(copies.target(), "pg_terminate_backend");
  const Finished stopped = process.Wait();
  CHECK_MESSAGE(stopped.exit_code == 143, stopped.err);
  AwaitTrue(copies.target(),
            "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND "
            "application_name LIKE 'rowferry%')");
  CHECK(copies.target().One("SELECT state FROM rowferry.job WHERE name <> 'lines'") == "done");
}

TEST_CASE("a signal while the rejects are counted at the end of a run is no success") {
  Copies copies(kDirections[1]);
  copies.target().Exec(
      "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY CHECK (id <> 2500), batch bigint, note "
      "text)");
  REQUIRE(copies.Run({"--job", "lines", "--table", "lines"}).exit_code == 0);  // has a ledger now
  copies.target().Exec(
      "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM "
      "pg_advisory_xact_lock(8); RETURN NEW; END $$; CREATE TRIGGER wait BEFORE UPDATE ON "
      "rowferry.job FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION wait()");
  OtherSession gate(copies.target().url());
  gate.Exec("SELECT pg_advisory_lock(8)");
  OtherSession other(copies.target().url());
  const auto words = copies.Command({"--table", "items", "--lock-timeout", "10min"});
  Process process(words);
  AwaitTrue(copies.target(),
            "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND objid = "
            "8 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))");
  other.Exec("BEGIN; LOCK TABLE rowferry.reject");
  gate.Exec("SELECT pg_advisory_unlock(8)");
  StopWhileCounting(process, copies);
  Process again(words);  // which finds the job done
  StopWhileCounting(again, copies);
  other.Exec("COMMIT");
  CHECK(Rowferry(words).exit_code == 3);
}

TEST_CASE("under nohup a hangup does not stop the copy") {
  Copies copies(kDirections[0]);
  ProcessOptions nohup;
  nohup.ignores_hangup = true;
  Process process(copies.Slowly(), nohup);
  copies.AwaitRows(process, 10);
  process.Signal(SIGHUP);
  const Finished finished = process.Wait();
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  copies.CheckExact();
}

TEST_CASE("a target that may grow no further ends the run with exit 1, and the next run resumes" *
          doctest::test_suite("disk error")) {
  Copies copies({"sqlite", "sqlite"});
  ProcessOptions options;
  options.file_limit = 150'000;  // more than the ledger takes, less than the rows
  const Finished failed = Rowferry(copies.Command({"--chunk-rows", "100"}), options);
  CHECK(failed.exit_code == 1);
  CHECK_MESSAGE(failed.err.find("disk I/O error") != std::string::npos, failed.err);
  const Finished resumed = copies.Run();
  CHECK_MESSAGE(resumed.exit_code == 0, resumed.err);
  CHECK(resumed.err.find("resumed after") != std::string::npos);
  copies.CheckExact();
}

TEST_CASE("rows go only after a yes, and Ctrl-C at the question ends the run at once") {
  struct Case {
    const char* typed;
    int exit_code;
    int rows;
  };
  for (const Case& c : {Case{"y\n", 0, Copies::kItems}, Case{"n\n", 2, 1}, Case{"\x03", 130, 1}}) {
    CAPTURE(c.exit_code);
    Copies copies(kDirections[0]);
    copies.target().Exec(
        "CREATE TABLE items (id bigint, batch bigint, note text);"
        "INSERT INTO items (id) VALUES (7)");
    ProcessOptions terminal;
    terminal.terminal_columns = 80;
    Process process(copies.Command({"--table", "items", "--existing", "truncate"}), terminal);
    REQUIRE(process.AwaitErr("Go on?"));
    process.Type(c.typed);
    const Finished finished = process.Wait();
    CHECK_MESSAGE(finished.exit_code == c.exit_code, finished.err);
    CHECK(copies.target().One("SELECT count(*) FROM items") == std::to_string(c.rows));
  }
}

TEST_CASE("rows do not go, and nobody waits, where the question would not be seen") {
  Copies copies(kDirections[0]);
  copies.target().Exec(
      "CREATE TABLE items (id bigint, batch bigint, note text); INSERT INTO items (id) VALUES (7)");
  ProcessOptions unseen;
  unseen.terminal_columns = 80;
  unseen.err_path = "/dev/null";
  const std::vector<std::string> truncate = {"--table", "items", "--existing", "truncate"};
  Process process(copies.Command(truncate), unseen);
  CHECK(process.Wait().exit_code == 2);
  CHECK(copies.target().One("SELECT count(*) FROM items") == "1");
}

TEST_CASE("the same command cleans up behind a run that was killed once all was done") {
  Copies copies({"sqlite", "sqlite"});
  REQUIRE(copies.Run().exit_code == 0);
  const std::string lock = copies.target().url() + "-rowferry.lock";
  copies.target().Exec("PRAGMA journal_mode = wal");
  copies.target().Exec("INSERT INTO rowferry_meta VALUES ('journal_mode', 'delete')");
  std::ofstream(lock) << "job\nhost\n1\n1\n";
  CHECK(copies.Run().exit_code == 0);
  CHECK(copies.target().One("PRAGMA journal_mode") == "delete");
  CHECK_FALSE(std::filesystem::exists(lock));
  copies.CheckExact();
}

TEST_CASE("a second run of a job that is alive ends with exit 5 and says who owns it") {
  for (const std::string target : {"sqlite", "postgres"}) {
    CAPTURE(target);
    Copies copies({"sqlite", target});
    const auto owner = copies.Paused(copies.Slowly());
    const Finished second = copies.Run();
    CHECK(second.exit_code == 5);
    CHECK(second.err.find(std::to_string(owner->pid())) != std::string::npos);
    owner->Signal(SIGCONT);
    CHECK(owner->Wait().exit_code == 0);
    copies.CheckExact();
  }
}

// Makes the owner look as if it had given no sign of life for an hour.
void Age(Copies& copies, const std::string& kind) {
  TestDatabase& target = copies.target();
  const auto age = [&](const std::string& table) {
    target.Exec("UPDATE " + target.LedgerTable(table) +
                " SET heartbeat_at = heartbeat_at - 3600000000");
  };
  age("job");
  if (kind != "sqlite") return;
  age("split");
  const utimbuf long_ago{1, 1};
  utime((target.url() + "-rowferry.lock").c_str(), &long_ago);
}

TEST_CASE("an owner that was frozen for long is taken over, and harms nothing when it comes back" *
          doctest::test_suite("job of another run")) {
  for (const std::string target : {"sqlite", "postgres"}) {
    CAPTURE(target);
    Copies copies({"sqlite", target});
    const auto frozen = copies.Paused(copies.Slowly());
    if (target == "sqlite") copies.DoBetweenChunks(*frozen, "SELECT 1");
    Age(copies, target);
    const Finished second = copies.Run();
    CHECK_MESSAGE(second.exit_code == 0, second.err);
    frozen->Signal(SIGCONT);
    const Finished woken = frozen->Wait();
    CHECK_MESSAGE(woken.exit_code == 5, woken.err);
    copies.CheckExact();
  }
}

// Ends all sessions of the database but our own, as a restart of the server does.
void CutSessions(TestDatabase& database) {
  database.Exec(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
      "WHERE datname = current_database() AND pid <> pg_backend_pid()");
}

TEST_CASE("without retries a lost connection ends the run, and the next run is exact") {
  for (const Direction& direction : kDirections) {
    if (direction.source == "sqlite" && direction.target == "sqlite") continue;
    for (const bool at_source : {true, false}) {
      if ((at_source ? direction.source : direction.target) == "sqlite") continue;
      CAPTURE(direction.source);
      CAPTURE(direction.target);
      CAPTURE(at_source);
      Copies copies(direction);
      // What was read ahead is not all.
      const auto process = copies.Paused(copies.Slowly({"--retry-for", "0"}));
      CutSessions(at_source ? copies.source() : copies.target());
      process->Signal(SIGCONT);
      const Finished cut = process->Wait();
      CHECK_MESSAGE(cut.exit_code == 1, cut.err);
      CHECK_MESSAGE(cut.err.find("resume") != std::string::npos, cut.err);
      const Finished resumed = copies.Run();
      CHECK_MESSAGE(resumed.exit_code == 0, resumed.err);
      copies.CheckExact();
    }
  }
}

TEST_CASE("a table without a key whose rows stand still is resumed where it was left") {
  InEveryDirection([](Copies& copies) {
    copies.source().Exec(
        "DROP TABLE lines; CREATE TABLE loose (n bigint, pad text);"
        "INSERT INTO loose SELECT id, note FROM items; DROP TABLE items");
    copies.source().AwaitOpenTransactions();
    CHECK(copies.Interrupt(SIGKILL).signal == SIGKILL);
    const int64_t before = copies.RowsCommitted();
    const Finished resumed = copies.Run();
    CHECK_MESSAGE(resumed.exit_code == 0, resumed.err);
    CHECK_MESSAGE(resumed.err.find("is emptied") == std::string::npos, resumed.err);
    CHECK(before >= 10);
    CHECK(copies.RowsCommitted() == Copies::kItems);
    const std::string contents = "SELECT n, pad FROM loose ORDER BY n";
    CHECK(copies.target().Rows(contents) == copies.source().Rows(contents));
  });
}

TEST_CASE("a table without a key whose rows moved is emptied and copied anew") {
  InEveryDirection([](Copies& copies) {
    copies.source().Exec(
        "DROP TABLE lines; CREATE TABLE loose (n bigint, pad text);"
        "INSERT INTO loose SELECT id, note FROM items; DROP TABLE items");
    CHECK(copies.Interrupt(SIGKILL).signal == SIGKILL);
    copies.source().Exec("DELETE FROM loose WHERE n % 2 = 0");
    copies.source().Exec("VACUUM");
    copies.source().Exec("INSERT INTO loose VALUES (-1, 'new')");
    const Finished resumed = copies.Run();
    CHECK_MESSAGE(resumed.exit_code == 0, resumed.err);
    CHECK(resumed.err.find("is emptied, and copied anew") != std::string::npos);
    const std::string contents = "SELECT n, pad FROM loose ORDER BY n";
    CHECK(copies.target().Rows(contents) == copies.source().Rows(contents));
    CHECK(copies.Status().at("state") == "done");
  });
}

TEST_CASE("a primary key that may hold NULL, and does not where the run ended, is resumed behind") {
  Copies copies({"sqlite", "sqlite"});
  copies.source().Exec(
      "DROP TABLE lines; CREATE TABLE notes (id TEXT PRIMARY KEY, note);"
      "INSERT INTO notes SELECT printf('%06d', id + 1000), note FROM items; DROP TABLE items");
  copies.Interrupt(SIGKILL);
  copies.source().Exec("DELETE FROM notes WHERE id = '009500'; VACUUM");
  const Finished resumed = copies.Run();
  CHECK_MESSAGE(resumed.exit_code == 0, resumed.err);
  CHECK_MESSAGE(resumed.err.find("is emptied") == std::string::npos, resumed.err);
  const std::string contents = "SELECT id, note FROM notes ORDER BY id";
  CHECK(copies.target().Rows(contents) == copies.source().Rows(contents));
}

TEST_CASE("a table that was there before is not emptied by itself when its source's rows moved") {
  Copies copies({"sqlite", "sqlite"});
  copies.source().Exec("DROP TABLE lines; CREATE TABLE loose AS SELECT * FROM items");
  copies.target().Exec("CREATE TABLE loose (id bigint, batch bigint, note text)");
  copies.target().Exec("INSERT INTO loose VALUES (-1, -1, 'of others')");
  const std::vector<std::string> only = {"--table", "loose", "--existing", "append"};
  copies.Interrupt(SIGKILL, only);
  copies.source().Exec("DELETE FROM loose WHERE id % 2 = 0; VACUUM");
  const Finished refused = copies.Run(only);
  CHECK(refused.exit_code == 2);
  CHECK_MESSAGE(refused.err.find("is not emptied by itself") != std::string::npos, refused.err);
  CHECK(copies.target().One("SELECT count(*) FROM loose WHERE note = 'of others'") == "1");
}

TEST_CASE("rows that another job appended are not emptied by itself with those that moved") {
  InEveryDirection([](Copies& copies) {
    copies.source().Exec(
        "DROP TABLE lines; CREATE TABLE loose (n bigint, pad text);"
        "INSERT INTO loose SELECT id, note FROM items; DROP TABLE items");
    copies.Interrupt(SIGKILL);
    const Finished more = copies.Run({"--job", "more", "--existing", "append"});
    CHECK_MESSAGE(more.exit_code == 0, more.err);
    const std::string count = "SELECT count(*) FROM loose";
    const std::string before = copies.target().One(count);
    copies.source().Exec("UPDATE loose SET pad = 'new' WHERE n = 1");
    copies.source().Exec("VACUUM");
    const Finished refused = copies.Run();
    CHECK_MESSAGE(refused.exit_code == 2, refused.err);
    const std::string why = "holds 3000 rows that this job did not put there";
    CHECK_MESSAGE(refused.err.find(why) != std::string::npos, refused.err);
    CHECK(copies.target().One(count) == before);
    const Finished anew = copies.Run({"--restart"});
    CHECK_MESSAGE(anew.exit_code == 0, anew.err);
    CHECK(copies.target().One(count) == "3000");
  });
}

TEST_CASE("two resumes of a killed job at once end exact") {
  InEveryDirection([](Copies& copies) {
    copies.Interrupt(SIGKILL);
    Process first(copies.Command());
    Process second(copies.Command());
    const int one = first.Wait().exit_code;
    const int two = second.Wait().exit_code;
    CHECK((one == 0 || two == 0));
    CHECK((one == 0 || one == 5));
    CHECK((two == 0 || two == 5));
    copies.CheckExact();
  });
}

}  // namespace
}  // namespace rowferry::testing
