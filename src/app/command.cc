#include "app/command.h"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <sstream>

#include "app/exit_code.h"
#include "app/failure_table.h"
#include "app/log.h"
#include "app/options.h"
#include "app/print.h"
#include "app/run_command.h"
#include "app/version.h"
#include "base/error.h"
#include "base/text.h"
#include "job/drivers.h"

namespace rowferry {
namespace {

namespace po = boost::program_options;

constexpr std::array kCommands = {
    Command{
        "copy", "SOURCE TARGET", 2, 2, "copy tables; run again to resume",
        R"(Copies tables from SOURCE to TARGET, creating those that are missing. Every chunk of rows is
one transaction that also holds its checkpoint: whenever the run ends, and however, the same
command again goes on after the last committed row.

  rowferry copy shop.db postgresql://localhost/shop
  rowferry copy postgresql://db/app backup.db --table orders --where "placed >= '2026-01-01'")",
        CopyOptions, RunCopy},
    Command{
        "plan", "SOURCE TARGET", 2, 2, "say what would happen; changes nothing",
        R"(Resolves a job against both databases and shows, for each table, its target, the columns with
their types on both sides, the key and why it is unique, the statements that would run, and
warnings. Takes the options of copy.

  rowferry plan shop.db postgresql://localhost/shop)",
        PlanOptions, RunPlan},
    Command{
        "status", "TARGET [JOB]", 1, 2, "jobs and their progress, from the ledger",
        R"(Shows what the ledger in TARGET says: also from another terminal or host, while a run goes on
and after it.

  rowferry status postgresql://localhost/shop --json)",
        StatusOptions, RunStatus},
    Command{
        "forget", "TARGET JOB", 2, 2, "remove a job from the ledger",
        R"(Removes a job and its checkpoints from the ledger. The tables that it copied stay as they are.
Refused while a run owns the job.

  rowferry forget postgresql://localhost/shop shop-to-shop-1f2e3d4c)",
        ForgetOptions, RunForget},
    Command{
        "rejects list", "TARGET [JOB]", 1, 2, "rows that were rejected, and why",
        R"(Lists the rejects of a job, a line each, and how many there are by table and kind. JOB may be
left out where the target holds only one job, or only one with rejects.

  rowferry rejects list postgresql://localhost/shop --kind not-null)",
        RejectsListOptions, RunRejectsList},
    Command{"rejects show", "TARGET [JOB]", 1, 2, "rejects with their whole rows",
            R"(Shows rejects whole: the reason, and every column of the row as it was read.

  rowferry rejects show postgresql://localhost/shop --id 42)",
            RejectsShowOptions, RunRejectsShow},
    Command{
        "rejects export", "TARGET [JOB]", 1, 2, "the open rejects as JSON lines",
        R"(Writes the open rejects as JSON lines, one object each; docs/rejects.md has the grammar. Edited,
they can be loaded by rowferry rejects retry --from; unchanged, they give the same rows bit for bit.

  rowferry rejects export postgresql://localhost/shop --output rows.jsonl)",
        RejectsExportOptions, RunRejectsExport},
    Command{
        "rejects retry", "TARGET [JOB]", 1, 2, "try rejected rows again",
        R"(Tries the open rejects again, as the copy wrote them: rows that the target takes leave the
rejects in the same transaction, the others stay, with the new reason. The rows are read again from
the source by their keys; or they are the copies that the ledger keeps (--kept), or those of an
edited export (--from). Columns of the target may have changed their types since.

  rowferry rejects retry postgresql://localhost/shop
  rowferry rejects retry postgresql://localhost/shop --from rows.jsonl)",
        RejectsRetryOptions, RunRejectsRetry},
    Command{
        "rejects purge", "TARGET [JOB]", 1, 2, "give rejected rows up",
        R"(Gives the open rejects up: their kept copies are removed from the ledger, and the job counts as
done without them. How many there were stays in the job's accounts.

  rowferry rejects purge postgresql://localhost/shop --table orders)",
        RejectsPurgeOptions, RunRejectsPurge},
};

constexpr std::string_view kEnds =
    R"(SOURCE and TARGET are each a libpq URI (postgresql://user@host/db), sqlite:PATH, or a path to an
SQLite file. PGPASSWORD, .pgpass, service files and sslmode work as with psql.
)";

constexpr std::string_view kExitCodes =
    R"(Exit codes: 0 done; 1 failed after it began (the same command resumes), or stdout or the report
could not be written; 2 refused before the first write; 3 done, with rejected rows; 5 another run
owns the job; 130, 143, 129 stopped by SIGINT, SIGTERM, SIGHUP after the chunk at hand (the same
command resumes).
)";

