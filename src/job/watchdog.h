// Looks at a command from outside while it makes no progress: says whose lock it waits for, and
// ends connections that are dead and do not show it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "flow/wait.h"

namespace rowferry {

struct WatchTimes {
  std::chrono::milliseconds look{1'000};     // without progress, before it looks whose lock it is
  std::chrono::milliseconds stall{300'000};  // without progress, before it judges; 0: never
};

// Told, from the watchdog's thread, whose lock is waited for, and by an empty text that none is any
// more.
using TellLock = std::function<void(const std::string&)>;
// Warns of each lock once.
TellLock LogLocks();

class Watchdog {
 public:
  explicit Watchdog(const WatchTimes& times = {}, TellLock tell = LogLocks());
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // What it watches.
  const std::shared_ptr<WatchList>& list() const { return list_; }
  // A chunk was committed, or a step begun anew. From any thread.
  void Progress();
  // Whose lock was waited for, as last seen since the last progress; empty: none.
  std::string LastLock() const;

 private:
  using Time = std::chrono::steady_clock::time_point;

  void Run();
  void LookForLocks();
  void JudgeAll();

  const std::shared_ptr<WatchList> list_ = std::make_shared<WatchList>();
  const WatchTimes times_;
  const TellLock tell_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;  // guarded by mutex_, as are the two below
  Time last_progress_;
  std::string last_lock_;
  bool said_ = false;   // the thread's: a lock was told, and not yet that it is gone
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace rowferry
