#include "flow/checkpoint.h"

#include <xxhash.h>

#include <array>
#include <cstdio>

namespace rowferry {
namespace {

constexpr std::array kAccounts = {
    &Counts::inserted,   &Counts::updated,    &Counts::unchanged,
    &Counts::ignored,    &Counts::superseded, &Counts::unmatched,
    &Counts::suppressed, &Counts::filtered,   &Counts::rejected,
};

}  // namespace

Counts& Counts::operator+=(const Counts& other) {
  read += other.read;
  deleted += other.deleted;
  for (const auto account : kAccounts) this->*account += other.*account;
  return *this;
}

int64_t Counts::Accounted() const {
  int64_t sum = 0;
  for (const auto account : kAccounts) sum += this->*account;
  return sum;
}

std::string CheckpointDigest(const std::string& fingerprint, int split,
                             const Checkpoint& checkpoint) {
  std::string text = fingerprint + "\n" + std::to_string(split) + "\n";
  text += checkpoint.last_key ? EncodeKey(*checkpoint.last_key) : "-";
  text += "\n" + std::to_string(checkpoint.counts.read);
  for (const auto account : kAccounts) text += " " + std::to_string(checkpoint.counts.*account);
  text += " " + std::to_string(checkpoint.counts.deleted);
  text += " " + std::to_string(checkpoint.chunks) + (checkpoint.done ? " done" : "");
  std::array<char, 17> hex{};
  std::snprintf(hex.data(), hex.size(), "%016llx",
                static_cast<unsigned long long>(XXH64(text.data(), text.size(), 0)));
  return hex.data();
}

}  // namespace rowferry