constexpr std::string_view kJson = R"(
## The report

`--report` writes one JSON object. Rows are counted over all runs of the job, and in `this_run` for this one.

| field | meaning |
|---|---|
| `job_id`, `job_type`, `source`, `target` | which job: its name, `copy`, both ends without passwords |
| `status` | `completed`, `completed_with_errors` (exit 3: with rejected rows), `failed` (exit 1, or 5 if another run took over), `cancelled` (stopped by a signal) |
| `resumed` | the job had begun in an earlier run |
| `started_at`, `completed_at` | of this run, ISO 8601 in UTC |
| `summary`, `this_run` | `total_items` (null: not known), `processed` (read), `succeeded` (written), `failed`, `skipped` (swallowed by a trigger), `pending` (waiting for the rows that they refer to; 0 in the end), `unchanged`, `failure_rate`; of this run in both `duration_seconds`, `items_per_second`; once `peak_memory_bytes` |
| `tables` | the same by `table` and `target`, with `mode`, `key` (and why it is unique), `splits`, `chunks`, `retries`, `done`, `suppressed` (swallowed by a trigger), `last_key` |
| `errors`, `error_categories` | what ended the run, and the first 100 rejects: `item_identifier` (the row's key), `table`, `error_type`, `error_message`, `sqlstate` (or SQLite's code), `timestamp`, `chunk_index` (null for rejects), `retry_attempts`; how many of each type |
| `retries` | what failed, was tried again and passed, or not in the end (the first 100): `table`, `error_type`, `error_message`, `sqlstate`, `timestamp`, `chunk_index`, `retry_attempts` (the how-many-th in a row) |
| `warnings` | as the plan says them |
| `last_checkpoint` | the last committed key by table, as the ledger keeps it |
| `artifacts` | files written |
| `remediation` | `can_retry`, `retry_strategy`, `manual_intervention_required` |
| `times` | seconds: `read` in its own thread; `transform`, `encode`, `write`, `commit`, `waiting` (for the reader) in the writer's; and the `bottleneck` |
| `metadata` | `chunk_size`, `num_chunks`, `max_workers`, `retry_attempts`, `rowferry_version` |

`rowferry status --json` prints `jobs`, each with `name`, `state` (`running`, `done`, `stopped`, `failed`), `message`
(why it failed), `source`, `target`, `mode`, `runs`, `owner` (`host`, `pid` of the newest run), `created_at`,
`started_at` (of the newest run), `finished_at`, `heartbeat_at`, `heartbeat_age_seconds`, `rows_done`, `rows_total`
and `percent` (null: not known), `open_rejects`, and `tables`: `table`, `target`, `rows` (read), `written`, `suppressed`,
`open_rejects`, `estimated_rows`, `chunks`, `done`, `last_key`; instead of them `unreadable` (null, or why: a damaged checkpoint,
say). A job that is `running` with a `heartbeat_age_seconds` above 60 was
killed: the same command resumes it.

`rowferry rejects list --json` prints `job`, `rejects` (each with `id`, `table`, `key`, `state`, `kind`, `sqlstate`,
`column`, `constraint`, `message`, `time` of the last try, `tries`) and `summary` (`table`, `state`, `kind`, `rows`,
over the whole job). `rowferry rejects export` is described in rejects.md.
)";

