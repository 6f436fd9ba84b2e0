#include "job/export.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "data/row_json.h"
#include "job/retry.h"

namespace rowferry {
namespace {

using json = nlohmann::ordered_json;

json TextOrNull(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

// Nothing, and why, for what is no line of an export.
struct ReadLine {
  json line;
  std::string why;
};

ReadLine ReadJson(const std::string& text, const std::string& job) {
  ReadLine read;
  try {
    read.line = json::parse(text);
  } catch (const json::exception& error) {
    read.why = std::string("it is no JSON (") + error.what() + ")";
    return read;
  }
  const json& line = read.line;
  if (!line.is_object()) {
    read.why = "it is no JSON object";
  } else if (!line.contains("id") || !line["id"].is_number_integer()) {
    read.why = "it has no \"id\" of a reject";
  } else if (!line.contains("row")) {
    read.why = "it has no \"row\"";
  } else if (line.contains("job") && line["job"] != job) {
    read.why = "it is of another job, " + line["job"].dump() + ", and not of \"" + job + "\"";
  }
  return read;
}

// Why there is no open reject of that id.
std::string WhyNotOpen(Ledger& ledger, const std::string& job, int64_t id) {
  std::string why =
      "the job has no reject " + std::to_string(id) + ": it was loaded by now, or never was one";
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
          {"table", table},
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

EditedExport::EditedExport(const std::string& path, Ledger& ledger, const std::string& job)
    : path_(path), file_(path, std::ios::binary) {
  if (!file_ || file_.tellg() < 0) {
    throw Error(ErrorKind::kUsage, "--from " + path + " cannot be read: it must be a file");
  }
  ReadLines(job);
  if (lines_.empty()) throw Error(ErrorKind::kUsage, "--from " + path + " holds no rows");
  Compare(ledger, job);
}

void EditedExport::ReadLines(const std::string& job) {
  std::string text;
  Line line;
  while (true) {
    line.offset = file_.tellg();
    ++line.number;
    if (!std::getline(file_, text)) break;
    if (!Trim(text).empty()) AddLine(text, line, job);
  }
  if (file_.bad()) throw Error(ErrorKind::kUsage, "--from " + path_ + " cannot be read");
  file_.clear();
}

void EditedExport::AddLine(const std::string& text, const Line& line, const std::string& job) {
  const ReadLine read = ReadJson(text, job);
  if (!read.why.empty()) Refuse(line, read.why);
  const auto id = read.line["id"].get<int64_t>();
  const auto [other, is_new] = lines_.emplace(id, line);
  if (is_new) return;
  Refuse(line, "reject " + std::to_string(id) + " has a line already, " +
                   std::to_string(other->second.number));
}

void EditedExport::Compare(Ledger& ledger, const std::string& job) {
  std::set<int64_t> found;
  RejectFilter open;
  open.state = RejectState::kOpen;
  ledger.EachReject(job, open, [&](const Reject& reject) {
    if (!Has(reject.id)) return true;
    RowOf(reject);  // throws for what is none
    splits_.insert(reject.split);
    found.insert(reject.id);
    return found.size() < lines_.size();
  });
  for (const auto& [id, line] : lines_) {
    if (found.count(id) == 0) Refuse(line, WhyNotOpen(ledger, job, id));
  }
}

KeptRow EditedExport::RowOf(const Reject& reject) {
  const Line& line = lines_.at(reject.id);
  std::string text;
  file_.seekg(line.offset);
  if (!std::getline(file_, text)) Refuse(line, "it cannot be read");
  file_.clear();
  try {
    return RowFromJson(json::parse(text).at("row"), KeptRowOf(reject));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kUsage) throw;
    Refuse(line, error.what());
  } catch (const json::exception&) {
    Refuse(line, "it was changed while it was read");
  }
}

void EditedExport::Refuse(const Line& line, const std::string& why) const {
  throw Error(ErrorKind::kUsage, path_ + ", line " + std::to_string(line.number) + ": " + why);
}

}  // namespace rowferry
