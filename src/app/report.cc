#include "app/report.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

#include "app/output_file.h"
#include "app/version.h"

namespace rowferry {
namespace {

using nlohmann::json;

constexpr size_t kShownErrors = 100;

double Seconds(int64_t micros) { return static_cast<double>(micros) / 1e6; }

int64_t Succeeded(const Counts& counts) {
  return counts.inserted + counts.updated + counts.unchanged;
}

// processed = read, succeeded = inserted + updated + unchanged, failed = rejected, skipped = what a
// trigger swallowed; pending rows are the rest.
json CountsJson(const Counts& counts, int64_t total) {
  const int64_t succeeded = Succeeded(counts);
  const double failure_rate =
      counts.read == 0 ? 0
                       : static_cast<double>(counts.rejected) / static_cast<double>(counts.read);
  return {{"total_items", total < 0 ? json(nullptr) : json(total)},
          {"processed", counts.read},
          {"succeeded", succeeded},
          {"failed", counts.rejected},
          {"skipped", counts.read - succeeded - counts.rejected - counts.pending},
          {"pending", counts.pending},
          {"unchanged", counts.unchanged},
          {"failure_rate", failure_rate}};
}

void AddPace(json& part, int64_t rows, double seconds) {
  part["duration_seconds"] = seconds;
  part["items_per_second"] = seconds > 0 ? static_cast<double>(rows) / seconds : 0;
}

json TextOrNull(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json TableJson(const TableProgress& table, int64_t ended_at) {
  Counts this_run = table.now.counts;
  this_run -= table.before.counts;
  json part = CountsJson(table.now.counts, ExpectedRows(table.now, table.estimated_rows));
  part["table"] = table.name;
  part["target"] = table.target;
  part["mode"] = "copy";
  part["key"] = TextOrNull(table.key);
  part["splits"] = 1;
  part["chunks"] = table.now.chunks;
  part["retries"] = table.retries;
  part["done"] = table.now.done;
  part["suppressed"] = table.now.counts.suppressed;
  part["this_run"] = CountsJson(this_run, this_run.read);
  const int64_t end = table.finished_at == 0 ? ended_at : table.finished_at;
  AddPace(part["this_run"], this_run.read,
          table.started_at == 0 ? 0 : Seconds(end - table.started_at));
  if (table.now.last_key) part["last_key"] = EncodeKey(*table.now.last_key);
  return part;
}

json TimesJson(const SplitTimes& times) {
  const std::array<std::pair<const char*, int64_t>, 6> parts = {{{"read", times.read},
                                                                 {"transform", 0},
                                                                 {"encode", times.encode},
                                                                 {"write", times.write},
                                                                 {"commit", times.commit},
                                                                 {"waiting", times.waiting}}};
  json seconds;
  for (const auto& [name, micros] : parts) seconds[name] = Seconds(micros);
  // The writer waits for the reader, or the reader for the writer: that names the slower side.
  const int64_t writing = times.encode + times.write + times.commit;
  const bool reader_is_slower = times.waiting > writing / 2;
  const auto* writer_part =
      std::max_element(parts.begin() + 2, parts.begin() + 5,
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  seconds["bottleneck"] = reader_is_slower ? "read" : writer_part->first;
  return seconds;
}

// The error that ended the run, which was that of the table at work.
json FailureJson(const ReportFacts& facts) {
  const std::vector<TableProgress>& tables = facts.progress.tables;
  const auto at_work = std::find_if(tables.begin(), tables.end(),
                                    [](const TableProgress& table) { return table.at_work; });
  const bool known = at_work != tables.end();
  return {{"item_identifier", TextOrNull(facts.error->row())},
          {"table", known ? json(at_work->name) : json(nullptr)},
          {"error_type", ErrorKindName(facts.error->kind())},
          {"error_message", facts.error->what()},
          {"sqlstate", TextOrNull(facts.error->code())},
          {"timestamp", IsoTime(facts.ended_at)},
          {"chunk_index", known ? json(at_work->now.chunks) : json(nullptr)},
          {"retry_attempts", known ? at_work->retries : facts.progress.retries}};
}

json RejectJson(const Reject& reject, const std::vector<TableProgress>& tables) {
  const auto split = static_cast<size_t>(reject.split);
  return {{"item_identifier", reject.shown},
          {"table", split < tables.size() ? json(tables[split].name) : json(nullptr)},
          {"error_type", RefusalKindName(reject.why.kind)},
          {"error_message", reject.why.message},
          {"sqlstate", TextOrNull(reject.why.code)},
          {"timestamp", IsoTime(reject.at)},
          {"chunk_index", nullptr},
          {"retry_attempts", reject.tries - 1}};
}

json ErrorsJson(const ReportFacts& facts) {
  json errors = json::array();
  if (facts.error) errors.push_back(FailureJson(facts));
  for (const Reject& reject : facts.rejects.first) {
    if (errors.size() < kShownErrors) errors.push_back(RejectJson(reject, facts.progress.tables));
  }
  return errors;
}

json CategoriesJson(const ReportFacts& facts) {
  json categories = json::object();
  if (facts.error) categories[std::string(ErrorKindName(facts.error->kind()))] = 1;
  for (const RejectCount& count : facts.rejects.counts) {
    if (count.state != RejectState::kOpen) continue;
    json& rows = categories[std::string(RefusalKindName(count.kind))];
    rows = (rows.is_null() ? 0 : rows.get<int64_t>()) + count.rows;
  }
  return categories;
}

// What went wrong and was tried again: no errors, as nothing is missing for it.
json RetriesJson(const RunProgress& progress) {
  json retries = json::array();
  for (const RetryRecord& retry : progress.first_retries) {
    retries.push_back({{"table", TextOrNull(retry.table)},
                       {"error_type", retry.kind},
                       {"error_message", retry.message},
                       {"sqlstate", TextOrNull(retry.code)},
                       {"timestamp", IsoTime(retry.at)},
                       {"chunk_index", retry.chunk < 0 ? json(nullptr) : json(retry.chunk)},
                       {"retry_attempts", retry.attempt}});
  }
  return retries;
}

json RemediationJson(const ReportFacts& facts) {
  if (!facts.error && CountOf(facts.rejects.counts, RejectState::kOpen) > 0) {
    return {{"can_retry", true},
            {"retry_strategy",
             "mend the rows in the source, or the target's columns and "
             "constraints, then: rowferry rejects retry"},
            {"manual_intervention_required", true}};
  }
  if (!facts.error) {
    return {{"can_retry", facts.status == "cancelled"},
            {"retry_strategy", facts.status == "cancelled" ? "run the same command again" : ""},
            {"manual_intervention_required", false}};
  }
  const bool by_itself = MayPass(facts.error->kind());
  const std::string first = facts.way_out.empty() ? "" : facts.way_out + "; then ";
  return {{"can_retry", true},
          {"retry_strategy",
           first + "run the same command again: it resumes after the last committed key"},
          {"manual_intervention_required", !by_itself}};
}

json CheckpointJson(const RunProgress& progress) {
  json checkpoint = json::object();
  for (const TableProgress& table : progress.tables) {
    if (table.now.last_key) checkpoint[table.name] = EncodeKey(*table.now.last_key);
  }
  return checkpoint;
}

// Of this program: ru_maxrss knows that of the one that started it as well.
int64_t PeakMemoryBytes() {
  constexpr std::string_view kPeak = "VmHWM:";
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(kPeak)) continue;
    return std::strtoll(line.c_str() + kPeak.size(), nullptr, 10) * 1024;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace

RejectFacts FindRejects(Ledger& ledger, const std::string& job) {
  RejectFacts facts{{}, ledger.CountRejects(job)};
  RejectFilter open;
  open.state = RejectState::kOpen;
  ledger.EachReject(job, open, [&](const Reject& reject) {
    facts.first.push_back(reject);
    std::string().swap(facts.first.back().kept);  // clear() would not give its memory back
    return facts.first.size() < kShownErrors;
  });
  return facts;
}

json MakeReport(const ReportFacts& facts) {
  const RunProgress& progress = facts.progress;
  Counts total;
  Counts this_run;
  SplitTimes times;
  int64_t chunks = 0;
  json tables = json::array();
  for (const TableProgress& table : progress.tables) {
    total += table.now.counts;
    this_run += table.now.counts;
    this_run -= table.before.counts;
    times += table.times;
    chunks += table.now.chunks;
    tables.push_back(TableJson(table, facts.ended_at));
  }
  const double seconds = Seconds(facts.ended_at - progress.started_at);
  json summary = CountsJson(total, progress.RowsTotal());
  AddPace(summary, this_run.read, seconds);
  summary["peak_memory_bytes"] = PeakMemoryBytes();
  json run = CountsJson(this_run, this_run.read);
  AddPace(run, this_run.read, seconds);
  return {{"job_id", progress.job},
          {"job_type", "copy"},
          {"status", facts.status},
          {"source", progress.source},
          {"target", progress.target},
          {"resumed", progress.resumed},
          {"started_at", IsoTime(progress.started_at)},
          {"completed_at", IsoTime(facts.ended_at)},
          {"summary", summary},
          {"this_run", run},
          {"tables", tables},
          {"errors", ErrorsJson(facts)},
          {"error_categories", CategoriesJson(facts)},
          {"retries", RetriesJson(progress)},
          {"warnings", progress.warnings},
          {"last_checkpoint", CheckpointJson(progress)},
          {"artifacts", facts.path.empty() ? json::array() : json::array({facts.path})},
          {"remediation", RemediationJson(facts)},
          {"times", TimesJson(times)},
          {"metadata",
           {{"chunk_size", facts.chunk_rows},
            {"num_chunks", chunks},
            {"max_workers", 1},
            {"retry_attempts", progress.retries},
            {"rowferry_version", kVersion}}}};
}

void WriteReport(const json& report, const std::string& path) {
  const std::string text = report.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  WriteOutput(path, "the report", [&](const Put& put) { put(text); });
}

}  // namespace rowferry