std::string UsageLine(const Command& command) {
  return "rowferry " + std::string(command.name) + " " + std::string(command.arguments) +
         " [options]";
}

const Command* FindCommand(std::string_view name) {
  const auto found = std::find_if(kCommands.begin(), kCommands.end(),
                                  [&](const Command& command) { return command.name == name; });
  return found == kCommands.end() ? nullptr : &*found;
}

// "rejects": the first word of several commands.
bool IsGroup(const std::string& name) {
  return std::any_of(kCommands.begin(), kCommands.end(),
                     [&](const Command& command) { return command.name.starts_with(name + " "); });
}

// How many words name the command.
size_t NameWords(const std::vector<std::string>& words) {
  return words.size() > 1 && IsGroup(words[0]) && !words[1].starts_with('-') ? 2 : 1;
}

[[noreturn]] void RefuseCommand(const std::string& name) {
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  const auto nearest = Nearest(name, names);
  throw Error(ErrorKind::kUsage, "there is no command \"" + Printable(name) + "\"; " +
                                     (nearest ? "did you mean \"" + *nearest + "\"?"
                                              : "the commands are " + Join(names, ", ")));
}

// Boost's own message, and the option that was meant.
Error UsageError(const po::error& error, const Command& command) {
  std::string message = error.what();
  if (const auto* unknown = dynamic_cast<const po::unknown_option*>(&error)) {
    std::vector<std::string> names;
    const po::options_description known = command.options();
    for (const auto& option : known.options()) {
      names.push_back("--" + option->long_name());
    }
    message = command.name;
    message += " has no option " + unknown->get_option_name();
    const auto nearest = Nearest(unknown->get_option_name(), names);
    message += nearest ? "; did you mean " + *nearest + "?" : "";
  }
  return Error(ErrorKind::kUsage, message + " (rowferry " + std::string(command.name) + " --help)");
}

Invocation Parse(const Command& command, const std::vector<std::string>& words) {
  po::options_description all = command.options();
  po::options_description positional;
  positional.add_options()("arguments", po::value<std::vector<std::string>>());
  all.add(positional);
  po::positional_options_description where;
  where.add("arguments", -1);
  Invocation invocation;
  try {
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(words).options(all).positional(where).style(style).run(),
              invocation.options);
  } catch (const po::error& error) {
    throw UsageError(error, command);
  }
  invocation.arguments = invocation.List("arguments");
  return invocation;
}

void CheckArguments(const Command& command, const Invocation& invocation) {
  const size_t given = invocation.arguments.size();
  if (given >= command.min_arguments && given <= command.max_arguments) return;
  throw Error(ErrorKind::kUsage,
              std::string(given < command.min_arguments ? "something is missing" : "too much") +
                  ": " + UsageLine(command) + " (rowferry " + std::string(command.name) +
                  " --help)");
}

// The usage lines of the commands whose name begins so.
std::string UsageOf(std::string_view beginning) {
  std::string text;
  size_t width = 0;
  for (const Command& command : kCommands) width = std::max(width, UsageLine(command).size());
  for (const Command& command : kCommands) {
    if (!command.name.starts_with(beginning)) continue;
    const std::string usage = UsageLine(command);
    text += "  " + usage + std::string(width - usage.size() + 2, ' ') +
            std::string(command.summary) + "\n";
  }
  return text;
}

std::string GroupHelp(const std::string& group) {
  return "Usage:\n" + UsageOf(group + " ") + "  rowferry " + group + " COMMAND --help\n";
}

std::string VersionText() {
  return "rowferry " + std::string(kVersion) + " (" + kCommit + ")\n" + DriverVersions();
}

int Say(const std::string& text) {
  Print(text);
  return kExitDone;
}

const Command& CommandOf(const std::string& name) {
  const Command* command = FindCommand(name);
  if (command == nullptr) RefuseCommand(name);
  return *command;
}

// "copy", "rejects list"
std::string NameOf(const std::vector<std::string>& words) {
  return NameWords(words) == 2 ? words[0] + " " + words[1] : words[0];
}

