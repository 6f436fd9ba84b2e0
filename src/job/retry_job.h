// `rowferry rejects retry`: plans a job again, takes its lease, and tries its rejects once more.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "flow/ledger.h"
#include "job/retry.h"
#include "job/settings.h"

namespace rowferry {

struct RetryOptions {
  std::string source;  // instead of the one that the ledger names; empty: that one
  std::string target;
  std::string ledger_schema;
  RejectFilter filter;  // among the open ones
  bool kept = false;    // the kept copies, instead of the source's rows
  std::string file;     // the rows of an edited export, instead of either; empty: none
  ChunkLimits limits;
  RetryLimits retry;
  std::chrono::milliseconds lock_timeout{30'000};  // 0: locks are waited for as long as it takes
  std::chrono::milliseconds stall{300'000};  // without progress, before it is looked into; 0: never
};

struct RetryResult {
  RetryCounts counts;
  int64_t open = 0;      // rejects of the job that are left, whatever the filter
  bool stopped = false;  // by `stop`
  bool began = false;    // rows may have been written
};

// Fills `result` as it goes. Throws Error; every reject whose row was loaded before has left the
// ledger, and the others are as they were.
void RetryJob(const JobRecord& job, const RetryOptions& options, const std::atomic<bool>& stop,
              RetryResult& result);

}  // namespace rowferry
