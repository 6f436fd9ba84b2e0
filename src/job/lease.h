// The ledger's lease on a job, held for as long as this object lives.
#pragma once

#include <optional>
#include <string>

#include "flow/ledger.h"

namespace rowferry {

class JobLease {
 public:
  // As Ledger::Acquire. The ledger outlives this object.
  JobLease(Ledger& ledger, const std::string& job) : ledger_(ledger), job_(ledger.Acquire(job)) {}
  ~JobLease() { ledger_.Release(); }
  JobLease(const JobLease&) = delete;
  JobLease& operator=(const JobLease&) = delete;

  const std::optional<JobRecord>& job() const { return job_; }

 private:
  Ledger& ledger_;
  std::optional<JobRecord> job_;
};

}  // namespace rowferry
