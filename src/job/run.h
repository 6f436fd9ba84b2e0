// Carries a job out: resolve, take the lease, begin or resume, copy split after split, close.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "flow/split.h"
#include "job/ends.h"
#include "job/plan.h"
#include "job/recovery.h"
#include "job/settings.h"

namespace rowferry {

// Told how the job goes on; all calls come from the thread that runs the job, but for Retried of no
// single split, which may come from another one. Retried and Warned may come before Begins.
class JobObserver : public SplitObserver {
 public:
  // Before the first row. `splits` holds the checkpoints to start from, one for each table of the
  // plan, in its order. `resumed`: the job had begun in an earlier run. Called too where nobody can
  // tell whether the job began, as its start failed by what may pass; `splits` may be empty then.
  virtual void Begins(const JobPlan& plan, const std::vector<SplitRecord>& splits,
                      bool resumed) = 0;
  virtual void SplitBegins(int split) = 0;
  virtual void SplitDone(int split) = 0;
  // A failure is tried again; it has been logged.
  virtual void Retried(const RetryEvent& event) = 0;
  // What the user should know and the plan could not say; it has been logged.
  virtual void Warned(const std::string& warning) = 0;
};

enum class JobEnd { kDone, kAlreadyDone, kStopped };

struct JobResult {
  JobEnd end = JobEnd::kDone;
  int64_t open_rejects = 0;  // of the job, by all of its runs
};

struct JobRun {
  // Asked before rows of the target are removed; false refuses, unless `stop` is set meanwhile.
  // Null: never ask.
  std::function<bool(const JobPlan&)> confirm;
  JobObserver& observer;
  const std::atomic<bool>& stop;  // set: finish the chunk at hand and end
};

// kStopped: by `stop`, between two chunks or before the job began.
// kAlreadyDone: the same command had finished before; no table was touched, `observer` heard
// nothing. Throws Error; once Begins was called the job is resumable by the same command.
JobResult RunJob(const Settings& settings, Ends& ends, const JobRun& run);

// What the job of that name left behind; a restart takes no notice of how far it came. Reads only.
Unfinished FindUnfinished(Ledger& ledger, const std::string& job, bool restart);

// The job of that name, or nothing; reads only.
std::optional<JobRecord> FindJob(Ledger& ledger, const std::string& name);

}  // namespace rowferry
