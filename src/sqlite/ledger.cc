#include "sqlite/ledger.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "sql/statements.h"
#include "sqlite/job_row.h"
#include "sqlite/journal.h"
#include "sqlite/lease.h"
#include "sqlite/path.h"
#include "sqlite/reject_row.h"
#include "sqlite/split_row.h"
#include "sqlite/wal_mover.h"

namespace rowferry::sqlite {
namespace {

constexpr int kFirstWithRejects = 2;  // format of the ledger

class SqliteLedger final : public Ledger {
 public:
  SqliteLedger(Connection& connection, const Clock& clock, const Patience& patience)
      : connection_(connection),
        clock_(clock),
        patience_(patience),
        lease_(connection.path(), clock) {}
  ~SqliteLedger() override { Close(); }

  std::vector<JobRecord> Jobs() override {
    std::vector<JobRecord> jobs;
    if (!HasLedger()) return jobs;
    const auto lease = ReadLease(connection_.path());
    for (JobRecord& job : ReadJobs(session())) {
      if (lease && lease->job == job.name) {
        job.heartbeat_at = std::max(job.heartbeat_at, lease->heartbeat_at);
      }
      jobs.push_back(std::move(job));
    }
    return jobs;
  }

  std::vector<SplitRecord> Splits(const std::string& job) override {
    std::vector<SplitRecord> splits;
    const auto record = FindJob(job);
    if (!record) return splits;
    for (SplitRow& row : ReadSplits(session(), job, record->fingerprint)) {
      splits.push_back(std::move(row.record));
    }
    return splits;
  }

  std::vector<SplitRecord> SplitStarts(const std::string& job) override {
    return HasLedger() ? ReadSplitStarts(session(), job) : std::vector<SplitRecord>();
  }

  std::vector<RejectCount> CountRejects(const std::string& job) override {
    return HasRejects() ? sqlite::CountRejects(session(), job) : std::vector<RejectCount>();
  }

  void EachReject(const std::string& job, const RejectFilter& filter,
                  const std::function<bool(const Reject&)>& each) override {
    if (HasRejects()) sqlite::EachReject(session(), job, filter, each);
  }

  std::optional<JobRecord> Acquire(const std::string& job) override {
    TakeLease(job, patience_.wait);
    try {
      connection_.Writable();
      CreateTables();
      PrepareForWriting(session());
      held_ = true;
      wal_mover_.emplace(session());
      return RaiseEpoch(job);
    } catch (...) {
      Close();
      throw;
    }
  }

  int64_t Begin(const JobRecord& job, const std::vector<TableStart>& tables,
                const std::function<void()>& check) override {
    WriteTransaction transaction(session());
    CheckOwner(job.name);
    if (check) check();
    Erase(job.name);
    for (const TableStart& table : tables) Prepare(table);
    const int64_t now = clock_.UnixMicros();
    JobRecord born = job;
    born.epoch = FirstEpoch(epoch_, now);
    born.state = JobState::kRunning;
    born.owner_host = HostName();
    born.owner_pid = ::getpid();
    born.created_at = born.started_at = born.heartbeat_at = now;
    born.finished_at = 0;
    born.runs = 1;
    InsertJob(session(), born);
    session().Run(sql::sqlite::put_run, {Value::Text(job.name)});
    for (const TableStart& table : tables) {
      const SplitId split{job.name, job.fingerprint, table.split.id, born.epoch};
      InsertSplit(session(), split, table.split, born.created_at);
    }
    transaction.Commit();
    epoch_ = born.epoch;
    return epoch_;
  }

  void Replace(const JobRecord& job, const TableStart& table,
               const std::function<void()>& check) override {
    WriteTransaction transaction(session());
    CheckOwner(job.name);
    check();
    Prepare(table);
    session().Run(sql::sqlite::delete_rejects,
                  {Value::Text(job.name), Value::Integer(table.split.id)});
    session().Run(sql::sqlite::delete_split,
                  {Value::Text(job.name), Value::Integer(table.split.id)});
    const SplitId split{job.name, job.fingerprint, table.split.id, epoch_};
    InsertSplit(session(), split, table.split, clock_.UnixMicros());
    transaction.Commit();
  }

