// One INSERT a chunk: batch_table.cc shows it the rows, encode.cc is what becomes of each value.
#include "sqlite/writer.h"

#include <sqlite3.h>

#include "base/error.h"
#include "base/text.h"
#include "sql/statements.h"
#include "sqlite/batch_table.h"
#include "sqlite/catalog.h"
#include "sqlite/declaration.h"
#include "sqlite/error.h"
#include "sqlite/reject_row.h"
#include "sqlite/split_row.h"

namespace rowferry::sqlite {
namespace {

using Micros = std::chrono::microseconds;

// The table's CREATE TABLE.
std::string DeclarationOf(Session& session, const std::string& table) {
  const auto found = session.Rows(sql::sqlite::find_table, {Value::Text(table)});
  return found.empty() ? "" : std::string(found[0].at(4).bytes);
}

// FAIL overrides a conflict clause of the table, which would drop or overwrite rows in silence;
// unlike ABORT it keeps no journal of the statement, as all of the transaction is rolled back
// anyway. It overrides those of a trigger's statements too, whose INSERT OR IGNORE would fail: so
// nothing is said where a table has triggers and no clause of its own.
std::string Insert(Session& session, const std::string& table) {
  const bool triggers =
      session.Single(sql::sqlite::has_triggers, {Value::Text(table)}).integer != 0;
  const bool fails = !triggers || HasConflictClause(DeclarationOf(session, table));
  return fails ? "INSERT OR FAIL" : "INSERT";
}

std::string InsertStatement(Session& session, const WritePlan& plan, const std::string& batch) {
  std::vector<std::string> names;
  for (const WritePlan::Input& input : plan.inputs) names.push_back(QuoteIdentifier(input.name));
  return Insert(session, plan.table.name) + " INTO " + QuoteIdentifier(plan.table.name) + " (" +
         Join(names, ", ") + ") SELECT * FROM " + batch;
}

bool IsRowidColumn(const Table& table, const std::string& column) {
  if (table.unique_keys.empty() || !IsRowidKey(table.unique_keys[0])) return false;
  return EqualsIgnoreCase(table.unique_keys[0].columns[0].name, column);
}

std::vector<Encoder> EncodersOf(Session& session, const WritePlan& plan, const Table& table) {
  const bool utf8 = session.Single("PRAGMA encoding").bytes == "UTF-8";
  std::vector<Encoder> encoders;
  for (const WritePlan::Input& input : plan.inputs) {
    encoders.emplace_back(input.from, input.column, IsRowidColumn(table, input.name));
    if (!utf8) encoders.back().RefuseBrokenText();
  }
  return encoders;
}

std::string ShowMisfit(const WritePlan::Input& input, const std::string& value, Encoded why) {
  if (why == Encoded::kNoRowid) {
    return "NULL cannot be kept: SQLite would put a number of its own there";
  }
  const std::string way_out =
      "; mend the row, leave the column out with --drop " + input.name + ", or ";
  if (why == Encoded::kNoUtf16) {
    return value + " is no text that a database in UTF-16 keeps as it is" + way_out +
           "copy into a database in UTF-8";
  }
  return value + " would be changed by a column declared " + input.column.native + way_out +
         "declare the target's column BLOB or TEXT";
}

class TableWriter final : public Writer {
 public:
  TableWriter(Session& session, const WritePlan& plan, const Table& table, const SplitId& split,
              const Clock& clock)
      : session_(session),
        plan_(plan),
        split_(split),
        clock_(clock),
        swallows_rows_(plan.swallows_rows || table.swallows_rows),
        batch_table_(session, EncodersOf(session, plan, table)) {}

  Checkpoint Resume() override {
    const SplitRow row = OwnRow();
    believed_digest_ = row.digest;
    return row.record.checkpoint;
  }

