#include "flow/read_ahead.h"

#include <doctest/doctest.h>

#include "flow/split.h"
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

// Gives rows one by one; behind the last of them the source computes for ever, unless it is
// cancelled.
class SlowReader final : public Reader {
 public:
  explicit SlowReader(const std::vector<MemoryRow>& rows) : rows_(rows), reader_(rows, 1) {}

  void Seek(const std::optional<Key>& after) override { reader_.Seek(after); }
  bool Read(RowBatch& out) override {
    if (reads_++ < rows_.size()) return reader_.Read(out);
    is_slow = true;
    is_slow.notify_all();
    cancelled.wait(false);
    throw Error(ErrorKind::kLost, "reading was cancelled");
  }
  void Cancel() noexcept override {
    cancelled = true;
    cancelled.notify_all();
  }

  std::atomic<bool> is_slow = false;
  std::atomic<bool> cancelled = false;

 private:
  const std::vector<MemoryRow>& rows_;
  MemoryReader reader_;
  size_t reads_ = 0;
};

// Sets `stop` once the reader is slow.
class StopWhenSlow {
 public:
  StopWhenSlow(SlowReader& reader, std::atomic<bool>& stop)
      : thread_([&reader, &stop] {
          reader.is_slow.wait(false);
          stop = true;
        }) {}
  ~StopWhenSlow() { thread_.join(); }
  StopWhenSlow(const StopWhenSlow&) = delete;
  StopWhenSlow& operator=(const StopWhenSlow&) = delete;

 private:
  std::thread thread_;
};

// Fails for good with its first chunk, but only once the reader is slow.
class FullTarget final : public Writer {
 public:
  explicit FullTarget(SlowReader& reader) : reader_(reader) {}
  Checkpoint Resume() override { return {}; }
  ChunkOutcome Write(const Chunk&) override {
    reader_.is_slow.wait(false);
    throw Error(ErrorKind::kTarget, "no space left");
  }

 private:
  SlowReader& reader_;
};

TEST_CASE("a stop ends a split whose reader waits for ever, behind the last whole chunk") {
  const std::vector<MemoryRow> rows = MemoryRows(2);
  SlowReader reader(rows);
  MemoryTarget target;
  MemoryWriter writer(target);
  MemoryObserver observer;
  ChunkSize size;
  std::atomic<bool> stop = false;
  {
    const StopWhenSlow stops(reader, stop);
    const SplitEnd end = RunSplit({0, observer, {}, size, stop}, reader, MemoryLayout(), writer);
    CHECK(end == SplitEnd::kStopped);
  }
  CHECK(target.rows.size() <= 2);  // what came with the stop is read again
  stop = false;
  MemoryReader again(rows, 10);
  CHECK(RunSplit({0, observer, {}, size, stop}, again, MemoryLayout(), writer) == SplitEnd::kDone);
  CHECK(target.rows == rows);
}

TEST_CASE("a target that fails is not kept waiting by a reader, and its failure is what is told") {
  const std::vector<MemoryRow> rows = MemoryRows(1);
  SlowReader reader(rows);
  FullTarget writer(reader);
  MemoryObserver observer;
  ChunkSize size;
  const std::atomic<bool> stop = false;
  CHECK_THROWS_WITH_AS(RunSplit({0, observer, {}, size, stop}, reader, MemoryLayout(), writer),
                       doctest::Contains("no space left"), Error);
}

TEST_CASE("a reader that waits for a free batch is let go") {
  const std::vector<MemoryRow> rows = MemoryRows(100);
  MemoryReader reader(rows, 1);
  ReadAhead ahead(reader, MemoryLayout());
  CHECK(ahead.Next() != nullptr);
}

TEST_CASE("a reader that came to its end is not cancelled") {
  struct Short final : Reader {
    bool cancelled = false;
    void Seek(const std::optional<Key>&) override {}
    bool Read(RowBatch& out) override {
      out.Clear();
      return false;
    }
    void Cancel() noexcept override { cancelled = true; }
  };
  Short reader;
  {
    ReadAhead ahead(reader, MemoryLayout());
    CHECK(ahead.Await(false));
    CHECK(ahead.Next() == nullptr);
  }
  CHECK_FALSE(reader.cancelled);
}

TEST_CASE("a stop goes before what has come, so that null always is the proper end") {
  const std::vector<MemoryRow> rows = MemoryRows(0);
  MemoryReader reader(rows, 1);
  ReadAhead ahead(reader, MemoryLayout());
  CHECK(ahead.Await(false));
  CHECK_FALSE(ahead.Await(true));
}

}  // namespace
}  // namespace rowferry
