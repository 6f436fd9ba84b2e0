// Remembers how a run goes: what the display, the summary and the report are made from.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "job/run.h"

namespace rowferry {

struct TableProgress {
  std::string name;  // in the source
  std::string target;
  std::string key;  // and why it is unique; empty: not known
  int64_t estimated_rows = -1;
  Checkpoint before;  // where this run took over
  Checkpoint now;
  SplitTimes earlier;  // of this run's tries before the one at hand
  SplitTimes times;    // of this run, the earlier ones included
  int retries = 0;     // likewise
  bool at_work = false;
  int64_t started_at = 0;   // microseconds since 1970; 0: not in this run
  int64_t finished_at = 0;  // likewise
};

// A failure that was tried again.
struct RetryRecord {
  std::string table;  // in the source; empty: no single one
  int64_t chunk = -1;
  std::string message;
  std::string kind;
  std::string code;
  int attempt = 0;
  int64_t at = 0;  // microseconds since 1970
};

struct RunProgress {
  std::string job;
  std::string source;
  std::string target;
  std::vector<std::string> warnings;
  std::vector<TableProgress> tables;
  std::string waits;  // whose lock is waited for; empty: none
  int64_t retries = 0;
  std::vector<RetryRecord> first_retries;  // the first 100
  bool began = false;
  bool resumed = false;
  int64_t started_at = 0;  // microseconds since 1970

  int64_t RowsDone() const;  // over the job
  int64_t RowsThisRun() const;
  int64_t RowsTotal() const;  // -1 unless every table's is known
};

class Recorder final : public JobObserver {
 public:
  // `changed` is called after every event, from its thread; the clock outlives the recorder.
  Recorder(const Clock& clock, std::function<void()> changed);

  void Begins(const JobPlan& plan, const std::vector<SplitRecord>& splits, bool resumed) override;
  void SplitBegins(int split) override;
  void ChunkDone(int split, const Checkpoint& committed, const SplitTimes& so_far) override;
  void SplitDone(int split) override;
  void Retried(const RetryEvent& event) override;
  void Warned(const std::string& warning) override;

  // Whose lock the run waits for; empty: none any more. From any thread.
  void Waits(const std::string& lock);
  // The job had been finished by an earlier run, and these are its splits: nothing is shown.
  void FoundDone(const JobRecord& job, const std::vector<SplitRecord>& splits);

  RunProgress Snapshot() const;  // from any thread

 private:
  template <typename Change>
  void Update(Change change);

  const Clock& clock_;
  std::function<void()> changed_;
  mutable std::mutex mutex_;
  RunProgress progress_;  // guarded by mutex_
};

}  // namespace rowferry
