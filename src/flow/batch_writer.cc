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
                                     ShowLimit(limit) +
                                     "), and nothing of this chunk was kept: mend such rows, or "
                                     "raise it";
  return Error(cause.kind(), cause.what() + why, cause.code()).AtRow(cause.row());
}

// A row that was sent alone is known, also where the target does not name it.
Error Naming(const Error& error, const std::string& shown) {
  return error.row().empty() ? error.Within("row " + shown).AtRow(shown) : error;
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

void BatchWriter::Retry(const RowBatch& batch, const Retried& retried, Checkpoint& at,
                        const std::atomic<bool>& stop) {
  retried_ = &retried;
  WriteRows(batch, at, stop);
}

void BatchWriter::WriteRows(const RowBatch& batch, Checkpoint& at, const std::atomic<bool>& stop) {
  const size_t rows = retried_ == nullptr ? batch.rows() + batch.unread().size() : 0;
  read_ = at.counts.read + static_cast<int64_t>(rows);
  begin_ = 0;
  suspects_ = 0;
  do {
    Piece piece(batch, retried_, begin_, PieceEnd(batch));
    TryPiece(piece, at, stop);
  } while (begin_ < batch.rows() && !stop);
}

void BatchWriter::End(const RowBatch& empty, Checkpoint& at) {
  retried_ = nullptr;
  Chunk chunk{empty, 0, 0, {}, at};
  chunk.next.done = true;
  Commit(chunk, at);
}

// Without one row more each time, until the target takes the others. Where nobody knows which row
// is at fault, the next piece is half of this one.
void BatchWriter::TryPiece(Piece& piece, Checkpoint& at, const std::atomic<bool>& stop) {
  do {
    const Part part = piece.Sent();
    try {
      Put(part, at);
      size_.Committed(part.rows(), piece.end() - piece.good_begin());
      begin_ = piece.end();
      return;
    } catch (const RowError& error) {
      if (part.rows() == 0) throw;
      if (PassOver(piece, part, at, error)) continue;
      suspects_ = piece.end();
      return;
    }
  } while (!stop);
}

// Half of the rows of which one is at fault, else as many as a chunk may have.
size_t BatchWriter::PieceEnd(const RowBatch& batch) const {
  if (suspects_ > begin_) return begin_ + std::max<size_t>((suspects_ - begin_) / 2, 1);
  return begin_ + std::min(batch.rows() - begin_, size_.rows());
}

// False: nobody knows which row it is.
//
// A row that is one too many ends the run only where no other was refused in this piece, or none
// can stand before it: then it is at fault, or one before it, which nobody has counted yet. Else
// the piece ends before it: once the others are committed their refusals hold, and the next piece
// ends the run.
bool BatchWriter::PassOver(Piece& piece, const Part& sent, const Checkpoint& at,
                           const RowError& error) {
  const bool is_orphan = error.why().kind == RefusalKind::kForeignKey;
  if (is_orphan && PassOverOrphans(piece, sent, at)) return true;
  const bool named = error.index() && *error.index() >= sent.begin && *error.index() < sent.end;
  if (!named && sent.rows() > 1) return false;
  RefusedRow row{piece.RowOf(named ? *error.index() : sent.begin), error.why()};
  if (Allows(piece, at, row)) {
    piece.Refuse(std::move(row));
    size_.Refused(piece.gap());
    piece.EndBefore(piece.begin() + size_.rows());
    return true;
  }
  if (piece.refused().empty() || row.row == piece.begin()) {
    throw OverBudget(Naming(error, piece.all().batch.ShowKeyAt(row.row)), budget_.limit);
  }
  piece.CutOff(row.row);
  return true;
}

// False: there are none, or nobody knows.
bool BatchWriter::PassOverOrphans(Piece& piece, const Part& sent, const Checkpoint& at) {
  std::vector<RefusedRow> orphans = writer_.FindOrphans({sent.batch, sent.begin, sent.end, {}, at});
  if (orphans.empty()) return false;
  for (RefusedRow& orphan : orphans) orphan.row = piece.RowOf(orphan.row);
  piece.Refuse(std::move(orphans));
  return true;
}

// With the rejects that the piece has by then: those behind the row are judged anew.
bool BatchWriter::Allows(const Piece& piece, const Checkpoint& at, const RefusedRow& row) const {
  const auto opens = [&](const auto& one) { return StateFor(one.why) == RejectState::kOpen; };
  if (!opens(row)) return true;
  int64_t rejected = at.counts.rejected + 1;
  for (const RefusedRow& one : piece.refused()) rejected += one.row < row.row && opens(one) ? 1 : 0;
  const Part& all = piece.all();
  for (const UnreadRow& one : all.batch.unread()) rejected += all.Has(one) && opens(one) ? 1 : 0;
  return budget_.Allows(rejected, read_);
}

// One chunk.
void BatchWriter::Put(const Part& part, Checkpoint& at) {
  Chunk chunk{part.batch, part.begin, part.end, {}, at};
  TakeUnread(part, chunk);
  size_.Tried(part.rows());
  part.retried == nullptr ? Advance(part, chunk) : Settle(part, chunk);
  const bool nothing = part.retried != nullptr && chunk.rows() == 0 && chunk.rejects.empty();
  if (!nothing) Commit(chunk, at);
}

// To behind the part's last row, and behind the unread ones that the chunk holds.
void BatchWriter::Advance(const Part& part, Chunk& chunk) {
  const RowBatch& batch = part.batch;
  const std::optional<Key> before = chunk.next.last_key;
  chunk.next.last_key = part.end == batch.rows() ? batch.LastKey() : batch.KeyAt(part.end - 1);
  chunk.next.counts.read += static_cast<int64_t>(part.rows() + chunk.rejects.size());
  if (chunk.next.last_key == before) {
    throw Error(ErrorKind::kInternal, "the key did not move on: the page would be read for ever");
  }
}

void BatchWriter::Settle(const Part& part, Chunk& chunk) {
  chunk.retried_state = part.retried->state;
  for (size_t row = part.begin; row < part.end; ++row) {
    chunk.settled.push_back(part.retried->rows.at(row).id);
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

Reject BatchWriter::MakeReject(const Part& part, size_t unread) const {
  const UnreadRow& row = part.batch.unread()[unread];
  Reject reject;
  if (part.retried == nullptr) {
    reject.key = row.key;
    reject.shown = part.batch.layout().ShowKey(row.key);
  } else {
    reject = part.retried->unread.at(unread);
    ++reject.tries;
  }
  reject.state = StateFor(row.why);
  reject.why = row.why;
  reject.at = clock_.UnixMicros();
  reject.kept = row.kept;
  return reject;
}

// Those that stand before the part's last row, or behind the batch's. A row that waits on stays in
// the ledger as it is.
void BatchWriter::TakeUnread(const Part& part, Chunk& chunk) const {
  const RowBatch& batch = part.batch;
  int64_t opened = 0;
  for (size_t i = 0; i < batch.unread().size(); ++i) {
    const UnreadRow& row = batch.unread()[i];
    if (!part.Has(row)) continue;
    Reject reject = MakeReject(part, i);
    if (reject.id != 0 && reject.state == RejectState::kPending) continue;
    if (reject.state == RejectState::kOpen) {
      RequireBudget(chunk.next.counts.rejected + ++opened, ErrorOf(row, batch));
    }
    chunk.rejects.push_back(std::move(reject));
  }
}

// What was read is the whole batch: how it is cut into chunks makes no difference to a share.
void BatchWriter::RequireBudget(int64_t rejected, const Error& cause) const {
  if (!budget_.Allows(rejected, read_)) throw OverBudget(cause, budget_.limit);
}

}  // namespace rowferry
