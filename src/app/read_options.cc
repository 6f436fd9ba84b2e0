#include "app/read_options.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>

#include "app/format.h"
#include "base/error.h"
#include "base/text.h"
#include "data/refusal.h"

namespace rowferry {
namespace {

using Texts = std::vector<std::string>;

template <typename Value>
Value Choose(const Invocation& invocation, const std::string& option,
             const std::vector<std::pair<std::string, Value>>& choices) {
  const std::string given = invocation.Text(option);
  Texts names;
  for (const auto& [name, value] : choices) {
    if (name == given) return value;
    names.push_back(name);
  }
  throw Error(ErrorKind::kUsage,
              "--" + option + " takes " + Join(names, ", ") + ", not \"" + Printable(given) + "\"");
}

template <typename Number>
Number ReadNumber(const Invocation& invocation, const std::string& option) {
  const std::string text = invocation.Text(option);
  const auto number = ParseInteger<Number>(text);
  if (number && *number > 0) return *number;
  throw Error(ErrorKind::kUsage, "--" + option + " takes a whole number of at least 1, not \"" +
                                     Printable(text) + "\"");
}

// A number from 0 to 100.
std::optional<double> ParseShare(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  const bool whole = read.ec == std::errc() && read.ptr == end;
  return whole && number >= 0 && number <= 100 ? std::optional(number) : std::nullopt;
}

// The share of one batch: there are three of them, and as much again in the databases' buffers.
constexpr uint64_t kMemoryShares = 8;
constexpr uint64_t kMinMemory = 1U << 20U;
constexpr uint64_t kMaxChunkBytes = 64U << 20U;

// "20", "5%", "0.5 %"
RejectLimit ReadRejectLimit(const Invocation& invocation) {
  const std::string text = invocation.Text("max-rejects");
  if (invocation.options["max-rejects"].defaulted()) return {};
  if (const auto rows = ParseInteger<int64_t>(text); rows && *rows >= 0) return {*rows, 0};
  if (text.ends_with('%')) {
    const std::string number(Trim(std::string_view(text).substr(0, text.size() - 1)));
    const auto percent = ParseShare(number);
    if (percent) return {0, *percent / 100};
  }
  throw Error(ErrorKind::kUsage,
              "--max-rejects takes a number of rows (like 20) or a share of those read (like 5%, "
              "at most 100%), not \"" +
                  Printable(text) + "\"");
}

Texts ReadKey(const Invocation& invocation) {
  const std::string key = invocation.Text("key");
  if (key.empty()) return {};
  Texts columns;
  for (const std::string& column : Split(key, ',')) columns.emplace_back(Trim(column));
  if (std::find(columns.begin(), columns.end(), "") == columns.end()) return columns;
  throw Error(ErrorKind::kUsage, "--key takes COL[,COL], not \"" + Printable(key) + "\"");
}

ProgressMode ReadProgress(const Invocation& invocation) {
  enum class Choice { kAuto, kBar, kPlain, kNone };
  const auto choice = Choose<Choice>(invocation, "progress",
                                     {{"auto", Choice::kAuto},
                                      {"bar", Choice::kBar},
                                      {"plain", Choice::kPlain},
                                      {"none", Choice::kNone}});
  if (invocation.Has("quiet") || choice == Choice::kNone) return ProgressMode::kNone;
  if (choice == Choice::kBar) return ProgressMode::kBar;
  if (choice == Choice::kPlain) return ProgressMode::kPlain;
  return isatty(STDERR_FILENO) == 1 ? ProgressMode::kBar : ProgressMode::kPlain;
}

}  // namespace

std::chrono::milliseconds ReadTime(const Invocation& invocation, const std::string& option) {
  const std::string text = invocation.Text(option);
  if (const auto time = ParseDuration(text)) return *time;
  throw Error(ErrorKind::kUsage, "--" + option +
                                     " takes a time of at most 24 days (like 60s, 5min " +
                                     "or 500ms), not \"" + Printable(text) + "\"");
}

RetryLimits ReadRetry(const Invocation& invocation) {
  const std::string text = invocation.Text("retries");
  const auto tries = ParseInteger<int>(text);
  if (!tries || *tries < 0) {
    throw Error(ErrorKind::kUsage,
                "--retries takes a whole number of at least 0, not \"" + Printable(text) + "\"");
  }
  return {*tries, ReadTime(invocation, "retry-for")};
}

RejectQuery ReadRejectQuery(const Invocation& invocation) {
  RejectQuery query;
  query.table = invocation.Text("table");
  query.code = invocation.Text("sqlstate");
  if (!invocation.options["kind"].defaulted()) {
    std::vector<std::pair<std::string, RefusalKind>> kinds;
    for (const auto& [kind, name] : kRefusalKinds) kinds.emplace_back(name, kind);
    query.kind = Choose<RefusalKind>(invocation, "kind", kinds);
  }
  if (!invocation.options["id"].defaulted()) query.id = ReadNumber<int64_t>(invocation, "id");
  return query;
}

ChunkLimits ReadLimits(const Invocation& invocation) {
  const auto memory = ParseSize(invocation.Text("memory"));
  if (!memory || *memory < kMinMemory) {
    throw Error(ErrorKind::kUsage, "--memory takes a size of at least 1MiB (like 32MiB), not \"" +
                                       Printable(invocation.Text("memory")) + "\"");
  }
  return {ReadNumber<size_t>(invocation, "chunk-rows"),
          static_cast<size_t>(std::min(*memory / kMemoryShares, kMaxChunkBytes))};
}

Settings ReadSettings(const Invocation& invocation) {
  Settings settings;
  settings.source = invocation.arguments.at(0);
  settings.target = invocation.arguments.at(1);
  settings.tables = invocation.List("table");
  settings.excludes = invocation.List("exclude");
  settings.drop = invocation.List("drop");
  settings.key = ReadKey(invocation);
  settings.where = invocation.Text("where");
  if (settings.where.empty() && !invocation.options["where"].defaulted()) {
    throw Error(ErrorKind::kUsage, "--where must not be empty: without it all rows are copied");
  }
  settings.schema = invocation.Text("schema");
  settings.target_schema = invocation.Text("target-schema");
  settings.existing = Choose<Existing>(invocation, "existing",
                                       {{"fail", Existing::kFail},
                                        {"append", Existing::kAppend},
                                        {"truncate", Existing::kTruncate},
                                        {"replace", Existing::kReplace}});
  settings.identifiers = Choose<Identifiers>(invocation, "identifiers",
                                             {{"keep", Identifiers::kKeep},
                                              {"lower", Identifiers::kLower},
                                              {"snake", Identifiers::kSnake}});
  settings.census = Choose<bool>(invocation, "types", {{"census", true}, {"declared", false}});
  settings.restart = invocation.Has("restart");
  settings.yes = invocation.Has("yes");
  settings.job = invocation.Text("job");
  settings.limits = ReadLimits(invocation);
  settings.max_rejects = ReadRejectLimit(invocation);
  settings.retry = ReadRetry(invocation);
  settings.lock_timeout = ReadTime(invocation, "lock-timeout");
  settings.stall = ReadTime(invocation, "stall");
  settings.ledger_schema = invocation.Text("ledger-schema");
  CheckSettings(settings);
  return settings;
}

Output ReadOutput(const Invocation& invocation) {
  Output output;
  output.progress = ReadProgress(invocation);
  output.quiet = invocation.Has("quiet");
  const char* no_color = std::getenv("NO_COLOR");
  const bool color_off = invocation.Has("no-color") || (no_color != nullptr && *no_color != '\0');
  output.color = !color_off && isatty(STDERR_FILENO) == 1;
  output.log_level = invocation.Text("log-level");
  if (!IsLogLevel(output.log_level)) {
    throw Error(ErrorKind::kUsage,
                "--log-level takes trace, debug, info, warn, error or off, not \"" +
                    Printable(output.log_level) + "\"");
  }
  if (output.quiet) output.log_level = "error";
  output.log_format = Choose<LogFormat>(invocation, "log-format",
                                        {{"text", LogFormat::kText}, {"json", LogFormat::kJson}});
  output.report = invocation.Text("report");
  output.report_alone = output.report == "-";
  if (output.report_alone) output.report = "/dev/stdout";
  return output;
}

}  // namespace rowferry
