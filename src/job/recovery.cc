#include "job/recovery.h"

#include <spdlog/spdlog.h>

namespace rowferry {
namespace {

std::string ShowTry(const RetryEvent& event) {
  std::string text = event.table.empty() ? "" : "table " + event.table + ": ";
  text += event.failure.what();
  if (!event.waited_for.empty()) text += " (" + event.waited_for + ")";
  return text + "; try " + std::to_string(event.plan.attempt + 1) + " in " +
         ShowSeconds(event.plan.wait);
}

}  // namespace

Recovery::Recovery(Ends& ends, const RetryLimits& limits, const std::atomic<bool>& stop,
                   RecoveryHooks hooks)
    : ends_(ends),
      stop_(stop),
      hooks_(std::move(hooks)),
      retry_(limits, SystemClock(), SystemRandom()) {}

bool Recovery::Run(const Step& step, const std::function<void()>& work) {
  for (bool renew = false;; renew = true) {
    try {
      if (renew) Renew();
      work();
      retry_.Progress();
      return true;
    } catch (const Error& error) {
      if (!Await(step, error)) return false;
    }
  }
}

// False: the run is to stop.
bool Recovery::Await(const Step& step, const Error& failure) {
  if (stop_ && MayPass(failure.kind())) return false;
  const auto plan = retry_.Next(failure);
  if (!plan) {
    if (retry_.why_not().empty()) throw failure;
    throw failure.Within("gave up " + retry_.why_not());
  }
  const RetryEvent event{step.split, step.table, failure, *plan,
                         failure.kind() == ErrorKind::kTransient ? hooks_.waited_for() : ""};
  spdlog::warn("{}", ShowTry(event));
  hooks_.retried(event);
  return SleepUnless(stop_, SystemClock(), plan->wait);
}

void Recovery::Renew() {
  ends_.target->Renew();
  if (!ends_.source->Renew()) return;
  ++snapshots_;
  hooks_.new_snapshot();
}

}  // namespace rowferry
