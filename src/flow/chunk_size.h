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

  // A row was refused, and all before it are committed. What is sent beside the next bad row is
  // sent in vain, and a try more costs about as much as kRowsOfTry rows (1 ms of some 700,000 rows
  // a second into PostgreSQL): where bad rows are `gap` rows apart, both together are least in
  // chunks of sqrt(2 * kRowsOfTry * gap) rows.
  void Refused() {
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
  void Committed(size_t chunk_rows) {
    tried_ = 0;
    if (chunk_rows >= unlocked_)
      unlocked_ = unlocked_ > kUnlimited / 2 ? kUnlimited : unlocked_ * 2;
    good_rows_ += chunk_rows;
    if (refused_) Fit();
  }

 private:
  static constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();
  static constexpr size_t kSmallest = 64;
  static constexpr size_t kRowsOfTry = 700;

  void Fit() {
    const auto gap = static_cast<double>(std::max(gap_, good_rows_));
    unspoilt_ = std::max(static_cast<size_t>(std::sqrt(2.0 * kRowsOfTry * gap)), kSmallest);
  }

  size_t tried_ = 0;              // of the chunk under way
  size_t unlocked_ = kUnlimited;  // what contention leaves
  size_t unspoilt_ = kUnlimited;  // what bad rows leave
  bool refused_ = false;
  size_t gap_ = 0;        // good rows between two bad ones, of late
  size_t good_rows_ = 0;  // since the last bad one
};

}  // namespace rowferry
