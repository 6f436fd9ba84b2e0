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

[[noreturn]] void RefuseUnknown(const Settings& settings, Ends& ends, const std::string& asked,
                                const std::vector<TableName>& known) {
  for (const NoTable& other : ends.source->ListOthers()) {
    if (!IsCalled(other.name, asked, settings.schema)) continue;
    throw Error(ErrorKind::kPlan, "\"" + asked + "\" is a " + other.kind +
                                      ", and only tables are copied: make one of its rows first");
  }
  std::vector<std::string> names;
  for (const TableName& table : known) {
    names.push_back(table.name);
    if (!table.schema.empty()) names.push_back(table.Show());
  }
  const auto nearest = Nearest(asked, names);
  throw Error(ErrorKind::kPlan, "the source has no table \"" + asked + "\"" +
                                    (nearest ? "; did you mean \"" + *nearest + "\"?" : ""));
}

// "a.b": the table b of the schema a, or a.b of --schema.
[[noreturn]] void RefuseAmbiguous(const std::string& asked, const TableName& one,
                                  const TableName& other) {
  const auto show = [&](const TableName& table) {
    const std::string whole = table.Show();
    if (whole != asked) return "--table " + whole;
    return "--schema " + table.schema + " --table " + table.name;
  };
  throw Error(ErrorKind::kPlan, "--table " + asked + " is the name of two tables: say " +
                                    show(one) + ", or " + show(other));
}

std::vector<TableName> NamedTables(const Settings& settings, Ends& ends,
                                   const std::vector<TableName>& known) {
  std::vector<TableName> selected;
  for (const std::string& asked : settings.tables) {
    const auto is_called = [&](const TableName& t) { return IsCalled(t, asked, settings.schema); };
    const auto table = std::find_if(known.begin(), known.end(), is_called);
    if (table == known.end()) RefuseUnknown(settings, ends, asked, known);
    const auto other = std::find_if(table + 1, known.end(), is_called);
    if (other != known.end()) RefuseAmbiguous(asked, *table, *other);
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

// "a, b and 3 more"
std::string ShowSome(const std::vector<std::string>& names) {
  constexpr size_t kShown = 5;
  if (names.size() <= kShown + 1) return Join(names, ", ");
  const auto end = names.begin() + kShown;
  return Join({names.begin(), end}, ", ") + " and " + std::to_string(names.end() - end) + " more";
}

// Schemas other than --schema that hold tables.
std::vector<std::string> OtherSchemas(const Settings& settings, Ends& ends) {
  std::vector<std::string> schemas;
  for (const TableName& table : ends.source->ListTables()) {  // sorted by schema
    const bool other = !table.schema.empty() && table.schema != settings.schema;
    if (other && (schemas.empty() || schemas.back() != table.schema)) {
      schemas.push_back(table.schema);
    }
  }
  return schemas;
}

}  // namespace

std::vector<TableName> SelectTables(const Settings& settings, Ends& ends) {
  const std::vector<TableName> known = ends.source->ListTables();
  std::vector<TableName> selected = NamedTables(settings, ends, known);
  if (settings.tables.empty()) {
    std::copy_if(known.begin(), known.end(), std::back_inserter(selected), [&](const TableName& t) {
      return t.schema.empty() || t.schema == settings.schema;
    });
  }
  if (selected.empty()) {
    const bool schemas = ends.source_driver->has_schemas;
    throw Error(ErrorKind::kPlan,
                "the source has no tables to copy" +
                    (schemas ? " in schema \"" + settings.schema + "\" (--schema)" : ""));
  }
  std::erase_if(selected, [&](const TableName& table) { return IsExcluded(settings, table); });
  if (selected.empty()) {
    throw Error(ErrorKind::kPlan, "no table is left to copy: --exclude leaves out all of them");
  }
  std::sort(selected.begin(), selected.end(),
            [](const TableName& a, const TableName& b) { return a.Show() < b.Show(); });
  return selected;
}

std::vector<std::string> LeftOut(const Settings& settings, Ends& ends) {
  if (!settings.tables.empty()) return {};
  std::vector<std::string> others;
  for (const NoTable& other : ends.source->ListOthers()) {
    const bool meant = other.name.schema.empty() || other.name.schema == settings.schema;
    if (meant && !IsExcluded(settings, other.name)) {
      others.push_back(other.kind + " " + other.name.name);
    }
  }
  std::vector<std::string> left_out;
  if (!others.empty()) left_out.push_back("left behind: " + ShowSome(others));
  const std::vector<std::string> schemas = OtherSchemas(settings, ends);
  if (!schemas.empty()) {
    left_out.push_back("left out: the tables of other schemas (--schema): " + ShowSome(schemas));
  }
  return left_out;
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
