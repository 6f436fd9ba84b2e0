// The log: spdlog's default logger, on stderr above the display, as text or as JSON lines.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace rowferry {

enum class LogFormat { kText, kJson };

// A line of the log, without its newline: "rowferry: warning: …", or a JSON object.
std::string LogLine(LogFormat format, const std::string& level, const std::string& text);

// Sets the default logger. `write_line` gets each finished line without its newline; it is called
// from any thread. REQUIRES: level is a name that IsLogLevel accepts.
void SetUpLog(const std::string& level, LogFormat format,
              std::function<void(const std::string&)> write_line);
bool IsLogLevel(const std::string& level);  // trace, debug, info, warn, error, off

// What ended the command, and what the user can do: what is to be mended, then the same command,
// which `goes_on` in this way if it had begun to write.
void LogFailure(const Error& error, bool began, std::string_view goes_on);

}  // namespace rowferry
