#include "app/rate.h"

namespace rowferry {

void Rate::Add(Time now, int64_t rows) {
  samples_.push_back({now, rows});
  while (samples_.size() > 2 && now - samples_[1].time >= kWindow) samples_.pop_front();
}

double Rate::RowsPerSecond() const {
  if (samples_.size() < 2) return 0;
  const std::chrono::duration<double> span = samples_.back().time - samples_.front().time;
  if (span.count() <= 0) return 0;
  return static_cast<double>(samples_.back().rows - samples_.front().rows) / span.count();
}

std::optional<double> Rate::SecondsFor(int64_t rows) const {
  const double rate = RowsPerSecond();
  if (rate <= 0) return std::nullopt;
  return static_cast<double>(rows) / rate;
}

}  // namespace rowferry
