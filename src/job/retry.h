// Tries rejects of one split again, in chunks, by the writer that copies write with.
#pragma once

#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "data/kept_row.h"
#include "flow/batch_writer.h"
#include "flow/ledger.h"
#include "flow/source.h"
#include "flow/target.h"
#include "job/plan.h"

namespace rowferry {

// Where the rows come from.
class RetryRows {
 public:
  virtual ~RetryRows() = default;

  // That Fetch is to be given at once.
  virtual size_t most() const = 0;
  // Fills `batch` (cleared first; of the plan's layout) with the rows of these rejects, and
  // retried.rows and .unread with the reject of each. What cannot be had is among the unread ones,
  // with the reason. Returns how many are gone.
  virtual int64_t Fetch(std::vector<Reject> rejects, RowBatch& batch, Retried& retried) = 0;
};

// Throws Error(kPlan) if the plan's key is not the one that the split was copied by: it would find
// other rows. `fingerprint`: of the copy.
void RequireKey(const std::string& fingerprint, const SplitRecord& split, const TablePlan& plan);
// Throws Error(kPlan) if the positions of the plan's rows do not hold any more. `stamp`: the
// split's.
void RequirePositions(Source& source, const ReadPlan& plan, const std::string& stamp);
// True for a key that finds its row only as long as the positions hold.
bool IsPosition(const ReadPlan& plan, const Key& key);

// From the source as it is now, by their keys. REQUIRES: positions among them hold. The source
// outlives it.
std::unique_ptr<RetryRows> RowsOfSource(Source& source, const ReadPlan& plan);

// Gives the row for a reject of the ledger.
using RowOf = std::function<KeptRow(const Reject&)>;
// As the ledger kept it. Throws Error(kTarget) for what is no kept row.
KeptRow KeptRowOf(const Reject& reject);

// From what `row_of` gives. Values whose form is not the plan's (by now), but have one there, are
// brought to it. Throws Error(kPlan) for rows with other columns than the plan's; what was read for
// its key alone does not count. `fingerprint`: of the copy that kept them; outlives it.
std::unique_ptr<RetryRows> RowsKept(Source& source, const ReadPlan& plan,
                                    const std::string& fingerprint, RowOf row_of);

struct RetryCounts {
  int64_t tried = 0;
  int64_t loaded = 0;
  int64_t suppressed = 0;  // swallowed by a trigger of the target
  int64_t failed = 0;      // once more, those that are gone included
  int64_t gone = 0;        // no longer in the source

  int64_t settled() const { return loaded + suppressed; }  // no rejects any more

  RetryCounts& operator+=(const RetryCounts& other);
};

// Loaded and suppressed, of a split's rejects, between two of its checkpoints.
RetryCounts Settled(const Counts& before, const Counts& now);

// All must outlive the call.
struct SplitRetry {
  const std::string& job;
  Ledger& ledger;
  Writer& writer;
  RetryRows& rows;
  const BatchLayout& layout;
  // Which: of one split, and in one state.
  RejectFilter filter;
  std::function<bool(int64_t id)> wanted;   // null: all of the filter
  RejectState failed = RejectState::kOpen;  // of those that still refer to no row
  ChunkLimits limits;
  ChunkSize& size;                // goes on from one try to the next
  const std::atomic<bool>& stop;  // set: finish the chunk at hand, and end
  const Clock& clock = SystemClock();
  RejectBudget budget = {{std::numeric_limits<int64_t>::max(), 1}, {}};  // default: no limit
  BatchWriter::Committed committed = [](const Chunk&, const ChunkOutcome&) {};
};

// `at`: what Writer::Resume gave; then what is committed, if it throws as well. Every row is
// written in one transaction with its reject's removal, or stays a reject with the new reason.
RetryCounts RetrySplit(const SplitRetry& retry, Checkpoint& at);

}  // namespace rowferry
