#include "flow/split.h"

#include <chrono>

#include "base/clock.h"
#include "base/error.h"
#include "flow/read_ahead.h"

namespace rowferry {
namespace {

std::string ShowPosition(const Checkpoint& at, const BatchLayout& layout) {
  return at.last_key ? "after " + layout.ShowKey(*at.last_key) : "before the first committed row";
}

// The checkpoint that the chunk will leave behind, less what only the writer can count.
Checkpoint Next(const Checkpoint& at, const RowBatch& batch) {
  Checkpoint next = at;
  next.done = batch.empty();
  ++next.chunks;
  if (batch.empty()) return next;
  next.last_key = batch.KeyAt(batch.rows() - 1);
  next.counts.read += static_cast<int64_t>(batch.rows());
  if (next.last_key == at.last_key) {
    throw Error(ErrorKind::kInternal, "the key did not move on: the page would be read for ever");
  }
  return next;
}

void Add(SplitTimes& times, const ChunkOutcome& outcome) {
  times.encode += outcome.encode_micros;
  times.write += outcome.write_micros;
  times.commit += outcome.commit_micros;
}

SplitEnd CopyChunks(int split, ReadAhead& ahead, const BatchLayout& layout, Writer& writer,
                    Checkpoint& at, SplitObserver& observer, const std::atomic<bool>& stop) {
  const RowBatch end_of_split(layout);
  SplitTimes times;
  while (!stop) {
    const auto start = std::chrono::steady_clock::now();
    const RowBatch* batch = ahead.Next();
    times.waiting += MicrosSince(start);
    if (batch == nullptr) batch = &end_of_split;
    const ChunkOutcome outcome = writer.Write(*batch, Next(at, *batch));
    at = outcome.committed;
    Add(times, outcome);
    times.read = ahead.read_micros();
    observer.ChunkDone(split, at, times);
    if (at.done) return SplitEnd::kDone;
  }
  return SplitEnd::kStopped;
}

}  // namespace

SplitTimes& SplitTimes::operator+=(const SplitTimes& other) {
  read += other.read;
  encode += other.encode;
  write += other.write;
  commit += other.commit;
  waiting += other.waiting;
  return *this;
}

SplitEnd RunSplit(int split, Reader& reader, const BatchLayout& layout, Writer& writer,
                  SplitObserver& observer, const std::atomic<bool>& stop) {
  Checkpoint at = writer.Resume();
  if (at.done) return SplitEnd::kDone;
  try {
    reader.Seek(at.last_key);
    ReadAhead ahead(reader, layout);
    return CopyChunks(split, ahead, layout, writer, at, observer, stop);
  } catch (const Error& error) {
    throw error.Within(ShowPosition(at, layout));
  }
}

}  // namespace rowferry
