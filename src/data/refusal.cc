#include "data/refusal.h"

namespace rowferry {

std::string_view RefusalKindName(RefusalKind kind) {
  for (const auto& [value, name] : kRefusalKinds) {
    if (value == kind) return name;
  }
  return "other";
}

std::optional<RefusalKind> ParseRefusalKind(std::string_view name) {
  for (const auto& [value, known] : kRefusalKinds) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace rowferry
