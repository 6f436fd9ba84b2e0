#include "flow/retry.h"

#include <algorithm>
#include <random>

namespace rowferry {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstWait{100};
constexpr milliseconds kLongestWait{10'000};

milliseconds Ceiling(int attempt) {
  milliseconds ceiling = kFirstWait;
  for (int i = 1; i < attempt && ceiling < kLongestWait; ++i) ceiling *= 2;
  return std::min(ceiling, kLongestWait);
}

}  // namespace

Retry::Retry(const RetryLimits& limits, const Clock& clock, Random random)
    : limits_(limits), clock_(clock), random_(std::move(random)) {}

void Retry::Progress() {
  attempts_ = 0;
  transient_tries_ = 0;
  lost_since_.reset();
}

std::optional<RetryPlan> Retry::Next(const Error& failure) {
  why_not_.clear();
  if (!MayPass(failure.kind())) return std::nullopt;
  const bool may = failure.kind() == ErrorKind::kLost ? MayTryLost() : MayTryTransient();
  if (!may) return std::nullopt;
  ++attempts_;
  return RetryPlan{attempts_, Wait(failure)};
}

bool Retry::MayTryTransient() {
  if (limits_.tries == 0) return false;
  if (transient_tries_ < limits_.tries) {
    ++transient_tries_;
    return true;
  }
  why_not_ = "after " + std::to_string(limits_.tries) +
             (limits_.tries == 1 ? " try (--retries)" : " tries in a row (--retries)");
  return false;
}

bool Retry::MayTryLost() {
  if (limits_.lost.count() == 0) return false;
  if (!lost_since_) lost_since_ = clock_.Now();
  if (clock_.Now() - *lost_since_ < limits_.lost) return true;
  why_not_ = "after " + ShowSeconds(limits_.lost) + " without progress (--retry-for)";
  return false;
}

// The last try for a lost server is at the end of its time, not before.
milliseconds Retry::Wait(const Error& failure) const {
  const auto ceiling = static_cast<double>(Ceiling(attempts_).count());
  const milliseconds wait(static_cast<int64_t>(ceiling * random_()));
  if (failure.kind() != ErrorKind::kLost) return wait;
  const auto left = *lost_since_ + limits_.lost - clock_.Now();
  return std::min(wait, std::chrono::ceil<milliseconds>(left));
}

Retry::Random SystemRandom() {
  return [engine = std::mt19937_64(std::random_device{}()),
          even = std::uniform_real_distribution<double>(0, 1)]() mutable { return even(engine); };
}

bool SleepUnless(const std::atomic<bool>& stop, const Clock& clock, milliseconds time) {
  const auto until = clock.Now() + time;
  while (!stop) {
    const auto left = std::chrono::ceil<milliseconds>(until - clock.Now());
    if (left.count() <= 0) return true;
    clock.Sleep(std::min(left, kStopSlice));
  }
  return false;
}

std::string ShowSeconds(milliseconds time) {
  std::string text = std::to_string(time.count() / 1000);
  std::string fraction = std::to_string(1000 + time.count() % 1000).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (!fraction.empty()) text += "." + fraction;
  return text + " s";
}

}  // namespace rowferry
