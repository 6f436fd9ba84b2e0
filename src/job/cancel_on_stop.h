// Has a stop end what a database is waited for.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace rowferry {

// Calls `cancel`, once, from a thread of its own, as soon as `stop` is set. That outlives this
// object, as does what `cancel` refers to.
class CancelOnStop {
 public:
  CancelOnStop(const std::atomic<bool>& stop, std::function<void()> cancel);
  ~CancelOnStop();
  CancelOnStop(const CancelOnStop&) = delete;
  CancelOnStop& operator=(const CancelOnStop&) = delete;

 private:
  void Watch(const std::atomic<bool>& stop);

  const std::function<void()> cancel_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;  // guarded by mutex_
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace rowferry
