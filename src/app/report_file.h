// Where the report of --report FILE goes.
//
// A regular file is replaced whole, at the end of the links that lead to it; a device, a FIFO and
// what our own stdout or stderr leads to are written through.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace rowferry {

// Refuses, before anything is copied, a path that cannot be written, and one that is a file of
// `databases` (those of source and target, there or still to come). Throws Error(kUsage), which
// names the option that asked for it.
void CheckReportPath(const std::string& path, const std::vector<std::string>& databases,
                     const std::string& option = "--report");

// Writes to a temporary file beside the one that is replaced, and renames: nobody sees half a
// report. Throws Error(kTarget), naming path and cause.
void WriteReport(const nlohmann::json& report, const std::string& path);

}  // namespace rowferry
