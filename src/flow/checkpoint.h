// How far a split is, and the accounts up to there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/key.h"

namespace rowferry {

// Rows by what became of them. `read` comes from the reader, the rest from the target's own answers
// (command tags, RETURNING, ledger rows): no side of the equation is computed from the other.
struct Counts {
  int64_t read = 0;
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t ignored = 0;
  int64_t superseded = 0;
  int64_t unmatched = 0;
  int64_t suppressed = 0;  // swallowed by a trigger of the target
  int64_t filtered = 0;
  int64_t rejected = 0;
  int64_t deleted = 0;  // outside the equation
  int64_t pending = 0;  // waits for the row that it refers to; 0 once the job is done

  bool operator==(const Counts&) const = default;
  Counts& operator+=(const Counts& other);
  Counts& operator-=(const Counts& other);
  int64_t Accounted() const;  // all but `read` and `deleted`
  bool Balanced() const { return read == Accounted(); }
};

struct Counter {
  std::string_view name;  // of its column in every ledger
  int64_t Counts::*count;
};

// All of them, in the order in which ledgers keep them and digests take them.
inline constexpr std::array kCounters = {
    Counter{"read", &Counts::read},           Counter{"inserted", &Counts::inserted},
    Counter{"updated", &Counts::updated},     Counter{"unchanged", &Counts::unchanged},
    Counter{"ignored", &Counts::ignored},     Counter{"superseded", &Counts::superseded},
    Counter{"unmatched", &Counts::unmatched}, Counter{"suppressed", &Counts::suppressed},
    Counter{"filtered", &Counts::filtered},   Counter{"rejected", &Counts::rejected},
    Counter{"deleted", &Counts::deleted},     Counter{"pending", &Counts::pending},
};

struct Checkpoint {
  std::optional<Key> last_key;  // nothing before the first chunk
  Counts counts;                // cumulative over the job
  int64_t chunks = 0;
  bool done = false;  // the split has no rows beyond last_key

  bool operator==(const Checkpoint&) const = default;
};

// How many rows the split will have read in the end, given an estimate (-1: none), which those read
// by now may have passed. -1: not known.
int64_t ExpectedRows(const Checkpoint& at, int64_t estimated_rows);

// The digest that the ledger stores beside a checkpoint: xxHash64, in hex, of fingerprint, split,
// key, counts and done. A mismatch means that somebody edited the ledger, or that it is damaged.
std::string CheckpointDigest(const std::string& fingerprint, int split,
                             const Checkpoint& checkpoint);

}  // namespace rowferry
