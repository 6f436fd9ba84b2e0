#include "job/pending.h"

#include <doctest/doctest.h>

namespace rowferry::testing {
namespace {

// Two splits of 10 rows that wait, and what befalls each pass over one of them.
class Passes {
 public:
  struct Pass {
    int64_t loaded = 0;
    int64_t taken_back = 0;  // by a crash behind the pass
    bool again = false;      // in the middle of it
  };
  explicit Passes(std::vector<Pass> passes) : passes_(std::move(passes)) {}

  bool Settle() {
    const auto splits = [this] { return std::optional(splits_); };
    return SettlePending(splits, [this](const SplitRecord& split, RejectState failed) {
      return Try(split.id, failed);
    });
  }
  std::string asked() const { return asked_; }  // "p": left pending, "o": rejected
  int64_t rejected() const { return rejected_; }

 private:
  std::optional<PendingTry> Try(int id, RejectState failed) {
    if (asked_.size() == passes_.size()) return std::nullopt;
    const Pass& pass = passes_.at(asked_.size());
    int64_t& pending = splits_.at(static_cast<size_t>(id)).checkpoint.counts.pending;
    pending += pass.taken_back - pass.loaded;
    if (failed == RejectState::kOpen && !pass.again) {
      rejected_ += pending;
      pending = 0;
    }
    asked_ += failed == RejectState::kOpen ? 'o' : 'p';
    return PendingTry{pass.loaded, pass.again};
  }

  static std::vector<SplitRecord> MakeSplits() {
    std::vector<SplitRecord> splits(2);
    for (int id = 0; id < 2; ++id) {
      SplitRecord& split = splits.at(static_cast<size_t>(id));
      split.id = id;
      split.checkpoint.done = true;
      split.checkpoint.counts.pending = 10;
    }
    return splits;
  }

  std::vector<Pass> passes_;
  std::vector<SplitRecord> splits_ = MakeSplits();
  std::string asked_;
  int64_t rejected_ = 0;
};

TEST_CASE("rows that wait are rejected once a pass has loaded none of them") {
  Passes passes({{4}, {0}, {0}, {3}, {0}, {0}, {0}, {0}});
  CHECK(passes.Settle());
  CHECK(passes.asked() == "ppppppoo");
  CHECK(passes.rejected() == 13);
}

TEST_CASE("a pass whose rows a crash took back is no pass that loaded none") {
  Passes passes({{4, 4}, {0}, {10}, {10}});
  CHECK(passes.Settle());
  CHECK(passes.asked() == "pppp");
  CHECK(passes.rejected() == 0);
}

TEST_CASE("rows that a crash took back behind a pass that loaded none are tried, not rejected") {
  Passes passes({{9}, {0}, {0, 9}, {0}, {10}, {10}});
  CHECK(passes.Settle());
  CHECK(passes.asked() == "pppppp");
  CHECK(passes.rejected() == 0);
}

TEST_CASE("after a failure in the last pass nothing is rejected before another one") {
  SUBCASE("of rows that come then") {
    Passes passes({{0}, {0}, {0, 0, true}, {10}, {10}});
    CHECK(passes.Settle());
    CHECK(passes.asked() == "ppopp");
    CHECK(passes.rejected() == 0);
  }
  SUBCASE("of a row that is rejected in the end") {
    Passes passes({{9}, {10}, {0}, {0, 0, true}, {0}, {0}});
    CHECK(passes.Settle());
    CHECK(passes.asked() == "pppopo");
    CHECK(passes.rejected() == 1);
  }
}

TEST_CASE("rows that wait stay so where the run is to stop") {
  Passes passes({{0}, {0}, {0}});
  CHECK_FALSE(passes.Settle());
  CHECK(passes.asked() == "ppo");
}

}  // namespace
}  // namespace rowferry::testing
