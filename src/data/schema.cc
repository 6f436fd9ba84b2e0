#include "data/schema.h"

#include <algorithm>

namespace rowferry {

const ColumnInfo* Table::Find(std::string_view column) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const ColumnInfo& c) { return c.name == column; });
  return found == columns.end() ? nullptr : &*found;
}

}  // namespace rowferry
