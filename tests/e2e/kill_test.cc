// Kills the real binary at random moments, resumes it, kills it again, until it is through.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <thread>

#include "e2e/copies.h"

namespace rowferry::testing {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

// Kills that hit between the first and the last checkpoint, over the four directions together.
int KillsWanted() {
  const char* kills = std::getenv("ROWFERRY_KILLS");
  return kills == nullptr ? 100 : std::atoi(kills);
}

microseconds TimeOfWholeRun(const Direction& direction) {
  const Copies copies(direction);
  const auto start = steady_clock::now();
  const Finished finished = copies.Run();
  REQUIRE_MESSAGE(finished.exit_code == 0, finished.err);
  return duration_cast<microseconds>(steady_clock::now() - start);
}

class Killer {
 public:
  explicit Killer(const Direction& direction)
      : direction_(direction), whole_run_(TimeOfWholeRun(direction)) {}

  // One copy, killed again and again until a run comes through; counts the kills that hit.
  int CopyOnce() {
    Copies copies(direction_);
    int hits = 0;
    int64_t last_rows = 0;
    while (true) {
      Process process(copies.Command());
      std::this_thread::sleep_for(RandomDelay());
      process.Signal(SIGKILL);
      const Finished finished = process.Wait();
      if (finished.signal != SIGKILL) {
        CHECK_MESSAGE(finished.exit_code == 0, finished.err);
        if (hits == 0) whole_run_ = whole_run_ * 9 / 10;
        break;
      }
      const int64_t rows = copies.RowsCommitted();
      CHECK(rows >= last_rows);  // what was committed stays committed
      if (rows > 0 && rows < Copies::kItems + Copies::kLines) ++hits;
      if (rows == last_rows) whole_run_ = whole_run_ * 11 / 10;
      last_rows = rows;
    }
    copies.CheckExact();
    return hits;
  }

 private:
  // Up to a little beyond the time of a whole run; a resumed run has less to do, so mostly shorter.
  microseconds RandomDelay() {
    std::uniform_int_distribution<int64_t> delay(whole_run_.count() / 10,
                                                 whole_run_.count() * 11 / 10);
    return microseconds(delay(random_));
  }

  Direction direction_;
  microseconds whole_run_;  // follows the machine, which others may make slower or faster meanwhile
  std::mt19937_64 random_{std::random_device{}()};
};

void KillUntil(const Direction& direction, int kills) {
  Killer killer(direction);
  int hits = 0;
  while (hits < kills) hits += killer.CopyOnce();
  MESSAGE(hits << " kills between first and last checkpoint, " << direction.source << " to "
               << direction.target);
}

TEST_CASE("SIGKILL at any moment loses and doubles nothing: SQLite to SQLite") {
  KillUntil(kDirections[0], KillsWanted() / 4);
}
TEST_CASE("SIGKILL at any moment loses and doubles nothing: SQLite to PostgreSQL") {
  KillUntil(kDirections[1], KillsWanted() / 4);
}
TEST_CASE("SIGKILL at any moment loses and doubles nothing: PostgreSQL to PostgreSQL") {
  KillUntil(kDirections[2], KillsWanted() / 4);
}
TEST_CASE("SIGKILL at any moment loses and doubles nothing: PostgreSQL to SQLite") {
  KillUntil(kDirections[3], KillsWanted() - KillsWanted() / 4 * 3);
}

}  // namespace
}  // namespace rowferry::testing
