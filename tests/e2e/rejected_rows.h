// A copy three of whose rows the target does not take, and what its users do about them.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "e2e/copies.h"
#include "e2e/outcomes.h"

namespace rowferry::testing {

// A copy whose rows 1 (a check), 7 (NULL) and 60 (its note is another's) the target refuses, of 60.
class BadRows {
 public:
  explicit BadRows(const Direction& direction);

  TestDatabase& source() { return *source_; }
  TestDatabase& target() { return *target_; }
  bool into_postgres() const { return target_->url().starts_with("postgresql"); }

  Finished Copy(const std::vector<std::string>& more = {}) const;
  Finished Rejects(const std::string& command, const std::vector<std::string>& more = {}) const;
  nlohmann::json List() const;
  nlohmann::json Find(int id) const;  // by its key, "(id) = (7)"
  nlohmann::json Status() const;
  int64_t RowsInTarget() { return std::stoll(target_->One("SELECT count(*) FROM items")); }

  // Has the target refuse all rows, keep them, and then take them: 60 rejects.
  void RejectAll();
  // The target's table without its constraints.
  void Loosen();
  void Mend();  // in the source
  // Contents equal, no reject open, nothing to do for the same command.
  void CheckExact();

 private:
  std::unique_ptr<TestDatabase> source_;
  std::unique_ptr<TestDatabase> target_;
};

// Makes the target's table items anew with these columns, and with the rows that it holds.
void Remake(TestDatabase& target, const std::string& columns);

// Runs `test` with a BadRows of each direction, with the three rejects in the ledger.
template <typename Test>
void WithRejects(const Test& test) {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    BadRows rows(direction);
    const Finished copied = rows.Copy();
    REQUIRE_MESSAGE(copied.exit_code == 3, copied.err);
    REQUIRE(rows.RowsInTarget() == 57);
    test(rows);
  }
}

// Runs `test` with an empty source and target of each direction.
template <typename Test>
void BetweenDatabases(const Test& test) {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    const auto source = MakeDatabase(direction.source);
    const auto target = MakeDatabase(direction.target);
    test(*source, *target);
  }
}

// A file in a folder of its own, which goes with this object.
class TextFile {
 public:
  explicit TextFile(const std::string& text);
  std::string path() const { return folder_.folder() + "/rows.jsonl"; }
  std::string Text() const;

 private:
  SqliteDatabase folder_;
};

std::vector<nlohmann::json> JsonLines(const std::string& text);

}  // namespace rowferry::testing