  void Restarted(const std::string& job) override {
    WriteTransaction transaction(session());
    CheckOwner(job);
    session().Run(sql::sqlite::restart_job, {Value::Text(job), Now()});
    session().Run(sql::sqlite::put_run, {Value::Text(job)});
    transaction.Commit();
  }

  std::optional<Error> Beat() noexcept override {
    lease_.Beat();
    return std::nullopt;
  }

  int64_t Purge(const std::string& job, const RejectFilter& filter) override {
    WriteThrough(session());
    WriteTransaction transaction(session());
    CheckOwner(job);
    const int64_t purged = PurgeRejects(session(), job, filter);
    transaction.Commit();
    WriteBehind(session());
    return purged;
  }

  void MakeDurable(const std::string& job) override {
    WriteThrough(session());
    CheckInPlace();
    WriteTransaction transaction(session());
    CheckOwner(job);
    session().Run(sql::sqlite::touch_job, {Value::Text(job), Now()});
    transaction.Commit();
    WriteBehind(session());
  }

  bool Finish(const std::string& job) override {
    WriteThrough(session());
    CheckInPlace();
    WriteTransaction transaction(session());
    CheckOwner(job);
    const bool done = session().Single(sql::sqlite::undone_splits, {Value::Text(job)}).integer == 0;
    if (done) End(job, JobState::kDone, "");
    transaction.Commit();
    if (!done) WriteBehind(session());
    return done;
  }

  void Interrupt(const std::string& job, JobState state, const std::string& message) override {
    WriteThrough(session());
    WriteTransaction transaction(session());
    if (StoredEpoch(job) != epoch_) return;
    End(job, state, message);
    transaction.Commit();
  }

  void Release() noexcept override { Close(); }

  // A run that ends by itself takes the lease's file away.
  void CleanUp() noexcept override {
    try {
      const auto left = ReadLease(connection_.path());
      if (!left || !lease_.Take(left->job, std::chrono::milliseconds(0))) return;
      RestoreJournal(session());
    } catch (const std::exception&) {  // the former mode is kept: the next run restores it
    }
    lease_.Release();
  }

  bool Forget(const std::string& job) override {
    if (!FindJob(job)) return false;
    TakeLease(job, std::chrono::milliseconds(0));
    WriteTransaction transaction(connection_.Writable());
    Erase(job);
    transaction.Commit();
    RestoreJournal(session());  // which a run that was killed had changed
    lease_.Release();
    return true;
  }

 private:
  Session& session() { return connection_.session(); }
  Value Now() const { return Value::Integer(clock_.UnixMicros()); }

  // The format of the ledger that is there; 0: there is none.
  int Version() {
    if (session().Single(sql::sqlite::has_ledger).integer == 0) return 0;
    const Value version = session().Single(sql::sqlite::get_meta, {Value::Text("version")});
    const int number = ParseInteger<int>(version.bytes).value_or(kLedgerVersion + 1);
    if (number > kLedgerVersion) {
      throw Error(ErrorKind::kPlan, connection_.path() + " holds a ledger of format " +
                                        version.bytes +
                                        ", made by a newer rowferry: use that one, or name "
                                        "another file");
    }
    return number;
  }
  bool HasLedger() { return Version() > 0; }
  // A ledger of format 1 has none until a run has upgraded it.
  bool HasRejects() { return Version() >= kFirstWithRejects; }

  std::optional<JobRecord> FindJob(const std::string& name) {
    for (JobRecord& job : Jobs()) {
      if (job.name == name) return std::move(job);
    }
    return std::nullopt;
  }

  void TakeLease(const std::string& job, std::chrono::milliseconds wait) {
    if (lease_.Take(job, wait)) return;
    const auto owner = ReadLease(connection_.path());
    if (!owner) {  // gone just now
      if (!lease_.Take(job, wait)) throw Error(ErrorKind::kOwned, connection_.path() + " is busy");
      return;
    }
    int64_t heartbeat = owner->heartbeat_at;
    if (const auto record = FindJob(owner->job)) {
      heartbeat = std::max(heartbeat, record->heartbeat_at);
    }
    const int64_t silence = clock_.UnixMicros() - heartbeat;
    if (silence < patience_.silence.count()) {
      throw Error(ErrorKind::kOwned, "job " + owner->job + " is being run on " + owner->host +
                                         " by process " + std::to_string(owner->pid) + " since " +
                                         IsoTime(owner->since));
    }
    lease_.Usurp(job);
  }

