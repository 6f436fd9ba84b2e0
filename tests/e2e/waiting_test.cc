// What a run says while somebody else keeps it waiting: in the log as in the display.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <csignal>

#include "e2e/copies.h"
#include "e2e/outcomes.h"
#include "support/other_session.h"

namespace rowferry::testing {
namespace {

const std::vector<std::string> kPatiently = {"--lock-timeout", "0", "--stall", "1s"};

void CheckEndsExact(Copies& copies, Process& process) {
  const Finished finished = process.Wait();
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  CHECK_MESSAGE(!Holds(finished.err, "taken for dead"), finished.err);
  copies.CheckExact();
}

TEST_CASE("without progress a run says who has the lock on the target's table") {
  Copies copies({"sqlite", "postgres"});
  const auto process = copies.Paused(copies.Slowly(kPatiently));
  OtherSession other(copies.target().url());
  other.Send("BEGIN; LOCK TABLE items IN ACCESS EXCLUSIVE MODE");
  process->Signal(SIGCONT);
  const std::string waits = "the writer of public.items waits for a lock (relation) of process ";
  CHECK(process->AwaitErr("rowferry: warning: " + waits));
  CHECK(process->AwaitErr("no progress for 1 s: " + waits));
  other.AwaitAnswers();
  other.Exec("COMMIT");
  CheckEndsExact(copies, *process);
}

TEST_CASE("without progress a run says who has the lock on the source's table") {
  Copies copies({"postgres", "sqlite"});
  const auto process = copies.Paused(copies.Slowly(kPatiently));
  OtherSession other(copies.source().url());
  other.Exec("BEGIN; LOCK TABLE lines IN ACCESS EXCLUSIVE MODE");
  process->Signal(SIGCONT);
  const std::string waits = "the reader of public.lines waits for a lock (relation) of process ";
  CHECK(process->AwaitErr("rowferry: warning: " + waits));
  CHECK(process->AwaitErr("no progress for 1 s: " + waits));
  other.Exec("COMMIT");
  CheckEndsExact(copies, *process);
}

TEST_CASE("without progress a run says which process writes to the target's file") {
  for (const Direction& direction : {kDirections[0], kDirections[3]}) {
    CAPTURE(direction.source);
    Copies copies(direction);
    Process process(copies.Slowly(kPatiently));
    copies.AwaitRows(process, 10);
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(copies.target().url().c_str(), &other) == SQLITE_OK);
    sqlite3_busy_timeout(other, 600'000);
    REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    const std::string waits = "the connection to " + copies.target().url() +
                              " waits for a lock of process " + std::to_string(getpid()) + " (";
    CHECK(process.AwaitErr("rowferry: warning: " + waits));
    CHECK(process.AwaitErr("no progress for 1 s: " + waits));
    CHECK(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(other);
    CheckEndsExact(copies, process);
  }
}

}  // namespace
}  // namespace rowferry::testing
