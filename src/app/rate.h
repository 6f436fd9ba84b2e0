// Rows a second over the last few seconds, and the time that is left at that rate.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace rowferry {

struct Pace {
  double rows_per_second = 0;  // 0 while nothing is known
  std::optional<double> seconds_left;
};

// One thread at a time.
class Rate {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kWindow{5};

  void Add(Time now, int64_t rows);  // `rows`: done in all, so far
  double RowsPerSecond() const;      // 0 while nothing is known
  // Seconds for `rows` more; nothing while nothing is known.
  std::optional<double> SecondsFor(int64_t rows) const;

 private:
  struct Sample {
    Time time;
    int64_t rows;
  };
  std::deque<Sample> samples_;
};

}  // namespace rowferry
