// The heart: one split, from its checkpoint to its end.
#pragma once

#include <atomic>
#include <cstdint>

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
};

enum class SplitEnd { kDone, kStopped };

// Resumes at the ledger's checkpoint and writes chunk after chunk until the reader's proper end, or
// until `stop` is set: then the chunk at hand is finished first. Throws Error: what reader or
// writer threw, with the last committed key in the message; nothing beyond that key is committed.
SplitEnd RunSplit(int split, Reader& reader, const BatchLayout& layout, Writer& writer,
                  SplitObserver& observer, const std::atomic<bool>& stop);

}  // namespace rowferry
