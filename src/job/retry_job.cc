#include "job/retry_job.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "job/accounts.h"
#include "job/cancel_on_stop.h"
#include "job/ends.h"
#include "job/export.h"
#include "job/heartbeat.h"
#include "job/lease.h"
#include "job/plan.h"
#include "job/recovery.h"
#include "job/stored_settings.h"

namespace rowferry {
namespace {

// A table with rejects to try, over all tries of it.
struct TableRetry {
  SplitRecord split;
  ChunkSize size = {};
  std::optional<Counts> before = {};  // the first try
  RetryCounts last = {};              // of the try at hand

  // Rows that an earlier try loaded are no rejects any more; those that failed in it are tried, and
  // counted, again.
  RetryCounts Total() const {
    if (!before) return {};
    RetryCounts total = Settled(*before, split.checkpoint.counts);
    total.tried = total.settled() + last.failed;
    total.failed = last.failed;
    total.gone = last.gone;
    return total;
  }
};

class JobRetry {
 public:
  JobRetry(const JobRecord& job, const RetryOptions& options, const std::atomic<bool>& stop,
           RetryResult& result)
      : job_(job),
        options_(options),
        stop_(stop),
        result_(result),
        settings_(SettingsOf(job, options)),
        ends_(OpenEnds(settings_, false)),
        ledger_(ends_.target->ledger()),
        recovery_(ends_, settings_.retry, stop,
                  {[this](const RetryEvent& event) { Retried(event); },
                   [this] { return ends_.watchdog->LastLock(); }, [] { SayNewSnapshot(); }}),
        cancel_(stop, [this] { ends_.source->Cancel(); }) {
    filter_ = options.filter;
    filter_.state = RejectState::kOpen;
  }

  void Run() {
    RequireSource();
    if (!options_.file.empty()) edited_.emplace(options_.file, ledger_, job_.name);
    const std::set<int> splits = FindSplits();
    if (!splits.empty() && MakePlan(splits)) RetryAll();
    recovery_.Run(
        {}, [&] { result_.open = CountOf(ledger_.CountRejects(job_.name), RejectState::kOpen); });
    result_.stopped = stop_;
  }

 private:
  static Settings SettingsOf(const JobRecord& job, const RetryOptions& options) {
    if (job.settings.empty()) {
      throw Error(ErrorKind::kPlan,
                  "job " + job.name +
                      " was begun by an older rowferry, which did not note its options, and cannot "
                      "be planned again: mend the rows and copy anew with --restart, or load what "
                      "rowferry rejects export gives by hand and give the rejects up with rowferry "
                      "rejects purge");
    }
    Settings settings = RestoreSettings(job.settings);
    if (!options.source.empty()) settings.source = options.source;
    settings.target = options.target;
    settings.ledger_schema = options.ledger_schema;
    settings.job = job.name;
    settings.limits = options.limits;
    settings.retry = options.retry;
    settings.lock_timeout = options.lock_timeout;
    settings.stall = options.stall;
    return settings;
  }

  // What the URL leads to may hang on the environment.
  void RequireSource() const {
    const std::string place = "source: " + ends_.source->Place();
    if (!options_.source.empty() || job_.fingerprint.starts_with(place + "\n")) return;
    const std::string before = Split(job_.fingerprint, '\n').at(0);
    throw Error(ErrorKind::kPlan, "the rows of job " + job_.name + " came from another database (" +
                                      before + "; now " + place +
                                      "): name the one to read them from with --source");
  }

  std::set<int> FindSplits() {
    if (edited_) return edited_->splits();
    std::set<int> splits;
    if (filter_.id) {
      ledger_.EachReject(job_.name, filter_, [&](const Reject& reject) {
        splits.insert(reject.split);
        return true;
      });
      if (!splits.empty()) return splits;
      throw Error(ErrorKind::kUsage,
                  "job " + job_.name + " has no open reject " + std::to_string(*filter_.id));
    }
    for (const RejectCount& count : ledger_.CountRejects(job_.name)) {
      const bool meant = count.state == RejectState::kOpen &&
                         (!filter_.split || count.split == *filter_.split) &&
                         (!filter_.kind || count.kind == *filter_.kind) &&
                         (filter_.code.empty() || count.code == filter_.code);
      if (meant) splits.insert(count.split);
    }
    return splits;
  }

  // False: the command is to stop, and there may be no plan.
  bool MakePlan(const std::set<int>& splits) {
    const CancelOnStop cancel(stop_, [this] { ends_.target->Cancel(); });
    try {
      PlanTables(splits);
    } catch (const Error& error) {
      if (!stop_ || !MayPass(error.kind())) throw;
    }
    return !stop_;
  }

