#include "flow/checkpoint.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace rowferry {

Counts& Counts::operator+=(const Counts& other) {
  for (const auto& [name, count] : kCounters) this->*count += other.*count;
  return *this;
}

Counts& Counts::operator-=(const Counts& other) {
  for (const auto& [name, count] : kCounters) this->*count -= other.*count;
  return *this;
}

int64_t Counts::Accounted() const {
  int64_t sum = 0;
  for (const auto& [name, count] : kCounters) sum += this->*count;
  return sum - read - deleted;
}

int64_t ExpectedRows(const Checkpoint& at, int64_t estimated_rows) {
  if (at.done) return at.counts.read;
  return estimated_rows < 0 ? -1 : std::max(estimated_rows, at.counts.read);
}

std::string CheckpointDigest(const std::string& fingerprint, int split,
                             const Checkpoint& checkpoint) {
  std::string text = fingerprint + "\n" + std::to_string(split) + "\n";
  text += checkpoint.last_key ? EncodeKey(*checkpoint.last_key) : "-";
  text += "\n";
  for (const auto& [name, count] : kCounters) {
    // Ledgers of format 1 had no such count, and their digests hold.
    const bool is_new = name == "pending" && checkpoint.counts.*count == 0;
    if (!is_new) text += std::to_string(checkpoint.counts.*count) + " ";
  }
  text += std::to_string(checkpoint.chunks) + (checkpoint.done ? " done" : "");
  std::array<char, 17> hex{};
  std::snprintf(hex.data(), hex.size(), "%016llx",
                static_cast<unsigned long long>(XXH64(text.data(), text.size(), 0)));
  return hex.data();
}

}  // namespace rowferry
