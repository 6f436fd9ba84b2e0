// Time, as a parameter: everything that waits or stamps takes a Clock, so that tests need not wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace rowferry {

// Thread-safe: implementations have no state that Now* or Sleep change unguarded.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t UnixMicros() const = 0;                         // wall clock
  virtual std::chrono::steady_clock::time_point Now() const = 0;  // never goes back
  virtual void Sleep(std::chrono::milliseconds duration) const = 0;
};

// The system's clocks. Lives for the whole process.
const Clock& SystemClock();

// By the system's steady clock, whole microseconds.
int64_t MicrosSince(std::chrono::steady_clock::time_point start);

// 1700000000123456 -> "2023-11-14T22:13:20.123456Z"
std::string IsoTime(int64_t unix_micros);

}  // namespace rowferry
