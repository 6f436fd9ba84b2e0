#include "job/watchdog.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "flow/retry.h"

namespace rowferry {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TellLock LogLocks() {
  return [last = std::string()](const std::string& lock) mutable {
    if (!lock.empty() && lock != last) spdlog::warn("{}", lock);
    last = lock;
  };
}

Watchdog::Watchdog(const WatchTimes& times, TellLock tell)
    : times_(times), tell_(std::move(tell)), last_progress_(steady_clock::now()) {
  thread_ = std::thread([this] { Run(); });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watchdog::Progress() {
  const std::lock_guard lock(mutex_);
  last_progress_ = steady_clock::now();
  last_lock_.clear();
}

std::string Watchdog::LastLock() const {
  const std::lock_guard lock(mutex_);
  return last_lock_;
}

void Watchdog::Run() {
  const milliseconds tick =
      times_.stall.count() == 0 ? times_.look : std::min(times_.look, times_.stall / 2);
  Time judged;  // when, or for which progress there was nothing to judge
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, tick, [this] { return ended_; })) {
    const Time quiet_since = std::max(last_progress_, judged);
    const bool slow = steady_clock::now() - last_progress_ >= times_.look;
    const bool stalled =
        times_.stall.count() != 0 && steady_clock::now() - quiet_since >= times_.stall;
    lock.unlock();
    if (slow || said_) LookForLocks();
    if (stalled) {
      JudgeAll();
      judged = steady_clock::now();
    }
    lock.lock();
  }
}

void Watchdog::LookForLocks() {
  std::string text;
  for (const auto& watched : list_->Open()) {
    for (const Wait& wait : watched->Waits(times_.look)) {
      if (wait.kind == Wait::Kind::kLock) text = wait.Show();
    }
  }
  if (!text.empty()) {
    const std::lock_guard lock(mutex_);
    last_lock_ = text;
  }
  if (!text.empty() || said_) tell_(text);
  said_ = !text.empty();
}

// What the server is at work at, or somebody's lock keeps from us, is only told.
void Watchdog::JudgeAll() {
  const milliseconds least = times_.stall / 2;
  bool told = false;
  const auto tell = [&](const Wait& wait) {
    told = true;
    spdlog::warn("no progress for {}: {}, for {} s", ShowSeconds(times_.stall), wait.Show(),
                 wait.seconds);
    const bool dead = wait.kind == Wait::Kind::kDead;
    if (dead) spdlog::warn("{} is taken for dead, and its connection is ended", wait.who);
    return dead;
  };
  for (const auto& watched : list_->Open()) {
    for (const Wait& wait : watched->Waits(least)) {
      if (tell(wait)) watched->Cut(wait.connection);
    }
  }
  if (!told) {
    spdlog::warn(
        "no progress for {}: no server or lock keeps it waiting, but its own work or a disk",
        ShowSeconds(times_.stall));
  }
}

}  // namespace rowferry