  // Only the tables concerned: what stands in the way of others does not matter here. The target's
  // column types may have changed since.
  void PlanTables(const std::set<int>& splits) {
    const Unfinished known{ledger_.Splits(job_.name), false};
    settings_.tables.clear();
    settings_.excludes.clear();
    for (const SplitRecord& split : known.splits) {
      if (splits.count(split.id) == 0) continue;
      tables_.push_back({split});
      settings_.tables.push_back(split.source_table);
    }
    if (!by_keys()) settings_.key.clear();  // what proved it unique may be gone by now
    plan_ = Resolve(settings_, ends_, &known);
    for (const TableRetry& table : tables_) {
      if (by_keys()) RequireKey(job_.fingerprint, table.split, PlanOf(table.split));
    }
    for (const TableRetry& table : tables_) RequireHeld(table.split);
  }

  // Of the source's rows, not of the copies of them that were kept or edited.
  bool by_keys() const { return !options_.kept && !edited_; }

  void RequireHeld(const SplitRecord& split) {
    const ReadPlan& read = PlanOf(split).read;
    if (!by_keys() || !HasPositions(read, split)) return;
    RequirePositions(*ends_.source, read, split.stamp);
  }

  bool HasPositions(const ReadPlan& read, const SplitRecord& split) {
    if (split.stamp.empty()) return false;
    RejectFilter filter = filter_;
    filter.split = split.id;
    bool found = false;
    ledger_.EachReject(job_.name, filter, [&](const Reject& reject) {
      found = IsPosition(read, reject.key);
      return !found;
    });
    return found;
  }

  const TablePlan& PlanOf(const SplitRecord& split) const {
    const auto found =
        std::find_if(plan_.tables.begin(), plan_.tables.end(),
                     [&](const TablePlan& table) { return table.target.name == split.table; });
    if (found != plan_.tables.end()) return *found;
    throw Error(ErrorKind::kPlan, "the source's table " + split.source_table +
                                      " would not go into " + split.table.Show() + " any more");
  }

  void RetryAll() {
    std::optional<JobLease> lease;
    if (!recovery_.Run({}, [&] { lease.emplace(ledger_, job_.name); })) return;
    RequireSame(lease->job());
    const Heartbeat heartbeat(ledger_);
    result_.began = true;
    try {
      RetryTables(lease->job()->epoch);
    } catch (...) {
      CloseQuietly();
      throw;
    }
    for (const TableRetry& table : tables_) result_.counts += table.Total();
  }

  void RetryTables(int64_t epoch) {
    std::vector<TableRetry*> left;
    for (TableRetry& table : tables_) left.push_back(&table);
    while (!left.empty()) {
      const int64_t before = SettledSoFar();
      for (TableRetry* table : left) {
        if (!stop_) RetryTable(epoch, *table);
      }
      left = Close(SettledSoFar() > before);
    }
  }

  int64_t SettledSoFar() const {
    int64_t settled = 0;
    for (const TableRetry& table : tables_) settled += table.Total().settled();
    return settled;
  }

  // What is loaded by now survives a crash of the server. Returns the tables of which an earlier
  // crash took rows back; else, where the pass settled rows (a trigger that swallows one may put it
  // elsewhere), those whose rejects may refer to them; none if the command is to stop.
  std::vector<TableRetry*> Close(bool settled) {
    std::vector<TableRetry*> lost;
    std::vector<TableRetry*> waiting;
    const bool closed = recovery_.Run({}, [&] {
      ledger_.MakeDurable(job_.name);
      CheckAccounts(ledger_, job_.name);
      lost = FindLost();
      if (settled) waiting = FindWaiting();
    });
    if (!closed || stop_) return {};
    if (lost.empty()) return waiting;
    for (const TableRetry* table : lost) {
      spdlog::warn(
          "table {}: the target's server crashed and lost what was loaded last: it is "
          "tried again",
          table->split.source_table);
    }
    return lost;
  }

  // A server that crashed and came back may have lost what it had acknowledged.
  std::vector<TableRetry*> FindLost() {
    const std::vector<SplitRecord> now = ledger_.Splits(job_.name);
    std::vector<TableRetry*> lost;
    for (TableRetry& table : tables_) {
      const bool kept = std::any_of(now.begin(), now.end(), [&](const SplitRecord& split) {
        return split.id == table.split.id && split.checkpoint == table.split.checkpoint;
      });
      if (!kept) lost.push_back(&table);
    }
    return lost;
  }

