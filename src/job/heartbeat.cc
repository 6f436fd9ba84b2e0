#include "job/heartbeat.h"

#include <chrono>

namespace rowferry {
namespace {

// docs/protocol.md: at least every 10 s, so that 60 s of silence mean a dead owner.
constexpr std::chrono::seconds kPeriod{5};

}  // namespace

Heartbeat::Heartbeat(Ledger& ledger) : thread_([this, &ledger] { Run(ledger); }) {}

Heartbeat::~Heartbeat() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stopped_changed_.notify_all();
  thread_.join();
}

void Heartbeat::Run(Ledger& ledger) {
  std::unique_lock lock(mutex_);
  while (!stopped_changed_.wait_for(lock, kPeriod, [this] { return stopped_; })) {
    lock.unlock();
    ledger.Beat();
    lock.lock();
  }
}

}  // namespace rowferry
