#include "postgres/ledger.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "postgres/checkpoint_sql.h"
#include "postgres/reject_sql.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

namespace statements = sql::postgres;

constexpr const char* kNow = "(EXTRACT(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint";
// What the ledger says must survive a crash of the server, whatever the role's defaults are.
constexpr const char* kBeginDurable = "BEGIN; SET LOCAL synchronous_commit = on";

std::string OwnPid() { return std::to_string(getpid()); }

std::string EncodingOf(Session& session) {
  const char* encoding = PQparameterStatus(session.raw(), "server_encoding");
  return encoding == nullptr ? "" : encoding;
}

// The job's row holds all names of the job, and is written before its tables are made.
Error CannotHold(Session& session, const Error& error) {
  constexpr std::string_view kNoSuchCharacter = "22P05";
  if (error.code() != kNoSuchCharacter) return error;
  return Error(ErrorKind::kPlan,
               "the ledger's database is in " + EncodingOf(session) +
                   ", which lacks a character of this job's source, names or --where (" +
                   error.what() + "): use others, or copy into a database in UTF8",
               error.code());
}

// PostgreSQL calls a table's keys and sequences "TABLE_…", by a name that nothing has as yet. So
// that it is no name of a table that is still to be made, longer names come first.
std::vector<TableStart> LongNamesFirst(std::vector<TableStart> tables) {
  std::stable_sort(tables.begin(), tables.end(), [](const TableStart& a, const TableStart& b) {
    return a.split.table.name.size() > b.split.table.name.size();
  });
  return tables;
}

}  // namespace

int LedgerFormat(Session& session, const std::string& schema) {
  return session.Exec("SELECT version FROM " + Qualified(schema, "meta"))[0][0].as<int>();
}

PostgresLedger::PostgresLedger(Session& session, std::string schema, const Clock& clock,
                               LeaseTimes times)
    : session_(session), schema_(std::move(schema)), clock_(clock), times_(times) {}

PostgresLedger::~PostgresLedger() { Release(); }

std::string PostgresLedger::Sql(std::string_view statement) const {
  return Fill(statement, {{"schema", QuoteIdentifier(schema_)},
                          {"now", kNow},
                          {"version", std::to_string(kLedgerVersion)}});
}

bool PostgresLedger::Exists() {
  return IsTrue(session_.Exec(Sql(statements::find_ledger), {{schema_}})[0]["has_ledger"]);
}

int PostgresLedger::CheckVersion() {
  const int version = LedgerFormat(session_, schema_);
  if (version <= kLedgerVersion) return version;
  throw Error(ErrorKind::kPlan,
              "the ledger in schema " + schema_ + " is of format " + std::to_string(version) +
                  ", made by a newer rowferry: use that one, or keep the ledger in "
                  "another schema (--ledger-schema)");
}

// In a transaction that holds the ledger's lock.
void PostgresLedger::Upgrade() {
  if (CheckVersion() == kLedgerVersion) return;
  session_.Exec(Sql(statements::upgrade_ledger_1));
  session_.Exec(Sql(statements::create_rejects));
  session_.Exec("UPDATE " + Qualified(schema_, "meta") +
                " SET version = " + std::to_string(kLedgerVersion));
}

// Under a lock, since CREATE … IF NOT EXISTS races. Without IF NOT EXISTS, so that a user's own
// table named job is never taken for the ledger's.
void PostgresLedger::Create() {
  if (Exists() && CheckVersion() == kLedgerVersion) return;
  try {
    Transaction transaction(session_, kBeginDurable);
    LockLedger();
    const auto found = session_.Exec(Sql(statements::find_ledger), {{schema_}});
    if (!IsTrue(found[0]["has_schema"])) {
      session_.Exec("CREATE SCHEMA " + QuoteIdentifier(schema_));
    }
    if (IsTrue(found[0]["has_ledger"])) {
      Upgrade();
    } else {
      session_.Exec(Sql(statements::create_ledger));
      session_.Exec(Sql(statements::create_rejects));
    }
    transaction.Commit();
  } catch (const Error& error) {
    if (MayPass(error.kind())) throw;
    throw Error(ErrorKind::kPlan,
                "cannot create the ledger in schema " + schema_ + ": " + error.what() +
                    "; name a schema where this role may create tables by --ledger-schema",
                error.code());
  }
}

