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

// The same for one that is there, in the state `now`, and failed once more: how many it changed.
int64_t UpdateReject(Session& session, const SplitId& split, const Reject& reject, RejectState now);
// Removes those of these ids that are in the state `now`; returns how many.
int64_t SettleRejects(Session& session, const SplitId& split, const std::vector<int64_t>& ids,
                      RejectState now);

// Ledger::Purge, in the session's open transaction.
int64_t PurgeRejects(Session& session, const std::string& job, const RejectFilter& filter);

// Ledger::CountRejects and EachReject, for a ledger that has rejects.
std::vector<RejectCount> CountRejects(Session& session, const std::string& job);
void EachReject(Session& session, const std::string& job, const RejectFilter& filter,
                const std::function<bool(const Reject&)>& each);

}  // namespace rowferry::sqlite
