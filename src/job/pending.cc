#include "job/pending.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace rowferry {
namespace {

int64_t CountPending(const std::vector<SplitRecord>& splits) {
  int64_t pending = 0;
  for (const SplitRecord& split : splits) pending += split.checkpoint.counts.pending;
  return pending;
}

bool AllDone(const std::vector<SplitRecord>& splits) {
  return std::all_of(splits.begin(), splits.end(),
                     [](const SplitRecord& split) { return split.checkpoint.done; });
}

// One pass over all splits. Nothing: the run is to stop.
std::optional<PendingTry> TryAll(const std::vector<SplitRecord>& splits, bool reject,
                                 const RetryPending& retry) {
  PendingTry all;
  for (const SplitRecord& split : splits) {
    if (split.checkpoint.counts.pending == 0) continue;
    const bool sure = reject && !all.again;
    const auto one = retry(split, sure ? RejectState::kOpen : RejectState::kPending);
    if (!one) return std::nullopt;
    all.loaded += one->loaded;
    all.again = all.again || one->again;
  }
  return all;
}

}  // namespace

bool SettlePending(const ReadSplits& splits, const RetryPending& retry) {
  int64_t before = -1;
  bool changed = true;
  while (true) {
    const auto now = splits();
    if (!now) return false;
    const int64_t pending = CountPending(*now);
    if (pending == 0 || !AllDone(*now)) return true;
    spdlog::log(before < 0 ? spdlog::level::info : spdlog::level::debug,
                "{} rows refer to rows that had not come yet: they are tried again", pending);
    const auto pass = TryAll(*now, !changed && pending == before, retry);
    if (!pass) return false;
    changed = pass->loaded > 0 || pass->again;
    before = pending;
  }
}

}  // namespace rowferry
