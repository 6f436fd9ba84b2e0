// `rowferry status`: what the ledger says about jobs, for people and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "flow/ledger.h"

namespace rowferry {

struct JobStatus {
  JobRecord job;
  std::vector<SplitRecord> splits;
  std::string unreadable;  // why there are no splits, or empty
  std::vector<RejectCount> rejects;
};

// The jobs of the ledger, or the one of that name. Throw Error(kUsage) if there is no such job.
std::vector<JobRecord> SelectJobs(Ledger& ledger, const std::string& job);
// The same with their splits; a job with a damaged checkpoint does not hide the others.
std::vector<JobStatus> ReadStatus(Ledger& ledger, const std::string& job);

std::string ShowStatus(const std::vector<JobStatus>& jobs, int64_t now_unix_micros);
nlohmann::json StatusJson(const std::vector<JobStatus>& jobs, int64_t now_unix_micros);

}  // namespace rowferry