// Until the transaction ends, no other one creates the ledger or begins a job in it.
void PostgresLedger::LockLedger() {
  session_.Exec("SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext($1))",
                {{"rowferry ledger " + schema_}});
}

// The job's row first, then its splits: locking each waits for the COMMIT that a former owner may
// have sent before it died, and only what stands there afterwards is read. The new epoch is above
// that of every split, each of which its owner raises with every new writer.
std::optional<JobRecord> PostgresLedger::Acquire(const std::string& job) {
  Create();
  TakeLease(job);
  Transaction transaction(session_, kBeginDurable);
  job_ = job;
  epoch_ = 0;
  if (EpochOf(job) == 0) return std::nullopt;
  session_.Exec(Sql(statements::lock_splits), {{job}});
  const auto owned = session_.Exec(Sql(statements::own_job), {{job}, {HostName()}, {OwnPid()}});
  const auto epoch = owned[0][0].as<int64_t>();
  session_.Exec(Sql(statements::own_splits), {{job}, {std::to_string(epoch)}});
  session_.Exec(Sql(statements::forget_backends), {{job}});
  NoteOwnBackend(job);
  transaction.Commit();
  epoch_ = epoch;  // not before: whether a COMMIT that was cut off took effect, the next try finds
  for (const JobRecord& record : Jobs()) {
    if (record.name == job) return record;
  }
  return std::nullopt;
}

int64_t PostgresLedger::Begin(const JobRecord& job, const std::vector<TableStart>& tables,
                              const std::function<void()>& check) {
  Transaction transaction(session_, kBeginDurable);
  LockLedger();  // waits for a Begin of ours whose connection was lost in its COMMIT
  const int64_t old_epoch = EpochOf(job.name);
  if (born_epoch_ != 0 && old_epoch == born_epoch_) return Born(job.name);
  if (old_epoch != epoch_) RefuseTaken(job.name);  // begun since our lease, by another run
  if (check) check();
  const int64_t epoch = FirstEpoch(old_epoch, clock_.UnixMicros());
  session_.Exec(Sql(statements::delete_job), {{job.name}});
  try {
    session_.Exec(Sql(statements::insert_job), {{job.name},
                                                {job.source},
                                                {job.target},
                                                {job.mode},
                                                {job.fingerprint},
                                                {std::to_string(epoch)},
                                                {HostName()},
                                                {OwnPid()},
                                                {job.settings}});
  } catch (const Error& error) {
    throw CannotHold(session_, error);
  }
  session_.Exec(Sql(statements::insert_run), {{job.name}});
  session_.Exec(Sql(statements::forget_backends), {{job.name}});
  NoteOwnBackend(job.name);
  for (const TableStart& table : LongNamesFirst(tables)) InsertSplit(job, table, epoch);
  born_epoch_ = epoch;
  transaction.Commit();
  return Born(job.name);
}

int64_t PostgresLedger::Born(const std::string& job) {
  job_ = job;
  epoch_ = std::exchange(born_epoch_, 0);
  return epoch_;
}

void PostgresLedger::InsertSplit(const JobRecord& job, const TableStart& table, int64_t epoch) {
  const SplitRecord& split = table.split;
  try {
    for (const std::string& statement : table.statements) session_.Exec(statement);
  } catch (const Error& error) {
    throw error.Within("preparing table " + split.table.Show());
  }
  const std::string digest = CheckpointDigest(job.fingerprint, split.id, split.checkpoint);
  session_.Exec(Sql(statements::insert_split), {{job.name},
                                                {std::to_string(split.id)},
                                                {split.table.schema},
                                                {split.table.name},
                                                {split.source_table},
                                                {split.prepared},
                                                {split.stamp},
                                                {std::to_string(split.estimated_rows)},
                                                {std::to_string(epoch)},
                                                {digest}});
}

void PostgresLedger::Replace(const JobRecord& job, const TableStart& table,
                             const std::function<void()>& check) {
  Transaction transaction(session_, kBeginDurable);
  LockLedger();
  RequireOurs(job.name);
  const int64_t epoch = RaisedEpochOf(job.name, table.split.id);
  check();
  session_.Exec(Sql(statements::delete_split), {{job.name}, {std::to_string(table.split.id)}});
  InsertSplit(job, table, epoch);
  transaction.Commit();
}

