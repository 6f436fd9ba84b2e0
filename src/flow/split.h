// The heart: one split, from its checkpoint to its end.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "flow/batch_writer.h"
#include "flow/chunk_size.h"
#include "flow/source.h"
#include "flow/target.h"

namespace rowferry {

// Where the time of a split went, in microseconds of wall time of the thread concerned.
struct SplitTimes {
  int64_t read = 0;     // inside the reader (its own thread)
  int64_t encode = 0;   // the writer: our conversions
  int64_t write = 0;    // the writer: the target taking the rows
  int64_t commit = 0;   // the writer: checkpoint and commit
  int64_t waiting = 0;  // the writer, for the reader

  SplitTimes& operator+=(const SplitTimes& other);
};

// Told after every commit, from the split's writer thread.
class SplitObserver {
 public:
  virtual ~SplitObserver() = default;
  virtual void ChunkDone(int split, const Checkpoint& committed, const SplitTimes& so_far) = 0;
  // The reject is in the ledger by now. Told before ChunkDone of its chunk.
  virtual void RowRejected(int /*split*/, const Reject& /*reject*/) {}
};

enum class SplitEnd { kDone, kStopped };

// What goes on from one try of a split to the next. All must outlive the call.
struct SplitRun {
  int split = 0;
  SplitObserver& observer;
  const RejectBudget& budget;
  ChunkSize& size;
  const std::atomic<bool>& stop;  // set: finish the chunk at hand, drop what is read, and end
  const Clock& clock = SystemClock();
};

// Resumes at the ledger's checkpoint and writes chunk after chunk until the reader's proper end, or
// until `stop` is set. Rows that cannot be read or written become rejects, as far as the budget
// goes. Throws Error: what reader or writer threw, with the last committed key in the message;
// nothing beyond that key is committed.
SplitEnd RunSplit(const SplitRun& run, Reader& reader, const BatchLayout& layout, Writer& writer);

}  // namespace rowferry
