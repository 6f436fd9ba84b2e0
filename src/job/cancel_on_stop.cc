#include "job/cancel_on_stop.h"

#include <utility>

#include "flow/retry.h"

namespace rowferry {

CancelOnStop::CancelOnStop(const std::atomic<bool>& stop, std::function<void()> cancel)
    : cancel_(std::move(cancel)) {
  thread_ = std::thread([this, &stop] { Watch(stop); });
}

CancelOnStop::~CancelOnStop() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void CancelOnStop::Watch(const std::atomic<bool>& stop) {
  std::unique_lock lock(mutex_);
  while (!stop) {
    if (changed_.wait_for(lock, kStopSlice, [this] { return ended_; })) return;
  }
  lock.unlock();
  cancel_();
}

}  // namespace rowferry
