// The lease on a job: an advisory lock, and what to do where another run holds it. A hint: what
// keeps a former owner from writing is the epoch (lock_split), not this.
#include <xxhash.h>

#include "base/error.h"
#include "postgres/errors.h"
#include "postgres/ledger.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

namespace statements = sql::postgres;

std::string LockNumber(const std::string& schema, const std::string& job) {
  const std::string text = schema + "\n" + job;
  return std::to_string(static_cast<int64_t>(XXH64(text.data(), text.size(), 0)));
}

}  // namespace

bool PostgresLedger::TryLock(const std::string& job) {
  return IsTrue(session_.Exec("SELECT pg_catalog.pg_try_advisory_lock($1::bigint)",
                              {{LockNumber(schema_, job)}})[0][0]);
}

void PostgresLedger::Unlock(const std::string& job) {
  session_.Exec("SELECT pg_catalog.pg_advisory_unlock($1::bigint)", {{LockNumber(schema_, job)}});
}

bool PostgresLedger::LockWithin(const std::string& job, std::chrono::milliseconds time) {
  const auto until = clock_.Now() + time;
  while (!TryLock(job)) {
    if (clock_.Now() >= until) return false;
    clock_.Sleep(times_.poll);
  }
  return true;
}

bool PostgresLedger::OwnerIsSilent(const std::string& job) {
  const auto rows = session_.Exec(Sql(statements::owner), {{job}});
  if (rows.empty()) return false;  // it has just begun
  return std::chrono::microseconds(rows[0]["silence"].as<int64_t>()) >= times_.silence;
}

void PostgresLedger::RefuseOwned(const std::string& job) {
  std::string who = "another run, which has just begun";
  for (const auto& row : session_.Exec(Sql(statements::owner), {{job}})) {
    who = std::string("process ") + row["owner_pid"].c_str() + " on host " +
          row["owner_host"].c_str() + ", running since " + IsoTime(row["started_at"].as<int64_t>());
  }
  throw Error(ErrorKind::kOwned, "job " + job + " is owned by " + who);
}

void PostgresLedger::TerminateOwner(const std::string& job) {
  try {
    session_.Exec(Sql(statements::terminate_owner), {{job}});
  } catch (const Error& error) {
    if (MayPass(error.kind())) throw;  // else not permitted: wait for it
  }
}

void PostgresLedger::TakeLease(const std::string& job) {
  if (locked_ && job_ == job) return;
  locked_ = LockWithin(job, times_.wait);
  if (locked_) return;
  if (!OwnerIsSilent(job)) RefuseOwned(job);
  TerminateOwner(job);
  locked_ = LockWithin(job, times_.give_up);
  if (!locked_) RefuseOwned(job);
}

void PostgresLedger::Regain() {
  const std::lock_guard lock(session_.mutex());
  if (job_.empty()) return;
  locked_ = TryLock(job_);
  if (epoch_ == 0) return;
  try {
    Transaction transaction(session_);
    const int64_t epoch = EpochOf(job_);
    const bool just_born = born_epoch_ != 0 && epoch == born_epoch_;  // Begin finds that, too
    if (epoch != epoch_ && !just_born) RefuseTaken(job_);
    NoteOwnBackend(job_);
    transaction.Commit();
  } catch (const Error& error) {
    throw SinceConnecting(error);
  }
}

void PostgresLedger::Release() noexcept {
  try {
    const std::lock_guard lock(session_.mutex());
    if (job_.empty()) return;
    const std::string job = std::exchange(job_, {});
    epoch_ = 0;
    session_.Exec(Sql(statements::forget_backends), {{job}});
    if (std::exchange(locked_, false)) Unlock(job);
  } catch (const std::exception&) {
    return;  // the lock ends with its session
  }
}

}  // namespace rowferry
