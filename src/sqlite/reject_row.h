// Rejects in the ledger's table.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "flow/ledger.h"
#include "sqlite/session.h"

namespace rowferry::sqlite {

// In the session's open transaction. Returns how many rows SQLite says it inserted.
int64_t InsertReject(Session& session, const SplitId& split, const Reject& reject);

// Ledger::CountRejects and EachReject, for a ledger that has rejects.
std::vector<RejectCount> CountRejects(Session& session, const std::string& job);
void EachReject(Session& session, const std::string& job, const RejectFilter& filter,
                const std::function<bool(const Reject&)>& each);

}  // namespace rowferry::sqlite
