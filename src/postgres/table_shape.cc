#include "postgres/table_shape.h"

#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "postgres/errors.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

namespace statements = sql::postgres;

std::string HashNow(const TableShape& shape) {
  return Fill(statements::shape_hash, {{"oid", shape.oid}, {"columns", "{" + shape.columns + "}"}});
}

std::string Names(const WritePlan& plan) {
  std::vector<std::string> names;
  for (const WritePlan::Input& input : plan.inputs) names.push_back(QuoteLiteral(input.name));
  return names.empty() ? "NULL" : Join(names, ", ");
}

}  // namespace

TableShape ReadShape(Session& session, const WritePlan& plan) {
  const auto rows = session.Exec(Fill(statements::table_shape, {{"names", Names(plan)}}),
                                 {{Qualified(plan.table.schema, plan.table.name)}});
  if (rows.empty()) throw AlteredTable(plan.table, "it is gone");
  if (rows[0]["found"].as<size_t>() != plan.inputs.size()) {
    throw AlteredTable(plan.table, "it lacks a column that is to be written");
  }
  TableShape shape{rows[0]["oid"].c_str(), rows[0]["columns"].c_str(), ""};
  shape.hash = session.Exec(HashNow(shape))[0][0].c_str();
  return shape;
}

std::string RequireShape(const TableShape& shape) {
  return Fill(statements::require_shape, {{"hash_now", HashNow(shape)}, {"hash", shape.hash}});
}

Error AlteredTable(const TableName& table, const std::string& how) {
  return Error(
      ErrorKind::kTarget,
      "table " + table.Show() + " was altered or replaced while this run was under way: " + how,
      std::string(kAlteredTable));
}

}  // namespace rowferry
