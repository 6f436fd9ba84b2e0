#include <iostream>

#include "app/change_ledger.h"
#include "app/exit_code.h"
#include "app/open_target.h"
#include "app/print.h"
#include "app/read_options.h"
#include "app/run_command.h"
#include "app/signals.h"
#include "app/status.h"
#include "base/clock.h"
#include "job/fingerprint.h"
#include "job/plan.h"
#include "job/run.h"

namespace rowferry {
int RunPlan(const Invocation& invocation) {
  EndAtOnce();
  const Settings settings = ReadSettings(invocation);
  ReadOutput(invocation);  // refuses what copy would refuse
  Ends ends = OpenEnds(settings, true);
  const std::string name = JobName(settings, ends);
  Ledger& ledger = ends.target->ledger();
  const auto job = FindJob(ledger, name);
  if (!job) {
    Print(Explain(Resolve(settings, ends, nullptr)));
    return kExitDone;
  }
  const Unfinished unfinished = FindUnfinished(ledger, name, settings.restart);
  const JobPlan plan = Resolve(settings, ends, &unfinished);
  Print(Explain(plan) + "\nthe job exists: " + std::string(JobStateName(job->state)) + "\n");
  const std::string difference = FingerprintDifference(job->fingerprint, plan.fingerprint);
  if (!difference.empty() && !settings.restart) {
    Print("changed since it began (resuming would be refused):\n" + difference + "\n");
  }
  return kExitDone;
}

int RunStatus(const Invocation& invocation) {
  EndAtOnce();
  const TargetEnd end = OpenTarget(invocation, true);
  const auto jobs = ReadStatus(end.ledger(), JobArgument(invocation));
  const int64_t now = SystemClock().UnixMicros();
  if (invocation.Has("json")) {
    constexpr auto kReplace = nlohmann::json::error_handler_t::replace;  // names may be no UTF-8
    std::cout << StatusJson(jobs, now).dump(2, ' ', false, kReplace) << "\n" << std::flush;
  } else {
    Print(ShowStatus(jobs, now));
  }
  return kExitDone;
}

int RunForget(const Invocation& invocation) {
  const TargetEnd end = OpenTarget(invocation, false);
  const std::string job = JobArgument(invocation);
  SelectJobs(end.ledger(), job);  // refuses an unknown name, and shows the nearest
  return ChangeLedger([&] {
    end.ledger().Forget(job);
    Print("job " + job + " is forgotten; its tables stay as they are\n");
  });
}

}  // namespace rowferry
