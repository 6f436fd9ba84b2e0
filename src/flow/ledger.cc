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

}  // namespace rowferry
