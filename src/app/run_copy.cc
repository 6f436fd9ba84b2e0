#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>

#include "app/ask.h"
#include "app/display.h"
#include "app/exit_code.h"
#include "app/format.h"
#include "app/log.h"
#include "app/output_file.h"
#include "app/print.h"
#include "app/read_options.h"
#include "app/recorder.h"
#include "app/render.h"
#include "app/report.h"
#include "app/run_command.h"
#include "app/signals.h"
#include "base/error.h"
#include "job/drivers.h"

namespace rowferry {
namespace {

int ExitFor(const Error& error, bool began) {
  if (error.kind() == ErrorKind::kOwned) return kExitOwned;
  return began ? kExitFailed : kExitRefused;
}

// One `copy`, from options to exit code.
class CopyCommand {
 public:
  explicit CopyCommand(const Invocation& invocation)
      : settings_(ReadSettings(invocation)),
        output_(ReadOutput(invocation)),
        display_(output_.progress, output_.color, output_.log_format),
        recorder_(SystemClock(), [this] { display_.Changed(recorder_.Snapshot()); }) {
    SetUpLog(output_.log_level, output_.log_format,
             [this](const std::string& line) { display_.WriteLine(line); });
  }
  ~CopyCommand() {
    SetUpLog(output_.log_level, output_.log_format,
             [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); });
  }
  CopyCommand(const CopyCommand&) = delete;
  CopyCommand& operator=(const CopyCommand&) = delete;

  int Run() {
    if (!output_.report.empty()) CheckOutputPath(output_.report, DatabaseFiles(), "--report");
    try {
      return Finish(Copy());
    } catch (const Error& error) {
      return Fail(error);
    } catch (const std::exception& exception) {  // before the first table, or after the last
      return Fail(Unforeseen(exception));
    }
  }

 private:
  int Fail(const Error& error) {
    display_.Close();
    const bool began = recorder_.Snapshot().began;
    LogFailure(error, began, "the same command resumes after the last committed key");
    if (began) Report("failed", error);
    return ExitFor(error, began);
  }

  // What a report must not replace.
  std::vector<std::string> DatabaseFiles() const {
    std::vector<std::string> files;
    for (const std::string& url : {settings_.source, settings_.target}) {
      const std::vector<std::string> more = DriverFor(url).files(url);
      files.insert(files.end(), more.begin(), more.end());
    }
    return files;
  }

  JobResult Copy() {
    EndAtOnce();  // connecting may take a while
    Ends ends = OpenEnds(settings_, false, [this, log = LogLocks()](const std::string& lock) {
      recorder_.Waits(lock);
      log(lock);
    });
    EndOnRequest();
    const JobRun run{[this](const JobPlan& plan) { return Confirm(plan); }, recorder_,
                     StopRequested()};
    try {
      const JobResult result = RunJob(settings_, ends, run);
      if (result.end == JobEnd::kAlreadyDone) NoteDone(ends);
      NoteRejects(ends);
      return result;
    } catch (const Error&) {
      if (recorder_.Snapshot().began) NoteRejects(ends);
      throw;
    }
  }

  // For the report; the ledger may be out of reach by now, and then that is what it tells.
  void NoteRejects(Ends& ends) {
    if (output_.report.empty()) return;
    try {
      rejects_ = FindRejects(ends.target->ledger(), JobName(settings_, ends));
    } catch (const Error& error) {
      spdlog::warn("the report lacks the rejected rows: {}", error.what());
    }
  }

  // Nothing was read: the report's figures are the ledger's.
  void NoteDone(Ends& ends) {
    Ledger& ledger = ends.target->ledger();
    const auto job = FindJob(ledger, JobName(settings_, ends));
    if (job) recorder_.FoundDone(*job, ledger.Splits(job->name));
  }

  int Finish(const JobResult& result) {
    display_.Close();
    const std::string status = result.end == JobEnd::kStopped ? "cancelled"
                               : result.open_rejects > 0      ? "completed_with_errors"
                                                              : "completed";
    const bool reported = Report(status, std::nullopt);
    const int complete = result.open_rejects > 0 ? kExitRejects : kExitDone;
    const int done = reported ? complete : kExitFailed;
    const bool already = result.end == JobEnd::kAlreadyDone;
    if (already) SayAlreadyDone();
    if (!already && !output_.quiet && !output_.report_alone) {
      Print(RenderSummary(recorder_.Snapshot(), SystemClock().UnixMicros()));
    }
    if (result.open_rejects > 0) SayRejects(result.open_rejects);
    if (result.end != JobEnd::kStopped) return done;
    spdlog::warn("stopped by signal {} after {} rows; the same command resumes", StopSignal(),
                 ShowRows(recorder_.Snapshot().RowsDone()));
    return kExitSignal + StopSignal();
  }

  void SayAlreadyDone() const {
    if (output_.quiet || output_.report_alone) return;
    Print(
        "this job is finished: nothing to do (--restart begins anew, and `rowferry status` shows "
        "it)\n");
  }

  void SayRejects(int64_t rows) const {
    spdlog::warn("{} rejected and kept in the ledger: see rowferry rejects list {}",
                 rows == 1 ? "1 row was" : ShowRows(rows) + " rows were",
                 recorder_.Snapshot().target);
  }

  // Asks only where somebody can answer; says in any case what will go.
  bool Confirm(const JobPlan& plan) {
    const bool asks = !settings_.yes && isatty(STDIN_FILENO) == 1;
    if (!asks && output_.quiet) return true;
    for (const TablePlan& table : plan.tables) {
      if (table.rows_to_go == 0) continue;
      display_.Say("table " + table.target.name.Show() + ": its " + ShowRows(table.rows_to_go) +
                   " rows will be removed");
    }
    if (!asks) return true;
    if (isatty(STDERR_FILENO) != 1) {
      throw Error(ErrorKind::kUsage,
                  "whether to go on cannot be asked, as stderr is no terminal: say --yes");
    }
    display_.Suspend(true);
    display_.WriteLine("Go on? [y/N]");
    const bool yes = AnswersYes();
    display_.Suspend(false);
    return yes;
  }

  // False: it could not be written, and that has been said. The run itself is not undone by it.
  bool Report(const std::string& status, const std::optional<Error>& error) {
    if (output_.report.empty()) return true;
    const ReportFacts facts{recorder_.Snapshot(),
                            status,
                            error,
                            rejects_,
                            SystemClock().UnixMicros(),
                            static_cast<int64_t>(settings_.limits.rows),
                            output_.report_alone ? "" : output_.report,
                            error ? WayOut(*error, true) : ""};
    try {
      WriteReport(MakeReport(facts), output_.report);
      return true;
    } catch (const Error& unwritten) {
      spdlog::error("{}; {}, and run the same command again: it {}", unwritten.what(),
                    FailureRowOf(Failure::kReport).way_out,
                    error ? "resumes" : "only writes the report of what is done");
      return false;
    }
  }

  const Settings settings_;
  const Output output_;
  Display display_;
  Recorder recorder_;
  RejectFacts rejects_;
};

}  // namespace

int RunCopy(const Invocation& invocation) { return CopyCommand(invocation).Run(); }

}  // namespace rowferry