  ChunkOutcome Write(const Chunk& chunk) override {
    ChunkOutcome outcome;
    outcome.committed = chunk.next;
    const auto begun = clock_.Now();
    WriteTransaction transaction(session_);
    Check();
    InsertRows(chunk, outcome.committed.counts);
    Keep(chunk, outcome.committed.counts);
    Settle(chunk, outcome.committed.counts);
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
    if (!row) ThrowOwned();
    return std::move(*row);
  }

  // The transaction has the database's write lock already: what is seen here holds until COMMIT.
  void Check() {
    const SplitRow row = OwnRow();
    if (row.digest != believed_digest_) ThrowOwned();
    const int64_t version = session_.Single("PRAGMA schema_version").integer;
    if (version == schema_version_) return;
    RequireAsPlanned(row.record.checkpoint.counts.inserted > 0);
    schema_version_ = version;
  }

  // SQLite prepares the INSERT anew for whatever has the table's name by now.
  void RequireAsPlanned(bool holds_rows) {
    const auto table = DescribeTable(session_, plan_.table.name);
    if (!table) ThrowAltered("it is gone");
    for (const WritePlan::Input& input : plan_.inputs) {
      const ColumnInfo* column = table->Find(input.name);
      if (column == nullptr) ThrowAltered("column " + input.name + " is gone");
      if (EqualsIgnoreCase(column->native, input.column.native)) continue;
      ThrowAltered("column " + input.name + " was declared " + input.column.native + " and is " +
                   column->native);
    }
    const std::string any =
        "SELECT EXISTS (SELECT 1 FROM " + QuoteIdentifier(plan_.table.name) + ")";
    if (holds_rows && session_.Single(any).integer == 0) {
      ThrowAltered("it is empty, and is not the one that rows were written to");
    }
  }

  [[noreturn]] void ThrowAltered(const std::string& how) const {
    throw Error(ErrorKind::kTarget,
                "table " + plan_.table.Show() +
                    " was altered or replaced while this run was under way: " + how,
                "SQLITE_SCHEMA");
  }

  [[noreturn]] void ThrowOwned() const {
    throw Error(ErrorKind::kOwned, "another run took over job " + split_.job + " (table " +
                                       plan_.table.Show() + "); this one wrote nothing since");
  }

  void Keep(const Chunk& chunk, Counts& counts) {
    for (const Reject& reject : chunk.rejects) {
      const bool is_new = reject.id == 0;
      const int64_t kept = is_new ? InsertReject(session_, split_, reject)
                                  : UpdateReject(session_, split_, reject, chunk.retried_state);
      if (!is_new) RequireRetried(kept, 1);
      CountOf(counts, reject.state) += kept;
      if (!is_new) CountOf(counts, chunk.retried_state) -= kept;
    }
  }

  void Settle(const Chunk& chunk, Counts& counts) {
    const int64_t settled = SettleRejects(session_, split_, chunk.settled, chunk.retried_state);
    RequireRetried(settled, chunk.settled.size());
    CountOf(counts, chunk.retried_state) -= settled;
  }

  void RequireRetried(int64_t found, size_t expected) const {
    if (found == static_cast<int64_t>(expected)) return;
    throw Error(ErrorKind::kTarget,
                "table " + plan_.table.Show() + ": of " + std::to_string(expected) +
                    " rejects that were tried again the ledger holds " + std::to_string(found) +
                    ": something else than rowferry changed it, and nothing of "
                    "this chunk was kept");
  }

  void InsertRows(const Chunk& chunk, Counts& counts) {
    batch_table_.Show(chunk.batch, chunk.begin, chunk.end);
    if (chunk.rows() == 0) return;
    if (!insert_) insert_ = session_.Prepare(InsertStatement(session_, plan_, batch_table_.name()));
    const int result = sqlite3_step(insert_.get());
    if (result != SQLITE_DONE) ThrowFailure(chunk);
    const int64_t inserted = session_.changes();
    sqlite3_reset(insert_.get());
    CheckTaken(chunk);
    const int64_t missing = batch_table_.rows_seen() - inserted;
    if (missing != 0 && !swallows_rows_) ThrowMissing(inserted);
    counts.inserted += inserted;
    counts.suppressed += missing;
  }

