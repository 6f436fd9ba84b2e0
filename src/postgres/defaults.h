// Column defaults: what another database would understand of PostgreSQL's expressions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/schema.h"

namespace rowferry {

// From pg_get_expr: "42", "'it''s'::text", "(-1.5)", "now()", "CURRENT_DATE". Nothing for all else.
std::optional<ColumnDefault> ParseDefault(std::string_view expression, const Type& type);

// SQL for a column of `type`, or nothing where the two do not go together.
std::optional<std::string> SpellDefault(const ColumnDefault& value, const Type& type);

}  // namespace rowferry