std::string HelpFor(const std::vector<std::string>& words) {
  const std::string name = NameOf(words);
  return IsGroup(name) ? GroupHelp(name) : CommandHelp(CommandOf(name));
}

// A group's name without a command.
int RunGroup(const std::vector<std::string>& words) {
  const bool asks = words.size() > 1 && (words[1] == "--help" || words[1] == "-h");
  if (asks) return Say(GroupHelp(words[0]));
  throw Error(ErrorKind::kUsage, "rowferry " + words[0] + " does several things:\n" +
                                     UsageOf(words[0] + " ") + "  rowferry " + words[0] +
                                     " COMMAND --help");
}

int Run(const std::vector<std::string>& words) {
  const std::string first = words.empty() ? "" : words[0];
  if (first.empty()) throw Error(ErrorKind::kUsage, "what shall it be? See rowferry --help");
  if (first == "help" && words.size() > 1) return Say(HelpFor({words.begin() + 1, words.end()}));
  if (first == "--help" || first == "-h" || first == "help") return Say(GeneralHelp());
  if (first == "--version") return Say(VersionText());
  if (first == "--reference") return Say(ReferenceManual());
  const size_t named = NameWords(words);
  if (named == 1 && IsGroup(first)) return RunGroup(words);
  const Command& command = CommandOf(NameOf(words));
  const auto rest = words.begin() + static_cast<std::ptrdiff_t>(named);
  const Invocation invocation = Parse(command, {rest, words.end()});
  if (invocation.Has("help")) return Say(CommandHelp(command));
  CheckArguments(command, invocation);
  return command.run(invocation);
}

// Who reads our output has had enough of it (… | head): no failure.
bool ReaderIsGone() {
  pollfd out{STDOUT_FILENO, 0, 0};
  return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

// What was printed is part of what was asked for: lost, it fails the command.
int CloseOutput(int exit_code) {
  std::cout.flush();
  if ((std::cout.good() && std::ferror(stdout) == 0) || ReaderIsGone()) return exit_code;
  spdlog::error("what there was to say could not be written to stdout");
  return exit_code == kExitDone ? kExitFailed : exit_code;
}

int RunAndReport(const std::vector<std::string>& arguments) {
  try {
    return Run(arguments);
  } catch (const Error& error) {
    LogFailure(error, false, "");
    return error.kind() == ErrorKind::kOwned ? kExitOwned : kExitRefused;
  } catch (const std::exception& error) {
    spdlog::error("{}", Unforeseen(error).what());
    return kExitFailed;
  }
}

}  // namespace

std::string Invocation::Text(const std::string& option) const {
  return options.at(option).as<std::string>();
}

std::vector<std::string> Invocation::List(const std::string& option) const {
  return Has(option) ? options.at(option).as<std::vector<std::string>>()
                     : std::vector<std::string>();
}

std::string CommandHelp(const Command& command) {
  std::ostringstream text;
  text << "Usage: " << UsageLine(command) << "\n\n"
       << command.text << "\n\n"
       << kEnds << command.options() << "\n"
       << kExitCodes;
  return text.str();
}

std::string GeneralHelp() {
  std::string text = "rowferry moves rows between databases, exactly once.\n\nUsage:\n";
  text += UsageOf("");
  text += "  rowferry COMMAND --help\n  rowferry --version\n\n";
  return text + std::string(kEnds) + "\n" + std::string(kExitCodes);
}

std::string ReferenceManual() {
  std::string text =
      "# Command reference\n\nMade by `rowferry --reference`; a test compares.\n\n```\n" +
      GeneralHelp() + "```\n";
  for (const Command& command : kCommands) {
    text +=
        "\n## rowferry " + std::string(command.name) + "\n\n```\n" + CommandHelp(command) + "```\n";
  }
  return text + std::string(kJson) + FailureTable();
}

int RunCommandLine(const std::vector<std::string>& arguments) {
  SetUpLog("warn", LogFormat::kText,
           [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); });
  return CloseOutput(RunAndReport(arguments));
}

}  // namespace rowferry
