// Matches the columns of a source table to those of its target.
#pragma once

#include <string>
#include <vector>

#include "job/ends.h"
#include "job/plan.h"

namespace rowferry {

// The source table as its target should have it: without dropped columns, under the target's names.
Table WantedTable(const Settings& settings, const Table& source);

// Why two source columns cannot go into the target's column of that name.
std::string ColumnClash(const std::string& name);

// Fills table.read.outputs and table.write.inputs from table.source and table.target, by name.
// REQUIRES: table.source, .target and .read.key are set. Adds a line to `refusals` for everything
// that stands in the way; the table's plan is unusable then.
void MatchColumns(const Settings& settings, Ends& ends, TablePlan& table,
                  std::vector<std::string>& refusals);

}  // namespace rowferry
