// Writes a batch whole where the target takes it, else in pieces, until every row of it is written
// or is a reject. docs/protocol.md, "Isolating bad rows", says why and how often it tries.
#pragma once

#include <atomic>
#include <functional>

#include "base/clock.h"
#include "flow/chunk_size.h"
#include "flow/piece.h"
#include "flow/reject.h"
#include "flow/target.h"

namespace rowferry {

// What a split may still reject: the limit is the job's.
struct RejectBudget {
  RejectLimit limit;
  Counts others;  // of the job's other splits

  // By the split's own rows: rejected, and read.
  bool Allows(int64_t rejected, int64_t read) const {
    return limit.Allows(others.rejected + rejected, others.read + read);
  }
};

class BatchWriter {
 public:
  // Told after every commit.
  using Committed = std::function<void(const Chunk&, const ChunkOutcome&)>;

  // All that it is given must outlive it.
  BatchWriter(Writer& writer, ChunkSize& size, const RejectBudget& budget, const Clock& clock,
              Committed committed)
      : writer_(writer),
        size_(size),
        budget_(budget),
        clock_(clock),
        committed_(std::move(committed)) {}

  // Moves `at`, the newest committed checkpoint, to the batch's last key; or less far, between two
  // chunks, once `stop` is set. Throws what the writer threw, and Error(kData) where the budget
  // does not allow one more reject: `at` then still is the newest one that is known to be
  // committed.
  void Write(const RowBatch& batch, Checkpoint& at, const std::atomic<bool>& stop);
  // The same for rows that are rejects by now: those that the target takes leave the ledger, the
  // others stay there with the new reason and the row as it is in the batch; pending ones that
  // still have to wait stay as they are. Key and `read` of the checkpoint stay as they are, as do
  // the rows behind the last commit once `stop` is set.
  void Retry(const RowBatch& batch, const Retried& retried, Checkpoint& at,
             const std::atomic<bool>& stop);
  // The split has no more rows.
  void End(const RowBatch& empty, Checkpoint& at);

 private:
  void WriteRows(const RowBatch& batch, Checkpoint& at, const std::atomic<bool>& stop);
  void TryPiece(Piece& piece, Checkpoint& at, const std::atomic<bool>& stop);
  size_t PieceEnd(const RowBatch& batch) const;
  bool PassOver(Piece& piece, const Part& sent, const Checkpoint& at, const RowError& error);
  bool PassOverOrphans(Piece& piece, const Part& sent, const Checkpoint& at);
  bool Allows(const Piece& piece, const Checkpoint& at, const RefusedRow& row) const;
  void Put(const Part& part, Checkpoint& at);
  void Commit(Chunk& chunk, Checkpoint& at);
  static void Advance(const Part& part, Chunk& chunk);
  static void Settle(const Part& part, Chunk& chunk);
  RejectState StateFor(const Refusal& why) const;
  Reject MakeReject(const Part& part, size_t unread) const;
  void TakeUnread(const Part& part, Chunk& chunk) const;
  void RequireBudget(int64_t rejected, const Error& cause) const;

  Writer& writer_;
  ChunkSize& size_;
  const RejectBudget& budget_;
  const Clock& clock_;
  const Committed committed_;
  const Retried* retried_ = nullptr;  // null: the rows are new ones
  int64_t read_ = 0;                  // by the split, to the end of the batch
  size_t begin_ = 0;                  // the batch's first row that is not committed
  size_t suspects_ = 0;  // among the rows from begin_ up to here is one that the target refuses
};

}  // namespace rowferry
