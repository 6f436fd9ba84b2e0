#include "job/export.h"

#include <spdlog/spdlog.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "data/row_json.h"
#include "job/retry.h"

namespace rowferry {
namespace {

using json = nlohmann::ordered_json;

json TextOrNull(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

// JSON has no other bytes than those of UTF-8.
std::string Whole(const std::string& text) { return Printable(text, std::string::npos); }

std::string TextIn(const json& line, const char* name) {
  const auto found = line.find(name);
  return found != line.end() && found->is_string() ? found->get<std::string>() : "";
}

// A line, its row and a value of it: what is deeper is none of ours, and JSON that is nested
// without end would be walked without end.
json ParseShallow(const std::string& text) {
  constexpr int kDeepest = 8;
  const auto within = [](int depth, json::parse_event_t, const json&) {
    if (depth > kDeepest) throw Error(ErrorKind::kUsage, "its values are nested too deep");
    return true;
  };
  try {
    return json::parse(text, within);
  } catch (const json::exception& error) {
    throw Error(ErrorKind::kUsage, std::string("it is no JSON (") + error.what() + ")");
  }
}

std::string WhyNoLine(const json& line, const std::string& job) {
  if (!line.is_object()) return "it is no JSON object";
  if (!line.contains("id") || !line["id"].is_number_integer()) {
    return "it has no \"id\" of a reject";
  }
  if (!line.contains("row")) return "it has no \"row\"";
  if (!line.contains("job") || line["job"] == job) return {};
  return "it is of another job, " + line["job"].dump() + ", and not of \"" + job + "\"";
}

// Why the reject of that id is not open; empty: there is none.
std::string WhyNotOpen(Ledger& ledger, const std::string& job, int64_t id) {
  std::string why;
  RejectFilter filter;
  filter.id = id;
  ledger.EachReject(job, filter, [&](const Reject& reject) {
    why = "reject " + std::to_string(id) + " is not open, but " +
          std::string(RejectStateName(reject.state));
    return false;
  });
  return why;
}

}  // namespace

json ExportLine(const std::string& job, const std::string& table, const Reject& reject) {
  return {{"job", job},
          {"table", Whole(table)},
          {"id", reject.id},
          {"key", reject.shown},
          {"kind", RefusalKindName(reject.why.kind)},
          {"sqlstate", TextOrNull(reject.why.code)},
          {"column", TextOrNull(reject.why.column)},
          {"constraint", TextOrNull(reject.why.constraint)},
          {"message", reject.why.message},
          {"time", IsoTime(reject.at)},
          {"tries", reject.tries},
          {"row", RowToJson(KeptRowOf(reject))}};
}

ExportedRow ParseExportLine(const std::string& text, const std::string& job) {
  json line = ParseShallow(text);
  const std::string why = WhyNoLine(line, job);
  if (!why.empty()) throw Error(ErrorKind::kUsage, why);
  return {line["id"].get<int64_t>(), TextIn(line, "table"), TextIn(line, "key"),
          std::move(line["row"])};
}

EditedExport::EditedExport(const std::string& path, Ledger& ledger, const std::string& job)
    : path_(path), job_(job), file_(path, std::ios::binary) {
  if (!file_ || file_.tellg() < 0) {
    throw Error(ErrorKind::kUsage, "--from " + path + " cannot be read: it must be a file");
  }
  for (const SplitRecord& split : ledger.SplitStarts(job)) tables_[split.id] = split.source_table;
  ReadLines();
  if (lines_.empty()) throw Error(ErrorKind::kUsage, "--from " + path + " holds no rows");
  Compare(ledger);
}

void EditedExport::ReadLines() {
  std::string text;
  Line line;
  while (true) {
    line.offset = file_.tellg();
    ++line.number;
    if (!std::getline(file_, text)) break;
    if (!Trim(text).empty()) AddLine(text, line);
  }
  if (file_.bad()) throw Error(ErrorKind::kUsage, "--from " + path_ + " cannot be read");
  file_.clear();
}

void EditedExport::AddLine(const std::string& text, const Line& line) {
  int64_t id = 0;
  try {
    id = ParseExportLine(text, job_).id;
  } catch (const Error& error) {
    Refuse(line, error.what());
  }
  const auto [other, is_new] = lines_.emplace(id, line);
  if (is_new) return;
  Refuse(line, "reject " + std::to_string(id) + " has a line already, " +
                   std::to_string(other->second.number));
}

void EditedExport::Compare(Ledger& ledger) {
  std::set<int64_t> found;
  RejectFilter open;
  open.state = RejectState::kOpen;
  ledger.EachReject(job_, open, [&](const Reject& reject) {
    if (!Has(reject.id)) return true;
    RowOf(reject);  // throws for what is none
    splits_.insert(reject.split);
    found.insert(reject.id);
    return found.size() < lines_.size();
  });
  size_t gone = 0;
  for (const auto& [id, line] : lines_) {
    if (found.count(id) == 1) continue;
    if (const auto why = WhyNotOpen(ledger, job_, id); !why.empty()) Refuse(line, why);
    ++gone;
  }
  if (gone == 0) return;
  spdlog::warn(
      "{}: the job has no rejects of {} of {} lines; they are loaded by now, or never were any",
      path_, gone, lines_.size());
}

KeptRow EditedExport::RowOf(const Reject& reject) {
  const Line& line = lines_.at(reject.id);
  std::string text;
  file_.seekg(line.offset);
  if (!std::getline(file_, text)) Refuse(line, "it cannot be read");
  file_.clear();
  try {
    const ExportedRow line_row = ParseExportLine(text, job_);
    RequireSame(line_row, reject);
    return RowFromJson(line_row.row, KeptRowOf(reject));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kUsage) throw;
    Refuse(line, error.what());
  }
}

void EditedExport::RequireSame(const ExportedRow& row, const Reject& reject) const {
  const auto require = [&](const char* what, const std::string& given, const std::string& is) {
    if (given.empty() || Whole(given) == Whole(is)) return;
    throw Error(ErrorKind::kUsage, "reject " + std::to_string(reject.id) + " is of " + what + " " +
                                       Whole(is) + ", not of " + Printable(given));
  };
  const auto table = tables_.find(reject.split);
  if (table != tables_.end()) require("table", row.table, table->second);
  require("row", row.key, reject.shown);
}

void EditedExport::Refuse(const Line& line, const std::string& why) const {
  throw Error(ErrorKind::kUsage, path_ + ", line " + std::to_string(line.number) + ": " + why);
}

}  // namespace rowferry
