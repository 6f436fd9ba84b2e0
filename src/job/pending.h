// Rows that refer to rows which had not come yet: tried again once all tables are through.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "flow/ledger.h"

namespace rowferry {

// Carries out one pass over the pending rejects of a split: those that the target takes by now are
// loaded; those that still refer to nothing get the state `failed`. False: the run is to stop.
using RetryPending = std::function<bool(const SplitRecord& split, RejectState failed)>;

// The splits as the ledger has them; nothing: the run is to stop.
using ReadSplits = std::function<std::optional<std::vector<SplitRecord>>()>;

// Pass after pass, as rows that come may be what others wait for, until a pass changes nothing;
// what is left then is rejected. Leaves them pending where a split has come back undone (the server
// crashed): its rows may be those that they wait for, and come first. False: the run is to stop.
// Throws what the two throw.
bool SettlePending(const ReadSplits& splits, const RetryPending& retry);

}  // namespace rowferry