// Above that of every writer that the split had, whose last chunk may still be under way.
int64_t PostgresLedger::RaisedEpochOf(const std::string& job, int split) {
  const auto rows = session_.Exec(Sql(statements::split_epoch), {{job}, {std::to_string(split)}});
  return 1 + (rows.empty() ? epoch_ : rows[0][0].as<int64_t>());
}

void PostgresLedger::NoteOwnBackend(const std::string& job) {
  session_.Exec(Sql(statements::note_backend), {{job}});
}

void PostgresLedger::Restarted(const std::string& job) {
  Transaction transaction(session_, kBeginDurable);
  RequireOurs(job);
  session_.Exec(Sql(statements::restart_job), {{job}, {std::to_string(epoch_)}});
  session_.Exec(Sql(statements::insert_run), {{job}});
  transaction.Commit();
}

// Nobody else may need this session for hours, while a writer goes on by itself: so it is opened
// anew here too, but never in the middle of somebody's transaction, which holds the mutex.
std::optional<Error> PostgresLedger::Beat() noexcept {
  try {
    const std::lock_guard lock(session_.mutex());
    if (epoch_ == 0) return std::nullopt;
    std::optional<Error> lost = session_.WhyDead();
    if (!lost && !locked_) locked_ = TryLock(job_);  // a former session of ours may have had it
    if (lost) {
      session_.Reconnect();
      Regain();
      lost = lost->Within("the control session of job " + job_ + " is opened anew");
      spdlog::warn("{}", lost->what());
    }
    session_.Exec(Sql(statements::beat), {{job_}, {std::to_string(epoch_)}});
    return lost;
  } catch (const std::exception&) {
    return std::nullopt;  // what it means for the job shows where the job goes on
  }
}

int64_t PostgresLedger::EpochOf(const std::string& job) {
  const auto rows = session_.Exec(Sql(statements::lock_job), {{job}});
  return rows.empty() ? 0 : rows[0][0].as<int64_t>();
}

void PostgresLedger::RequireOurs(const std::string& job) {
  if (EpochOf(job) != epoch_) RefuseTaken(job);
}

void PostgresLedger::RefuseTaken(const std::string& job) {
  throw Error(ErrorKind::kOwned, "another run owns job " + job + " now");
}

void PostgresLedger::Close(const std::string& job, JobState state, const std::string& message) {
  const std::string name(JobStateName(state));
  session_.Exec(Sql(statements::close_job), {{job}, {name}, {message}});
  session_.Exec(Sql(statements::close_run), {{job}, {name}, {message}});
}

int64_t PostgresLedger::Purge(const std::string& job, const RejectFilter& filter) {
  Transaction transaction(session_, kBeginDurable);
  RequireOurs(job);
  const auto purged = session_.Exec(Sql(statements::purge_rejects), FilterParams(job, filter));
  transaction.Commit();
  return static_cast<int64_t>(purged.affected_rows());
}

void PostgresLedger::MakeDurable(const std::string& job) {
  Transaction transaction(session_, kBeginDurable);
  RequireOurs(job);
  session_.Exec(Sql(statements::beat), {{job}, {std::to_string(epoch_)}});
  transaction.Commit();
}

bool PostgresLedger::Finish(const std::string& job) {
  Transaction transaction(session_, kBeginDurable);
  RequireOurs(job);
  for (const auto& row : session_.Exec(Sql(statements::lock_splits), {{job}})) {
    if (!IsTrue(row[0])) return false;
  }
  Close(job, JobState::kDone, "");
  transaction.Commit();
  return true;
}

void PostgresLedger::Interrupt(const std::string& job, JobState state, const std::string& message) {
  Transaction transaction(session_, kBeginDurable);
  if (EpochOf(job) != epoch_) return;
  // It may quote the very character that this database cannot hold.
  Close(job, state, Expressible(session_, message));
  transaction.Commit();
}

bool PostgresLedger::Forget(const std::string& job) {
  if (!Exists()) return false;
  CheckVersion();
  const bool held = job == job_;
  if (!held && !TryLock(job)) RefuseOwned(job);
  session_.Exec(Sql(statements::forget_backends), {{job}});
  const auto deleted = session_.Exec(Sql(statements::delete_job), {{job}});
  if (!held) Unlock(job);
  return deleted.affected_rows() > 0;
}

}  // namespace rowferry
