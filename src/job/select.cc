#include "job/select.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace rowferry {
namespace {

// "orders" means the table of that name in --schema; "sales.orders" that of the schema sales.
bool IsCalled(const TableName& table, const std::string& asked, const std::string& schema) {
  if (table.schema.empty()) return table.name == asked;
  return table.Show() == asked || (table.schema == schema && table.name == asked);
}

[[noreturn]] void RefuseUnknown(const std::string& asked, const std::vector<TableName>& known) {
  std::vector<std::string> names;
  for (const TableName& table : known) {
    names.push_back(table.name);
    if (!table.schema.empty()) names.push_back(table.Show());
  }
  const auto nearest = Nearest(asked, names);
  throw Error(ErrorKind::kPlan, "the source has no table \"" + asked + "\"" +
                                    (nearest ? "; did you mean \"" + *nearest + "\"?" : ""));
}

std::vector<TableName> NamedTables(const Settings& settings, const std::vector<TableName>& known) {
  std::vector<TableName> selected;
  for (const std::string& asked : settings.tables) {
    const auto table = std::find_if(known.begin(), known.end(), [&](const TableName& t) {
      return IsCalled(t, asked, settings.schema);
    });
    if (table == known.end()) RefuseUnknown(asked, known);
    if (std::find(selected.begin(), selected.end(), *table) == selected.end()) {
      selected.push_back(*table);
    }
  }
  return selected;
}

bool IsExcluded(const Settings& settings, const TableName& table) {
  return std::any_of(settings.excludes.begin(), settings.excludes.end(), [&](const auto& pattern) {
    return MatchesGlob(pattern, table.name) || MatchesGlob(pattern, table.Show());
  });
}

}  // namespace

std::vector<TableName> SelectTables(const Settings& settings, Ends& ends) {
  const std::vector<TableName> known = ends.source->ListTables();
  std::vector<TableName> selected = NamedTables(settings, known);
  if (settings.tables.empty()) {
    std::copy_if(known.begin(), known.end(), std::back_inserter(selected), [&](const TableName& t) {
      return t.schema.empty() || t.schema == settings.schema;
    });
  }
  std::erase_if(selected, [&](const TableName& table) { return IsExcluded(settings, table); });
  if (selected.empty()) {
    const bool schemas = ends.source_driver->has_schemas;
    throw Error(ErrorKind::kPlan,
                "the source has no tables to copy" +
                    (schemas ? " in schema \"" + settings.schema + "\" (--schema)" : ""));
  }
  std::sort(selected.begin(), selected.end(),
            [](const TableName& a, const TableName& b) { return a.Show() < b.Show(); });
  return selected;
}

std::string TargetIdentifier(const Settings& settings, const std::string& name) {
  switch (settings.identifiers) {
    case Identifiers::kKeep:
      return name;
    case Identifiers::kLower:
      return Lower(name);
    case Identifiers::kSnake:
      return Snake(name);
  }
  return name;
}

TableName TargetTable(const Settings& settings, const Ends& ends, const TableName& source) {
  TableName target;
  if (ends.target_driver->has_schemas) target.schema = settings.target_schema;
  target.name = TargetIdentifier(settings, source.name);
  return target;
}

}  // namespace rowferry
