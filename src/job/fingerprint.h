// What must not change between the runs of an unfinished job. Lines of "what: value", one a fact,
// so that a difference can be shown. Display, sizes and the like are not in it.
#pragma once

#include <string>

#include "job/plan.h"

namespace rowferry {

// What the fingerprint begins with: which database the rows come from, and the options as given.
std::string Asked(const Settings& settings, const Ends& ends);

// REQUIRES: all of `plan` but its fingerprint is there.
std::string Fingerprint(const Settings& settings, const Ends& ends, const JobPlan& plan);

// The lines of `now` and `before` that differ, as "was: …" and "is: …"; empty if none do.
std::string FingerprintDifference(const std::string& before, const std::string& now);

}  // namespace rowferry
