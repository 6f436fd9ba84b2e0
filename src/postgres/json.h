// What jsonb would drop of a JSON text without a word.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rowferry {

// A key that stands twice in one object, of which jsonb keeps the last value alone; nothing if
// there is none. Text that is no JSON gives either: PostgreSQL refuses it anyway.
std::optional<std::string> RepeatedKey(std::string_view json);

}  // namespace rowferry
