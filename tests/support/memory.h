// An in-memory source and target behind the real interfaces, and a writer that fails on demand.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "flow/source.h"
#include "flow/split.h"
#include "flow/target.h"

namespace rowferry::testing {

// One table of (id bigint key, note text), sorted by id.
struct MemoryRow {
  int64_t id;
  std::string note;
  bool operator==(const MemoryRow&) const = default;
};
BatchLayout MemoryLayout();
std::vector<MemoryRow> MemoryRows(int count);  // ids with gaps, negative ones first

// Reads the rows in chunks, but for those whose note is "unreadable"; throws at the `fail_at`-th
// Read (1 is the first), as a source that dies.
class MemoryReader final : public Reader {
 public:
  MemoryReader(const std::vector<MemoryRow>& rows, size_t chunk_rows, int fail_at = 0)
      : rows_(rows), chunk_rows_(chunk_rows), fail_at_(fail_at) {}
  void Seek(const std::optional<Key>& after) override;
  bool Read(RowBatch& out) override;
  void Cancel() noexcept override {}  // it waits for nothing

 private:
  const std::vector<MemoryRow>& rows_;
  size_t chunk_rows_;
  int fail_at_;
  int reads_ = 0;
  size_t next_ = 0;
};

// What a database holds after COMMIT, and nothing else.
struct MemoryTarget {
  std::vector<MemoryRow> rows;
  std::vector<Reject> rejects;
  Checkpoint checkpoint;
};

// Which rows a target refuses, and whether it says which one it was.
struct Refuses {
  using Which = std::function<bool(const MemoryRow&)>;

  Which row = [](const MemoryRow&) { return false; };
  bool names_it = true;
  // Of these it takes one only, and names the others.
  Which twin = [](const MemoryRow&) { return false; };
  // Refused once all rows of the chunk are in, as by a trigger after the row: it names none.
  Which late = [](const MemoryRow&) { return false; };
};

// Counts every step of every chunk over its life: before the rows, after each row, before the
// checkpoint, before the commit, after the commit (the answer is lost). Throws at step `fail_at`.
class MemoryWriter final : public Writer {
 public:
  explicit MemoryWriter(MemoryTarget& target, int fail_at = 0, Refuses refuses = {})
      : target_(target), fail_at_(fail_at), refuses_(std::move(refuses)) {}
  Checkpoint Resume() override { return target_.checkpoint; }
  ChunkOutcome Write(const Chunk& chunk) override;
  int tries() const { return tries_; }         // calls of Write
  int64_t rows_sent() const { return sent_; }  // in all of them

 private:
  void Step();
  void RequireTaken(const Chunk& chunk, size_t index, const std::vector<MemoryRow>& there) const;

  MemoryTarget& target_;
  int fail_at_;
  Refuses refuses_;
  int step_ = 0;
  int tries_ = 0;
  int64_t sent_ = 0;
};

// Remembers what it was told.
class MemoryObserver final : public SplitObserver {
 public:
  void ChunkDone(int /*split*/, const Checkpoint& committed, const SplitTimes& /*times*/) override {
    committed_.push_back(committed);
  }
  const std::vector<Checkpoint>& committed() const { return committed_; }

 private:
  std::vector<Checkpoint> committed_;
};

}  // namespace rowferry::testing
