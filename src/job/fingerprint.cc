#include "job/fingerprint.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace rowferry {
namespace {

// The collation that a part of the key is compared by; a source that names none takes the column's.
std::string CollationOf(const KeyColumn& part, const Table& table) {
  const ColumnInfo* column = table.Find(part.column.name);
  const bool own = part.column.collation.empty() && column != nullptr;
  return own ? column->collation : part.column.collation;
}

// Whatever the order of the rows hangs on, but for the proof.
std::string ShowParts(const KeyChoice& key, const Table& table) {
  std::string text;
  for (const KeyColumn& part : key.columns) {
    text += "; " + part.column.name + " " + part.native + " as " + part.type.name;
    if (const auto collation = CollationOf(part, table); !collation.empty()) {
      text += " collate " + collation;
    }
    if (part.column.descending) text += " descending";
    if (part.column.nulls_first) text += " nulls first";
  }
  return text;
}

std::string ShowKey(const TablePlan& table) {
  return table.read.key.proof + ShowParts(table.read.key, table.source);
}

std::string LabelOf(const TableName& table) { return "table " + table.Show(); }

// What the fingerprint says of the table's key; empty if nothing. Names may hold newlines.
std::string KeyIn(const std::string& fingerprint, const TableName& table) {
  const std::string label = "\n" + LabelOf(table);
  const std::string begin = label + ": key ";
  const size_t at = fingerprint.find(begin);
  if (at == std::string::npos) return {};
  const size_t from = at + begin.size();
  return fingerprint.substr(from, fingerprint.find(label + ": column ", from) - from);
}

}  // namespace

std::string Asked(const Settings& settings, const Ends& ends) {
  return "source: " + ends.source->Place() + "\noptions: " + ShowOptions(settings);
}

std::string Fingerprint(const Settings& settings, const Ends& ends, const JobPlan& plan) {
  std::vector<std::string> lines = {Asked(settings, ends)};
  if (settings.existing == Existing::kTruncate) lines.emplace_back("existing rows: truncate");
  if (settings.existing == Existing::kReplace) lines.emplace_back("existing rows: replace");
  for (const TablePlan& table : plan.tables) {
    const std::string name = LabelOf(table.source.name);
    lines.push_back(name + ": into " + table.target.name.Show());
    if (!table.read.where.empty()) lines.push_back(name + ": where " + table.read.where);
    lines.push_back(name + ": key " + ShowKey(table));
    for (size_t i = 0; i < table.read.outputs.size(); ++i) {
      const auto& input = table.write.inputs[i];
      const ColumnInfo* column = table.source.Find(table.read.outputs[i].name);
      lines.push_back(name + ": column " + column->name + " " + column->native + " -> " +
                      input.name + " " + input.column.type.name);
    }
  }
  return Join(lines, "\n");
}

std::string FingerprintDifference(const std::string& before, const std::string& now) {
  const auto only_in = [](const std::vector<std::string>& a, const std::vector<std::string>& b,
                          const std::string& label) {
    std::string lines;
    for (const std::string& line : a) {
      if (std::find(b.begin(), b.end(), line) == b.end()) lines += label + line + "\n";
    }
    return lines;
  };
  const auto old_lines = Split(before, '\n');
  const auto new_lines = Split(now, '\n');
  std::string difference =
      only_in(old_lines, new_lines, "  was: ") + only_in(new_lines, old_lines, "  is:  ");
  if (!difference.empty()) difference.pop_back();
  return difference;
}

std::string KeyDifference(const std::string& before, const TablePlan& now, size_t parts) {
  const KeyChoice& key = now.read.key;
  const std::string was = KeyIn(before, now.source.name);
  const std::string is = ShowKey(now);
  const bool by_columns = key.kind == KeyKind::kColumns && key.columns.size() == parts;
  const bool same = was == is || (by_columns && was.ends_with(ShowParts(key, now.source)));
  return same ? "" : "  was: " + was + "\n  is:  " + is;
}

bool WasCopied(const std::string& fingerprint, const TableName& table, const std::string& column) {
  const std::string label = "\n" + LabelOf(table) + ": column " + column + " ";
  return fingerprint.find(label) != std::string::npos;
}

}  // namespace rowferry
