#include "app/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/print.h"
#include "base/clock.h"
#include "job/drivers.h"

namespace rowferry {
namespace {

constexpr std::array<const char*, 6> kLevels = {"trace", "debug", "info", "warn", "error", "off"};

std::string LevelName(spdlog::level::level_enum level) {
  if (level == spdlog::level::warn) return "warning";
  const auto name = spdlog::level::to_string_view(level);
  return {name.data(), name.size()};
}

class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  LineSink(LogFormat format, std::function<void(const std::string&)> write_line)
      : log_format_(format), write_line_(std::move(write_line)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string text(message.payload.data(), message.payload.size());
    write_line_(LogLine(log_format_, LevelName(message.level), text));
  }
  void flush_() override {}

  LogFormat log_format_;
  std::function<void(const std::string&)> write_line_;
};

}  // namespace

std::string LogLine(LogFormat format, const std::string& level, const std::string& text) {
  if (format == LogFormat::kText) return "rowferry: " + level + ": " + PrintableLines(text);
  const nlohmann::json line = {
      {"time", IsoTime(SystemClock().UnixMicros())}, {"level", level}, {"message", text}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool IsLogLevel(const std::string& level) {
  return std::find(kLevels.begin(), kLevels.end(), level) != kLevels.end();
}

void SetUpLog(const std::string& level, LogFormat format,
              std::function<void(const std::string&)> write_line) {
  const auto logger = std::make_shared<spdlog::logger>(
      "rowferry", std::make_shared<LineSink>(format, std::move(write_line)));
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(logger);
}

void LogFailure(const Error& error, bool began, std::string_view goes_on) {
  spdlog::error("{}", error.what());
  const std::string way_out = WayOut(error, began);
  const std::string_view next = began ? goes_on : "run the same command again";
  if (!way_out.empty()) return spdlog::error("{}; then {}", way_out, next);
  if (began) spdlog::error("{}", next);
}

}  // namespace rowferry
