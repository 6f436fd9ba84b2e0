#include "data/schema.h"

#include <algorithm>

namespace rowferry {

std::string ColumnDefault::Sql() const {
  switch (kind) {
    case Kind::kLiteral:
      return literal;
    case Kind::kCurrentDate:
      return "CURRENT_DATE";
    case Kind::kCurrentTime:
      return "CURRENT_TIME";
    case Kind::kCurrentTimestamp:
      return "CURRENT_TIMESTAMP";
  }
  return literal;
}

const ColumnInfo* Table::Find(std::string_view column) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const ColumnInfo& c) { return c.name == column; });
  return found == columns.end() ? nullptr : &*found;
}

}  // namespace rowferry
