#include "flow/ledger.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rowferry {
namespace {

constexpr std::array<std::pair<JobState, std::string_view>, 4> kStates = {{
    {JobState::kRunning, "running"},
    {JobState::kDone, "done"},
    {JobState::kStopped, "stopped"},
    {JobState::kFailed, "failed"},
}};

}  // namespace

std::string_view JobStateName(JobState state) {
  for (const auto& [value, name] : kStates) {
    if (value == state) return name;
  }
  return "unknown";
}

std::optional<JobState> ParseJobState(std::string_view name) {
  for (const auto& [value, known] : kStates) {
    if (known == name) return value;
  }
  return std::nullopt;
}

int64_t FirstEpoch(int64_t replaced, int64_t unix_micros) {
  return std::max(replaced + 1, unix_micros);
}

int64_t CountOf(const std::vector<RejectCount>& counts, std::optional<RejectState> state,
                std::optional<int> split) {
  int64_t rows = 0;
  for (const RejectCount& count : counts) {
    const bool counts_here = (!state || count.state == *state) && (!split || count.split == *split);
    if (counts_here) rows += count.rows;
  }
  return rows;
}

}  // namespace rowferry
