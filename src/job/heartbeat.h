// Keeps the owner's sign of life in the ledger fresh while a chunk or a census takes long.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "flow/ledger.h"

namespace rowferry {

class Heartbeat {
 public:
  // Told, from this object's thread, by what a connection was lost that is opened anew by now.
  using Renewed = std::function<void(const Error&)>;

  // REQUIRES: the ledger outlives this object and its lease is held.
  explicit Heartbeat(
      Ledger& ledger, Renewed renewed = [](const Error&) {});
  ~Heartbeat();  // stops at once
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

 private:
  void Run(Ledger& ledger);

  const Renewed renewed_;
  std::mutex mutex_;
  std::condition_variable stopped_changed_;
  bool stopped_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace rowferry
