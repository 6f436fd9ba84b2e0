#include "app/rejects.h"

#include <algorithm>
#include <array>
#include <map>

#include "app/format.h"
#include "app/status.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "job/retry.h"

namespace rowferry {
namespace {

using nlohmann::json;

constexpr size_t kWhole = std::string::npos;

json TextOrNull(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

const SplitRecord* FindSplit(const RejectedJob& job, int id) {
  const auto found = std::find_if(job.splits.begin(), job.splits.end(),
                                  [&](const SplitRecord& split) { return split.id == id; });
  return found == job.splits.end() ? nullptr : &*found;
}

std::string TableOfSplit(const RejectedJob& job, int id) {
  const SplitRecord* const split = FindSplit(job, id);
  return split == nullptr ? "table " + std::to_string(id) : split->source_table;
}

// Those of several jobs that have rejects that can be asked for.
std::vector<JobRecord> WithRejects(Ledger& ledger, const std::vector<JobRecord>& jobs) {
  std::vector<JobRecord> found;
  for (const JobRecord& job : jobs) {
    const auto counts = ledger.CountRejects(job.name);
    const bool has_some = std::any_of(counts.begin(), counts.end(), [](const RejectCount& count) {
      return count.state != RejectState::kPurged;
    });
    if (has_some) found.push_back(job);
  }
  return found;
}

JobRecord PickJob(Ledger& ledger, const std::string& name) {
  std::vector<JobRecord> jobs = SelectJobs(ledger, name);
  if (jobs.empty()) {
    throw Error(ErrorKind::kUsage, "no jobs: the target has no ledger, or an empty one");
  }
  if (jobs.size() == 1) return jobs[0];
  const std::vector<JobRecord> concerned = WithRejects(ledger, jobs);
  if (concerned.size() == 1) return concerned[0];
  std::vector<std::string> names;
  for (const JobRecord& job : concerned.empty() ? jobs : concerned) names.push_back(job.name);
  throw Error(ErrorKind::kUsage,
              std::string("the target's ledger holds several jobs") +
                  (concerned.empty() ? ", none of them with rejects" : " with rejects") +
                  ": name one of them: " + Join(names, ", "));
}

// Its names in source and target, with schemas and without.
std::vector<std::string> NamesOf(const SplitRecord& split) {
  const std::string& source = split.source_table;
  return {source, split.table.Show(), split.table.name, source.substr(source.find('.') + 1)};
}

using Cells = std::array<std::string, 8>;

Cells CellsOf(const Reject& reject, const RejectedJob& job) {
  const Refusal& why = reject.why;
  const std::string tries = std::to_string(reject.tries);
  const auto shown = [](const std::string& text) {
    return text.empty() ? std::string("-") : Printable(text, kWhole);
  };
  return {std::to_string(reject.id),
          shown(job.TableOf(reject)),
          shown(reject.shown),
          std::string(RefusalKindName(why.kind)),
          shown(why.code),
          shown(why.column),
          tries,
          IsoTime(reject.at)};
}

std::string ShowWhole(const Value& value, const Type& type) {
  if (value.storage == StorageClass::kText) return "'" + Printable(value.bytes, kWhole) + "'";
  const bool is_uuid = type.kind == Kind::kUuid;
  if (value.storage == StorageClass::kBlob && !is_uuid) return "x'" + Hex(value.bytes) + "'";
  return ShowValue(value, type);
}

// As it stands in the ledger: of a value that SQLite's file holds, the storage class.
std::string TypeOfKept(const KeptValue& kept) {
  const bool as_it_is = kept.type == TypeOf(Kind::kAny);
  if (!as_it_is) return kept.type.name;
  constexpr std::array<std::string_view, 5> kClasses = {"NULL", "INTEGER", "REAL", "TEXT", "BLOB"};
  return std::string(kClasses.at(static_cast<size_t>(kept.value.storage)));
}

std::string RenderRow(const KeptRow& row, bool full) {
  size_t name_width = 0;
  size_t type_width = 0;
  for (const KeptValue& kept : row) {
    name_width = std::max(name_width, DisplayWidth(Printable(kept.column, kWhole)));
    type_width = std::max(type_width, DisplayWidth(TypeOfKept(kept)));
  }
  std::string text;
  for (const KeptValue& kept : row) {
    text += "    " + Fit(Printable(kept.column, kWhole), name_width) + "  " +
            Fit(TypeOfKept(kept), type_width) + "  " +
            (full ? ShowWhole(kept.value, kept.type) : ShowValue(kept.value, kept.type)) + "\n";
  }
  return text;
}

}  // namespace

std::string RejectedJob::TableOf(const Reject& reject) const {
  return TableOfSplit(*this, reject.split);
}

RejectedJob FindRejectedJob(Ledger& ledger, const std::string& name) {
  RejectedJob job;
  job.job = PickJob(ledger, name);
  job.splits = ledger.SplitStarts(job.job.name);
  job.counts = ledger.CountRejects(job.job.name);
  return job;
}

RejectFilter FilterOf(const RejectQuery& query, const RejectedJob& job) {
  RejectFilter filter;
  filter.kind = query.kind;
  filter.code = query.code;
  filter.id = query.id;
  if (query.table.empty()) return filter;
  std::vector<std::string> known;
  for (size_t form = 0; form < 4; ++form) {  // the full names of all tables go before short ones
    for (const SplitRecord& split : job.splits) {
      const std::string name = NamesOf(split)[form];
      known.push_back(name);
      if (name != query.table) continue;
      filter.split = split.id;
      return filter;
    }
  }
  const auto nearest = Nearest(query.table, known);
  throw Error(ErrorKind::kUsage, "job " + job.job.name + " has no table \"" +
                                     Printable(query.table) + "\"" +
                                     (nearest ? "; did you mean \"" + *nearest + "\"?" : ""));
}

std::string RenderRejects(const std::vector<Reject>& rejects, const RejectedJob& job, size_t width,
                          bool header) {
  std::vector<Cells> rows;
  const Cells names = {"id", "table", "key", "kind", "code", "column", "tries", "last try"};
  rows.push_back(names);
  for (const Reject& reject : rejects) rows.push_back(CellsOf(reject, job));
  Cells::size_type column = 0;
  std::array<size_t, std::tuple_size_v<Cells>> widths{};
  for (size_t& most : widths) {
    for (const Cells& row : rows) most = std::max(most, DisplayWidth(row.at(column)));
    ++column;
  }
  std::string text;
  for (size_t i = header ? 0 : 1; i < rows.size(); ++i) {
    std::string line;
    for (size_t j = 0; j < widths.size(); ++j) line += Fit(rows[i].at(j), widths.at(j)) + "  ";
    line += i == 0 ? "reason" : Printable(rejects[i - 1].why.message, kWhole);
    text += (width > 0 && DisplayWidth(line) > width ? Fit(line, width) : line) + "\n";
  }
  return text;
}

std::string RenderRejectCounts(const RejectedJob& job) {
  std::map<int, std::vector<std::string>> parts;
  std::map<int, int64_t> purged;
  for (const SplitRecord& split : job.splits) {
    std::map<std::pair<RejectState, RefusalKind>, int64_t> sums;
    for (const RejectCount& count : job.counts) {
      if (count.split != split.id) continue;
      if (count.state == RejectState::kPurged)
        purged[split.id] += count.rows;
      else
        sums[{count.state, count.kind}] += count.rows;
    }
    for (const auto& [what, rows] : sums) {
      const bool pending = what.first == RejectState::kPending;
      parts[split.id].push_back(ShowRows(rows) + " " + std::string(RefusalKindName(what.second)) +
                                (pending ? " (pending)" : ""));
    }
    if (purged[split.id] > 0) parts[split.id].push_back(ShowRows(purged[split.id]) + " given up");
  }
  std::string text;
  for (const auto& [split, texts] : parts) {
    if (!texts.empty()) text += TableOfSplit(job, split) + ": " + Join(texts, ", ") + "\n";
  }
  const int64_t open = job.open();
  return text + "job " + job.job.name + ": " + (open == 0 ? "no" : ShowRows(open)) +
         (open == 1 ? " open reject\n" : " open rejects\n");
}

std::string RenderReject(const Reject& reject, const RejectedJob& job, bool full) {
  const auto line = [](const char* name, const std::string& text) {
    return text.empty() ? std::string() : "  " + Fit(name, 12) + text + "\n";
  };
  const SplitRecord* const split = FindSplit(job, reject.split);
  const std::string into = split == nullptr ? "" : " (into " + split->table.Show() + ")";
  std::string text =
      "reject " + std::to_string(reject.id) + " of job " + job.job.name + "\n" +
      line("table", job.TableOf(reject) + into) + line("key", reject.shown) +
      line("kind", std::string(RefusalKindName(reject.why.kind))) + line("code", reject.why.code) +
      line("column", reject.why.column) + line("constraint", reject.why.constraint) +
      line("reason", Printable(reject.why.message, kWhole)) +
      line("state", std::string(RejectStateName(reject.state))) +
      line("tries", std::to_string(reject.tries) + ", the last at " + IsoTime(reject.at));
  if (reject.state == RejectState::kPurged) return text + "  the row was given up\n";
  return text + "  row\n" + RenderRow(KeptRowOf(reject), full);
}

json RejectJson(const Reject& reject, const RejectedJob& job) {
  return {{"id", reject.id},
          {"table", job.TableOf(reject)},
          {"key", reject.shown},
          {"state", RejectStateName(reject.state)},
          {"kind", RefusalKindName(reject.why.kind)},
          {"sqlstate", TextOrNull(reject.why.code)},
          {"column", TextOrNull(reject.why.column)},
          {"constraint", TextOrNull(reject.why.constraint)},
          {"message", reject.why.message},
          {"time", IsoTime(reject.at)},
          {"tries", reject.tries}};
}

json RejectCountsJson(const RejectedJob& job) {
  std::map<std::tuple<int, RejectState, RefusalKind>, int64_t> sums;
  for (const RejectCount& count : job.counts) {
    sums[{count.split, count.state, count.kind}] += count.rows;
  }
  json list = json::array();
  for (const auto& [what, rows] : sums) {
    const auto& [split, state, kind] = what;
    list.push_back({{"table", TableOfSplit(job, split)},
                    {"state", RejectStateName(state)},
                    {"kind", RefusalKindName(kind)},
                    {"rows", rows}});
  }
  return list;
}

}  // namespace rowferry