  // Of which rows failed again, some for what they refer to.
  std::vector<TableRetry*> FindWaiting() {
    const std::vector<RejectCount> counts = ledger_.CountRejects(job_.name);
    std::vector<TableRetry*> waiting;
    for (TableRetry& table : tables_) {
      const bool refers = std::any_of(counts.begin(), counts.end(), [&](const RejectCount& count) {
        return count.split == table.split.id && count.state == RejectState::kOpen &&
               count.kind == RefusalKind::kForeignKey && count.rows > 0;
      });
      if (refers && table.last.failed > 0) waiting.push_back(&table);
    }
    return waiting;
  }

  // The job may have been forgotten and begun anew meanwhile.
  void RequireSame(const std::optional<JobRecord>& now) const {
    if (now && now->created_at == job_.created_at) return;
    throw Error(ErrorKind::kOwned, "job " + job_.name +
                                       " was forgotten or begun anew while this command looked at "
                                       "it: run the same command again");
  }

  void RetryTable(int64_t epoch, TableRetry& table) {
    const std::string& name = table.split.source_table;
    try {
      recovery_.Run({table.split.id, name}, [&] { TryTable(epoch, table); });
    } catch (const Error& error) {
      throw error.Within("table " + name);
    }
  }

  // May be carried out again and again: it begins with the rejects that are open by then.
  void TryTable(int64_t epoch, TableRetry& table) {
    SplitRecord& split = table.split;
    const TablePlan& plan = PlanOf(split);
    const auto writer =
        ends_.target->OpenWriter(plan.write, {job_.name, job_.fingerprint, split.id, epoch});
    split.checkpoint = writer->Resume();
    if (!table.before) table.before = split.checkpoint.counts;
    table.last = {};
    if (recovery_.snapshots() > 0) RequireHeld(split);
    const auto rows = OpenRows(plan);
    const BatchLayout layout = LayoutOf(plan.read);
    RejectFilter filter = filter_;
    filter.split = split.id;
    SplitRetry retry{job_.name,       ledger_,    *writer, *rows,
                     layout,          filter,     nullptr, RejectState::kOpen,
                     options_.limits, table.size, stop_};
    if (edited_) retry.wanted = [this](int64_t id) { return edited_->Has(id); };
    // A row that is refused once more is refused in every try: that is no progress.
    retry.committed = [this](const Chunk& chunk, const ChunkOutcome&) {
      if (!chunk.settled.empty()) recovery_.Progress();
      ends_.watchdog->Progress();
    };
    table.last = RetrySplit(retry, split.checkpoint);
    ends_.target->AdvanceSequences(plan.write);
  }

  // After a deadlock or a lock that did not come the next chunks are smaller for a while.
  void Retried(const RetryEvent& event) {
    for (TableRetry& table : tables_) {
      const bool contended = event.failure.kind() == ErrorKind::kTransient;
      if (contended && table.split.id == event.split) table.size.Contended();
    }
    ends_.watchdog->Progress();
  }

  static void SayNewSnapshot() {
    spdlog::warn(
        "the session that kept the source's snapshot was lost: what is not tried yet is read as it "
        "stands now, in a new snapshot");
  }

  std::unique_ptr<RetryRows> OpenRows(const TablePlan& table) {
    Source& source = *ends_.source;
    if (edited_) {
      return RowsKept(source, table.read, job_.fingerprint,
                      [this](const Reject& reject) { return edited_->RowOf(reject); });
    }
    if (options_.kept) return RowsKept(source, table.read, job_.fingerprint, KeptRowOf);
    return RowsOfSource(source, table.read);
  }

  // What was loaded before the error is committed, but may not yet survive a crash of the server.
  void CloseQuietly() noexcept {
    try {
      ends_.target->Renew();
      ledger_.MakeDurable(job_.name);
    } catch (const std::exception& error) {
      spdlog::debug("closing after an error: {}", error.what());
    }
  }

  const JobRecord& job_;
  const RetryOptions& options_;
  const std::atomic<bool>& stop_;
  RetryResult& result_;
  Settings settings_;
  Ends ends_;
  Ledger& ledger_;
  RejectFilter filter_;
  std::optional<EditedExport> edited_;
  JobPlan plan_;
  std::vector<TableRetry> tables_;
  Recovery recovery_;
  CancelOnStop cancel_;
};

}  // namespace

void RetryJob(const JobRecord& job, const RetryOptions& options, const std::atomic<bool>& stop,
              RetryResult& result) {
  JobRetry(job, options, stop, result).Run();
}

}  // namespace rowferry
