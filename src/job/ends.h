// Both ends of a job, open and watched; or the target alone.
#pragma once

#include <memory>

#include "job/drivers.h"
#include "job/settings.h"
#include "job/watchdog.h"

namespace rowferry {

struct Ends {
  std::unique_ptr<Watchdog> watchdog;  // begins before both ends, and ends after them
  const Driver* source_driver;
  const Driver* target_driver;
  std::unique_ptr<Source> source;
  std::unique_ptr<Target> target;

  bool same_database() const { return source_driver == target_driver; }
};

// Opens both. `read_only`: the target is looked at, never changed or created.
Ends OpenEnds(const Settings& settings, bool read_only, TellLock tell = LogLocks());

// For what only asks the ledger.
struct TargetEnd {
  std::unique_ptr<Watchdog> watchdog;  // as above
  std::unique_ptr<Target> target;

  Ledger& ledger() const { return target->ledger(); }
};

// Opens it; options.watch_list is replaced.
TargetEnd OpenTargetEnd(TargetOptions options, const WatchTimes& times = {});

}  // namespace rowferry
