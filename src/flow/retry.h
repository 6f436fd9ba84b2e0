// When to try again after a failure that may pass, and when to give up.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"

namespace rowferry {

struct RetryLimits {
  // Deadlocks, locks and the like (ErrorKind::kTransient), in a row; 0: none is tried again.
  int tries = 5;
  // How long a server or connection that is gone (kLost) is waited for, from the first failure
  // since the last progress; 0: not at all.
  std::chrono::milliseconds lost{60'000};
};

// One decision to try again.
struct RetryPlan {
  int attempt = 0;                 // the how-many-th in a row, from 1
  std::chrono::milliseconds wait;  // before it
};

// Counts the failures in a row. One thread at a time.
//
// Waits grow from 100 ms to 10 s, doubling, and are drawn at random between nothing and that: many
// clients of a server that comes back do not all knock at once ("full jitter").
class Retry {
 public:
  // In [0, 1), evenly.
  using Random = std::function<double()>;

  // The clock outlives this object.
  Retry(const RetryLimits& limits, const Clock& clock, Random random);

  // Something was achieved since the last failure: the counting begins anew.
  void Progress();
  // What to do about this failure; nothing: give up. Every call counts as one failure.
  std::optional<RetryPlan> Next(const Error& failure);
  // "after 5 tries in a row (--retries)": why the last Next gave up; empty for what is never tried
  // again, or was not meant to be.
  const std::string& why_not() const { return why_not_; }

 private:
  bool MayTryTransient();
  bool MayTryLost();
  std::chrono::milliseconds Wait(const Error& failure) const;

  const RetryLimits limits_;
  const Clock& clock_;
  const Random random_;
  int attempts_ = 0;         // since the last progress, as are all below
  int transient_tries_ = 0;  // of them
  std::optional<std::chrono::steady_clock::time_point> lost_since_;
  std::string why_not_;
};

// Evenly distributed, seeded by the system; for one thread.
Retry::Random SystemRandom();

// How soon a stop is noticed: what sets it may be a signal's handler, which can wake nobody.
inline constexpr std::chrono::milliseconds kStopSlice{50};
// Waits by the clock until the time is over, or `stop` is set: then false.
bool SleepUnless(const std::atomic<bool>& stop, const Clock& clock, std::chrono::milliseconds time);

// "0.25 s", "60 s": for messages.
std::string ShowSeconds(std::chrono::milliseconds time);

}  // namespace rowferry
