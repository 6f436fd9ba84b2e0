// Both ends of a job, open.
#pragma once

#include <memory>

#include "job/drivers.h"
#include "job/settings.h"

namespace rowferry {

struct Ends {
  const Driver* source_driver;
  const Driver* target_driver;
  std::unique_ptr<Source> source;
  std::unique_ptr<Target> target;

  bool same_database() const { return source_driver == target_driver; }
};

// Opens both. `read_only`: the target is looked at, never changed or created.
Ends OpenEnds(const Settings& settings, bool read_only);

}  // namespace rowferry
