#include "app/recorder.h"

#include <utility>

namespace rowferry {

int64_t RunProgress::RowsDone() const {
  int64_t rows = 0;
  for (const TableProgress& table : tables) rows += table.now.counts.read;
  return rows;
}

int64_t RunProgress::RowsThisRun() const {
  int64_t rows = 0;
  for (const TableProgress& table : tables) {
    rows += table.now.counts.read - table.before.counts.read;
  }
  return rows;
}

int64_t RunProgress::RowsTotal() const {
  int64_t rows = 0;
  for (const TableProgress& table : tables) {
    const int64_t expected = ExpectedRows(table.now, table.estimated_rows);
    if (expected < 0) return -1;
    rows += expected;
  }
  return rows;
}

namespace {

TableProgress ProgressOf(const SplitRecord& split) {
  TableProgress table;
  table.name = split.source_table;
  table.target = split.table.Show();
  table.estimated_rows = split.estimated_rows;
  table.before = split.checkpoint;
  table.now = split.checkpoint;
  return table;
}

}  // namespace

Recorder::Recorder(const Clock& clock, std::function<void()> changed)
    : clock_(clock), changed_(std::move(changed)) {
  progress_.started_at = clock_.UnixMicros();
}

template <typename Change>
void Recorder::Update(Change change) {
  {
    const std::lock_guard lock(mutex_);
    change(progress_);
  }
  changed_();
}

void Recorder::Begins(const JobPlan& plan, const std::vector<SplitRecord>& splits, bool resumed) {
  Update([&](RunProgress& progress) {
    progress.job = plan.name;
    progress.source = plan.source;
    progress.target = plan.target;
    progress.began = true;
    progress.resumed = resumed;
    const std::vector<std::string>& more = plan.warnings;
    progress.warnings.insert(progress.warnings.end(), more.begin(), more.end());
    for (const SplitRecord& split : splits) {
      const TablePlan& table = plan.tables.at(static_cast<size_t>(split.id));
      progress.tables.push_back(ProgressOf(split));
      progress.tables.back().key = table.read.key.proof;
      for (const auto& warning : table.warnings) {
        progress.warnings.push_back(table.source.name.Show() + ": " + warning);
      }
    }
  });
}

void Recorder::SplitBegins(int split) {
  Update([&](RunProgress& progress) {
    TableProgress& table = progress.tables.at(static_cast<size_t>(split));
    table.at_work = true;
    if (table.started_at == 0) table.started_at = clock_.UnixMicros();
  });
}

void Recorder::ChunkDone(int split, const Checkpoint& committed, const SplitTimes& so_far) {
  Update([&](RunProgress& progress) {
    TableProgress& table = progress.tables.at(static_cast<size_t>(split));
    // Begun anew, in the middle of the run.
    if (committed.counts.read < table.before.counts.read) table.before = Checkpoint();
    progress.waits.clear();
    table.now = committed;
    table.times = table.earlier;
    table.times += so_far;
  });
}

void Recorder::SplitDone(int split) {
  Update([&](RunProgress& progress) {
    TableProgress& table = progress.tables.at(static_cast<size_t>(split));
    table.at_work = false;
    table.earlier = table.times;
    table.finished_at = clock_.UnixMicros();
  });
}

void Recorder::Retried(const RetryEvent& event) {
  constexpr size_t kKept = 100;
  Update([&](RunProgress& progress) {
    ++progress.retries;
    RetryRecord record{event.table,          -1,
                       event.failure.what(), std::string(ErrorKindName(event.failure.kind())),
                       event.failure.code(), event.plan.attempt,
                       clock_.UnixMicros()};
    if (event.split >= 0) {
      TableProgress& table = progress.tables.at(static_cast<size_t>(event.split));
      ++table.retries;
      table.earlier = table.times;
      record.chunk = table.now.chunks;
    }
    if (progress.first_retries.size() < kKept) progress.first_retries.push_back(std::move(record));
  });
}

void Recorder::Waits(const std::string& lock) {
  Update([&](RunProgress& progress) { progress.waits = lock; });
}

void Recorder::Warned(const std::string& warning) {
  Update([&](RunProgress& progress) { progress.warnings.push_back(warning); });
}

void Recorder::FoundDone(const JobRecord& job, const std::vector<SplitRecord>& splits) {
  const std::lock_guard lock(mutex_);
  progress_.job = job.name;
  progress_.source = job.source;
  progress_.target = job.target;
  progress_.resumed = true;
  for (const SplitRecord& split : splits) progress_.tables.push_back(ProgressOf(split));
}

RunProgress Recorder::Snapshot() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

}  // namespace rowferry
