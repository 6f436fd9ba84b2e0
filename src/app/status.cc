#include "app/status.h"

#include <algorithm>

#include "app/format.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

namespace rowferry {
namespace {

using nlohmann::json;

int64_t RowsDone(const JobStatus& status) {
  int64_t rows = 0;
  for (const SplitRecord& split : status.splits) rows += split.checkpoint.counts.read;
  return rows;
}

int64_t SplitTotal(const SplitRecord& split) {
  return ExpectedRows(split.checkpoint, split.estimated_rows);
}

int64_t RowsTotal(const JobStatus& status) {
  int64_t rows = 0;
  for (const SplitRecord& split : status.splits) {
    const int64_t total = SplitTotal(split);
    if (total < 0) return -1;
    rows += total;
  }
  return rows;
}

double Age(int64_t then, int64_t now) { return static_cast<double>(now - then) / 1e6; }

std::string ShowProgress(int64_t done, int64_t total) {
  if (total < 0) return ShowRows(done) + " rows";
  return std::to_string(Percent(done, total)) + " %, " + ShowRows(done) + " of " + ShowRows(total) +
         " rows";
}

std::string ShowState(const JobRecord& job, int64_t now) {
  std::string text(JobStateName(job.state));
  if (job.state == JobState::kRunning) {
    text += " on " + job.owner_host + ", process " + std::to_string(job.owner_pid) + ", since " +
            IsoTime(job.started_at) + ", last sign of life " +
            ShowDuration(std::max(0.0, Age(job.heartbeat_at, now))) + " ago";
  }
  if (!job.message.empty()) text += ": " + job.message;
  return text;
}

std::string ShowOpen(int64_t rejects) {
  return rejects == 0 ? "" : ShowRows(rejects) + (rejects == 1 ? " open reject" : " open rejects");
}

std::string ShowJob(const JobStatus& status, int64_t now) {
  const JobRecord& job = status.job;
  std::string text = "job " + job.name + "\n  " + job.source + " -> " + job.target + "\n  " +
                     ShowState(job, now) + "\n  " +
                     ShowProgress(RowsDone(status), RowsTotal(status)) + "\n";
  const std::string open = ShowOpen(CountOf(status.rejects, RejectState::kOpen));
  if (!open.empty()) text += "  " + open + " (see rowferry rejects list)\n";
  for (const SplitRecord& split : status.splits) {
    text += "    " + split.source_table + ": " +
            ShowProgress(split.checkpoint.counts.read, SplitTotal(split)) +
            (split.checkpoint.done ? ", done" : "");
    const std::string rejects = ShowOpen(CountOf(status.rejects, RejectState::kOpen, split.id));
    text += (rejects.empty() ? "" : ", " + rejects) + "\n";
  }
  if (!status.unreadable.empty()) text += "    " + status.unreadable + "\n";
  return text;
}

json NumberOrNull(int64_t number) { return number < 0 ? json(nullptr) : json(number); }

json SplitJson(const SplitRecord& split, const std::vector<RejectCount>& rejects) {
  const Checkpoint& at = split.checkpoint;
  return {{"table", split.source_table},
          {"target", split.table.Show()},
          {"rows", at.counts.read},
          {"written", at.counts.inserted},
          {"suppressed", at.counts.suppressed},
          {"open_rejects", CountOf(rejects, RejectState::kOpen, split.id)},
          {"estimated_rows", NumberOrNull(split.estimated_rows)},
          {"chunks", at.chunks},
          {"done", at.done},
          {"last_key", at.last_key ? json(EncodeKey(*at.last_key)) : json(nullptr)}};
}

json JobJson(const JobStatus& status, int64_t now) {
  const JobRecord& job = status.job;
  const int64_t done = RowsDone(status);
  const int64_t total = RowsTotal(status);
  json tables = json::array();
  for (const SplitRecord& split : status.splits) {
    tables.push_back(SplitJson(split, status.rejects));
  }
  return {{"name", job.name},
          {"state", JobStateName(job.state)},
          {"message", job.message},
          {"source", job.source},
          {"target", job.target},
          {"mode", job.mode},
          {"runs", job.runs},
          {"owner", {{"host", job.owner_host}, {"pid", job.owner_pid}}},
          {"created_at", IsoTime(job.created_at)},
          {"started_at", IsoTime(job.started_at)},
          {"finished_at", job.finished_at == 0 ? json(nullptr) : json(IsoTime(job.finished_at))},
          {"heartbeat_at", IsoTime(job.heartbeat_at)},
          {"heartbeat_age_seconds", Age(job.heartbeat_at, now)},
          {"rows_done", done},
          {"rows_total", NumberOrNull(total)},
          {"percent", total < 0 ? json(nullptr) : json(Percent(done, total))},
          {"open_rejects", CountOf(status.rejects, RejectState::kOpen)},
          {"tables", tables},
          {"unreadable", status.unreadable.empty() ? json(nullptr) : json(status.unreadable)}};
}

}  // namespace

std::vector<JobRecord> SelectJobs(Ledger& ledger, const std::string& job) {
  std::vector<JobRecord> found;
  std::vector<std::string> names;
  for (const JobRecord& record : ledger.Jobs()) {
    names.push_back(record.name);
    if (job.empty() || record.name == job) found.push_back(record);
  }
  if (job.empty() || !found.empty()) return found;
  const auto nearest = Nearest(job, names);
  throw Error(ErrorKind::kUsage, "the target's ledger has no job \"" + job + "\"" +
                                     (nearest ? "; did you mean \"" + *nearest + "\"?" : ""));
}

std::vector<JobStatus> ReadStatus(Ledger& ledger, const std::string& job) {
  std::vector<JobStatus> found;
  for (const JobRecord& record : SelectJobs(ledger, job)) {
    JobStatus& status = found.emplace_back(JobStatus{record, {}, {}, {}});
    status.rejects = ledger.CountRejects(record.name);
    try {
      status.splits = ledger.Splits(record.name);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kTarget) throw;
      status.unreadable = error.what();
    }
  }
  return found;
}

std::string ShowStatus(const std::vector<JobStatus>& jobs, int64_t now_unix_micros) {
  if (jobs.empty()) return "no jobs: the target has no ledger, or an empty one\n";
  std::string text;
  for (const JobStatus& status : jobs) text += ShowJob(status, now_unix_micros);
  return text;
}

json StatusJson(const std::vector<JobStatus>& jobs, int64_t now_unix_micros) {
  json list = json::array();
  for (const JobStatus& status : jobs) list.push_back(JobJson(status, now_unix_micros));
  return {{"jobs", list}};
}

}  // namespace rowferry
