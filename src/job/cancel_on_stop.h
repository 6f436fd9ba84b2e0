// Has a stop end what the source is waited for.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "flow/source.h"

namespace rowferry {

// Cancels the source once `stop` is set, from a thread of its own: nothing of it is needed any more
// then, whatever it may be at. Both outlive this object.
class CancelOnStop {
 public:
  CancelOnStop(const std::atomic<bool>& stop, Source& source);
  ~CancelOnStop();
  CancelOnStop(const CancelOnStop&) = delete;
  CancelOnStop& operator=(const CancelOnStop&) = delete;

 private:
  void Watch(const std::atomic<bool>& stop, Source& source);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;  // guarded by mutex_
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace rowferry
