// Jobs in the ledger's table.
#pragma once

#include <vector>

#include "flow/ledger.h"
#include "sqlite/session.h"

namespace rowferry::sqlite {

// REQUIRES: there is a ledger, of this program's format or an older one. Throw as Session does.
std::vector<JobRecord> ReadJobs(Session& session);
// In the session's open transaction.
void InsertJob(Session& session, const JobRecord& job);

}  // namespace rowferry::sqlite
