#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <tuple>

#include "app/ask.h"
#include "app/change_ledger.h"
#include "app/exit_code.h"
#include "app/format.h"
#include "app/log.h"
#include "app/open_target.h"
#include "app/output_file.h"
#include "app/print.h"
#include "app/read_options.h"
#include "app/rejects.h"
#include "app/run_command.h"
#include "app/signals.h"
#include "base/error.h"
#include "job/drivers.h"
#include "job/export.h"
#include "job/lease.h"
#include "job/retry_job.h"
#include "job/stored_settings.h"

namespace rowferry {
namespace {

constexpr size_t kLinesAtOnce = 500;  // of a list: they are aligned among each other

// Of the terminal that stdout is; 0: it is none.
size_t OutputWidth() {
  winsize size{};
  const bool known = isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return known ? size.ws_col : 0;
}

std::string Dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The target's ledger, a job of it, and which of its rejects are meant.
struct Question {
  explicit Question(const Invocation& invocation)
      : end(OpenTarget(invocation, true)),
        job(FindRejectedJob(end.ledger(), JobArgument(invocation))),
        filter(FilterOf(ReadRejectQuery(invocation), job)) {}

  Ledger& ledger() const { return end.ledger(); }
  // Those that are not purged; without their rows.
  template <typename Each>
  void EachReason(const Each& each) const {
    ledger().EachReject(job.job.name, filter, [&](const Reject& found) {
      if (found.state == RejectState::kPurged) return true;
      Reject reject = found;
      reject.kept.clear();
      each(std::move(reject));
      return true;
    });
  }

  TargetEnd end;
  RejectedJob job;
  RejectFilter filter;
};

void ListAsText(const Question& question) {
  std::vector<Reject> lines;
  const size_t width = OutputWidth();
  bool first = true;
  const auto flush = [&] {
    if (!lines.empty()) Print(RenderRejects(lines, question.job, width, first));
    if (!lines.empty()) first = false;
    lines.clear();
  };
  question.EachReason([&](Reject reject) {
    lines.push_back(std::move(reject));
    if (lines.size() == kLinesAtOnce) flush();
  });
  flush();
  Print((first ? "" : "\n") + RenderRejectCounts(question.job));
}

void ListAsJson(const Question& question) {
  std::cout << "{\"job\": " << Dump(question.job.job.name) << ",\n\"rejects\": [";
  const char* between = "\n";
  question.EachReason([&](const Reject& reject) {
    std::cout << between << Dump(RejectJson(reject, question.job));
    between = ",\n";
  });
  std::cout << "],\n\"summary\": " << Dump(RejectCountsJson(question.job)) << "}\n" << std::flush;
}

[[noreturn]] void RefuseNone(const Question& question) {
  const std::string which =
      question.filter.id ? "no reject " + std::to_string(*question.filter.id) : "no such rejects";
  throw Error(ErrorKind::kUsage, "job " + question.job.job.name + " has " + which);
}

void WriteExport(const Question& question, const Put& put) {
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  RejectFilter open = question.filter;
  open.state = RejectState::kOpen;
  const std::string& job = question.job.job.name;
  question.ledger().EachReject(job, open, [&](const Reject& reject) {
    return put(
        ExportLine(job, question.job.TableOf(reject), reject).dump(-1, ' ', false, kReplace) +
        "\n");
  });
}

void ExportToFile(const Question& question, const std::string& path, const std::string& target) {
  std::vector<std::string> databases = DriverFor(target).files(target);
  if (!question.job.job.settings.empty()) {
    const std::string source = RestoreSettings(question.job.job.settings).source;
    const std::vector<std::string> more = DriverFor(source).files(source);
    databases.insert(databases.end(), more.begin(), more.end());
  }
  CheckOutputPath(path, databases, "--output");
  WriteOutput(path, "the export", [&](const Put& put) { WriteExport(question, put); });
}

RetryOptions ReadRetryOptions(const Invocation& invocation, const RejectedJob& job) {
  const RejectQuery query = ReadRejectQuery(invocation);
  RetryOptions options;
  options.source = invocation.Text("source");
  options.target = invocation.arguments.at(0);
  options.ledger_schema = invocation.Text("ledger-schema");
  options.kept = invocation.Has("kept");
  options.file = invocation.Text("from");
  options.limits = ReadLimits(invocation);
  options.retry = ReadRetry(invocation);
  options.lock_timeout = ReadTime(invocation, "lock-timeout");
  options.stall = ReadTime(invocation, "stall");
  const bool has_file = !invocation.options["from"].defaulted();
  if (has_file && options.file.empty()) {
    throw Error(ErrorKind::kUsage, "--from takes the name of a file");
  }
  if (has_file && options.kept) {
    throw Error(ErrorKind::kUsage, "--kept and --from say two ways of where the rows come from");
  }
  if (has_file && !query.empty()) {
    throw Error(ErrorKind::kUsage,
                "with --from the rows of the file are tried, and no others: leave --table, --kind, "
                "--sqlstate and --id out");
  }
  options.filter = FilterOf(query, job);
  return options;
}

std::string ShowRetry(const RetryCounts& counts) {
  return ShowRows(counts.tried) + " tried, " + ShowRows(counts.loaded) + " loaded, " +
         ShowRows(counts.failed) + " failed again" +
         (counts.gone > 0 ? " (" + ShowRows(counts.gone) + " no longer in the source)" : "") +
         "\n" + ShowSwallowed(counts.suppressed);
}

int RetryExit(const RetryResult& result) {
  if (result.stopped) {
    spdlog::warn("stopped by signal {}; the same command goes on", StopSignal());
    return kExitSignal + StopSignal();
  }
  if (result.open == 0) return kExitDone;
  spdlog::warn("{} left: see rowferry rejects list",
               result.open == 1 ? "1 reject is" : ShowRows(result.open) + " rejects are");
  return kExitRejects;
}

int64_t CountMeant(const Question& question) {
  int64_t rejects = 0;
  question.EachReason([&](const Reject& reject) {
    if (reject.state == RejectState::kOpen) ++rejects;
  });
  return rejects;
}

void ConfirmPurge(const Invocation& invocation, int64_t rejects) {
  if (invocation.Has("yes") || isatty(STDIN_FILENO) != 1) return;
  if (isatty(STDERR_FILENO) != 1) {
    throw Error(ErrorKind::kUsage,
                "whether to go on cannot be asked, as stderr is no terminal: say --yes");
  }
  std::cerr << ShowRows(rejects)
            << (rejects == 1 ? " reject is given up: its kept row goes"
                             : " rejects are given up: their kept rows go")
            << ". Go on? [y/N]\n"
            << std::flush;
  if (!AnswersYes()) throw Error(ErrorKind::kUsage, "not confirmed: nothing was changed");
}

}  // namespace

int RunRejectsList(const Invocation& invocation) {
  EndAtOnce();
  const Question question(invocation);
  invocation.Has("json") ? ListAsJson(question) : ListAsText(question);
  return kExitDone;
}

int RunRejectsShow(const Invocation& invocation) {
  EndAtOnce();
  const Question question(invocation);
  bool any = false;
  question.ledger().EachReject(question.job.job.name, question.filter, [&](const Reject& reject) {
    Print(RenderReject(reject, question.job, invocation.Has("full")));
    any = true;
    return true;
  });
  if (!any) RefuseNone(question);
  return kExitDone;
}

int RunRejectsExport(const Invocation& invocation) {
  const Question question(invocation);
  const std::string path = invocation.Text("output");
  if (path.empty()) {
    WriteExport(question, [](std::string_view text) { return (std::cout << text).good(); });
    return kExitDone;
  }
  try {
    ExportToFile(question, path, invocation.arguments.at(0));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kTarget) throw;
    spdlog::error("{}", error.what());
    return kExitFailed;
  }
  return kExitDone;
}

