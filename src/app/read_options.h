// What the options that were given mean.
#pragma once

#include <optional>
#include <string>

#include "app/command.h"
#include "app/display.h"
#include "app/log.h"
#include "job/settings.h"

namespace rowferry {

// Which rejects the user means.
struct RejectQuery {
  std::string table;  // empty: all
  std::optional<RefusalKind> kind;
  std::string code;
  std::optional<int64_t> id;

  bool empty() const { return table.empty() && !kind && code.empty() && !id; }
};

// How the command talks to the user.
struct Output {
  ProgressMode progress = ProgressMode::kNone;
  bool color = false;
  bool quiet = false;
  std::string log_level = "warn";
  LogFormat log_format = LogFormat::kText;
  std::string report;         // empty: none
  bool report_alone = false;  // on stdout, without a summary
};

// All throw Error(kUsage), naming the option and the values that it takes.
Settings ReadSettings(const Invocation& invocation);
Output ReadOutput(const Invocation& invocation);
ChunkLimits ReadLimits(const Invocation& invocation);
RetryLimits ReadRetry(const Invocation& invocation);
std::chrono::milliseconds ReadTime(const Invocation& invocation, const std::string& option);
RejectQuery ReadRejectQuery(const Invocation& invocation);

}  // namespace rowferry
