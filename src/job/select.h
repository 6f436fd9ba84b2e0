// Which tables a job is about, and what they are called in the target.
#pragma once

#include <string>
#include <vector>

#include "data/schema.h"
#include "job/ends.h"
#include "job/settings.h"

namespace rowferry {

// The source's tables that the settings ask for, sorted by name. Throws Error(kPlan) for a name
// that is not there, with the nearest one that is, and where nothing is left.
std::vector<TableName> SelectTables(const Settings& settings, Ends& ends);

// What the source holds beside the selected tables, and nobody asked to leave out: for the plan's
// warnings. Nothing where the tables were asked for by name.
std::vector<std::string> LeftOut(const Settings& settings, Ends& ends);

// A table's or column's name in the target.
std::string TargetIdentifier(const Settings& settings, const std::string& name);
TableName TargetTable(const Settings& settings, const Ends& ends, const TableName& source);

}  // namespace rowferry
