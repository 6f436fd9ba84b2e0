// Sequences behind copied columns.
#pragma once

#include <string>

#include "flow/target.h"
#include "postgres/session.h"

namespace rowferry {

// Sets the sequences that fill the plan's integer columns behind their largest value (the smallest,
// for those that count down); never back. An empty table leaves them as they are.
// REQUIRES: the table exists.
void AdvanceTableSequences(Session& session, const WritePlan& plan, const std::string& from);

// Throws Error(kPlan) for one that `role`, which is the session's, may not set so. REQUIRES: the
// table exists.
void CheckTableSequences(Session& session, const WritePlan& plan, const std::string& role);

}  // namespace rowferry
