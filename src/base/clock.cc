#include "base/clock.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <thread>

namespace rowferry {
namespace {

class RealClock final : public Clock {
 public:
  int64_t UnixMicros() const override {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  }
  std::chrono::steady_clock::time_point Now() const override {
    return std::chrono::steady_clock::now();
  }
  void Sleep(std::chrono::milliseconds duration) const override {
    std::this_thread::sleep_for(duration);
  }
};

}  // namespace

const Clock& SystemClock() {
  static const RealClock clock;
  return clock;
}

int64_t MicrosSince(std::chrono::steady_clock::time_point start) {
  const auto spent = std::chrono::steady_clock::now() - start;
  return std::chrono::duration_cast<std::chrono::microseconds>(spent).count();
}

std::string IsoTime(int64_t unix_micros) {
  const int64_t rest = unix_micros % 1'000'000;  // negative before 1970
  const int64_t micros = rest < 0 ? rest + 1'000'000 : rest;
  const std::time_t seconds = unix_micros / 1'000'000 - (rest < 0 ? 1 : 0);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%s.%06dZ", date.data(), static_cast<int>(micros));
  return text.data();
}

}  // namespace rowferry
