// Rows that refer to rows which had not come yet: tried again once all tables are through.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "flow/ledger.h"

namespace rowferry {

struct PendingTry {
  int64_t loaded = 0;  // rows
  bool again = false;  // something failed in between: a crash, say, which may have taken rows back
};

// Tries the pending rejects of a split: those that the target takes by now are loaded; those that
// still refer to nothing get the state `failed`, but stay pending from where it is tried again.
// Nothing: the run is to stop.
using RetryPending =
    std::function<std::optional<PendingTry>(const SplitRecord& split, RejectState failed)>;

// The splits as the ledger has them; nothing: the run is to stop.
using ReadSplits = std::function<std::optional<std::vector<SplitRecord>>()>;

// Pass after pass, as rows that come may be what others wait for, until a pass loads nothing, and
// no crash of the server took back what an earlier one had loaded; what is left then is rejected.
// Leaves them pending where a split has come back undone (such a crash, too): its rows may be those
// that they wait for, and come first. False: the run is to stop. Throws what the two throw.
bool SettlePending(const ReadSplits& splits, const RetryPending& retry);

}  // namespace rowferry
