#include "flow/reject.h"

#include <array>
#include <utility>

namespace rowferry {
namespace {

constexpr std::array kStates = {
    std::pair{RejectState::kOpen, std::string_view("open")},
    std::pair{RejectState::kPending, std::string_view("pending")},
    std::pair{RejectState::kPurged, std::string_view("purged")},
};

}  // namespace

std::string_view RejectStateName(RejectState state) {
  for (const auto& [value, name] : kStates) {
    if (value == state) return name;
  }
  return "unknown";
}

std::optional<RejectState> ParseRejectState(std::string_view name) {
  for (const auto& [value, known] : kStates) {
    if (known == name) return value;
  }
  return std::nullopt;
}

int64_t& CountOf(Counts& counts, RejectState state) {
  return state == RejectState::kPending ? counts.pending : counts.rejected;
}

}  // namespace rowferry
