// How many rows the next chunk of a split may have: a batch, or less of it after trouble.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace rowferry {

// Not thread-safe. Kept over the retries of a split.
class ChunkSize {
 public:
  size_t rows() const { return std::min(unlocked_, unspoilt_); }

  // A row was refused behind so many good ones, besides those that Committed told of. Each bad row
  // has its chunk sent once more, and each chunk costs as much as kRowsOfChunk rows (2 ms for its
  // turns between client and server, of some 700,000 rows a second into PostgreSQL): where bad rows
  // are `gap` rows apart, both together are least in chunks of sqrt(kRowsOfChunk * gap) rows. The
  // minimum is flat: with 700 to 3,000 for kRowsOfChunk the times lay within 10 % of each other,
  // for gaps of 100 and of 10,000.
  void Refused(size_t good_rows) {
    good_rows_ += good_rows;
    gap_ = refused_ ? (gap_ + good_rows_) / 2 : good_rows_;
    good_rows_ = 0;
    refused_ = true;
    Fit();
  }
  // A chunk of so many rows is sent: with wide rows, or at the end of a table, fewer than allowed.
  void Tried(size_t chunk_rows) { tried_ = chunk_rows; }
  // A deadlock or a lock came in the way: smaller chunks than the one that was sent last hold fewer
  // locks, for less time. Does nothing where none was under way.
  void Contended() {
    if (tried_ == 0) return;
    unlocked_ = std::max(std::min(tried_, unlocked_) / 2, size_t{1});
  }
  // Of its rows so many stand behind the last one that was refused.
  void Committed(size_t chunk_rows, size_t good_rows) {
    tried_ = 0;
    if (chunk_rows >= unlocked_)
      unlocked_ = unlocked_ > kUnlimited / 2 ? kUnlimited : unlocked_ * 2;
    good_rows_ += good_rows;
    if (refused_) Fit();
  }

 private:
  static constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();
  static constexpr size_t kSmallest = 64;
  static constexpr size_t kRowsOfChunk = 1400;

  void Fit() {
    const auto gap = static_cast<double>(std::max(gap_, good_rows_));
    unspoilt_ = std::max(static_cast<size_t>(std::sqrt(kRowsOfChunk * gap)), kSmallest);
  }

  size_t tried_ = 0;              // of the chunk under way
  size_t unlocked_ = kUnlimited;  // what contention leaves
  size_t unspoilt_ = kUnlimited;  // what bad rows leave
  bool refused_ = false;
  size_t gap_ = 0;        // good rows between two bad ones, of late
  size_t good_rows_ = 0;  // since the last bad one
};

}  // namespace rowferry
