#include "support/memory.h"

#include <algorithm>

namespace rowferry::testing {

BatchLayout MemoryLayout() {
  return {{"id", "note"}, {ParseType("bigint"), ParseType("text")}, 2, {0}};
}

std::vector<MemoryRow> MemoryRows(int count) {
  std::vector<MemoryRow> rows;
  for (int i = 0; i < count; ++i) rows.push_back({i * 3 - 7, "row " + std::to_string(i)});
  return rows;
}

void MemoryReader::Seek(const std::optional<Key>& after) {
  next_ = 0;
  if (!after) return;
  const int64_t last = after->parts.at(0).integer;
  const auto first =
      std::find_if(rows_.begin(), rows_.end(), [&](const MemoryRow& row) { return row.id > last; });
  next_ = static_cast<size_t>(first - rows_.begin());
}

bool MemoryReader::Read(RowBatch& out) {
  if (++reads_ == fail_at_) throw Error(ErrorKind::kTransient, "the source went away");
  out.Clear();
  while (next_ < rows_.size() && out.rows() < chunk_rows_) {
    out.columns()[0].AppendInteger(rows_[next_].id);
    out.columns()[1].AppendText(rows_[next_].note);
    ++next_;
  }
  return !out.empty();
}

ChunkOutcome MemoryWriter::Write(const RowBatch& batch, const Checkpoint& next) {
  MemoryTarget uncommitted = target_;
  Step();
  for (size_t row = 0; row < batch.rows(); ++row) {
    uncommitted.rows.push_back(
        {batch.columns()[0].integer(row), std::string(batch.columns()[1].bytes(row))});
    Step();
  }
  uncommitted.checkpoint = next;
  uncommitted.checkpoint.counts.inserted += static_cast<int64_t>(batch.rows());
  Step();
  target_ = uncommitted;
  Step();
  return {uncommitted.checkpoint, 0, 0, 0};
}

void MemoryWriter::Step() {
  if (++step_ == fail_at_) throw Error(ErrorKind::kTransient, "the target went away");
}

}  // namespace rowferry::testing
