#include "job/run.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "job/accounts.h"
#include "job/cancel_on_stop.h"
#include "job/fingerprint.h"
#include "job/heartbeat.h"
#include "job/lease.h"
#include "job/pending.h"
#include "job/retry.h"
#include "job/start.h"

namespace rowferry {
namespace {

void CheckFingerprint(const JobPlan& plan, const JobRecord& before) {
  if (plan.fingerprint == before.fingerprint) return;
  throw Error(ErrorKind::kPlan, "job " + plan.name +
                                    " is unfinished, and what it copies has changed since:\n" +
                                    FingerprintDifference(before.fingerprint, plan.fingerprint) +
                                    "\nUndo the change to resume, or begin anew with --restart");
}

// What the plan was made from must still be so once the lease is ours.
void CheckUnchanged(const std::optional<JobRecord>& seen, const std::optional<JobRecord>& now) {
  const bool same = seen.has_value() == now.has_value() &&
                    (!seen || (seen->created_at == now->created_at && seen->state == now->state));
  const bool stopped_meanwhile = seen && now && seen->created_at == now->created_at &&
                                 seen->state == JobState::kRunning && now->state != JobState::kDone;
  if (same || stopped_meanwhile) return;
  throw Error(ErrorKind::kOwned,
              "another run of this job came and went while this one was being planned: run the "
              "same command again");
}

class JobRunner final : private SplitObserver {
 public:
  JobRunner(const Settings& settings, Ends& ends, const JobRun& run)
      : settings_(settings),
        ends_(ends),
        run_(run),
        ledger_(ends.target->ledger()),
        start_(settings, ends, plan_),
        recovery_(ends, settings.retry, run.stop,
                  {[this](const RetryEvent& event) { Retried(event); },
                   [this] { return ends_.watchdog->LastLock(); }, [this] { SayNewSnapshot(); }}),
        cancel_(run.stop, [&ends] { ends.source->Cancel(); }) {}

  JobResult Run() {
    const JobEnd end = RunToEnd();
    const std::string name = JobName(settings_, ends_);
    JobResult result{end, 0};
    const bool counted = recovery_.Run(
        {}, [&] { result.open_rejects = CountOf(ledger_.CountRejects(name), RejectState::kOpen); });
    if (!counted) result.end = JobEnd::kStopped;  // by a signal: whether rows are open is not known
    return result;
  }

 private:
  JobEnd RunToEnd() {
    const std::string name = JobName(settings_, ends_);
    const std::optional<JobRecord> seen = FindJob(ledger_, name);
    if (seen && seen->state == JobState::kDone && !settings_.restart) {
      CheckSame(*seen);
      ledger_.CleanUp();
      return JobEnd::kAlreadyDone;
    }
    if (MakePlan(seen)) Confirm();
    if (run_.stop) return JobEnd::kStopped;
    std::optional<JobLease> lease;
    if (!recovery_.Run({}, [&] { lease.emplace(ledger_, name); })) return JobEnd::kStopped;
    CheckUnchanged(seen, lease->job());
    const Heartbeat heartbeat(ledger_, [this](const Error& lost) { Renewed(lost); });
    const bool resumed = seen.has_value() && !settings_.restart;
    if (!Start(*lease, resumed)) return JobEnd::kStopped;
    splits_ = start_.splits();
    snapshots_seen_.assign(splits_.size(), recovery_.snapshots());
    sizes_.resize(splits_.size());
    SayWarnings();
    ends_.watchdog->Progress();
    run_.observer.Begins(plan_, splits_, resumed);
    return CopyAndClose();
  }

  // False: the run is to stop. A failure that may pass leaves open whether the COMMIT that changes
  // the tables took effect: the job counts as begun, whatever ends the tries.
  bool Start(const JobLease& lease, bool resumed) {
    bool in_doubt = false;
    try {
      return recovery_.Run({}, [&] {
        try {
          resumed ? start_.Resume(*lease.job()) : start_.Begin();
        } catch (const Error& error) {
          in_doubt = in_doubt || MayPass(error.kind());
          throw;
        }
      });
    } catch (const Error& error) {
      const bool ours = error.kind() != ErrorKind::kOwned;
      if (in_doubt && ours) run_.observer.Begins(plan_, start_.splits(), resumed);
      throw;
    }
  }

