// The step loop of the writer; bind.cc is what it does with each value.
#include "sqlite/writer.h"

#include <sqlite3.h>

#include "base/error.h"
#include "base/text.h"
#include "sqlite/bind.h"
#include "sqlite/catalog.h"
#include "sqlite/error.h"
#include "sqlite/split_row.h"

namespace rowferry::sqlite {
namespace {

using Micros = std::chrono::microseconds;

std::string InsertStatement(const WritePlan& plan) {
  std::vector<std::string> names;
  std::vector<std::string> marks;
  for (const WritePlan::Input& input : plan.inputs) {
    names.push_back(QuoteIdentifier(input.name));
    marks.emplace_back("?");
  }
  // ABORT: a conflict clause of the table itself would drop or overwrite rows in silence.
  return "INSERT OR ABORT INTO " + QuoteIdentifier(plan.table.name) + " (" + Join(names, ", ") +
         ") VALUES (" + Join(marks, ", ") + ")";
}

bool IsRowidColumn(const Table& table, const std::string& column) {
  if (table.unique_keys.empty() || !IsRowidKey(table.unique_keys[0])) return false;
  return EqualsIgnoreCase(table.unique_keys[0].columns[0].name, column);
}

class TableWriter final : public Writer {
 public:
  TableWriter(Session& session, const WritePlan& plan, const Table& table, const SplitId& split,
              const Clock& clock)
      : session_(session), plan_(plan), split_(split), clock_(clock) {
    for (const WritePlan::Input& input : plan_.inputs) {
      binders_.emplace_back(input.from, input.column, table.strict,
                            IsRowidColumn(table, input.name));
    }
  }

  Checkpoint Resume() override {
    const SplitRow row = OwnRow();
    believed_digest_ = row.digest;
    return row.record.checkpoint;
  }

  ChunkOutcome Write(const RowBatch& batch, const Checkpoint& next) override {
    ChunkOutcome outcome;
    outcome.committed = next;
    const auto begun = clock_.Now();
    encoding_ = {};
    WriteTransaction transaction(session_);
    Check();
    InsertRows(batch, outcome.committed.counts);
    if (!UpdateCheckpoint(session_, split_, outcome.committed, clock_.UnixMicros())) ThrowOwned();
    const auto written = clock_.Now();
    transaction.Commit();
    believed_digest_ = CheckpointDigest(split_.fingerprint, split_.split, outcome.committed);
    Measure(outcome, begun, written);
    return outcome;
  }

 private:
  SplitRow OwnRow() {
    auto row = ReadSplit(session_, split_);
    if (!row || row->epoch != split_.epoch) ThrowOwned();
    return std::move(*row);
  }

  // The transaction has the database's write lock already: what is seen here holds until COMMIT.
  void Check() {
    if (OwnRow().digest != believed_digest_) ThrowOwned();
  }

  [[noreturn]] void ThrowOwned() const {
    throw Error(ErrorKind::kOwned, "another run took over job " + split_.job + " (table " +
                                       plan_.table.Show() + "); this one wrote nothing since");
  }

  void InsertRows(const RowBatch& batch, Counts& counts) {
    if (batch.empty()) return;
    if (!insert_) insert_ = session_.Prepare(InsertStatement(plan_));
    for (size_t row = 0; row < batch.rows(); ++row) {
      BindRow(batch, row);
      const int64_t inserted = Step(batch, row);
      counts.inserted += inserted;
      counts.suppressed += inserted == 0 ? 1 : 0;
    }
    sqlite3_clear_bindings(insert_.get());
  }

  void BindRow(const RowBatch& batch, size_t row) {
    constexpr size_t kSampled = 64;  // one row in so many is timed, for all
    const bool timed = row % kSampled == 0;
    const auto begun = timed ? clock_.Now() : std::chrono::steady_clock::time_point{};
    for (size_t i = 0; i < binders_.size(); ++i) {
      const int index = static_cast<int>(i) + 1;
      const Bound bound = binders_[i](insert_.get(), index, batch.columns()[i], row);
      if (bound != Bound::kDone) ThrowMisfit(batch, row, i, bound);
    }
    if (timed) encoding_ += (clock_.Now() - begun) * kSampled;
  }

  // The rows that SQLite says it inserted: 1, or 0 if a trigger swallowed the row.
  int64_t Step(const RowBatch& batch, size_t row) {
    const int result = sqlite3_step(insert_.get());
    if (result == SQLITE_DONE) {
      const int64_t inserted = sqlite3_changes64(session_.handle());
      sqlite3_reset(insert_.get());
      return inserted;
    }
    const Error error = LastError(session_.handle(), "row " + batch.ShowKeyAt(row));
    sqlite3_reset(insert_.get());
    throw error;
  }

  [[noreturn]] void ThrowMisfit(const RowBatch& batch, size_t row, size_t index,
                                Bound bound) const {
    const WritePlan::Input& input = plan_.inputs[index];
    const std::string where = "column " + input.name + ", row " + batch.ShowKeyAt(row) + ": ";
    if (bound == Bound::kNoRowid) {
      throw Error(ErrorKind::kData,
                  where + "NULL cannot be kept: SQLite would put a number of its own there");
    }
    const Value value = batch.columns()[index].value(row);
    throw Error(ErrorKind::kData,
                where + ShowValue(value, input.from) + " would be changed by a column declared " +
                    input.column.native + "; mend the row, leave the column out with --drop " +
                    input.name + ", or declare the target's column BLOB or TEXT");
  }

  void Measure(ChunkOutcome& outcome, std::chrono::steady_clock::time_point begun,
               std::chrono::steady_clock::time_point written) const {
    const auto whole = std::chrono::duration_cast<Micros>(written - begun);
    const auto encoding = std::min(whole, std::chrono::duration_cast<Micros>(encoding_));
    outcome.encode_micros = encoding.count();
    outcome.write_micros = (whole - encoding).count();
    outcome.commit_micros = std::chrono::duration_cast<Micros>(clock_.Now() - written).count();
  }

  Session& session_;
  const WritePlan plan_;
  const SplitId split_;
  const Clock& clock_;
  std::vector<Binder> binders_;
  Prepared insert_;
  std::string believed_digest_;  // of the last checkpoint that we know to be committed
  std::chrono::steady_clock::duration encoding_{};
};

}  // namespace

std::unique_ptr<Writer> MakeWriter(Session& session, const WritePlan& plan, const Table& table,
                                   const SplitId& split, const Clock& clock) {
  return std::make_unique<TableWriter>(session, plan, table, split, clock);
}

}  // namespace rowferry::sqlite
