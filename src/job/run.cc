#include "job/run.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "job/accounts.h"
#include "job/heartbeat.h"
#include "job/lease.h"
#include "job/stored_settings.h"
#include "job/watchdog.h"

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
        recovery_(ends, settings.retry, run.stop,
                  {[this](const RetryEvent& event) { Retried(event); },
                   [this] { return watchdog_ ? watchdog_->LastLock() : ""; },
                   [this] { SayNewSnapshot(); }}) {}

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
    StartWatching();
    const std::string name = JobName(settings_, ends_);
    const std::optional<JobRecord> seen = FindJob(ledger_, name);
    if (seen && seen->state == JobState::kDone && !settings_.restart) {
      CheckSame(*seen);
      ledger_.CleanUp();
      return JobEnd::kAlreadyDone;
    }
    MakePlan(seen);
    if (!run_.stop) Confirm();
    if (run_.stop) return JobEnd::kStopped;
    const JobLease lease(ledger_, name);
    CheckUnchanged(seen, lease.job());
    const bool resumed = seen.has_value() && !settings_.restart;
    const Heartbeat heartbeat(ledger_);
    const bool begun = recovery_.Run({}, [&] { resumed ? Resume(*lease.job()) : Begin(); });
    if (!begun) return JobEnd::kStopped;
    snapshots_seen_.assign(splits_.size(), recovery_.snapshots());
    sizes_.resize(splits_.size());
    SayWarnings();
    run_.observer.Begins(plan_, splits_, resumed);
    return CopyAndClose();
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

  void MakePlan(const std::optional<JobRecord>& seen) {
    if (!seen) {
      plan_ = Resolve(settings_, ends_, nullptr);
      return;
    }
    const Unfinished unfinished = FindUnfinished(ledger_, seen->name, settings_.restart);
    plan_ = Resolve(settings_, ends_, &unfinished);
    if (!settings_.restart) CheckFingerprint(plan_, *seen);
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

  // May be carried out twice: the ledger knows a Begin whose COMMIT was in doubt by its epoch.
  void Begin() {
    std::vector<TableStart> starts;
    for (size_t i = 0; i < plan_.tables.size(); ++i) starts.push_back(StartOf(i));
    JobRecord& job = job_;
    job.name = plan_.name;
    job.source = plan_.source;
    job.target = plan_.target;
    job.mode = "copy";
    job.fingerprint = plan_.fingerprint;
    job.settings = StoreSettings(settings_, ends_);
    epoch_ = ledger_.Begin(job, starts, [this] { CheckMayBegin(); });
    splits_.clear();
    for (TableStart& start : starts) splits_.push_back(std::move(start.split));
  }

  // What was so when the plan was made, and must be so at the job's birth.
  void CheckMayBegin() {
    std::vector<TableName> own;
    for (const TablePlan& table : plan_.tables) {
      const bool appends = table.statements.empty() && !table.expects_empty;
      if (!appends) own.push_back(table.target.name);
    }
    CheckApart(own);
    for (const TablePlan& table : plan_.tables) {
      if (table.expects_empty) CheckStillEmpty(table.target.name);
    }
  }

  // Tables that this job makes, empties or found empty must not be those that another job is about
  // to go on with: its rows would be there twice, or be gone from where the other job left off.
  void CheckApart(const std::vector<TableName>& tables) {
    for (const JobRecord& other : ledger_.Jobs()) {
      if (other.name == plan_.name || other.state == JobState::kDone) continue;
      for (const SplitRecord& split : ledger_.SplitStarts(other.name)) {
        if (std::find(tables.begin(), tables.end(), split.table) == tables.end()) continue;
        throw Error(
            ErrorKind::kPlan,
            "table " + split.table.Show() + " is also filled by job " + other.name +
                ", which is unfinished: finish it first, or remove it with rowferry forget");
      }
    }
  }

  // Another run, or another program, may have filled it.
  void CheckStillEmpty(const TableName& name) {
    if (!ends_.target->HoldsRows(name)) return;
    throw Error(ErrorKind::kPlan, "table " + name.Show() +
                                      " was empty and holds rows now: somebody else fills it. "
                                      "Say --existing append, truncate or replace");
  }

  TableStart StartOf(size_t index) {
    const TablePlan& table = plan_.tables[index];
    TableStart start;
    start.split.id = static_cast<int>(index);
    start.split.table = table.target.name;
    start.split.source_table = table.source.name.Show();
    start.split.prepared = table.prepared;
    start.split.stamp = ends_.source->PositionStamp(table.read);
    start.split.estimated_rows = table.source.estimated_rows;
    start.statements = table.statements;
    return start;
  }

  // May be carried out twice: a table that was begun anew holds no row yet.
  void Resume(const JobRecord& job) {
    job_ = job;
    splits_ = ledger_.Splits(job.name);
    if (splits_.size() != plan_.tables.size()) {
      throw Error(ErrorKind::kInternal, "the ledger's splits are not those of the plan");
    }
    epoch_ = job.epoch;
    // Every refusal comes before the first table is emptied.
    std::vector<SplitRecord*> moved;
    for (SplitRecord& split : splits_) {
      if (HasMoved(split)) moved.push_back(&split);
    }
    for (SplitRecord* split : moved) BeginAnew(*split);
    ledger_.Restarted(job.name);
  }

  // Whether the rows of a half-read split may no longer stand where its key says. Throws where the
  // job may not empty the target table to begin it anew.
  bool HasMoved(const SplitRecord& split) {
    const std::optional<Key>& last = split.checkpoint.last_key;
    if (!last || split.checkpoint.done || split.stamp.empty()) return false;
    const ReadPlan& read = PlanOf(split).read;
    // Columns are a position only where they hold NULL, and the rowid tells such rows apart.
    if (read.key.kind == KeyKind::kColumns && !last->HoldsNull()) return false;
    if (ends_.source->StampHolds(read, split.stamp)) return false;
    if (split.prepared != "none") {
      RefuseRowsOfOthers(split);
      return true;
    }
    throw Error(ErrorKind::kPlan,
                SayMoved(split) + ". " + split.table.Show() +
                    " was there before this job and is not emptied by itself: empty it and begin "
                    "anew with --restart, or name unique columns with --key");
  }

  // They would go with those of this job, and stay away.
  void RefuseRowsOfOthers(const SplitRecord& split) {
    const int64_t others = ends_.target->CountRows(split.table) - split.checkpoint.counts.inserted;
    if (others <= 0) return;
    throw Error(ErrorKind::kPlan,
                SayMoved(split) + ". " + split.table.Show() + " holds " + std::to_string(others) +
                    " rows that this job did not put there, and is not emptied by itself: "
                    "--restart empties it and begins anew");
  }

  static std::string SayMoved(const SplitRecord& split) {
    return "table " + split.source_table +
           " is read by the position of its rows, and they may have moved since it was begun: "
           "going on could lose or double some";
  }

  void BeginAnew(SplitRecord& split) {
    spdlog::warn("{}. {} is emptied, and copied anew", SayMoved(split), split.table.Show());
    TableStart start = StartOf(static_cast<size_t>(split.id));
    start.statements = {ends_.target->TruncateStatement(split.table)};
    ledger_.Replace(job_, start, [&] {
      CheckApart({split.table});
      RefuseRowsOfOthers(split);
    });
    split = start.split;
  }

  const TablePlan& PlanOf(const SplitRecord& split) const {
    return plan_.tables.at(static_cast<size_t>(split.id));
  }

  JobEnd CopyAndClose() {
    try {
      bool done = false;
      while (!done) {
        if (CopySplits() == SplitEnd::kStopped || !Close(done)) {
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
      CheckAccounts(ledger_, plan_.name);
      done = ledger_.Finish(plan_.name);
    });
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
    const auto writer =
        ends_.target->OpenWriter(table.write, {plan_.name, plan_.fingerprint, split.id, epoch_});
    CheckPosition(split, *writer);
    const auto reader = ends_.source->OpenReader(table.read, settings_.limits);
    const RejectBudget budget{settings_.max_rejects, CountsBeside(split.id)};
    const SplitRun split_run{split.id, *this, budget, sizes_.at(static_cast<size_t>(split.id)),
                             run_.stop};
    const SplitEnd end = RunSplit(split_run, *reader, LayoutOf(table.read), *writer);
    if (end == SplitEnd::kDone) ends_.target->AdvanceSequences(table.write);
    return end;
  }

  // Where the split goes on in another snapshot than it was begun in, its position must pass the
  // same test as when a later run resumes it.
  void CheckPosition(SplitRecord& split, Writer& writer) {
    int& seen = snapshots_seen_.at(static_cast<size_t>(split.id));
    if (seen == recovery_.snapshots()) return;
    split.checkpoint = writer.Resume();
    if (HasMoved(split)) BeginAnew(split);
    seen = recovery_.snapshots();
  }

  // After a deadlock or a lock that did not come the next chunks are smaller for a while.
  void Retried(const RetryEvent& event) {
    const bool contended = event.split >= 0 && event.failure.kind() == ErrorKind::kTransient;
    if (contended) sizes_.at(static_cast<size_t>(event.split)).Contended(settings_.limits.rows);
    if (watchdog_) watchdog_->Progress();
    run_.observer.Retried(event);
  }

  void StartWatching() {
    watchdog_.emplace(ends_, TimesToWatch(),
                      [this](const std::string& lock) { run_.observer.Waits(lock); });
  }

  // Whose lock it is should be known before the wait for it times out.
  WatchTimes TimesToWatch() const {
    WatchTimes times;
    times.stall = settings_.stall;
    if (settings_.lock_timeout.count() > 0) {
      times.look =
          std::clamp(settings_.lock_timeout / 3, std::chrono::milliseconds(50), times.look);
    }
    return times;
  }

  void SayNewSnapshot() {
    const std::string warning =
        "the session that kept the source's snapshot was lost: what is not copied yet is read as "
        "it stands now, in a new snapshot";
    spdlog::warn("{}", warning);
    run_.observer.Warned(warning);
  }

  void ChunkDone(int split, const Checkpoint& committed, const SplitTimes& so_far) override {
    splits_.at(static_cast<size_t>(split)).checkpoint = committed;
    recovery_.Progress();
    watchdog_->Progress();
    run_.observer.ChunkDone(split, committed, so_far);
  }

  // The first of a table by name: it tells what is the matter. The ledger has them all.
  void RowRejected(int split, const Reject& reject) override {
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
  JobRecord job_;
  std::vector<SplitRecord> splits_;
  std::vector<ChunkSize> sizes_;     // by split
  std::set<int> told_of_rejects_;    // splits
  std::vector<int> snapshots_seen_;  // by split: Recovery::snapshots when its position was sure
  int64_t epoch_ = 0;
  Recovery recovery_;
  std::optional<Watchdog> watchdog_;  // last: its thread uses the observer
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
