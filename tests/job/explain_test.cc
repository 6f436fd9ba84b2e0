#include <doctest/doctest.h>

#include "job/plan.h"

namespace rowferry {
namespace {

ColumnInfo ColumnOf(const std::string& name, const std::string& native) {
  ColumnInfo column;
  column.name = name;
  column.native = native;
  return column;
}

TEST_CASE("a plan shows where each column goes, in line whatever its letters") {
  JobPlan plan;
  plan.name = "shop-to-app-1";
  plan.source = "shop.db";
  plan.target = "postgresql://db/app";
  TablePlan table;
  table.source.name.name = "maße";
  table.source.columns = {ColumnOf("größe", "INTEGER"), ColumnOf("n", "")};
  table.source.estimated_rows = 7;
  table.target.name = {"public", "maße"};
  table.read.key.proof = "rowid";
  for (const ColumnInfo& column : table.source.columns) {
    const ColumnInfo made = ColumnOf(column.name, "bigint");
    table.read.outputs.push_back({column.name, ParseType("bigint")});
    table.write.inputs.push_back({column.name, ParseType("bigint"), made});
  }
  table.statements = {"CREATE TABLE …"};
  table.warnings = {"column n has no declared type"};
  plan.tables = {table};
  CHECK(Explain(plan) ==
        "job shop-to-app-1\n"
        "  source: shop.db\n"
        "  target: postgresql://db/app\n"
        "\n"
        "maße -> public.maße\n"
        "  rows: about 7\n"
        "  target: is created\n"
        "  key: rowid\n"
        "  columns:\n"
        "    größe INTEGER  ->  größe bigint\n"
        "    n (untyped)    ->  n bigint\n"
        "  statements:\n"
        "    CREATE TABLE …;\n"
        "  warning: column n has no declared type\n");
}

}  // namespace
}  // namespace rowferry
