// What a job is known by: what must not change between the runs of an unfinished one, and its key
// not between a copy and a retry of its rejects. Lines of "what: value", one a fact, so that a
// difference can be shown. Display, sizes and the like are not in it.
#pragma once

#include <cstddef>
#include <string>

#include "job/plan.h"

namespace rowferry {

// What the fingerprint begins with: which database the rows come from, and the options as given.
std::string Asked(const Settings& settings, const Ends& ends);

// REQUIRES: all of `plan` but its fingerprint is there.
std::string Fingerprint(const Settings& settings, const Ends& ends, const JobPlan& plan);

// The lines of `now` and `before` that differ, as "was: …" and "is: …"; empty if none do.
std::string FingerprintDifference(const std::string& before, const std::string& now);

// The same of a table's key, of `parts` values where it was read before: its kind, its columns with
// their types and collations, in their order. The index that proves it may be another.
std::string KeyDifference(const std::string& before, const TablePlan& now, size_t parts);

// Whether that column of the source's table went to the target; one that does not was read for its
// key alone.
bool WasCopied(const std::string& fingerprint, const TableName& table, const std::string& column);

}  // namespace rowferry
