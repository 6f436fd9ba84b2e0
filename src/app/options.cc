#include "app/options.h"

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

namespace rowferry {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

po::options_description HelpOption() {
  po::options_description options("Other options");
  options.add_options()("help,h", "this text");
  return options;
}

void AddTableOptions(po::options_description& all) {
  po::options_description options("What is copied");
  options.add_options()  //
      ("table", po::value<Texts>()->composing()->value_name("NAME"),
       "only this table (repeatable); schema.name where there are schemas. Default: all")  //
      ("exclude", po::value<Texts>()->composing()->value_name("PATTERN"),
       "leave out the tables that match (glob with * and ?; repeatable)")  //
      ("where", po::value<std::string>()->default_value("", "")->value_name("SQL"),
       "only the rows for which this condition holds, in the source's dialect; needs one "
       "--table")  //
      ("drop", po::value<Texts>()->composing()->value_name("COL"),
       "leave this source column out (repeatable); needs one --table")  //
      ("key", po::value<std::string>()->default_value("", "")->value_name("COL[,COL]"),
       "page by these columns instead of the primary key; needs one --table, and refused unless "
       "they are proven unique")  //
      ("schema", po::value<std::string>()->default_value("public")->value_name("NAME"),
       "the source's schema, on PostgreSQL");
  all.add(options);
}

void AddTargetOptions(po::options_description& all) {
  po::options_description options("What becomes of it");
  options.add_options()  //
      ("target-schema", po::value<std::string>()->default_value("public")->value_name("NAME"),
       "the target's schema, on PostgreSQL")  //
      ("existing", po::value<std::string>()->default_value("fail")->value_name("HOW"),
       "what to do with a target table that already holds rows: fail, append, truncate (empty it "
       "first) or replace (drop it, and make it as the source has it)")  //
      ("types", po::value<std::string>()->default_value("census")->value_name("HOW"),
       "SQLite sources: census believes what the rows hold, declared what the columns say; a value "
       "that does not fit is rejected")  //
      ("identifiers", po::value<std::string>()->default_value("keep")->value_name("HOW"),
       "names of tables and columns in the target: keep, lower (OrderLines: orderlines) or snake "
       "(order_lines)");
  all.add(options);
}

void AddJobOptions(po::options_description& all) {
  po::options_description options("The job");
  options.add_options()  //
      ("job", po::value<std::string>()->default_value("", "")->value_name("NAME"),
       "the job's name. Default: derived from source, target and tables, so that the same command "
       "is the same job")  //
      ("restart",
       "forget the job's progress and begin anew; tables that the job itself created or truncated "
       "are emptied, others need --existing")  //
      ("yes",
       "do not ask before rows of the target are removed; without a terminal nobody is asked");
  all.add(options);
}

void AddLedgerOption(po::options_description& options) {
  options.add_options()("ledger-schema",
                        po::value<std::string>()->default_value("rowferry")->value_name("NAME"),
                        "the schema that holds jobs and checkpoints, on PostgreSQL");
}

void AddSizeOptions(po::options_description& all) {
  po::options_description options("Sizes");
  options.add_options()  //
      ("chunk-rows",
       po::value<std::string>()->default_value(std::to_string(ChunkLimits{}.rows))->value_name("N"),
       "rows of one transaction at the most; it also ends with an eighth of --memory")  //
      ("memory", po::value<std::string>()->default_value("32MiB")->value_name("SIZE"),
       "ceiling for batches and buffers above the bare process; one row larger than an eighth of "
       "it passes alone");
  all.add(options);
}

void AddFailureOptions(po::options_description& all) {
  po::options_description options("When something goes wrong");
  options.add_options()  //
      ("max-rejects", po::value<std::string>()->default_value("", "")->value_name("N|N%"),
       "rows that cannot be read or written are kept in the ledger, and the run goes on (exit 3) "
       "up to so many of the job's; 0 stops at the first. Default: the larger of 100 rows and 1 % "
       "of those read")  //
      ("retries", po::value<std::string>()->default_value("5")->value_name("N"),
       "tries in a row for deadlocks, locks and the like; 0: none")  //
      ("retry-for", po::value<std::string>()->default_value("60s")->value_name("TIME"),
       "how long a lost server is waited for, since the last chunk (like 60s, 5min or 500ms); 0: "
       "not at all")  //
      ("lock-timeout", po::value<std::string>()->default_value("30s")->value_name("TIME"),
       "how long the target waits for somebody's lock before that counts as a try; 0: for ever")  //
      ("stall", po::value<std::string>()->default_value("5min")->value_name("TIME"),
       "without progress for so long, from the first connection on, say what each side waits for, "
       "and end a connection that is dead; 0: never");
  all.add(options);
}

void AddDisplayOptions(po::options_description& all) {
  po::options_description options("Display");
  options.add_options()  //
      ("report", po::value<std::string>()->default_value("", "")->value_name("FILE"),
       "write the run as JSON, or the ledger's figures of a job that was finished before; - prints "
       "it in place of the summary; a device or a FIFO is written through, a database's own file "
       "refused")  //
      ("progress", po::value<std::string>()->default_value("auto")->value_name("HOW"),
       "auto (bar on a terminal, else plain), bar, plain (a line at every quarter and every 10 s) "
       "or none")  //
      ("log-level", po::value<std::string>()->default_value("warn")->value_name("LEVEL"),
       "trace, debug, info, warn, error or off")  //
      ("log-format", po::value<std::string>()->default_value("text")->value_name("HOW"),
       "text or json, on stderr")                        //
      ("quiet", "errors only: no progress, no summary")  //
      ("no-color", "no colours (also: NO_COLOR in the environment)");
  all.add(options);
}

po::options_description RejectsOptions(const po::options_description& own) {
  po::options_description all;
  po::options_description which("Which rejects");
  which.add_options()  //
      ("table", po::value<std::string>()->default_value("", "")->value_name("NAME"),
       "of this table, by its name in the source or in the target")  //
      ("kind", po::value<std::string>()->default_value("", "")->value_name("KIND"),
       "of this kind: unreadable, value, not-null, check, unique, foreign-key, exclusion, trigger, "
       "row-security or other")  //
      ("sqlstate", po::value<std::string>()->default_value("", "")->value_name("CODE"),
       "with this SQLSTATE, or code of SQLite (like SQLITE_CONSTRAINT_CHECK)")  //
      ("id", po::value<std::string>()->default_value("", "")->value_name("N"), "this one alone");
  po::options_description other = HelpOption();
  AddLedgerOption(other);
  all.add(which);
  if (!own.options().empty()) all.add(own);
  return all.add(other);
}

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

po::options_description CopyOptions() {
  po::options_description all;
  AddTableOptions(all);
  AddTargetOptions(all);
  AddJobOptions(all);
  AddSizeOptions(all);
  AddFailureOptions(all);
  AddDisplayOptions(all);
  po::options_description other = HelpOption();
  AddLedgerOption(other);
  return all.add(other);
}

po::options_description PlanOptions() { return CopyOptions(); }

po::options_description StatusOptions() {
  po::options_description all;
  po::options_description options("Options");
  options.add_options()("json", "as JSON, for scripts");
  AddLedgerOption(options);
  return all.add(options).add(HelpOption());
}

po::options_description ForgetOptions() {
  po::options_description all;
  po::options_description options("Options");
  AddLedgerOption(options);
  return all.add(options).add(HelpOption());
}

po::options_description RejectsListOptions() {
  po::options_description own("Display");
  own.add_options()("json", "as JSON, for scripts");
  return RejectsOptions(own);
}

po::options_description RejectsShowOptions() {
  po::options_description own("Display");
  own.add_options()("full", "long values whole");
  return RejectsOptions(own);
}

po::options_description RejectsExportOptions() {
  po::options_description own("Where to");
  own.add_options()("output", po::value<std::string>()->default_value("", "")->value_name("FILE"),
                    "instead of stdout; one that is there is replaced");
  return RejectsOptions(own);
}

po::options_description RejectsRetryOptions() {
  po::options_description own("Where the rows come from");
  own.add_options()  //
      ("source", po::value<std::string>()->default_value("", "")->value_name("URL"),
       "read the source here, instead of where the job read it: the ledger keeps no password, and "
       "databases move")                                                                         //
      ("kept", "try the copies that the ledger keeps, not the rows as the source has them now")  //
      ("from", po::value<std::string>()->default_value("", "")->value_name("FILE"),
       "try the rows of FILE, an edited export, and no others");
  AddSizeOptions(own);
  return RejectsOptions(own);
}

po::options_description RejectsPurgeOptions() {
  po::options_description own("Before it happens");
  own.add_options()("yes", "do not ask; without a terminal nobody is asked");
  return RejectsOptions(own);
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
