// The writing end.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/row_batch.h"
#include "data/schema.h"
#include "flow/checkpoint.h"
#include "flow/ledger.h"
#include "flow/reject.h"

namespace rowferry {

// How to write one table. Made by the plan; constant afterwards.
struct WritePlan {
  TableName table;
  struct Input {
    std::string name;   // the target's column
    Type from;          // the form of its values in the batch
    ColumnInfo column;  // what the target's catalog says, or will say once it is created
    std::optional<int64_t> last_value = {};  // of the source's sequence behind it
  };
  std::vector<Input> inputs;   // one for each of the batch's data columns, in order
  bool swallows_rows = false;  // the target may drop rows by a trigger: count them as suppressed
};

// What one transaction puts into the target.
struct Chunk {
  const RowBatch& batch;
  size_t begin = 0;  // of the batch's rows: from here
  size_t end = 0;    // up to here, and without it
  // Rows that go to the ledger instead. One with an id is there already, and failed once more.
  std::vector<Reject> rejects;
  Checkpoint next;  // what stands behind it; holds the counts before it, but for `read`
  // Ids of rejects that the chunk's rows make good: they leave the ledger, and the count of their
  // state. Each of them must be there.
  std::vector<int64_t> settled = {};
  // In which the ledger has them, and the rejects that failed once more.
  RejectState retried_state = RejectState::kOpen;

  size_t rows() const { return end - begin; }
};

struct ChunkOutcome {
  Checkpoint committed;       // what the ledger now says
  int64_t encode_micros = 0;  // where the time went: our own conversion, the database's
  int64_t write_micros = 0;   // statements, and the commit.
  int64_t commit_micros = 0;
};

// A row of a chunk that cannot be written yet, or never.
struct RefusedRow {
  size_t row = 0;  // of the batch
  Refusal why;
};

// Writes one split. One thread at a time; may be another one than made it.
class Writer {
 public:
  virtual ~Writer() = default;

  // The ledger's checkpoint for this split. Throws Error(kOwned) if somebody took over.
  virtual Checkpoint Resume() = 0;

  // One transaction: locks the split's ledger row and raises unless owner epoch and checkpoint are
  // what we believe; the chunk's rows; its rejects, and those that are settled; its checkpoint,
  // whose counts the writer completes from the database's own answers (inserted, suppressed,
  // rejected, pending). All or nothing:
  // after an exception nothing of the chunk is committed, except that a connection lost during
  // COMMIT leaves it open until the next Resume. Throws RowError for rows that the target does not
  // take, or would change; Error(kOwned) if another run took over.
  virtual ChunkOutcome Write(const Chunk& chunk) = 0;

  // After a RowError of kForeignKey: the chunk's rows that refer to a row which is neither in the
  // target nor among the chunk's others, and rows that refer to such rows; in the chunk's order,
  // with a kForeignKey each.
  // Writes nothing. None where the database cannot say, or where the rows themselves may mend it
  // (by a trigger that inserts what is missing).
  virtual std::vector<RefusedRow> FindOrphans(const Chunk& /*chunk*/) { return {}; }
};

// One target database, open for one run. Only the run's main thread uses it; each writer has a
// connection of its own where the database permits more than one.
class Target {
 public:
  virtual ~Target() = default;

  virtual std::string Show() const = 0;      // how the user named it, without passwords
  virtual std::string Place() const = 0;     // as Source::Place
  virtual std::string Identity() const = 0;  // as Source::Identity

  virtual std::optional<Table> DescribeTable(const TableName& name) = 0;
  // True if the table holds at least one row; REQUIRES: it exists.
  virtual bool HoldsRows(const TableName& name) = 0;
  virtual int64_t CountRows(const TableName& name) = 0;

  // The table as this database would have it when made for `source`'s columns: types translated,
  // native spellings filled in, types that it lacks turned into text with a warning.
  virtual Table Translate(const Table& source, const TableName& name) = 0;
  // DDL; Error(kPlan) where this role may not. `table` is of Translate or DescribeTable.
  virtual std::string CreateStatement(const Table& table) const = 0;
  virtual std::string TruncateStatement(const TableName& name) const = 0;
  virtual std::string DropStatement(const TableName& name) const = 0;

  // Why values of the form `from` cannot go into `column`; nothing if they can.
  virtual std::optional<std::string> WhyNot(const Type& from, const ColumnInfo& column) const = 0;
  // False if one of the plan's columns forces a way of writing in which kNative values cannot
  // travel: the plan then asks the source for the forms that all databases share.
  virtual bool TakesNative(const WritePlan& plan) const = 0;
  // Missing rights, missing schema, read-only server …: refuses what would fail in the middle, for
  // a table that is still to be made as well. Throws Error(kPlan).
  virtual void CheckWritable(const WritePlan& plan) = 0;

  // From any thread, and for good: what this target waits for throws an Error that may pass
  // (MayPass) soon, as does what it waits for later.
  virtual void Cancel() noexcept = 0;

  virtual Ledger& ledger() = 0;
  // REQUIRES: the ledger's lease on the job is held by this run.
  virtual std::unique_ptr<Writer> OpenWriter(const WritePlan& plan, const SplitId& split) = 0;
  // Sequences behind copied columns stand after the largest value that is there and after what the
  // source's had given out; they are never set back. After the last chunk of a table.
  virtual void AdvanceSequences(const WritePlan& plan) = 0;

  // What to tell the user of rows of the table that refer to rows which are not there, where the
  // database itself takes such rows. Once all tables are written.
  virtual std::vector<std::string> DanglingReferences(const TableName& /*name*/) { return {}; }

  // After a failure that may pass: where the connection that serves catalog and ledger is gone,
  // opens another one, and takes the ledger's lease up again. Throws Error(kOwned) if the job has
  // another owner by now, Error(kLost) while there is no connection to be had.
  virtual void Renew() = 0;
};

}  // namespace rowferry
