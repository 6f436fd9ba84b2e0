// A reject: a row that could not be written, or not even read, kept whole for repair and retry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "data/key.h"
#include "data/refusal.h"
#include "flow/checkpoint.h"

namespace rowferry {

enum class RejectState {
  kOpen,
  kPending,  // the row that it refers to may still come: it is tried again before the job ends
  kPurged,   // given up by the user: the kept row is gone, the count stays
};
std::string_view RejectStateName(RejectState state);  // "open", "pending", "purged"
std::optional<RejectState> ParseRejectState(std::string_view name);

// The count of a split that rejects in that state are part of.
int64_t& CountOf(Counts& counts, RejectState state);

struct Reject {
  int64_t id = 0;  // the ledger's; grows with time
  int split = 0;
  RejectState state = RejectState::kOpen;
  Key key;            // of the row in the source
  std::string shown;  // the key as people read it: "(id) = (42)"
  Refusal why;
  int64_t at = 0;     // of the last try, microseconds since 1970
  int64_t tries = 1;  // by a whole run or retry; how often a chunk was split up is not in it
  std::string kept;   // EncodeRow (data/kept_row.h); empty when purged
};

// Thrown by writers: the target, or a column of it, does not take rows of the chunk.
class RowError : public Error {
 public:
  // `message` names table, row and column, for the case that the run ends here. `index` is that of
  // the row in its batch, and `row` its key as people read it; nothing where the database does not
  // say which one it is.
  RowError(const std::string& message, Refusal why, std::optional<size_t> index,
           const std::string& row)
      : Error(ErrorKind::kData, message, why.code), why_(std::move(why)), index_(index) {
    set_row(row);
  }

  const Refusal& why() const { return why_; }
  std::optional<size_t> index() const { return index_; }

 private:
  Refusal why_;
  std::optional<size_t> index_;
};

// How many rows of a job may be rejected: the larger of a number and a share of those read.
struct RejectLimit {
  int64_t rows = 100;
  double share = 0.01;

  bool Allows(int64_t rejected, int64_t read) const {
    return rejected <= rows || static_cast<double>(rejected) <= share * static_cast<double>(read);
  }
};

}  // namespace rowferry
