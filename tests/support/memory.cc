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
  while (next_ < rows_.size() && !out.IsFull({chunk_rows_, 1U << 20U})) {
    if (rows_[next_].note == "unreadable") {
      const Key key{{Value::Integer(rows_[next_++].id)}};
      out.AddUnread({out.rows(), key, {RefusalKind::kUnreadable, "", "note", "", "odd"}, "kept"});
      continue;
    }
    out.columns()[0].AppendInteger(rows_[next_].id);
    out.columns()[1].AppendText(rows_[next_].note);
    ++next_;
  }
  return !out.empty();
}

namespace {

MemoryRow RowAt(const Chunk& chunk, size_t index) {
  return {chunk.batch.columns()[0].integer(index),
          std::string(chunk.batch.columns()[1].bytes(index))};
}

void Refuse(const Chunk& chunk, size_t index, bool names_it) {
  const Refusal why{RefusalKind::kCheck, "23514", "note", "c", "refused"};
  throw RowError("row refused", why, names_it ? std::optional(index) : std::nullopt,
                 names_it ? chunk.batch.ShowKeyAt(index) : "");
}

}  // namespace

void MemoryWriter::RequireTaken(const Chunk& chunk, size_t index,
                                const std::vector<MemoryRow>& there) const {
  const MemoryRow row = RowAt(chunk, index);
  if (refuses_.row(row)) Refuse(chunk, index, refuses_.names_it);
  const bool is_second =
      refuses_.twin(row) && std::any_of(there.begin(), there.end(), refuses_.twin);
  if (is_second) Refuse(chunk, index, true);
}

ChunkOutcome MemoryWriter::Write(const Chunk& chunk) {
  ++tries_;
  sent_ += static_cast<int64_t>(chunk.rows());
  MemoryTarget uncommitted = target_;
  Step();
  for (size_t index = chunk.begin; index < chunk.end; ++index) {
    RequireTaken(chunk, index, uncommitted.rows);
    uncommitted.rows.push_back(RowAt(chunk, index));
    Step();
  }
  for (size_t index = chunk.begin; index < chunk.end; ++index) {
    if (refuses_.late(RowAt(chunk, index))) Refuse(chunk, index, false);
  }
  uncommitted.rejects.insert(uncommitted.rejects.end(), chunk.rejects.begin(), chunk.rejects.end());
  uncommitted.checkpoint = chunk.next;
  uncommitted.checkpoint.counts.inserted += static_cast<int64_t>(chunk.rows());
  uncommitted.checkpoint.counts.rejected += static_cast<int64_t>(chunk.rejects.size());
  Step();
  target_ = uncommitted;
  Step();
  return {uncommitted.checkpoint, 0, 0, 0};
}

void MemoryWriter::Step() {
  if (++step_ == fail_at_) throw Error(ErrorKind::kTransient, "the target went away");
}

}  // namespace rowferry::testing
