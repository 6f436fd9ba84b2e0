#include "job/heartbeat.h"

#include <chrono>
#include <utility>

namespace rowferry {
namespace {

// docs/protocol.md: an owner that is silent for 60 s is taken for dead.
constexpr std::chrono::seconds kPeriod{5};

}  // namespace

Heartbeat::Heartbeat(Ledger& ledger, Renewed renewed)
    : renewed_(std::move(renewed)), thread_([this, &ledger] { Run(ledger); }) {}

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
    if (const auto lost = ledger.Beat()) renewed_(*lost);
    lock.lock();
  }
}

}  // namespace rowferry
