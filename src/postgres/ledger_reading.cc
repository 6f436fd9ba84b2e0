// What the ledger holds: jobs, splits and rejects, as they are read.
#include "base/error.h"
#include "base/text.h"
#include "postgres/checkpoint_sql.h"
#include "postgres/ledger.h"
#include "postgres/reject_sql.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

namespace statements = sql::postgres;

constexpr int kFirstWithRejects = 2;  // format of the ledger

// What is asked for at once of a kept row: in hex it is twice as long, and no value may have 1 GiB
// (PostgreSQL's manual, appendix "PostgreSQL Limits").
constexpr size_t kPiece = 64UL << 20U;

// Ledgers are read before they are upgraded.
std::string PendingColumn(int version) {
  return version < kFirstWithRejects ? "0 AS pending" : "s.pending";
}
std::string SettingsColumn(int version) {
  return version < kFirstWithRejects ? "'' AS settings" : "settings";
}

JobRecord JobFrom(const pqxx::row& row) {
  JobRecord job;
  job.name = row["name"].c_str();
  job.source = row["source"].c_str();
  job.target = row["target"].c_str();
  job.mode = row["mode"].c_str();
  job.fingerprint = row["fingerprint"].c_str();
  job.settings = row["settings"].c_str();
  job.state = ParseJobState(row["state"].c_str()).value_or(JobState::kFailed);
  job.message = row["message"].c_str();
  job.epoch = row["epoch"].as<int64_t>();
  job.owner_host = row["owner_host"].c_str();
  job.owner_pid = row["owner_pid"].as<int64_t>();
  job.created_at = row["created_at"].as<int64_t>();
  job.started_at = row["started_at"].as<int64_t>();
  job.heartbeat_at = row["heartbeat_at"].as<int64_t>();
  job.finished_at = row["finished_at"].as<int64_t>();
  job.runs = row["runs"].as<int64_t>();
  return job;
}

}  // namespace

std::vector<JobRecord> PostgresLedger::Jobs() {
  std::vector<JobRecord> jobs;
  if (!Exists()) return jobs;
  const std::string statement =
      Fill(statements::read_jobs,
           {{"schema", QuoteIdentifier(schema_)}, {"settings", SettingsColumn(CheckVersion())}});
  for (const auto& row : session_.Exec(statement)) jobs.push_back(JobFrom(row));
  return jobs;
}

std::vector<SplitRecord> PostgresLedger::Splits(const std::string& job) {
  return ReadSplits(job, SplitFrom);
}

std::vector<SplitRecord> PostgresLedger::SplitStarts(const std::string& job) {
  return ReadSplits(job, SplitStartFrom);
}

std::vector<SplitRecord> PostgresLedger::ReadSplits(const std::string& job,
                                                    SplitRecord (*read)(const pqxx::row&)) {
  std::vector<SplitRecord> splits;
  if (!Exists()) return splits;
  const std::string statement =
      Fill(statements::read_splits,
           {{"schema", QuoteIdentifier(schema_)}, {"pending", PendingColumn(CheckVersion())}});
  for (const auto& row : session_.Exec(statement, {{job}, std::nullopt})) {
    splits.push_back(read(row));
  }
  return splits;
}

std::vector<RejectCount> PostgresLedger::CountRejects(const std::string& job) {
  std::vector<RejectCount> counts;
  if (!HasRejects()) return counts;
  for (const auto& row : session_.Exec(Sql(statements::count_rejects), {{job}})) {
    counts.push_back({row["split"].as<int>(),
                      ParseRejectState(row["state"].c_str()).value_or(RejectState::kOpen),
                      ParseRefusalKind(row["kind"].c_str()).value_or(RefusalKind::kOther),
                      row["code"].c_str(), row["rows"].as<int64_t>()});
  }
  return counts;
}

void PostgresLedger::EachReject(const std::string& job, const RejectFilter& filter,
                                const std::function<bool(const Reject&)>& each) {
  if (!HasRejects()) return;
  RejectFilter rest = filter;
  for (;;) {
    Params params = FilterParams(job, rest);
    params.push_back(rest.state ? std::optional(std::string(RejectStateName(*rest.state)))
                                : std::nullopt);
    const auto page = session_.Exec(SqlOfPieces(statements::read_rejects), params);
    if (page.empty()) return;
    for (const auto& row : page) {
      rest.after = row["id"].as<int64_t>();
      auto kept = row["kept"].is_null() ? ReadKept(job, row) : FromHex(row["kept"].c_str());
      // Without: somebody else settled it meanwhile.
      if (kept && !each(RejectFrom(row, *std::move(kept)))) return;
    }
  }
}

// In pieces; nothing if it is not there any more.
std::optional<std::string> PostgresLedger::ReadKept(const std::string& job, const pqxx::row& row) {
  const auto size = row["kept_bytes"].as<size_t>();
  std::string kept;
  kept.reserve(size);
  while (kept.size() < size) {
    const auto found = session_.Exec(SqlOfPieces(statements::read_kept),
                                     {{job}, {row["id"].c_str()}, {std::to_string(kept.size())}});
    const auto piece = found.empty() ? std::nullopt : FromHex(found[0]["kept"].c_str());
    if (!piece || piece->empty()) return std::nullopt;
    kept += *piece;
  }
  return kept;
}

std::string PostgresLedger::SqlOfPieces(std::string_view statement) const {
  return Fill(statement, {{"schema", QuoteIdentifier(schema_)}, {"piece", std::to_string(kPiece)}});
}

// A ledger of format 1 has none until a run has upgraded it.
bool PostgresLedger::HasRejects() { return Exists() && CheckVersion() >= kFirstWithRejects; }

}  // namespace rowferry
