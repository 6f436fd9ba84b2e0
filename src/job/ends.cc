#include "job/ends.h"

namespace rowferry {

Ends OpenEnds(const Settings& settings, bool read_only) {
  Ends ends{&DriverFor(settings.source), &DriverFor(settings.target), nullptr, nullptr};
  ends.source = ends.source_driver->open_source({settings.source, settings.census});
  TargetOptions options;
  options.url = settings.target;
  options.ledger_schema = settings.ledger_schema;
  options.read_only = read_only;
  options.lock_timeout = settings.lock_timeout;
  ends.target = ends.target_driver->open_target(options);
  return ends;
}

}  // namespace rowferry
