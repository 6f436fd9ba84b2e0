// The command line's options, and what they become.
#pragma once

#include <boost/program_options.hpp>
#include <optional>
#include <string>

#include "app/command.h"
#include "app/display.h"
#include "app/log.h"
#include "job/settings.h"

namespace rowferry {

boost::program_options::options_description CopyOptions();
boost::program_options::options_description PlanOptions();
boost::program_options::options_description StatusOptions();
boost::program_options::options_description ForgetOptions();

boost::program_options::options_description RejectsListOptions();
boost::program_options::options_description RejectsShowOptions();
boost::program_options::options_description RejectsExportOptions();
boost::program_options::options_description RejectsRetryOptions();
boost::program_options::options_description RejectsPurgeOptions();

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
RejectQuery ReadRejectQuery(const Invocation& invocation);

}  // namespace rowferry
