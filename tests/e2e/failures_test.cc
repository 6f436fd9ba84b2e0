// Failures made for real that no other file makes: what somebody else's clients, administrators and
// settings do to a copy. A test's suite is the row of the table of failures that it makes happen.
#include "flow/failures.h"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "e2e/copies.h"
#include "e2e/outcomes.h"
#include "support/other_session.h"
#include "support/proxy.h"

namespace rowferry::testing {
namespace {

const Direction kIntoPostgres{"sqlite", "postgres"};

// By itself: the run that was disturbed has said so, and gone on.
void CheckSurvived(Process& process, const std::string& says, Copies& copies) {
  const Finished finished = process.Wait();
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  CHECK_MESSAGE(Holds(finished.err, says), finished.err);
  CHECK_MESSAGE(Holds(finished.err, "; try 2 in "), finished.err);
  copies.CheckExact();
}

TEST_CASE("every failure of the table is made to happen by a test of its name" *
          doctest::test_suite("table of failures")) {
  std::FILE* list = popen("exec /proc/$PPID/exe --list-test-suites", "r");
  REQUIRE(list != nullptr);
  std::string suites;
  for (int c = std::fgetc(list); c != EOF; c = std::fgetc(list)) suites += static_cast<char>(c);
  CHECK(pclose(list) == 0);
  for (const FailureRow& row : FailureRows()) {
    CHECK_MESSAGE(Holds(suites, "\n" + std::string(row.name) + "\n"), row.name);
  }
}

// Ours holds the table and wants a row, the other holds the row and wants the table: the server
// ends the one that looks first, and the other's patience is longer.
TEST_CASE("a deadlock with somebody else's transaction is survived" *
          doctest::test_suite("deadlock or conflict")) {
  Copies copies(kIntoPostgres);
  copies.target().Exec(
      "CREATE TABLE sums (n bigint); INSERT INTO sums VALUES (0); "
      "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text); "
      "CREATE FUNCTION add() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "PERFORM pg_advisory_xact_lock_shared(7); UPDATE sums SET n = n + 1; RETURN NEW; END $$; "
      "CREATE TRIGGER add BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION add()");
  OtherSession gate(copies.target().url());
  OtherSession other(copies.target().url());
  gate.Exec("SELECT pg_advisory_lock(7)");
  Process process(copies.Slowly({"--lock-timeout", "10min"}));
  AwaitWaitAtGate(copies.target());
  other.Exec("SET deadlock_timeout = '1h'; BEGIN; UPDATE sums SET n = n");
  other.Send("LOCK TABLE items");
  AwaitWaitForTable(copies.target(), "items");
  gate.Exec("SELECT pg_advisory_unlock(7)");
  other.AwaitAnswers();
  other.Exec("COMMIT");
  CheckSurvived(process, "deadlock detected", copies);
  CHECK(copies.target().One("SELECT n FROM sums") == std::to_string(Copies::kItems));
}

TEST_CASE("a server that comes back and takes no writes yet is waited for" *
          doctest::test_suite("server that takes no writes yet")) {
  Copies copies(kIntoPostgres);
  OtherSession administrator(copies.target().url());
  const std::string database = copies.target().One("SELECT current_database()");
  const auto process = copies.Paused(copies.Slowly({"--retry-for", "10min"}));
  administrator.Exec("ALTER DATABASE " + database + " SET default_transaction_read_only = on");
  ForAllOfOurs(copies.target(), "pg_terminate_backend");
  process->Signal(SIGCONT);
  CHECK(process->AwaitErr("takes no writes: its transactions are read-only; try "));
  administrator.Exec("ALTER DATABASE " + database + " RESET default_transaction_read_only");
  CheckSurvived(*process, "was lost", copies);
}

TEST_CASE("a server that has no room for another connection is waited for" *
          doctest::test_suite("server without room")) {
  Copies copies(kIntoPostgres);
  const PostgresRole role(copies.target());
  copies.target().Exec("GRANT CREATE ON DATABASE " + role.name() + " TO " + role.name() +
                       "; GRANT CREATE ON SCHEMA public TO " + role.name());
  std::vector<std::string> words = copies.Slowly({"--retry-for", "10min"});
  words[2] = role.url();
  const auto process = copies.Paused(words);
  copies.target().Exec("ALTER ROLE " + role.name() + " CONNECTION LIMIT 0");
  ForAllOfOurs(copies.target(), "pg_terminate_backend");
  process->Signal(SIGCONT);
  CHECK(process->AwaitErr("too many connections for role"));
  copies.target().Exec("ALTER ROLE " + role.name() + " CONNECTION LIMIT -1");
  CheckSurvived(*process, "was lost", copies);
}

struct Refusal {
  bool at_source;
  std::string sql;  // after which the role of the database's name does not get in any more
  std::string let_in;
  const char* says;
  const char* way_out;
};

void CheckRefused(const Refusal& refusal) {
  CAPTURE(refusal.sql);
  CAPTURE(refusal.at_source);
  Copies copies({"postgres", "postgres"});
  TestDatabase& end = refusal.at_source ? copies.source() : copies.target();
  const PostgresRole role(end);
  end.Exec("GRANT CREATE ON DATABASE " + role.name() + " TO " + role.name() +
           "; GRANT CREATE ON SCHEMA public TO " + role.name() +
           "; GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + role.name());
  std::vector<std::string> words = copies.Slowly({"--retry-for", "10min"});
  words[refusal.at_source ? 1 : 2] = role.url();
  const auto process = copies.Paused(words);
  const auto named = [&](std::string sql) { return sql.replace(sql.find('$'), 1, role.name()); };
  end.Exec(named(refusal.sql));
  ForAllOfOurs(end, "pg_terminate_backend");
  process->Signal(SIGCONT);
  const Finished stopped = process->Wait();
  CheckStopped(stopped, refusal.says, refusal.way_out);
  CHECK_MESSAGE(!Holds(stopped.err, "LOCATION"), stopped.err);
  CHECK_MESSAGE(!Holds(stopped.err, "; try 3 in "), stopped.err);
  end.Exec(named(refusal.let_in));
  CheckCompletes(copies, words);
}

TEST_CASE("a role that may not log in any more stops the run until it may again" *
          doctest::test_suite("refused login")) {
  for (const bool at_source : {false, true}) {
    CheckRefused({at_source, "ALTER ROLE $ NOLOGIN", "ALTER ROLE $ LOGIN",
                  "is not permitted to log in", "its password, pg_hba.conf"});
  }
}

TEST_CASE("a database that is closed to its role stops the run until it is open again" *
          doctest::test_suite("missing right")) {
  CheckRefused({false, "REVOKE CONNECT ON DATABASE $ FROM PUBLIC",
                "GRANT CONNECT ON DATABASE $ TO PUBLIC", "User does not have CONNECT privilege",
                "grant the right that is missing"});
}

TEST_CASE("a statement that an administrator cancels ends the run" *
          doctest::test_suite("cancelled statement")) {
  Copies copies(kIntoPostgres);
  const auto process = copies.Paused(copies.Slowly({"--lock-timeout", "10min"}));
  OtherSession other(copies.target().url());
  other.Send("BEGIN; LOCK TABLE items");
  process->Signal(SIGCONT);
  other.AwaitAnswers();
  AwaitWaitForTable(copies.target(), "items");
  ForAllOfOurs(copies.target(), "pg_cancel_backend");
  CheckStopped(process->Wait(), "canceling statement due to user request",
               "find out who cancelled it, or which limit did");
  other.Exec("COMMIT");
  CheckCompletes(copies, copies.Command());
}

TEST_CASE("what no row of the table names ends the run at once" *
          doctest::test_suite("anything else")) {
  Copies copies(kIntoPostgres);
  copies.target().Exec(
      "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text); "
      "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id > 1000 THEN "
      "RAISE 'made to fail' USING ERRCODE = 'XX000'; END IF; RETURN NEW; END $$; "
      "CREATE TRIGGER fail BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION fail()");
  const Finished stopped = copies.Run();
  CHECK(stopped.exit_code == 1);
  CHECK_MESSAGE(Holds(stopped.err, "made to fail"), stopped.err);
  CHECK_MESSAGE(Holds(stopped.err, "error: the same command resumes"), stopped.err);
  copies.target().Exec("DROP TRIGGER fail ON items");
  CheckCompletes(copies, copies.Command());
}

std::string Bytes(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void Write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// More than SQLite keeps in memory, so that what was damaged is read.
TEST_CASE("a damaged source ends the run, and its backup completes the copy" *
          doctest::test_suite("damaged database")) {
  for (const Direction& direction : {kDirections[0], kDirections[1]}) {
    CAPTURE(direction.target);
    Copies copies(direction);
    copies.source().Exec("UPDATE items SET note = note || hex(zeroblob(2000))");
    const auto process = copies.Paused(copies.Slowly());
    const std::string backup = Bytes(copies.source().url());
    Write(copies.source().url(),
          backup.substr(0, backup.size() / 2) + std::string(backup.size() / 2, '\xff'));
    process->Signal(SIGCONT);
    CheckStopped(process->Wait(), "database disk image is malformed",
                 "repair the database that says so, or restore its backup");
    const Finished refused = copies.Run();
    CHECK(refused.exit_code == 2);
    CHECK_MESSAGE(Holds(refused.err, "malformed"), refused.err);
    Write(copies.source().url(), backup);
    CheckCompletes(copies, copies.Command());
  }
}

TEST_CASE("a file that is no database, or cannot be made, is refused" *
          doctest::test_suite("no database")) {
  Copies copies(kDirections[0]);
  std::ofstream(copies.target().url()) << std::string(5000, 'x');
  const Finished refused = copies.Run();
  CHECK(refused.exit_code == 2);
  CHECK_MESSAGE(Holds(refused.err, "not a database"), refused.err);
  const Finished nowhere = Rowferry({"copy", copies.source().url(), "/dev/null/copy.db"});
  CHECK(nowhere.exit_code == 2);
  CHECK_MESSAGE(Holds(nowhere.err, "/dev/null"), nowhere.err);
}

// Chunks go past a reader of an older state, moving the WAL into the file does not.
TEST_CASE("an SQLite file that others read all the while is written all the same" *
          doctest::test_suite("lock of others")) {
  for (const Direction& direction : {kDirections[0], kDirections[3]}) {
    Copies copies(direction);
    const auto process = copies.Paused(copies.Slowly());
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(copies.target().url().c_str(), &other) == SQLITE_OK);
    REQUIRE(sqlite3_exec(other, "BEGIN; SELECT * FROM items", nullptr, nullptr, nullptr) ==
            SQLITE_OK);
    process->Signal(SIGCONT);
    const Finished finished = process->Wait();
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
    sqlite3_close(other);
    copies.CheckExact();
  }
}

// As from an encoder that is wrong: the stream ends with a number of fields that no row has.
TEST_CASE("what the server cannot read as rows ends the run, and no row is blamed" *
          doctest::test_suite("fault of rowferry")) {
  Copies copies(kIntoPostgres);
  Fault garbled{Fault::Kind::kGarble, Side::kClient, 3};
  garbled.type = 'd';
  const Proxy proxy(copies.target().url(), garbled);
  std::vector<std::string> words = copies.Command({"--job", "garbled", "--max-rejects", "100%"});
  words[2] = proxy.url();
  const Finished stopped = Rowferry(words);
  CHECK(proxy.Happened());
  CheckStopped(stopped, "row field count is -256, expected 3", "report it, with this message");
  CHECK_MESSAGE(!Holds(stopped.err, "; try "), stopped.err);
  CHECK(copies.RowsCommitted() == 40);
  CHECK(copies.target().One("SELECT count(*) FROM rowferry.reject") == "0");
  CheckCompletes(copies, words);
}

TEST_CASE("a network that takes its time is no failure") {
  for (const Side side : {Side::kClient, Side::kServer}) {
    Copies copies(kIntoPostgres);
    Fault slow{Fault::Kind::kDelay, side, 60};
    slow.delay = std::chrono::milliseconds(1500);
    const Proxy proxy(copies.target().url(), slow);
    std::vector<std::string> words = copies.Command({"--job", "slow"});
    words[2] = proxy.url();
    const Finished finished = Rowferry(words);
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
    CHECK(proxy.Happened());
    CHECK_MESSAGE(!Holds(finished.err, "; try "), finished.err);
    copies.CheckExact();
  }
}

}  // namespace
}  // namespace rowferry::testing
