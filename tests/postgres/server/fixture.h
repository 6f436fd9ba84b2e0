// Plans over a table that exists, without a job around them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "flow/source.h"
#include "flow/target.h"
#include "postgres/driver.h"
#include "support/database.h"

namespace rowferry::testing {

inline std::unique_ptr<Source> OpenSource(const PostgresDatabase& database) {
  return OpenPostgresSource({database.url(), true});
}

inline std::unique_ptr<Target> OpenTarget(const PostgresDatabase& database) {
  TargetOptions options;
  options.url = database.url();
  return OpenPostgresTarget(options);
}

// All columns in the forms that any target takes.
inline ReadPlan ReadAll(Source& source, const TableName& name,
                        const std::vector<std::string>& key = {}) {
  const Table table = source.DescribeTable(name).value();
  ReadPlan plan;
  plan.table = name;
  for (const ColumnInfo& column : table.columns) {
    plan.outputs.push_back({column.name, source.FormFor(column, column, false).value()});
  }
  plan.key = source.ChooseKey(table, key);
  return plan;
}

// All columns, given as the canonical form of their own types.
inline WritePlan WriteAll(Target& target, const TableName& name) {
  const Table table = target.DescribeTable(name).value();
  WritePlan plan;
  plan.table = name;
  for (const ColumnInfo& column : table.columns) {
    plan.inputs.push_back({column.name, column.type, column});
  }
  plan.swallows_rows = table.swallows_rows;
  return plan;
}

// The kind and the message of what `call` throws; "nothing" if it throws nothing.
template <typename Call>
std::string Thrown(Call call, ErrorKind kind) {
  try {
    call();
  } catch (const Error& error) {
    return (error.kind() == kind ? "" : "(another kind) ") + std::string(error.what());
  }
  return "nothing";
}

inline bool Holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace rowferry::testing
