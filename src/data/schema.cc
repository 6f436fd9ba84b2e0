#include "data/schema.h"

#include <algorithm>
#include <array>

#include "base/text.h"

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

std::string CollationStaysBehind(const ColumnInfo& column) {
  return "column " + column.name + ": its collation " + column.collation + " stays behind";
}

std::string ShowLeftBehind(const LeftBehind& left) {
  struct Part {
    int64_t count;
    const char* one;
    const char* many;
  };
  const std::array parts = {Part{left.indexes, "index", "indexes"},
                            Part{left.foreign_keys, "foreign key", "foreign keys"},
                            Part{left.triggers, "trigger", "triggers"}};
  std::vector<std::string> shown;
  for (const Part& part : parts) {
    if (part.count == 0) continue;
    shown.push_back(std::to_string(part.count) + " " + (part.count == 1 ? part.one : part.many));
  }
  if (left.checks) shown.emplace_back("CHECK constraints");
  return shown.empty() ? "" : "left behind: " + Join(shown, ", ");
}

}  // namespace rowferry
