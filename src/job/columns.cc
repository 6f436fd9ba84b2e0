#include "job/columns.h"

#include <algorithm>

#include "base/text.h"
#include "job/select.h"

namespace rowferry {
namespace {

bool IsDropped(const Settings& settings, const std::string& column) {
  return std::find(settings.drop.begin(), settings.drop.end(), column) != settings.drop.end();
}

// The target's column for a source column of that name; null if there is none.
const ColumnInfo* FindTarget(const Settings& settings, const Ends& ends, const Table& target,
                             const std::string& source_name) {
  const std::string name = TargetIdentifier(settings, source_name);
  if (const ColumnInfo* column = target.Find(name)) return column;
  const bool any_case =
      ends.target_driver->folds_case || settings.identifiers != Identifiers::kKeep;
  if (!any_case) return nullptr;
  const auto found = std::find_if(target.columns.begin(), target.columns.end(),
                                  [&](const auto& c) { return EqualsIgnoreCase(c.name, name); });
  return found == target.columns.end() ? nullptr : &*found;
}

std::optional<std::string> NearestColumn(const std::string& name, const Table& table) {
  std::vector<std::string> names;
  for (const ColumnInfo& known : table.columns) names.push_back(known.name);
  return Nearest(name, names);
}

std::string Missing(const TablePlan& table, const ColumnInfo& column) {
  const auto nearest = NearestColumn(column.name, table.target);
  return "column \"" + column.name + "\" is missing in the target" +
         (nearest ? " (it has \"" + *nearest + "\")" : "") +
         ": add it there, or leave it out with --drop " + column.name;
}

struct Pair {
  const ColumnInfo* source;
  const ColumnInfo* target;
};

// Parts of other types would round or cut what they read.
bool DiffersInParts(const Pair& pair) {
  const std::string& source = pair.source->definition;
  const std::string& target = pair.target->definition;
  return !source.empty() && !target.empty() && source != target;
}

std::optional<std::string> WhyNot(const Ends& ends, const std::optional<Type>& form,
                                  const Pair& pair) {
  if (!form) return "no common form is known";
  if (DiffersInParts(pair)) {
    return "their parts are of other types (" + pair.source->definition + " and " +
           pair.target->definition + ")";
  }
  return ends.target->WhyNot(*form, *pair.target);
}

// The form in which the values travel; nothing, and a refusal, if there is none.
std::optional<Type> Travel(Ends& ends, const Pair& pair, bool same_database, std::string& refusal) {
  for (const bool native : {true, false}) {
    if (native && !same_database) continue;
    auto form = ends.source->FormFor(*pair.source, *pair.target, native);
    const auto why_not = WhyNot(ends, form, pair);
    if (!why_not) return form;
    refusal = "column \"" + pair.source->name + "\" (" + pair.source->native +
              ") cannot go into \"" + pair.target->name + "\" (" + pair.target->native +
              "): " + *why_not + "; change the target's column, or --drop " + pair.source->name;
  }
  return std::nullopt;
}

void FillForms(Ends& ends, TablePlan& table, const std::vector<Pair>& pairs, bool same_database,
               std::vector<std::string>& refusals) {
  table.read.outputs.clear();
  table.write.inputs.clear();
  for (const Pair& pair : pairs) {
    std::string refusal;
    const auto form = Travel(ends, pair, same_database, refusal);
    if (!form) {
      refusals.push_back(refusal);
      continue;
    }
    table.read.outputs.push_back({pair.source->name, *form});
    table.write.inputs.push_back({pair.target->name, *form, *pair.target, pair.source->last_value});
  }
}

std::vector<Pair> PairColumns(const Settings& settings, const Ends& ends, const TablePlan& table,
                              std::vector<std::string>& refusals) {
  std::vector<Pair> pairs;
  for (const ColumnInfo& column : table.source.columns) {
    if (IsDropped(settings, column.name)) continue;
    const ColumnInfo* target = FindTarget(settings, ends, table.target, column.name);
    const bool taken = std::any_of(pairs.begin(), pairs.end(),
                                   [&](const Pair& pair) { return pair.target == target; });
    if (target == nullptr) {
      if (!column.generated) refusals.push_back(Missing(table, column));
    } else if (taken) {
      refusals.push_back(ColumnClash(target->name));
    } else if (!target->generated) {
      pairs.push_back({&column, target});
    } else if (!column.generated) {
      refusals.push_back("the target computes its column \"" + target->name +
                         "\", and has no place for the source's values: make it an ordinary "
                         "column, or --drop " +
                         column.name);
    }
  }
  return pairs;
}

void CheckUnmatched(const TablePlan& table, const std::vector<Pair>& pairs,
                    std::vector<std::string>& refusals) {
  for (const ColumnInfo& column : table.target.columns) {
    const bool matched = std::any_of(pairs.begin(), pairs.end(),
                                     [&](const Pair& pair) { return pair.target == &column; });
    const bool fills_itself = !column.not_null || column.has_default || column.generated ||
                              column.identity != Identity::kNone;
    if (matched || fills_itself) continue;
    refusals.push_back("the target's column \"" + column.name +
                       "\" is NOT NULL without a default, and the source has nothing for it: give "
                       "it a default, or make it nullable");
  }
}

void CheckDropped(const Settings& settings, const TablePlan& table,
                  std::vector<std::string>& refusals) {
  for (const std::string& name : settings.drop) {
    if (table.source.Find(name) != nullptr) continue;
    const auto nearest = NearestColumn(name, table.source);
    refusals.push_back("--drop " + name + ": the source has no such column" +
                       (nearest ? "; did you mean \"" + *nearest + "\"?" : ""));
  }
}

}  // namespace

std::string ColumnClash(const std::string& name) {
  return "two of its columns would be \"" + name +
         "\" in the target: change --identifiers, or --drop one";
}

Table WantedTable(const Settings& settings, const Table& source) {
  Table wanted = source;
  std::erase_if(wanted.columns, [&](const auto& c) { return IsDropped(settings, c.name); });
  std::erase_if(wanted.unique_keys, [&](const UniqueKey& key) {
    return std::any_of(key.columns.begin(), key.columns.end(),
                       [&](const auto& c) { return IsDropped(settings, c.name); });
  });
  for (ColumnInfo& column : wanted.columns) column.name = TargetIdentifier(settings, column.name);
  for (UniqueKey& key : wanted.unique_keys) {
    for (IndexColumn& column : key.columns) column.name = TargetIdentifier(settings, column.name);
  }
  return wanted;
}

void MatchColumns(const Settings& settings, Ends& ends, TablePlan& table,
                  std::vector<std::string>& refusals) {
  CheckDropped(settings, table, refusals);
  const std::vector<Pair> pairs = PairColumns(settings, ends, table, refusals);
  CheckUnmatched(table, pairs, refusals);
  if (pairs.empty())
    refusals.emplace_back("no column is left to copy: leave the table out with --exclude " +
                          table.source.name.name);
  std::vector<std::string> form_refusals;
  FillForms(ends, table, pairs, ends.same_database(), form_refusals);
  if (form_refusals.empty() && ends.same_database() && !ends.target->TakesNative(table.write)) {
    FillForms(ends, table, pairs, false, form_refusals);
  }
  refusals.insert(refusals.end(), form_refusals.begin(), form_refusals.end());
}

}  // namespace rowferry
