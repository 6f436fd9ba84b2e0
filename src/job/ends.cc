#include "job/ends.h"

#include <algorithm>

namespace rowferry {
namespace {

// Whose lock it is should be known before the wait for it times out.
WatchTimes TimesToWatch(const Settings& settings) {
  WatchTimes times;
  times.stall = settings.stall;
  if (settings.lock_timeout.count() > 0) {
    times.look = std::clamp(settings.lock_timeout / 3, std::chrono::milliseconds(50), times.look);
  }
  return times;
}

}  // namespace

Ends OpenEnds(const Settings& settings, bool read_only, TellLock tell) {
  Ends ends{std::make_unique<Watchdog>(TimesToWatch(settings), std::move(tell)),
            &DriverFor(settings.source), &DriverFor(settings.target), nullptr, nullptr};
  const auto& list = ends.watchdog->list();
  ends.source = ends.source_driver->open_source(
      {settings.source, settings.census, list, settings.lock_timeout});
  TargetOptions options;
  options.url = settings.target;
  options.ledger_schema = settings.ledger_schema;
  options.read_only = read_only;
  options.lock_timeout = settings.lock_timeout;
  options.watch_list = list;
  ends.target = ends.target_driver->open_target(options);
  return ends;
}

TargetEnd OpenTargetEnd(TargetOptions options, const WatchTimes& times) {
  auto watchdog = std::make_unique<Watchdog>(times);
  options.watch_list = watchdog->list();
  auto target = DriverFor(options.url).open_target(options);
  return {std::move(watchdog), std::move(target)};
}

}  // namespace rowferry
