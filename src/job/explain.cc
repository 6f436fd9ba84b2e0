#include <algorithm>

#include "base/text.h"
#include "job/plan.h"

namespace rowferry {
namespace {

std::string ShowCount(int64_t rows) {
  return rows < 0 ? "not known beforehand" : "about " + std::to_string(rows);
}

std::string WhatHappens(const TablePlan& table) {
  const std::string rows = std::to_string(table.rows_to_go) + " rows";
  if (table.prepared == "replaced") return "is dropped with its " + rows + ", and created anew";
  if (!table.exists) return "is created";
  if (table.rows_to_go > 0) return "is emptied: " + rows + " go";
  return "exists";
}

size_t Widest(const std::vector<std::string>& cells) {
  size_t width = 0;
  for (const std::string& cell : cells) width = std::max(width, CountCharacters(cell));
  return width;
}

std::string Pad(const std::string& text, size_t width) {
  return text + std::string(width - std::min(width, CountCharacters(text)), ' ');
}

std::string ExplainColumns(const TablePlan& table) {
  std::vector<std::string> sources;
  std::vector<std::string> targets;
  for (size_t i = 0; i < table.read.outputs.size(); ++i) {
    const auto* column = table.source.Find(table.read.outputs[i].name);
    const auto& input = table.write.inputs[i];
    sources.push_back(column->name + " " + (column->native.empty() ? "(untyped)" : column->native));
    targets.push_back(input.name + " " + input.column.native +
                      (input.column.not_null ? " NOT NULL" : ""));
  }
  const size_t width = Widest(sources);
  std::string text;
  for (size_t i = 0; i < sources.size(); ++i) {
    text += "    " + Pad(sources[i], width) + "  ->  " + targets[i] + "\n";
  }
  return text;
}

std::string Indent(const std::string& text, const std::string& indent) {
  std::string indented;
  for (const std::string& line : Split(text, '\n')) indented += indent + line + "\n";
  return indented;
}

std::string ExplainTable(const TablePlan& table) {
  std::string text = table.source.name.Show() + " -> " + table.target.name.Show() + "\n";
  text += "  rows: " + ShowCount(table.source.estimated_rows) + "\n";
  text += "  target: " + WhatHappens(table) + "\n";
  text += "  key: " + table.read.key.proof + "\n";
  if (!table.read.where.empty()) text += "  where: " + table.read.where + "\n";
  text += "  columns:\n" + ExplainColumns(table);
  if (!table.statements.empty()) text += "  statements:\n";
  for (const std::string& statement : table.statements) text += Indent(statement + ";", "    ");
  for (const std::string& warning : table.warnings) text += "  warning: " + warning + "\n";
  return text;
}

}  // namespace

std::string Explain(const JobPlan& plan) {
  std::string text =
      "job " + plan.name + "\n  source: " + plan.source + "\n  target: " + plan.target + "\n";
  for (const std::string& warning : plan.warnings) text += "  warning: " + warning + "\n";
  for (const TablePlan& table : plan.tables) text += "\n" + ExplainTable(table);
  return text;
}

}  // namespace rowferry