  // A trigger that came after this writer, say: the next run will know of it.
  [[noreturn]] void ThrowMissing(int64_t inserted) const {
    throw Error(ErrorKind::kTarget, "table " + plan_.table.Show() + ": of " +
                                        std::to_string(batch_table_.rows_seen()) +
                                        " rows SQLite counts " + std::to_string(inserted) +
                                        " as inserted; nothing of this chunk was kept");
  }

  // The statement may have read something else: a table that got the batch table's name meanwhile.
  void CheckTaken(const Chunk& chunk) const {
    if (batch_table_.rows_seen() == static_cast<int64_t>(chunk.rows())) return;
    throw Error(ErrorKind::kInternal,
                "table " + plan_.table.Show() + " was to take " + std::to_string(chunk.rows()) +
                    " rows from " + batch_table_.name() + ", and took " +
                    std::to_string(batch_table_.rows_seen()) + " of them: nothing was written");
  }

  [[noreturn]] void ThrowFailure(const Chunk& chunk) {
    const size_t row = chunk.rows() == 1 ? chunk.begin : batch_table_.row();
    if (const auto misfit = batch_table_.misfit()) {
      sqlite3_reset(insert_.get());
      ThrowMisfit(chunk.batch, row, misfit->column, misfit->why);
    }
    // A table with triggers is given all rows at once: which of them failed is not known then.
    const bool known = row < chunk.end;
    const std::string key = known ? chunk.batch.ShowKeyAt(row) : "";
    const std::string where = known ? "row " + key
                                    : "a row from " + chunk.batch.ShowKeyAt(chunk.begin) + " to " +
                                          chunk.batch.ShowKeyAt(chunk.end - 1);
    const Error error = LastError(session_.handle(), where);
    const bool of_row = IsOfRow(session_.handle(), error);
    Refusal why = LastRefusal(session_.handle(), plan_.table.name);
    sqlite3_reset(insert_.get());
    if (!of_row) throw error.AtRow(key);
    const bool check = !why.constraint.empty();
    if (check && !NamesConstraint(DeclarationOf(session_, plan_.table.name), why.constraint)) {
      why.constraint.clear();
    }
    throw RowError(error.what(), why, known ? std::optional(row) : std::nullopt, key);
  }

  [[noreturn]] void ThrowMisfit(const RowBatch& batch, size_t row, size_t index,
                                Encoded why) const {
    const WritePlan::Input& input = plan_.inputs[index];
    const std::string key = batch.ShowKeyAt(row);
    const Value value = batch.columns()[index].value(row);
    const std::string reason = ShowMisfit(input, ShowValue(value, input.from), why);
    throw RowError("column " + input.name + ", row " + key + ": " + reason,
                   {RefusalKind::kValue, "", input.name, "", reason}, row, key);
  }

  // Encoding is part of the statement's time: SQLite asks for each value as it stores the row.
  void Measure(ChunkOutcome& outcome, std::chrono::steady_clock::time_point begun,
               std::chrono::steady_clock::time_point written) const {
    outcome.write_micros = std::chrono::duration_cast<Micros>(written - begun).count();
    outcome.commit_micros = std::chrono::duration_cast<Micros>(clock_.Now() - written).count();
  }

  Session& session_;
  const WritePlan plan_;
  const SplitId split_;
  const Clock& clock_;
  const bool swallows_rows_;
  BatchTable batch_table_;
  Prepared insert_;              // goes before the batch table that it reads
  int64_t schema_version_ = -1;  // for which the table is known to be as planned; -1: none yet
  std::string believed_digest_;  // of the last checkpoint that we know to be committed
};

}  // namespace

std::unique_ptr<Writer> MakeWriter(Session& session, const WritePlan& plan, const Table& table,
                                   const SplitId& split, const Clock& clock) {
  return std::make_unique<TableWriter>(session, plan, table, split, clock);
}

}  // namespace rowferry::sqlite
