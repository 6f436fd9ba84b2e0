#include "flow/batch_writer.h"

#include "data/kept_row.h"

namespace rowferry {
namespace {

std::string PercentOf(double share) {
  std::string text = std::to_string(share * 100);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + " %";
}

std::string ShowLimit(const RejectLimit& limit) {
  if (limit.rows == 0) return PercentOf(limit.share) + " of the rows read";
  const std::string rows = std::to_string(limit.rows) + (limit.rows == 1 ? " row" : " rows");
  return limit.share == 0 ? rows : rows + " or " + PercentOf(limit.share) + " of those read";
}

// Where the run ends: what was the matter, and which setting would have let it go on.
Error OverBudget(const Error& cause, const RejectLimit& limit) {
  const bool none = limit.rows == 0 && limit.share == 0;
  const std::string why = none ? "; with --max-rejects N the run goes on without up to N such rows"
                               : "; with it more rows are rejected than --max-rejects allows (" +
                                     ShowLimit(limit) + "), and nothing of this chunk was kept";
  return Error(cause.kind(), cause.what() + why, cause.code()).AtRow(cause.row());
}

Error ErrorOf(const UnreadRow& row, const RowBatch& batch) {
  const std::string shown = batch.layout().ShowKey(row.key);
  const std::string column = row.why.column.empty() ? "" : "column " + row.why.column + ", ";
  return Error(ErrorKind::kData, column + "row " + shown + ": " + row.why.message, row.why.code)
      .AtRow(shown);
}

}  // namespace

void BatchWriter::Write(const RowBatch& batch, Checkpoint& at, const std::atomic<bool>& stop) {
  retried_ = nullptr;
  WriteRows(batch, at, stop);
}

void BatchWriter::WriteRows(const RowBatch& batch, Checkpoint& at, const std::atomic<bool>& stop) {
  begin_ = 0;
  suspects_ = 0;
  read_ = at.counts.read + static_cast<int64_t>(batch.rows() + batch.unread().size());
  do {
    TryPiece(batch, at);
  } while (begin_ < batch.rows() && !stop);
}

void BatchWriter::Retry(const RowBatch& batch, const Retried& retried, Checkpoint& at,
                        const std::atomic<bool>& stop) {
  retried_ = &retried;
  WriteRows(batch, at, stop);
}

void BatchWriter::End(const RowBatch& empty, Checkpoint& at) {
  Chunk chunk{empty, 0, 0, {}, at};
  chunk.next.done = true;
  Commit(chunk, at);
}

void BatchWriter::TryPiece(const RowBatch& batch, Checkpoint& at) {
  const size_t end = PieceEnd(batch);
  try {
    Put(batch, at, end, nullptr);
  } catch (const RowError& error) {
    if (begin_ == end) throw;  // unread rows alone
    Refuse(batch, at, end, error);
  }
}

// Half of the rows of which one is at fault, else as many as a chunk may have.
size_t BatchWriter::PieceEnd(const RowBatch& batch) const {
  if (suspects_ > begin_) return begin_ + std::max<size_t>((suspects_ - begin_) / 2, 1);
  return begin_ + std::min(batch.rows() - begin_, size_.rows());
}

// The row at fault goes to the ledger, and the rows before it into their table, in one chunk. Where
// nobody knows which row it is, the next piece is half of this one.
void BatchWriter::Refuse(const RowBatch& batch, Checkpoint& at, size_t end, const RowError& error) {
  RequireBudget(at.counts.rejected + 1, error);
  const bool named = error.index() && *error.index() >= begin_ && *error.index() < end;
  if (!named && end - begin_ > 1) {
    suspects_ = end;
    return;
  }
  const size_t row = named ? *error.index() : begin_;
  try {
    Put(batch, at, row, &error);
    size_.Refused();
  } catch (const RowError&) {
    if (row == begin_) throw;
    suspects_ = row;  // a row before it is at fault as well
  }
}

// One chunk: the rows up to `end`, and the one behind them if it is refused.
void BatchWriter::Put(const RowBatch& batch, Checkpoint& at, size_t end, const RowError* refused) {
  const size_t stop = end + (refused == nullptr ? 0 : 1);
  Chunk chunk{batch, begin_, end, {}, at};
  TakeUnread(batch, stop, chunk);
  const auto unread = chunk.rejects.size();
  if (refused != nullptr) {
    chunk.rejects.push_back(RejectRow(batch, end, refused->why()));
    RequireBudget(at.counts.rejected + static_cast<int64_t>(chunk.rejects.size()), *refused);
  }
  retried_ == nullptr ? Advance(chunk, stop, unread) : Settle(chunk);
  Commit(chunk, at);
  size_.Committed(end - begin_);
  begin_ = stop;
}

// To behind the row `stop` - 1, and behind the unread ones that the chunk holds.
void BatchWriter::Advance(Chunk& chunk, size_t stop, size_t unread) const {
  const RowBatch& batch = chunk.batch;
  const std::optional<Key> before = chunk.next.last_key;
  chunk.next.last_key = stop == batch.rows() ? batch.LastKey() : batch.KeyAt(stop - 1);
  chunk.next.counts.read += static_cast<int64_t>(stop - begin_ + unread);
  if (chunk.next.last_key == before) {
    throw Error(ErrorKind::kInternal, "the key did not move on: the page would be read for ever");
  }
}

void BatchWriter::Settle(Chunk& chunk) const {
  chunk.retried_state = retried_->state;
  for (size_t row = chunk.begin; row < chunk.end; ++row) {
    chunk.settled.push_back(retried_->rows.at(row).id);
  }
}

void BatchWriter::Commit(Chunk& chunk, Checkpoint& at) {
  ++chunk.next.chunks;
  const ChunkOutcome outcome = writer_.Write(chunk);
  at = outcome.committed;
  committed_(chunk, outcome);
}

Reject BatchWriter::MakeReject(const RowBatch& batch, const Key& key, const Refusal& why,
                               std::string kept) const {
  Reject reject;
  reject.key = key;
  reject.shown = batch.layout().ShowKey(key);
  reject.why = why;
  reject.at = clock_.UnixMicros();
  reject.kept = std::move(kept);
  return reject;
}

Reject BatchWriter::Again(const Reject& before, const Refusal& why, std::string kept) const {
  Reject reject = before;
  reject.state = retried_->failed;
  reject.why = why;
  reject.at = clock_.UnixMicros();
  ++reject.tries;
  reject.kept = std::move(kept);
  return reject;
}

Reject BatchWriter::RejectRow(const RowBatch& batch, size_t row, const Refusal& why) const {
  std::string kept = EncodeRow(KeepRow(batch, row));
  if (retried_ != nullptr) return Again(retried_->rows.at(row), why, std::move(kept));
  return MakeReject(batch, batch.KeyAt(row), why, std::move(kept));
}

Reject BatchWriter::RejectUnread(const RowBatch& batch, size_t index) const {
  const UnreadRow& row = batch.unread()[index];
  if (retried_ != nullptr) return Again(retried_->unread.at(index), row.why, row.kept);
  return MakeReject(batch, row.key, row.why, row.kept);
}

// Those that stand before the row `stop`, or behind the last row of all.
void BatchWriter::TakeUnread(const RowBatch& batch, size_t stop, Chunk& chunk) const {
  for (size_t i = 0; i < batch.unread().size(); ++i) {
    const UnreadRow& row = batch.unread()[i];
    const bool behind = row.before >= stop && stop != batch.rows();
    if (row.before < begin_ || behind) continue;
    chunk.rejects.push_back(RejectUnread(batch, i));
    RequireBudget(chunk.next.counts.rejected + static_cast<int64_t>(chunk.rejects.size()),
                  ErrorOf(row, batch));
  }
}

// What was read is the whole batch: how it is cut into chunks makes no difference to a share.
void BatchWriter::RequireBudget(int64_t rejected, const Error& cause) const {
  if (!budget_.Allows(rejected, read_)) throw OverBudget(cause, budget_.limit);
}

}  // namespace rowferry
