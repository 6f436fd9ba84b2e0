#include "flow/read_ahead.h"

#include <chrono>
#include <utility>

#include "base/clock.h"
#include "flow/retry.h"

namespace rowferry {

ReadAhead::ReadAhead(Reader& reader, const BatchLayout& layout) : reader_(reader) {
  for (size_t i = 0; i < kBatches; ++i) free_.push_back(std::make_unique<RowBatch>(layout));
  thread_ = std::thread([this] { ReadAll(); });
}

ReadAhead::~ReadAhead() {
  bool at_work = false;
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    at_work = !ended_;
  }
  changed_.notify_all();
  if (at_work) reader_.Cancel();
  thread_.join();
}

bool ReadAhead::Await(const std::atomic<bool>& stop) {
  Recycle();
  std::unique_lock lock(mutex_);
  while (!stop) {
    const auto has_come = [this] { return !full_.empty() || ended_; };
    if (changed_.wait_for(lock, kStopSlice, has_come)) return true;
  }
  return false;
}

const RowBatch* ReadAhead::Next() {
  Recycle();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !full_.empty() || ended_; });
  if (full_.empty()) {
    if (failure_) std::rethrow_exception(failure_);
    return nullptr;
  }
  lent_ = std::move(full_.front());
  full_.pop_front();
  return lent_.get();
}

void ReadAhead::Recycle() {
  if (!lent_) return;
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(lent_));
  }
  changed_.notify_all();
}

void ReadAhead::ReadAll() {
  std::exception_ptr failure;
  try {
    while (auto batch = TakeFree()) {
      const auto start = std::chrono::steady_clock::now();
      const bool more = reader_.Read(*batch);
      read_micros_ += MicrosSince(start);
      if (!more) break;
      Deliver(std::move(batch));
    }
  } catch (...) {
    failure = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex_);
    failure_ = failure;
    ended_ = true;
  }
  changed_.notify_all();
}

std::unique_ptr<RowBatch> ReadAhead::TakeFree() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !free_.empty() || cancelled_; });
  if (cancelled_) return nullptr;
  auto batch = std::move(free_.back());
  free_.pop_back();
  return batch;
}

void ReadAhead::Deliver(std::unique_ptr<RowBatch> batch) {
  {
    const std::lock_guard lock(mutex_);
    full_.push_back(std::move(batch));
  }
  changed_.notify_all();
}

}  // namespace rowferry
