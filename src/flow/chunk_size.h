// How many rows the next chunk of a split may have: a batch, or less of it after trouble.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>

namespace rowferry {

// Not thread-safe. Kept over the retries of a split.
class ChunkSize {
 public:
  size_t rows() const { return rows_; }

  // Of a chunk that the target refused, so many rows came before the one at fault: the next one
  // probably is as far away, and what is sent behind it is sent in vain.
  void Refused(size_t good_rows) { rows_ = std::max(good_rows * 2, kSmallest); }
  // A chunk of so many rows met a deadlock or a lock: smaller ones hold fewer locks, for less time.
  void Contended(size_t chunk_rows) {
    rows_ = std::max(std::min(chunk_rows, rows_) / 2, size_t{1});
  }
  void Committed(size_t chunk_rows) {
    if (chunk_rows >= rows_) rows_ = rows_ > kUnlimited / 2 ? kUnlimited : rows_ * 2;
  }

 private:
  static constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();
  static constexpr size_t kSmallest = 64;
  size_t rows_ = kUnlimited;
};

}  // namespace rowferry