  // A --job name that was used up for something else would pass for done.
  void CheckSame(const JobRecord& seen) const {
    const std::string asked = Asked(settings_, ends_);
    if (seen.fingerprint.starts_with(asked + "\n")) return;
    std::vector<std::string> before = Split(seen.fingerprint, '\n');
    before.resize(Split(asked, '\n').size());
    throw Error(ErrorKind::kPlan, "job " + seen.name + " is finished, and it was another one:\n" +
                                      FingerprintDifference(Join(before, "\n"), asked) +
                                      "\nTake another --job name, or begin anew with --restart");
  }

  // False: the run is to stop, and there may be no plan.
  bool MakePlan(const std::optional<JobRecord>& seen) {
    const CancelOnStop cancel(run_.stop, [this] { ends_.target->Cancel(); });
    try {
      std::optional<Unfinished> unfinished;
      if (seen) unfinished = FindUnfinished(ledger_, seen->name, settings_.restart);
      plan_ = Resolve(settings_, ends_, unfinished ? &*unfinished : nullptr);
      if (seen && !settings_.restart) CheckFingerprint(plan_, *seen);
    } catch (const Error& error) {
      if (!run_.stop || !MayPass(error.kind())) throw;
    }
    return !run_.stop;
  }

  void Confirm() {
    const bool removes = std::any_of(plan_.tables.begin(), plan_.tables.end(),
                                     [](const TablePlan& table) { return table.rows_to_go > 0; });
    if (!removes || !run_.confirm || run_.confirm(plan_) || run_.stop) return;
    throw Error(ErrorKind::kUsage, "not confirmed: nothing was changed");
  }

  void SayWarnings() const {
    for (const std::string& warning : plan_.warnings) spdlog::warn("{}", warning);
    for (const TablePlan& table : plan_.tables) {
      for (const std::string& warning : table.warnings) {
        spdlog::warn("table {}: {}", table.source.name.Show(), warning);
      }
    }
  }

  const TablePlan& PlanOf(const SplitRecord& split) const {
    return plan_.tables.at(static_cast<size_t>(split.id));
  }

  JobEnd CopyAndClose() {
    try {
      bool done = false;
      while (!done) {
        if (CopySplits() == SplitEnd::kStopped || !SettlePending() || !Close(done)) {
          Interrupt(JobState::kStopped, "stopped on request");
          return JobEnd::kStopped;
        }
      }
      return JobEnd::kDone;
    } catch (const Error& error) {
      RecordFailure(error);
      throw;
    } catch (const std::exception& exception) {  // out of memory, say
      const Error error = Unforeseen(exception);
      RecordFailure(error);
      throw error;
    }
  }

  // `done`: false where a split came back undone. May be carried out twice: a job that is done
  // already is marked so once more. False: the run is to stop.
  bool Close(bool& done) {
    return recovery_.Run({}, [&] {
      SayDangling();
      CheckAccounts(ledger_, plan_.name);
      done = ledger_.Finish(plan_.name);
    });
  }

  void SayDangling() {
    for (const TablePlan& table : plan_.tables) {
      for (const std::string& warning : ends_.target->DanglingReferences(table.target.name)) {
        if (told_.insert(warning).second) Warn(warning);
      }
    }
  }

  void Warn(const std::string& warning) {
    spdlog::warn("{}", warning);
    run_.observer.Warned(warning);
  }

  SplitEnd CopySplits() {
    for (SplitRecord& split : splits_) {
      if (CopySplit(split) == SplitEnd::kStopped) return SplitEnd::kStopped;
    }
    return SplitEnd::kDone;
  }

