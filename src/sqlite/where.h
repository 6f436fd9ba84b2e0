// The user's condition (--where), looked at before anything is written.
#pragma once

#include <string>

#include "flow/source.h"
#include "sqlite/session.h"

namespace rowferry::sqlite {

// Does nothing for a plan without a condition. Throws Error(kPlan), naming the table, the condition
// and SQLite's reason, for one that SQLite cannot prepare, or that is more or less than one
// condition: text that ends the brackets around it would be read as part of the page query.
void CheckWhere(Session& session, const ReadPlan& plan, const std::string& rowid);

}  // namespace rowferry::sqlite
