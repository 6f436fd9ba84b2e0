// The ledger: the tables in the target that hold jobs, splits, checkpoints and runs.
//
// docs/protocol.md is the reasoning. Correctness rests on the epoch and on the lock of a split's
// row alone; everything else here (advisory locks, heartbeats) is courtesy.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/schema.h"
#include "flow/checkpoint.h"
#include "flow/reject.h"

namespace rowferry {

// The ledger's format. Older ledgers are upgraded, newer ones refused with Error(kPlan).
inline constexpr int kLedgerVersion = 2;

enum class JobState { kRunning, kDone, kStopped, kFailed };
std::string_view JobStateName(JobState state);  // "running", "done", "stopped", "failed"
std::optional<JobState> ParseJobState(std::string_view name);

struct JobRecord {
  std::string name;
  std::string source;  // as shown to users: without passwords
  std::string target;
  std::string mode;
  std::string fingerprint;  // lines of "what: value"; a difference refuses to resume
  // What a later command needs to plan the job again (job/stored_settings.h), in ASCII. Empty for a
  // job that a ledger of format 1 was born with.
  std::string settings;
  JobState state = JobState::kRunning;
  std::string message;  // why it failed or stopped, or empty
  int64_t epoch = 0;    // of the owner; taking over raises it above that of every split
  std::string owner_host;
  int64_t owner_pid = 0;
  // All times: microseconds since 1970, by the target's clock where it has one.
  int64_t created_at = 0;
  int64_t started_at = 0;    // of the newest run
  int64_t heartbeat_at = 0;  // the newest sign of life
  int64_t finished_at = 0;   // 0: not yet
  int64_t runs = 0;
};

struct SplitRecord {
  int id = 0;       // numbers the job's splits from 0
  TableName table;  // in the target
  std::string source_table;
  // What the job did to the table before the first row: "created", "truncated", "replaced",
  // "none". --restart may empty the first three.
  std::string prepared;
  std::string stamp;  // Source::PositionStamp
  int64_t estimated_rows = -1;
  Checkpoint checkpoint;
};

// A job of this run's own, and the split of it: what a writer puts into its lock and check.
struct SplitId {
  std::string job;
  std::string fingerprint;
  int split = 0;
  int64_t epoch = 0;  // the job's, as this run owns it
};

// Which rejects of a job: all for which whatever is given holds.
struct RejectFilter {
  std::optional<RejectState> state;
  std::optional<int> split;
  std::optional<RefusalKind> kind;
  std::string code;  // empty: any
  std::optional<int64_t> id;
  int64_t after = 0;  // only ids above this
};

struct RejectCount {
  int split = 0;
  RejectState state = RejectState::kOpen;
  RefusalKind kind = RefusalKind::kOther;
  std::string code;
  int64_t rows = 0;
};

// The epoch of a job that begins: above that of the job that it replaces (0: none), and not that of
// one of the same name that was forgotten, whose last chunk may still be under way.
int64_t FirstEpoch(int64_t replaced, int64_t unix_micros);

// What must be in one transaction with the birth of a job.
struct TableStart {
  SplitRecord split;
  std::vector<std::string> statements;  // CREATE, TRUNCATE, DROP …, in order
};

// Of those in that state; nothing: of all.
int64_t CountOf(const std::vector<RejectCount>& counts, std::optional<RejectState> state,
                std::optional<int> split = std::nullopt);

// All methods are for one thread at a time, except Beat, which may come from another one.
class Ledger {
 public:
  virtual ~Ledger() = default;

  // Reading: never creates anything, works while another run goes on; empty where there is no
  // ledger. Throws Error(kPlan) for a newer format, Error(kTarget) for a damaged checkpoint.
  virtual std::vector<JobRecord> Jobs() = 0;
  virtual std::vector<SplitRecord> Splits(const std::string& job) = 0;
  // The same without checkpoints, damaged or not: which tables, and what the job did to them.
  virtual std::vector<SplitRecord> SplitStarts(const std::string& job) = 0;
  // How many rejects there are, by split, state, kind and code, in this order.
  virtual std::vector<RejectCount> CountRejects(const std::string& job) = 0;
  // Calls `each` for the rejects in the order of their ids until it returns false; it must not use
  // the ledger meanwhile. Memory: some 4 MiB, or the largest kept row.
  virtual void EachReject(const std::string& job, const RejectFilter& filter,
                          const std::function<bool(const Reject&)>& each) = 0;

  // Creates or upgrades the ledger's tables, and takes the lease on the job's name: at once where
  // nobody holds it; else as docs/protocol.md says ("Who owns a job"), which can take 10 seconds
  // and ends in Error(kOwned), naming host, process and since when, if the owner is alive. The
  // lease is held until Release or destruction. If the job exists, its epoch and those of its
  // splits are raised: from here on no former owner can commit. Returns the job as it then is.
  virtual std::optional<JobRecord> Acquire(const std::string& job) = 0;

  // REQUIRES: Acquire. One transaction: `check` (or none), which throws if the job may not begin;
  // the statements, the job with its FirstEpoch (an old job of that name is replaced with its
  // splits) and its splits. Returns the epoch. Jobs of one ledger begin one after the other:
  // `check` sees all that began before.
  virtual int64_t Begin(const JobRecord& job, const std::vector<TableStart>& tables,
                        const std::function<void()>& check) = 0;
  // REQUIRES: Acquire gave this job. One transaction: `check`, which throws if the table may not
  // begin anew; the statements, and in place of the split of that id this one. No job of the ledger
  // begins meanwhile.
  virtual void Replace(const JobRecord& job, const TableStart& table,
                       const std::function<void()>& check) = 0;
  // REQUIRES: Acquire gave a job. Counts a new run of it and marks it running.
  virtual void Restarted(const std::string& job) = 0;

  // A sign of life; called every few seconds. Never throws. Returns by what the ledger's connection
  // was lost, if it had to be opened anew.
  virtual std::optional<Error> Beat() noexcept = 0;

  // REQUIRES: Acquire gave this job. One synchronous transaction: the open rejects of the filter
  // are given up. They stay as kPurged, without the kept row. Returns their number.
  virtual int64_t Purge(const std::string& job, const RejectFilter& filter) = 0;
  // REQUIRES: Acquire gave this job. A synchronous transaction, so that whatever was committed
  // before it survives a crash of the server. Throws Error(kOwned) if another run took over.
  virtual void MakeDurable(const std::string& job) = 0;

  // The closing transaction, synchronous: reads all splits again and marks the job done if each is
  // done, and none has pending rejects. False: a split that was acknowledged came back undone (the
  // server crashed): resume it.
  virtual bool Finish(const std::string& job) = 0;
  // The run ends before the job does. Synchronous. Does nothing if another run owns the job now.
  virtual void Interrupt(const std::string& job, JobState state, const std::string& message) = 0;
  // Gives the lease back and undoes what the run changed in the database's settings.
  virtual void Release() noexcept = 0;

  // Undoes in the database's settings what a run that was killed behind its job's end left changed.
  virtual void CleanUp() noexcept = 0;

  // Removes a job and all that belongs to it. False if there is none.
  // Throws Error(kOwned) while a run owns it.
  virtual bool Forget(const std::string& job) = 0;
};

}  // namespace rowferry