  SplitEnd CopySplit(SplitRecord& split) {
    SplitEnd end = SplitEnd::kStopped;
    try {
      run_.observer.SplitBegins(split.id);
      const Step step{split.id, split.source_table};
      if (!recovery_.Run(step, [&] { end = TryCopy(split); })) return SplitEnd::kStopped;
    } catch (const Error& error) {
      throw error.Within("table " + split.source_table);
    }
    if (end == SplitEnd::kDone) run_.observer.SplitDone(split.id);
    return end;
  }

  // May be carried out again and again: it begins with the ledger's checkpoint, and ends with
  // sequences that are never set back.
  SplitEnd TryCopy(SplitRecord& split) {
    const TablePlan& table = PlanOf(split);
    const auto writer = OpenWriter(split);
    CheckPosition(split, *writer);
    const auto reader = ends_.source->OpenReader(table.read, settings_.limits);
    const RejectBudget budget{settings_.max_rejects, CountsBeside(split.id)};
    const SplitRun split_run{split.id, *this, budget, SizeOf(split), run_.stop};
    const SplitEnd end = RunSplit(split_run, *reader, LayoutOf(table.read), *writer);
    if (end == SplitEnd::kDone) ends_.target->AdvanceSequences(table.write);
    return end;
  }

  // Rows that wait for others. False: the run is to stop.
  bool SettlePending() {
    sizes_.assign(splits_.size(), {});  // what the rows between them met says nothing of these
    const auto splits = [this]() -> std::optional<std::vector<SplitRecord>> {
      std::vector<SplitRecord> now;
      if (!recovery_.Run({}, [&] { now = ledger_.Splits(plan_.name); })) return std::nullopt;
      return now;
    };
    return rowferry::SettlePending(splits, [this](const SplitRecord& split, RejectState failed) {
      return TryPending(split, failed);
    });
  }

  std::optional<PendingTry> TryPending(const SplitRecord& split, RejectState failed) {
    const Step step{split.id, split.source_table};
    PendingTry result;
    int tries = 0;
    run_.observer.SplitBegins(split.id);
    try {
      const bool ended = recovery_.Run(step, [&] {
        result.again = ++tries > 1;
        result.loaded = RetryPending(split, result.again ? RejectState::kPending : failed);
      });
      if (!ended || run_.stop) return std::nullopt;
    } catch (const Error& error) {
      throw error.Within("table " + split.source_table);
    }
    run_.observer.SplitDone(split.id);
    return result;
  }

  // May be carried out again and again: it begins with what is pending by then. Returns how many
  // rows it loaded, those included that a trigger swallowed: it may have put them elsewhere.
  int64_t RetryPending(const SplitRecord& split, RejectState failed) {
    const TablePlan& table = PlanOf(split);
    const auto writer = OpenWriter(split);
    const auto rows = RowsKept(*ends_.source, table.read, plan_.fingerprint, KeptRowOf);
    const BatchLayout layout = LayoutOf(table.read);
    RejectFilter filter;
    filter.state = RejectState::kPending;
    filter.split = split.id;
    SplitRetry retry{plan_.name, ledger_, *writer,          *rows,         layout,   filter,
                     nullptr,    failed,  settings_.limits, SizeOf(split), run_.stop};
    retry.budget = {settings_.max_rejects, CountsBeside(split.id)};
    retry.committed = [&](const Chunk& chunk, const ChunkOutcome& outcome) {
      for (const Reject& reject : chunk.rejects) RowRejected(split.id, reject);
      ChunkDone(split.id, outcome.committed, {});
    };
    Checkpoint at = writer->Resume();
    const RetryCounts counts = RetrySplit(retry, at);
    ends_.target->AdvanceSequences(table.write);
    return counts.settled();
  }

  ChunkSize& SizeOf(const SplitRecord& split) { return sizes_.at(static_cast<size_t>(split.id)); }

  std::unique_ptr<Writer> OpenWriter(const SplitRecord& split) {
    const SplitId id{plan_.name, plan_.fingerprint, split.id, start_.epoch()};
    return ends_.target->OpenWriter(PlanOf(split).write, id);
  }

