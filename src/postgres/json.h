// What jsonb would drop of a JSON text without a word.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rowferry {

// "holds the key "a" twice, …": jsonb keeps the last value alone; or "holds -0": jsonb keeps no
// sign of it. Nothing if there is neither. Text that is no JSON gives either: PostgreSQL refuses
// it.
std::optional<std::string> LossInJsonb(std::string_view json);

}  // namespace rowferry
