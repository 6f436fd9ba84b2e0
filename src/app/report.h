// The run as JSON (--report): for scripts and dashboards. docs/reference.md (command.cc) describes
// the fields.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "app/recorder.h"
#include "base/error.h"

namespace rowferry {

// What a report tells of a job's rejects: all are counted, the first of them shown.
struct RejectFacts {
  std::vector<Reject> first;  // without the kept rows
  std::vector<RejectCount> counts;
};
RejectFacts FindRejects(Ledger& ledger, const std::string& job);

struct ReportFacts {
  RunProgress progress;
  std::string status;          // completed, completed_with_errors, failed, cancelled, paused
  std::optional<Error> error;  // why it ended, if it failed
  RejectFacts rejects;
  int64_t ended_at = 0;  // microseconds since 1970
  int64_t chunk_rows = 0;
  std::string path;          // of the report itself; empty: it is no file
  std::string way_out = {};  // what the user can do about the error
};

nlohmann::json MakeReport(const ReportFacts& facts);

// As WriteOutput.
void WriteReport(const nlohmann::json& report, const std::string& path);

}  // namespace rowferry
