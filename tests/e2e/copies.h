// A copy in one of the four directions, driven by the real binary.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/database.h"
#include "support/process.h"

namespace rowferry::testing {

struct Direction {
  std::string source;
  std::string target;
};
inline const Direction kDirections[] = {
    {"sqlite", "sqlite"}, {"sqlite", "postgres"}, {"postgres", "postgres"}, {"postgres", "sqlite"}};

// Two tables, items (integer key) and lines (composite key with text), and a copy of them.
class Copies {
 public:
  static constexpr int kItems = 3000;
  static constexpr int kLines = 1000;

  explicit Copies(const Direction& direction);

  TestDatabase& source() { return *source_; }
  TestDatabase& target() { return *target_; }

  // The command line of the copy: always the same job.
  std::vector<std::string> Command(const std::vector<std::string>& more = {}) const;
  Finished Run(const std::vector<std::string>& more = {}) const { return Rowferry(Command(more)); }
  // The same, a row a chunk, so that there is time to hit the middle.
  std::vector<std::string> Slowly(const std::vector<std::string>& more = {}) const;
  // A copy that stands still (SIGSTOP) in the middle: rows are committed, and most are not. It is
  // begun with `words`, or, where it was too fast for us, anew with --restart as well.
  std::unique_ptr<Process> Paused(std::vector<std::string> words,
                                  const ProcessOptions& options = {}) const;
  // Has the target do that while the paused copy stands between two chunks of items: inside one it
  // holds SQLite's only write lock, and a lock on PostgreSQL's table.
  void DoBetweenChunks(Process& process, const std::string& sql) const;
  // Sends the signal in the middle of a slow copy.
  Finished Interrupt(int signal, const std::vector<std::string>& more = {}) const;
  // The job as `rowferry status --json` tells it; null if there is none.
  nlohmann::json Status() const;
  // Rows that the ledger says are committed.
  int64_t RowsCommitted() const;
  // Waits until at least `rows` are committed; fails the test if the process ends before.
  void AwaitRows(Process& process, int64_t rows) const;

  // Contents equal, accounts balanced, the job done. Fails the test with what was lost or doubled.
  void CheckExact();

 private:
  std::unique_ptr<TestDatabase> source_;
  std::unique_ptr<TestDatabase> target_;
};

// Runs `test` with a Copies of each direction; what fails says in which one.
template <typename Test>
void InEveryDirection(const Test& test) {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    Copies copies(direction);
    test(copies);
  }
}

}  // namespace rowferry::testing