  void CreateTables() {
    if (Version() == kLedgerVersion) return;
    WriteTransaction transaction(session());
    if (Version() == 1) {
      session().Run(sql::sqlite::upgrade_ledger_1);
      session().Run(sql::sqlite::upgrade_ledger_1_job);
    }
    for (const auto& statement :
         {sql::sqlite::create_meta, sql::sqlite::create_job, sql::sqlite::create_run,
          sql::sqlite::create_split, sql::sqlite::create_reject}) {
      session().Run(statement);
    }
    session().Run(sql::sqlite::put_meta,
                  {Value::Text("version"), Value::Text(std::to_string(kLedgerVersion))});
    session().Run(sql::sqlite::set_version, {Value::Text(std::to_string(kLedgerVersion))});
    transaction.Commit();
  }

  // From its commit on no former owner can commit.
  std::optional<JobRecord> RaiseEpoch(const std::string& job) {
    WriteTransaction transaction(session());
    session().Run(sql::sqlite::own_job,
                  {Value::Text(job), Value::Text(HostName()), Value::Integer(::getpid()), Now()});
    epoch_ = StoredEpoch(job);
    session().Run(sql::sqlite::own_splits, {Value::Text(job), Value::Integer(epoch_)});
    transaction.Commit();
    return FindJob(job);
  }

  // SQLite empties a table row by row, and a trigger may keep them.
  void Prepare(const TableStart& table) {
    for (const std::string& statement : table.statements) session().Run(statement);
    const std::string& name = table.split.table.name;
    const std::string held = "SELECT EXISTS (SELECT 1 FROM " + QuoteIdentifier(name) + ")";
    if (table.statements.empty() || session().Single(held).integer == 0) return;
    throw Error(ErrorKind::kPlan, "table " + name +
                                      " cannot be emptied: a trigger keeps rows from being "
                                      "deleted; drop it until the copy is done");
  }

  // 0: there is no such job.
  int64_t StoredEpoch(const std::string& job) {
    return session().Single(sql::sqlite::job_epoch, {Value::Text(job)}).integer;
  }

  void CheckOwner(const std::string& job) {
    if (StoredEpoch(job) == epoch_) return;
    throw Error(ErrorKind::kOwned, "another run took over job " + job);
  }

  // SQLite goes on in a file that has lost its name.
  void CheckInPlace() {
    int moved = 0;
    sqlite3_file_control(session().handle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (moved == 0) return;
    const std::string& path = connection_.path();
    if (const auto why = WhyOutOfSight(path); !why.empty()) {
      throw Error(ErrorKind::kTarget, why + ": whether the rows are still there cannot be told",
                  "SQLITE_PERM");
    }
    throw Error(ErrorKind::kTarget, path +
                                        " was removed or replaced while the job ran, and the rows "
                                        "went with the file that was there before");
  }

  void Erase(const std::string& job) {
    if (HasRejects()) {
      session().Run(sql::sqlite::delete_rejects, {Value::Text(job), Value::Null()});
    }
    for (const auto& statement :
         {sql::sqlite::delete_splits, sql::sqlite::delete_runs, sql::sqlite::delete_job}) {
      session().Run(statement, {Value::Text(job)});
    }
  }

  void End(const std::string& job, JobState state, const std::string& message) {
    const Record parameters = {Value::Text(job), Value::Text(std::string(JobStateName(state))),
                               Value::Text(message), Now()};
    session().Run(sql::sqlite::end_job, parameters);
    session().Run(sql::sqlite::end_run, parameters);
  }

  void Close() noexcept {
    if (held_) {
      held_ = false;
      wal_mover_.reset();
      try {
        RestoreJournal(session());
      } catch (const std::exception&) {  // the next run restores it: the former mode is kept
      }
    }
    lease_.Release();
  }

  Connection& connection_;
  const Clock& clock_;
  const Patience patience_;
  Lease lease_;
  bool held_ = false;  // between Acquire and Release
  std::optional<WalMover> wal_mover_;
  int64_t epoch_ = 0;  // of the job that we own
};

}  // namespace

std::unique_ptr<Ledger> MakeLedger(Connection& connection, const Clock& clock,
                                   const Patience& patience) {
  return std::make_unique<SqliteLedger>(connection, clock, patience);
}

}  // namespace rowferry::sqlite
