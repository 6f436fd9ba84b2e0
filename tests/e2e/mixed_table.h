// A table of random form and contents, whose rows say themselves what must become of them.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support/database.h"

namespace rowferry::testing {

// Draws that are the same for the same seed with every standard library.
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  int64_t Between(int64_t low, int64_t high) {  // both included
    return low + static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low + 1));
  }
  bool OneIn(int64_t n) { return Between(1, n) == 1; }
  template <typename T>
  const T& Pick(const std::vector<T>& among) {
    return among[static_cast<size_t>(Between(0, static_cast<int64_t>(among.size()) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

class MixedTable {
 public:
  enum class Key { kNumber, kText, kComposite, kNone };
  struct Counts {
    int64_t good = 0;
    int64_t rejected = 0;
    int64_t swallowed = 0;
  };

  // Without rules the job makes the target's table, which takes every row. Else it is there before,
  // with constraints, some of them deferred, and triggers that count, swallow and raise; or, of a
  // family, with a foreign key to itself instead of the triggers.
  enum class Rules { kNone, kTriggers, kFamily };

  // REQUIRES: a family has numbers as its key, and a PostgreSQL target.
  MixedTable(std::string name, Key key, Rules rules, int64_t rows)
      : name_(std::move(name)), key_(key), rules_(rules), rows_(rows) {}

  // Makes and fills the source's table, makes the target's, where it has rules.
  void Make(TestDatabase& source, const std::string& source_kind, TestDatabase& target,
            const std::string& target_kind, Dice& dice);

  // Makes the rows of the source's table so long that they take this together. REQUIRES: Make.
  void Widen(TestDatabase& source, const std::string& source_kind, int64_t bytes) const;

  const std::string& name() const { return name_; }
  bool has_triggers() const { return rules_ == Rules::kTriggers; }
  int64_t rows() const { return rows_; }
  const Counts& counts() const { return counts_; }  // what must become of the rows
  // Of its rejects: kind and how many, as text, sorted.
  std::vector<TextRow> RejectKinds(const std::string& source_kind) const;
  // Its rows in one of both databases, as text, sorted. In the target must stand those of the
  // source WHERE fate = 'good', and no others.
  std::vector<TextRow> Rows(TestDatabase& database, const std::string& kind,
                            const std::string& condition = "") const;
  std::string Show() const;

 private:
  std::string KeyColumns() const;
  std::string PrimaryKey() const;
  std::string KeyValues(int64_t row) const;
  std::string Values(int64_t row, const std::string& blob_prefix, Dice& dice);
  bool IsChief(int64_t row) const;
  std::string Chief(const std::string& fate, int64_t row, Dice& dice) const;
  std::string DrawFate(int64_t row, Dice& dice);

  std::string name_;
  Key key_;
  Rules rules_;
  int64_t rows_;
  int64_t bad_one_in_ = 0;              // 0: no row is bad
  std::vector<std::string> fates_;      // those that this target has
  std::vector<int64_t> marks_, lates_;  // values of good rows
  Counts counts_;
  std::map<std::string, int64_t> fates_drawn_;
};

// What the triggers of tables with rules write into, and their functions.
void MakeTriggerHome(TestDatabase& target, const std::string& kind);

}  // namespace rowferry::testing
