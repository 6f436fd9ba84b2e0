#include "flow/split.h"

#include <doctest/doctest.h>

#include "support/memory.h"

namespace rowferry {
namespace {

using testing::MemoryLayout;
using testing::MemoryObserver;
using testing::MemoryReader;
using testing::MemoryRow;
using testing::MemoryRows;
using testing::MemoryTarget;
using testing::MemoryWriter;

struct Ends {
  std::vector<MemoryRow> source;
  MemoryTarget target;
  MemoryObserver observer;
  std::atomic<bool> stop = false;
  RejectBudget budget = {};

  SplitEnd Run(size_t chunk_rows, int fail_write_at = 0, int fail_read_at = 0) {
    MemoryReader reader(source, chunk_rows, fail_read_at);
    MemoryWriter writer(target, fail_write_at);
    return Run(reader, writer, observer);
  }
  SplitEnd Run(Reader& reader, Writer& writer, SplitObserver& told) {
    ChunkSize size;
    return RunSplit({0, told, budget, size, stop}, reader, MemoryLayout(), writer);
  }
  // Runs until done, as a user who repeats the command; the first run fails as told.
  void RunUntilDone(size_t chunk_rows, int fail_write_at, int fail_read_at, bool& failed) {
    failed = false;
    try {
      Run(chunk_rows, fail_write_at, fail_read_at);
    } catch (const Error&) {
      failed = true;
    }
    Run(chunk_rows);
  }
};

void CheckExactlyOnce(const Ends& ends) {
  CHECK(ends.target.rows == ends.source);
  CHECK(ends.target.checkpoint.done);
  CHECK(ends.target.checkpoint.counts.Balanced());
  CHECK(ends.target.checkpoint.counts.read == static_cast<int64_t>(ends.source.size()));
}

TEST_CASE("every table size at every chunk size arrives once") {
  for (const int rows : {0, 1, 2, 9, 10, 11, 20, 33}) {
    for (const size_t chunk : {1U, 2U, 10U, 100U}) {
      CAPTURE(rows);
      CAPTURE(chunk);
      Ends ends{MemoryRows(rows), {}, {}};
      CHECK(ends.Run(chunk) == SplitEnd::kDone);
      CheckExactlyOnce(ends);
    }
  }
}

TEST_CASE("a writer that fails at any step is resumed without losing or doubling a row") {
  bool failed = true;
  int step = 1;
  for (; failed; ++step) {
    CAPTURE(step);
    Ends ends{MemoryRows(25), {}, {}};
    ends.RunUntilDone(10, step, 0, failed);
    CheckExactlyOnce(ends);
  }
  CHECK(step > 30);  // every step of every chunk was tried
}

TEST_CASE("a reader that fails at any batch is resumed, what it had read before is kept") {
  bool failed = true;
  int read = 1;
  for (; failed; ++read) {
    CAPTURE(read);
    Ends ends{MemoryRows(25), {}, {}};
    ends.RunUntilDone(10, 0, read, failed);
    CheckExactlyOnce(ends);
  }
  CHECK(read > 4);
}

TEST_CASE("a split that is done reads nothing again") {
  Ends ends{MemoryRows(5), {}, {}};
  ends.Run(2);
  const MemoryTarget before = ends.target;
  ends.source.push_back({1000, "came later"});
  CHECK(ends.Run(2) == SplitEnd::kDone);
  CHECK(ends.target.rows == before.rows);
}

TEST_CASE("a stop ends after a whole chunk and the next run goes on from there") {
  struct StopAfterFirst final : SplitObserver {
    std::atomic<bool>& stop;
    explicit StopAfterFirst(std::atomic<bool>& flag) : stop(flag) {}
    void ChunkDone(int, const Checkpoint&, const SplitTimes&) override { stop = true; }
  };
  Ends ends{MemoryRows(25), {}, {}};
  StopAfterFirst observer(ends.stop);
  MemoryReader reader(ends.source, 10);
  MemoryWriter writer(ends.target);
  CHECK(ends.Run(reader, writer, observer) == SplitEnd::kStopped);
  CHECK(ends.target.rows.size() == 10);
  ends.stop = false;
  ends.Run(7);  // with another chunk size: checkpoints are positions
  CheckExactlyOnce(ends);
}

TEST_CASE("a key that stands still is an error, not an endless loop") {
  struct StuckReader final : Reader {
    void Seek(const std::optional<Key>&) override {}
    bool Read(RowBatch& out) override {
      out.Clear();
      out.columns()[0].AppendInteger(1);
      out.columns()[1].AppendText("again");
      return true;
    }
    void Cancel() noexcept override {}
  };
  Ends ends;
  StuckReader reader;
  MemoryWriter writer(ends.target);
  CHECK_THROWS_WITH_AS(ends.Run(reader, writer, ends.observer),
                       doctest::Contains("did not move on"), Error);
  CHECK(ends.target.rows.size() == 1);
}

TEST_CASE("an error says after which key it happened") {
  Ends ends{MemoryRows(25), {}, {}};
  CHECK_THROWS_WITH_AS(ends.Run(10, 0, 2), "after (id) = (20): the source went away", Error);
}

TEST_CASE("the observer hears of every commit in order") {
  Ends ends{MemoryRows(25), {}, {}};
  ends.Run(10);
  REQUIRE(ends.observer.committed().size() == 4);  // 10, 20, 25 rows, and the end
  CHECK(ends.observer.committed().back() == ends.target.checkpoint);
}

}  // namespace
}  // namespace rowferry
