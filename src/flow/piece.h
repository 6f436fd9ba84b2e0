// The rows of a batch that are tried as one chunk, less those that the target has refused.
#pragma once

#include <cstddef>
#include <vector>

#include "data/row_batch.h"
#include "flow/reject.h"
#include "flow/target.h"

namespace rowferry {

// The rejects that a batch's rows are tried again for.
struct Retried {
  RejectState state = RejectState::kOpen;   // in which the ledger has all of them
  RejectState failed = RejectState::kOpen;  // in which it gets those that still refer to nothing
  std::vector<Reject> rows = {};            // of each of the batch's rows
  std::vector<Reject> unread = {};          // of each of its unread rows
};

// Rows of a batch as they are sent. Borrows both.
struct Part {
  const RowBatch& batch;
  const Retried* retried = nullptr;  // null: the rows are new ones
  size_t begin = 0;
  size_t end = 0;

  size_t rows() const { return end - begin; }
  // Whether it stands before the part's last row, or behind the batch's.
  bool Has(const UnreadRow& row) const {
    return row.before >= begin && (row.before < end || end == batch.rows());
  }
};

// A refusal holds as long as the rows before it are the ones that it was found behind: a row may be
// refused for another one, which is refused later. So the refused rows are found in the batch's
// order, and one before another casts doubt on that.
//
// Not thread-safe. `batch` and `retried` must outlive it.
class Piece {
 public:
  Piece(const RowBatch& batch, const Retried* retried, size_t begin, size_t end)
      : all_{batch, retried, begin, end}, rest_(batch.layout()) {}

  // Its rows, refused or not.
  const Part& all() const { return all_; }
  // What the target has not refused. Rows that it has stand among the unread ones, each with the
  // reason. Valid until it is asked again.
  Part Sent();
  // The batch's row that is the one at `sent` of Sent().
  size_t RowOf(size_t sent) const;

  // The row is refused: others that were, and stand behind it, are to be tried again, in another
  // piece. REQUIRES: not refused yet.
  void Refuse(RefusedRow row);
  // The same for rows that refer to nothing. Others than such rows are tried again in this piece.
  // REQUIRES: in the batch's order, not empty.
  void Refuse(std::vector<RefusedRow> orphans);
  // Ends the piece before the row: those that were refused behind it are tried again, in another
  // piece.
  void CutOff(size_t row);
  // Ends the piece before `end`, or behind its last refused row if that comes later.
  void EndBefore(size_t end);

  size_t begin() const { return all_.begin; }
  size_t end() const { return all_.end; }
  const std::vector<RefusedRow>& refused() const { return refused_; }
  // Good rows before the last refused one. REQUIRES: refused() is not empty.
  size_t gap() const;
  // Behind the last refused row, else the piece's first.
  size_t good_begin() const { return refused_.empty() ? all_.begin : refused_.back().row + 1; }

 private:
  void MakeRest();
  void TakeUnread(size_t& next, size_t before);
  void PassOver(const RefusedRow& refused);
  void AddUnread(UnreadRow row);

  Part all_;
  std::vector<RefusedRow> refused_;  // in the batch's order
  RowBatch rest_;                    // what is sent, where some are refused
  Retried rest_retried_;
};

}  // namespace rowferry
