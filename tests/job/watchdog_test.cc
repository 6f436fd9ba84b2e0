#include "job/watchdog.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

namespace rowferry::testing {
namespace {

using std::chrono::milliseconds;

// Connections 1 to 3 wait for ever: for a server at work, for a lock, for a dead server.
class WaitingEnd final : public Watched {
 public:
  std::vector<Wait> Waits(milliseconds /*least*/) override {
    return {{1, Wait::Kind::kWorking, "one", "waits for work", 0},
            {2, Wait::Kind::kLock, "two", "waits for a lock", 0},
            {3, Wait::Kind::kDead, "three", "waits in vain", 0}};
  }
  void Cut(int64_t connection) override { (connection == 3 ? dead_cut : others_cut) = true; }

  std::atomic<bool> dead_cut = false;
  std::atomic<bool> others_cut = false;
};

void Await(const std::atomic<bool>& happened) {
  while (!happened) std::this_thread::yield();
}

TEST_CASE("the watchdog ends what is dead, of an end that comes while it watches, and no more") {
  Watchdog watchdog({milliseconds(2), milliseconds(6)}, [](const std::string&) {});
  const auto end = std::make_shared<WaitingEnd>();
  watchdog.list()->Add(end);
  Await(end->dead_cut);
  CHECK_FALSE(end->others_cut);
}

TEST_CASE("the watchdog tells whose lock it is, and once the end is closed that it is none's") {
  std::atomic<bool> told = false;
  std::atomic<bool> over = false;
  Watchdog watchdog({milliseconds(2), milliseconds(0)}, [&](const std::string& lock) {
    (lock.empty() ? over : told) = lock.empty() || lock == "two waits for a lock";
  });
  auto end = std::make_shared<WaitingEnd>();
  watchdog.list()->Add(end);
  Await(told);
  CHECK(watchdog.LastLock() == "two waits for a lock");
  CHECK_FALSE(end->dead_cut);
  end.reset();
  Await(over);
}

}  // namespace
}  // namespace rowferry::testing
