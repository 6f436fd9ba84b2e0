#include "flow/retry.h"

#include <doctest/doctest.h>

#include <vector>

namespace rowferry::testing {
namespace {

using std::chrono::milliseconds;

// Time that passes only when somebody sleeps, or the test says so.
class ManualClock final : public Clock {
 public:
  int64_t UnixMicros() const override { return 0; }
  std::chrono::steady_clock::time_point Now() const override { return now_; }
  void Sleep(milliseconds duration) const override { now_ += duration; }

 private:
  mutable std::chrono::steady_clock::time_point now_;
};

const Error kDeadlock(ErrorKind::kTransient, "deadlock detected", "40P01");
const Error kGone(ErrorKind::kLost, "the server is gone", "57P01");

class Fixture {
 public:
  explicit Fixture(const RetryLimits& limits = {}, double random = 0.5)
      : retry(limits, clock, [random] { return random; }) {}

  // The waits until it gives up, each of them slept; at most `count`.
  std::vector<int64_t> Waits(const Error& failure, size_t count = 1000) {
    std::vector<int64_t> waits;
    while (waits.size() < count) {
      const auto next = retry.Next(failure);
      if (!next) break;
      CHECK(next->attempt == static_cast<int>(waits.size()) + 1);
      waits.push_back(next->wait.count());
      clock.Sleep(next->wait);
    }
    return waits;
  }

  ManualClock clock;
  Retry retry;
};

TEST_CASE("waits double from 100 ms to 10 s, and are drawn at random below that") {
  const RetryLimits many{20, milliseconds(60'000)};
  const std::vector<int64_t> expected = {50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000};
  CHECK(Fixture(many, 0.5).Waits(kDeadlock, 10) == expected);
  CHECK(Fixture(many, 0.0).Waits(kDeadlock, 3) == std::vector<int64_t>{0, 0, 0});
}

TEST_CASE("a deadlock is tried again as often as --retries says") {
  Fixture fixture({3, milliseconds(60'000)});
  CHECK(fixture.Waits(kDeadlock).size() == 3);
  CHECK(fixture.retry.why_not() == "after 3 tries in a row (--retries)");
  fixture.retry.Progress();
  CHECK(fixture.Waits(kDeadlock).size() == 3);
}

TEST_CASE("a lost server is waited for until --retry-for is over, with a last try at its end") {
  Fixture fixture({0, milliseconds(2'000)}, 0.99);
  const auto waits = fixture.Waits(kGone);
  int64_t sum = 0;
  for (const int64_t wait : waits) sum += wait;
  CHECK(sum == 2'000);
  CHECK(fixture.retry.why_not() == "after 2 s without progress (--retry-for)");
}

TEST_CASE("progress gives a lost server all of its time again") {
  Fixture fixture({0, milliseconds(2'000)}, 0.99);
  fixture.Waits(kGone, 4);
  fixture.retry.Progress();
  fixture.clock.Sleep(milliseconds(100'000));  // a chunk that took long
  CHECK(fixture.retry.Next(kGone).has_value());
}

TEST_CASE("losses do not use up the tries of deadlocks") {
  Fixture fixture({1, milliseconds(60'000)});
  CHECK(fixture.retry.Next(kGone).has_value());
  CHECK(fixture.retry.Next(kGone).has_value());
  CHECK(fixture.retry.Next(kDeadlock).has_value());
  CHECK_FALSE(fixture.retry.Next(kDeadlock).has_value());
}

TEST_CASE("0 switches retries off, and what cannot pass is never tried again") {
  Fixture off({0, milliseconds(0)});
  CHECK_FALSE(off.retry.Next(kGone).has_value());
  CHECK_FALSE(off.retry.Next(kDeadlock).has_value());
  CHECK(off.retry.why_not().empty());
  Fixture fixture;
  CHECK_FALSE(fixture.retry.Next(Error(ErrorKind::kTarget, "disk full", "53100")).has_value());
  CHECK_FALSE(fixture.retry.Next(Error(ErrorKind::kOwned, "taken over")).has_value());
}

TEST_CASE("a sleep ends with its time, or at once when the run is to stop") {
  const ManualClock clock;
  std::atomic<bool> stop = false;
  const auto start = clock.Now();
  CHECK(SleepUnless(stop, clock, milliseconds(220)));
  CHECK(clock.Now() - start == milliseconds(220));
  stop = true;
  CHECK_FALSE(SleepUnless(stop, clock, milliseconds(10'000)));
  CHECK(clock.Now() - start == milliseconds(220));
}

TEST_CASE("durations are shown in seconds") {
  CHECK(ShowSeconds(milliseconds(60'000)) == "60 s");
  CHECK(ShowSeconds(milliseconds(250)) == "0.25 s");
  CHECK(ShowSeconds(milliseconds(1'005)) == "1.005 s");
}

}  // namespace
}  // namespace rowferry::testing
