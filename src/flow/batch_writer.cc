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

// The rows of a piece as a batch of its own, with its orphans among those that are passed over.
class Rest {
 public:
  // `before`: what the batch is tried again for; null: its rows are new ones.
  Rest(const RowBatch& from, const Retried* before)
      : batch_(from.layout()), from_(from), before_(before) {
    if (before != nullptr) retried_ = {before->state, before->failed};
  }

  void Take(size_t begin, size_t end, const std::vector<Orphan>& orphans) {
    while (unread_ < from_.unread().size() && from_.unread()[unread_].before < begin) ++unread_;
    auto orphan = orphans.begin();
    for (size_t row = begin; row < end; ++row) {
      TakeUnread(row);
      const bool waits = orphan != orphans.end() && orphan->row == row;
      waits ? PassOver(row, (orphan++)->why) : Append(row);
    }
    if (end == from_.rows()) TakeUnread(end);
  }

  const RowBatch& batch() const { return batch_; }
  const Retried* retried() const { return before_ == nullptr ? nullptr : &retried_; }

 private:
  void TakeUnread(size_t before) {
    const std::vector<UnreadRow>& unread = from_.unread();
    for (; unread_ < unread.size() && unread[unread_].before == before; ++unread_) {
      Add(unread[unread_]);
      if (before_ != nullptr) retried_.unread.push_back(before_->unread.at(unread_));
    }
  }
  void PassOver(size_t row, const Refusal& why) {
    Add({0, from_.KeyAt(row), why, EncodeRow(KeepRow(from_, row))});
    if (before_ != nullptr) retried_.unread.push_back(before_->rows.at(row));
  }
  void Append(size_t row) {
    batch_.AppendRow(from_, row);
    if (before_ != nullptr) retried_.rows.push_back(before_->rows.at(row));
  }
  void Add(UnreadRow row) {
    row.before = batch_.rows();
    batch_.AddUnread(std::move(row));
  }

  RowBatch batch_;
  Retried retried_;
  const RowBatch& from_;
  const Retried* const before_;
  size_t unread_ = 0;  // of from_: the first that is not taken
};

}  // namespace

void BatchWriter::Write(const RowBatch& batch, Checkpoint& at, const std::atomic<bool>& stop) {
  retried_ = nullptr;
  WriteRows(batch, at, stop);
}

void BatchWriter::WriteRows(const RowBatch& batch, Checkpoint& at, const std::atomic<bool>& stop) {
  const size_t rows = retried_ == nullptr ? batch.rows() + batch.unread().size() : 0;
  read_ = at.counts.read + static_cast<int64_t>(rows);
  TryPieces(batch, at, stop);
}

void BatchWriter::TryPieces(const RowBatch& batch, Checkpoint& at, const std::atomic<bool>& stop) {
  begin_ = 0;
  suspects_ = 0;
  do {
    TryPiece(batch, at, stop);
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

void BatchWriter::TryPiece(const RowBatch& batch, Checkpoint& at, const std::atomic<bool>& stop) {
  const size_t end = PieceEnd(batch);
  try {
    Put(batch, at, end, nullptr);
  } catch (const RowError& error) {
    if (begin_ == end) throw;  // unread rows alone
    if (!PassOverOrphans(batch, at, end, error, stop)) Refuse(batch, at, end, error);
  }
}

// Half of the rows of which one is at fault, else as many as a chunk may have.
size_t BatchWriter::PieceEnd(const RowBatch& batch) const {
  if (suspects_ > begin_) return begin_ + std::max<size_t>((suspects_ - begin_) / 2, 1);
  return begin_ + std::min(batch.rows() - begin_, size_.rows());
}

// Rows may refer to one another: what is left of the piece is tried as a batch of its own, without
// those that have to wait. False: there are none, or nobody knows.
bool BatchWriter::PassOverOrphans(const RowBatch& batch, Checkpoint& at, size_t end,
                                  const RowError& error, const std::atomic<bool>& stop) {
  if (error.why().kind != RefusalKind::kForeignKey) return false;
  const std::vector<Orphan> orphans = writer_.FindOrphans({batch, begin_, end, {}, at});
  if (orphans.empty()) return false;
  const Retried* const retried = retried_;
  const size_t suspects = suspects_;
  Rest rest(batch, retried);
  rest.Take(begin_, end, orphans);
  retried_ = rest.retried();
  TryPieces(rest.batch(), at, stop);  // all of them, or `stop` is set: then the outer ones end too
  retried_ = retried;
  suspects_ = suspects;
  begin_ = end;
  return true;
}

// The row at fault goes to the ledger, and the rows before it into their table, in one chunk. Where
// nobody knows which row it is, the next piece is half of this one.
void BatchWriter::Refuse(const RowBatch& batch, Checkpoint& at, size_t end, const RowError& error) {
  if (StateFor(error.why()) == RejectState::kOpen) RequireBudget(at.counts.rejected + 1, error);
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
  opened_ = 0;
  TakeUnread(batch, stop, chunk);
  const auto unread = chunk.rejects.size();
  if (refused != nullptr) {
    Take(chunk, RejectRow(batch, end, refused->why()));
    RequireBudget(at.counts.rejected + opened_, *refused);
  }
  size_.Tried(end - begin_);
  retried_ == nullptr ? Advance(chunk, stop, unread) : Settle(chunk);
  const bool nothing = retried_ != nullptr && chunk.rows() == 0 && chunk.rejects.empty();
  if (!nothing) Commit(chunk, at);
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

// What a row refers to may still come.
RejectState BatchWriter::StateFor(const Refusal& why) const {
  if (why.kind != RefusalKind::kForeignKey) return RejectState::kOpen;
  return retried_ == nullptr ? RejectState::kPending : retried_->failed;
}

Reject BatchWriter::MakeReject(const RowBatch& batch, const Key& key, const Refusal& why,
                               std::string kept) const {
  Reject reject;
  reject.state = StateFor(why);
  reject.key = key;
  reject.shown = batch.layout().ShowKey(key);
  reject.why = why;
  reject.at = clock_.UnixMicros();
  reject.kept = std::move(kept);
  return reject;
}

Reject BatchWriter::Again(const Reject& before, const Refusal& why, std::string kept) const {
  Reject reject = before;
  reject.state = StateFor(why);
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
void BatchWriter::TakeUnread(const RowBatch& batch, size_t stop, Chunk& chunk) {
  for (size_t i = 0; i < batch.unread().size(); ++i) {
    const UnreadRow& row = batch.unread()[i];
    const bool behind = row.before >= stop && stop != batch.rows();
    if (row.before < begin_ || behind) continue;
    const int64_t before = opened_;
    Take(chunk, RejectUnread(batch, i));
    if (opened_ == before) continue;
    RequireBudget(chunk.next.counts.rejected + opened_, ErrorOf(row, batch));
  }
}

void BatchWriter::Take(Chunk& chunk, Reject reject) {
  const bool waits_on = reject.id != 0 && reject.state == RejectState::kPending;
  if (waits_on) return;
  opened_ += reject.state == RejectState::kOpen ? 1 : 0;
  chunk.rejects.push_back(std::move(reject));
}

// What was read is the whole batch: how it is cut into chunks makes no difference to a share.
void BatchWriter::RequireBudget(int64_t rejected, const Error& cause) const {
  if (!budget_.Allows(rejected, read_)) throw OverBudget(cause, budget_.limit);
}

}  // namespace rowferry
