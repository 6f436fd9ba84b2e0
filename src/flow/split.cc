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

void Add(SplitTimes& times, const ChunkOutcome& outcome) {
  times.encode += outcome.encode_micros;
  times.write += outcome.write_micros;
  times.commit += outcome.commit_micros;
}

SplitEnd CopyChunks(const SplitRun& run, ReadAhead& ahead, const BatchLayout& layout,
                    Writer& writer, Checkpoint& at) {
  const RowBatch end_of_split(layout);
  SplitTimes times;
  BatchWriter batches(writer, run.size, run.budget, run.clock,
                      [&](const Chunk& chunk, const ChunkOutcome& outcome) {
                        Add(times, outcome);
                        times.read = ahead.read_micros();
                        for (const Reject& reject : chunk.rejects)
                          run.observer.RowRejected(run.split, reject);
                        run.observer.ChunkDone(run.split, outcome.committed, times);
                      });
  while (true) {
    const auto start = std::chrono::steady_clock::now();
    const bool comes = ahead.Await(run.stop);
    times.waiting += MicrosSince(start);
    if (!comes) return SplitEnd::kStopped;
    const RowBatch* batch = ahead.Next();
    if (batch == nullptr) {
      batches.End(end_of_split, at);
      return SplitEnd::kDone;
    }
    batches.Write(*batch, at, run.stop);
  }
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

SplitEnd RunSplit(const SplitRun& run, Reader& reader, const BatchLayout& layout, Writer& writer) {
  Checkpoint at = writer.Resume();
  if (at.done) return SplitEnd::kDone;
  try {
    reader.Seek(at.last_key);
    ReadAhead ahead(reader, layout);
    return CopyChunks(run, ahead, layout, writer, at);
  } catch (const Error& error) {
    throw error.Within(ShowPosition(at, layout));
  }
}

}  // namespace rowferry