  // Where the split goes on in another snapshot than it was begun in, its position must pass the
  // same test as when a later run resumes it.
  void CheckPosition(SplitRecord& split, Writer& writer) {
    int& seen = snapshots_seen_.at(static_cast<size_t>(split.id));
    if (seen == recovery_.snapshots()) return;
    split.checkpoint = writer.Resume();
    start_.Recheck(split);
    seen = recovery_.snapshots();
  }

  // After a deadlock or a lock that did not come the next chunks are smaller for a while.
  void Retried(const RetryEvent& event) {
    const bool contended = event.split >= 0 && event.failure.kind() == ErrorKind::kTransient;
    if (contended) sizes_.at(static_cast<size_t>(event.split)).Contended();
    ends_.watchdog->Progress();
    run_.observer.Retried(event);
  }

  // From the heartbeat's thread: nothing else of the job has to be done again.
  void Renewed(const Error& lost) { run_.observer.Retried({-1, "", lost, {1, {}}, ""}); }

  void SayNewSnapshot() {
    Warn(
        "the session that kept the source's snapshot was lost: what is not copied yet is read as "
        "it stands now, in a new snapshot");
  }

  void ChunkDone(int split, const Checkpoint& committed, const SplitTimes& so_far) override {
    splits_.at(static_cast<size_t>(split)).checkpoint = committed;
    recovery_.Progress();
    ends_.watchdog->Progress();
    run_.observer.ChunkDone(split, committed, so_far);
  }

  // The first of a table by name: it tells what is the matter. The ledger has them all.
  void RowRejected(int split, const Reject& reject) override {
    if (reject.state == RejectState::kPending) return;  // its row may still come
    const SplitRecord& record = splits_.at(static_cast<size_t>(split));
    const bool first = told_of_rejects_.insert(split).second;
    spdlog::log(first ? spdlog::level::warn : spdlog::level::debug,
                "table {}: row {} is rejected{}: {}", record.source_table, reject.shown,
                reject.why.column.empty() ? "" : ", column " + reject.why.column,
                reject.why.message);
  }

  Counts CountsBeside(int split) const {
    Counts others;
    for (const SplitRecord& other : splits_) {
      if (other.id != split) others += other.checkpoint.counts;
    }
    return others;
  }

  void RecordFailure(const Error& error) {
    if (error.kind() == ErrorKind::kOwned) return;
    // A ledger takes text, and the message may name a path.
    Interrupt(JobState::kFailed, Printable(error.what(), std::string::npos));
  }

  // Once: where the ledger cannot be reached, the next run finds the job without an owner that
  // shows signs of life.
  void Interrupt(JobState state, const std::string& why) {
    try {
      ends_.target->Renew();
      ledger_.Interrupt(plan_.name, state, why);
    } catch (const Error& error) {
      spdlog::warn("the ledger could not be told how the run ended: {}", error.what());
    }
  }

  const Settings& settings_;
  Ends& ends_;
  const JobRun& run_;
  Ledger& ledger_;
  JobPlan plan_;
  JobStart start_;
  std::vector<SplitRecord> splits_;
  std::vector<ChunkSize> sizes_;     // by split
  std::set<int> told_of_rejects_;    // splits
  std::set<std::string> told_;       // warnings of the job's end, which may come twice
  std::vector<int> snapshots_seen_;  // by split: Recovery::snapshots when its position was sure
  Recovery recovery_;
  CancelOnStop cancel_;
};

}  // namespace

Unfinished FindUnfinished(Ledger& ledger, const std::string& job, bool restart) {
  return {restart ? ledger.SplitStarts(job) : ledger.Splits(job), restart};
}

JobResult RunJob(const Settings& settings, Ends& ends, const JobRun& run) {
  return JobRunner(settings, ends, run).Run();
}

std::optional<JobRecord> FindJob(Ledger& ledger, const std::string& name) {
  const std::vector<JobRecord> jobs = ledger.Jobs();
  const auto found = std::find_if(jobs.begin(), jobs.end(),
                                  [&](const JobRecord& job) { return job.name == name; });
  return found == jobs.end() ? std::nullopt : std::optional(*found);
}

}  // namespace rowferry
