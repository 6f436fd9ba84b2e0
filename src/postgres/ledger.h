// The ledger in a PostgreSQL target (flow/ledger.h has the contract, sql/postgres/create_ledger.sql
// the tables).
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "flow/ledger.h"
#include "postgres/session.h"

namespace rowferry {

// How long an owner's signs of life are waited for.
struct LeaseTimes {
  std::chrono::milliseconds poll{200};
  std::chrono::milliseconds wait{10'000};      // for the lock, before the heartbeat is looked at
  std::chrono::milliseconds silence{60'000};   // an owner that was quiet for longer is dead
  std::chrono::milliseconds give_up{300'000};  // for a dead owner's backends to end
};

// The format of the ledger in that schema. REQUIRES: there is one, and this role may read it.
int LedgerFormat(Session& session, const std::string& schema);

class PostgresLedger final : public Ledger {
 public:
  // The session outlives the ledger, as does the clock.
  PostgresLedger(Session& session, std::string schema, const Clock& clock = SystemClock(),
                 LeaseTimes times = {});
  ~PostgresLedger() override;

  std::vector<JobRecord> Jobs() override;
  std::vector<SplitRecord> Splits(const std::string& job) override;
  std::vector<SplitRecord> SplitStarts(const std::string& job) override;
  std::vector<RejectCount> CountRejects(const std::string& job) override;
  void EachReject(const std::string& job, const RejectFilter& filter,
                  const std::function<bool(const Reject&)>& each) override;
  std::optional<JobRecord> Acquire(const std::string& job) override;
  int64_t Begin(const JobRecord& job, const std::vector<TableStart>& tables,
                const std::function<void()>& check) override;
  void Replace(const JobRecord& job, const TableStart& table,
               const std::function<void()>& check) override;
  void Restarted(const std::string& job) override;
  std::optional<Error> Beat() noexcept override;
  int64_t Purge(const std::string& job, const RejectFilter& filter) override;
  void MakeDurable(const std::string& job) override;
  bool Finish(const std::string& job) override;
  void Interrupt(const std::string& job, JobState state, const std::string& message) override;
  void Release() noexcept override;
  void CleanUp() noexcept override {}  // sessions end with what they have set
  bool Forget(const std::string& job) override;

  // On a session that was connected anew: takes the advisory lock again where it is free (our own
  // dead backend may hold it still: Beat tries again; it is a hint), and makes sure that the job's
  // epoch is ours: else Error(kOwned). Does nothing before Acquire.
  void Regain();

 private:
  std::string Sql(std::string_view statement) const;  // with {schema} and {now} filled in
  bool Exists();
  void Create();
  void LockLedger();
  std::vector<SplitRecord> ReadSplits(const std::string& job,
                                      SplitRecord (*read)(const pqxx::row&));
  int CheckVersion();  // the format of the ledger that is there
  void Upgrade();
  bool HasRejects();
  std::optional<std::string> ReadKept(const std::string& job, const pqxx::row& row);
  std::string SqlOfPieces(std::string_view statement) const;
  bool TryLock(const std::string& job);
  void Unlock(const std::string& job);
  bool LockWithin(const std::string& job, std::chrono::milliseconds time);
  void TakeLease(const std::string& job);
  void TerminateOwner(const std::string& job);
  [[noreturn]] void RefuseOwned(const std::string& job);
  bool OwnerIsSilent(const std::string& job);
  void NoteOwnBackend(const std::string& job);
  int64_t Born(const std::string& job);     // a Begin that took effect: its epoch is ours
  int64_t EpochOf(const std::string& job);  // locks the job's row; 0: there is none
  int64_t RaisedEpochOf(const std::string& job, int split);
  void InsertSplit(const JobRecord& job, const TableStart& table, int64_t epoch);
  void RequireOurs(const std::string& job);  // locks the job's row; throws Error(kOwned)
  [[noreturn]] void RefuseTaken(const std::string& job);
  void Close(const std::string& job, JobState state, const std::string& message);

  Session& session_;
  std::string schema_;
  const Clock& clock_;
  LeaseTimes times_;
  std::string job_;         // held lease, or empty; guarded by the session's mutex, as the next two
  bool locked_ = false;     // this session has the lease's advisory lock
  int64_t epoch_ = 0;       // ours; 0 before the job exists
  int64_t born_epoch_ = 0;  // of a Begin whose COMMIT is in doubt, else 0
};

}  // namespace rowferry
