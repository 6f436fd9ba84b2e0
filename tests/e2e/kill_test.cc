// Kills the real binary at random moments, resumes it, kills it again, until it is through.
#include <doctest/doctest.h>

#include <algorithm>
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

// Kills that hit between the first and the last checkpoint.
int KillsWanted() {
  const char* kills = std::getenv("ROWFERRY_KILLS");
  return kills == nullptr ? 100 : std::atoi(kills);
}
// Of `parts` that have them together, at least one each.
int Share(int parts) { return std::max(1, KillsWanted() / parts); }

// What is copied under fire, and what must have become of it.
class Load {
 public:
  virtual ~Load() = default;
  virtual void Prepare(Copies& /*copies*/) const {}
  virtual int exit_code() const { return 0; }
  virtual void CheckExact(Copies& copies) const { copies.CheckExact(); }
};

// Every 41st item is one that the target refuses.
class BadRows final : public Load {
 public:
  void Prepare(Copies& copies) const override {
    copies.source().Exec("UPDATE items SET note = 'bad' WHERE id % 41 = 0");
    copies.target().Exec(
        "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text CHECK (note "
        "<> 'bad'))");
  }
  int exit_code() const override { return 3; }
  void CheckExact(Copies& copies) const override {
    CheckRows(copies, "SELECT id, batch, note FROM items WHERE note <> 'bad' ORDER BY id");
    CheckRows(copies, "SELECT count(*) FROM lines");
    const std::string bad = copies.source().One("SELECT count(*) FROM items WHERE note = 'bad'");
    const std::string rejects = copies.target().LedgerTable("reject");
    CHECK(std::stoi(bad) > 50);
    CHECK(copies.target().Rows("SELECT count(*), count(DISTINCT key) FROM " + rejects) ==
          std::vector<TextRow>{{bad, bad}});
    CHECK(copies.target().One("SELECT sum(rejected) FROM " +
                              copies.target().LedgerTable("split")) == bad);
  }

 private:
  static void CheckRows(Copies& copies, const std::string& sql) {
    CHECK(copies.target().Rows(sql) == copies.source().Rows(sql));
  }
};

microseconds TimeOfWholeRun(const Direction& direction, const Load& load) {
  Copies copies(direction);
  load.Prepare(copies);
  const auto start = steady_clock::now();
  const Finished finished = copies.Run();
  REQUIRE_MESSAGE(finished.exit_code == load.exit_code(), finished.err);
  return duration_cast<microseconds>(steady_clock::now() - start);
}

class Killer {
 public:
  Killer(const Direction& direction, const Load& load)
      : direction_(direction), load_(load), whole_run_(TimeOfWholeRun(direction, load)) {}

  // One copy, killed again and again until a run comes through; counts the kills that hit.
  int CopyOnce() {
    Copies copies(direction_);
    load_.Prepare(copies);
    int hits = 0;
    int64_t last_rows = 0;
    while (true) {
      Process process(copies.Command());
      std::this_thread::sleep_for(RandomDelay());
      process.Signal(SIGKILL);
      const Finished finished = process.Wait();
      if (finished.signal != SIGKILL) {
        CHECK_MESSAGE(finished.exit_code == load_.exit_code(), finished.err);
        if (hits == 0) whole_run_ = whole_run_ * 9 / 10;
        break;
      }
      const int64_t rows = copies.RowsCommitted();
      CHECK(rows >= last_rows);  // what was committed stays committed
      if (rows > 0 && rows < Copies::kItems + Copies::kLines) ++hits;
      if (rows == last_rows) whole_run_ = whole_run_ * 11 / 10;
      last_rows = rows;
    }
    load_.CheckExact(copies);
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
  const Load& load_;
  microseconds whole_run_;  // follows the machine, which others may make slower or faster meanwhile
  std::mt19937_64 random_{std::random_device{}()};
};

void KillUntil(const Direction& direction, int kills, const Load& load = Load()) {
  Killer killer(direction, load);
  int hits = 0;
  while (hits < kills) hits += killer.CopyOnce();
  MESSAGE(hits << " kills between first and last checkpoint, " << direction.source << " to "
               << direction.target);
}

TEST_CASE("SIGKILL at any moment loses and doubles nothing: SQLite to SQLite") {
  KillUntil(kDirections[0], Share(4));
}
TEST_CASE("SIGKILL at any moment loses and doubles nothing: SQLite to PostgreSQL") {
  KillUntil(kDirections[1], Share(4));
}
TEST_CASE("SIGKILL at any moment loses and doubles nothing: PostgreSQL to PostgreSQL") {
  KillUntil(kDirections[2], Share(4));
}
TEST_CASE("SIGKILL at any moment loses and doubles nothing: PostgreSQL to SQLite") {
  KillUntil(kDirections[3], Share(4));
}

TEST_CASE("SIGKILL among bad rows keeps each of them once") {
  for (const Direction& direction : kDirections) {
    KillUntil(direction, Share(16), BadRows());
  }
}

}  // namespace
}  // namespace rowferry::testing
