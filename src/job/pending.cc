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

// One pass over all splits. False: the run is to stop.
bool TryAll(const std::vector<SplitRecord>& splits, RejectState failed, const RetryPending& retry) {
  for (const SplitRecord& split : splits) {
    if (split.checkpoint.counts.pending > 0 && !retry(split, failed)) return false;
  }
  return true;
}

}  // namespace

bool SettlePending(const ReadSplits& splits, const RetryPending& retry) {
  int64_t before = -1;
  while (true) {
    const auto now = splits();
    if (!now) return false;
    const int64_t pending = CountPending(*now);
    if (pending == 0 || !AllDone(*now)) return true;
    spdlog::log(before < 0 ? spdlog::level::info : spdlog::level::debug,
                "{} rows refer to rows that had not come yet: they are tried again", pending);
    const bool stuck = pending == before;
    if (!TryAll(*now, stuck ? RejectState::kOpen : RejectState::kPending, retry)) return false;
    before = pending;
  }
}

}  // namespace rowferry