int RunRejectsRetry(const Invocation& invocation) {
  const auto [job, options] = [&] {
    const Question question(invocation);
    return std::pair(question.job, ReadRetryOptions(invocation, question.job));
  }();
  if (job.open() == 0 && options.file.empty()) {
    Print("job " + job.job.name + " has no open rejects: nothing to do\n");
    return kExitDone;
  }
  RetryResult result;
  try {
    RetryJob(job.job, options, StopRequested(), result);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kOwned) throw;
    LogFailure(error, result.began,
               "the same command goes on: what was loaded before stays loaded, and is no reject "
               "any more");
    return result.began ? kExitFailed : kExitRefused;
  }
  Print(ShowRetry(result.counts));
  return RetryExit(result);
}

int RunRejectsPurge(const Invocation& invocation) {
  const auto [name, filter, rejects] = [&] {
    const Question question(invocation);
    return std::tuple(question.job.job.name, question.filter, CountMeant(question));
  }();
  if (rejects == 0) {
    Print("there are no such open rejects: nothing was changed\n");
    return kExitDone;
  }
  ConfirmPurge(invocation, rejects);
  const TargetEnd end = OpenTarget(invocation, false);
  Ledger& ledger = end.ledger();
  const JobLease lease(ledger, name);
  return ChangeLedger([&, &name = name, &filter = filter] {
    const int64_t purged = lease.job() ? ledger.Purge(name, filter) : 0;
    const int64_t open = CountOf(ledger.CountRejects(name), RejectState::kOpen);
    Print(ShowRows(purged) + (purged == 1 ? " reject was" : " rejects were") + " given up; job " +
          name + " has " + (open == 0 ? "no" : ShowRows(open)) +
          (open == 1 ? " open reject left\n" : " open rejects left\n"));
  });
}

}  // namespace rowferry
