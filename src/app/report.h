// The run as JSON (--report): for scripts and dashboards. docs/reference.md (command.cc) describes
// the fields.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "app/recorder.h"
#include "base/error.h"

namespace rowferry {

struct ReportFacts {
  RunProgress progress;
  std::string status;          // completed, completed_with_errors, failed, cancelled, paused
  std::optional<Error> error;  // why it ended, if it failed
  int64_t ended_at = 0;        // microseconds since 1970
  int64_t chunk_rows = 0;
  std::string path;  // of the report itself; empty: it is no file
};

nlohmann::json MakeReport(const ReportFacts& facts);

}  // namespace rowferry
