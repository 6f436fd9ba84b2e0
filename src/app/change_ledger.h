// Commands that change the ledger in one transaction, and are not tried again.
#pragma once

#include <functional>

namespace rowferry {

// Carries the change out. Where the connection is lost meanwhile nobody knows whether it took
// effect, which is told: kExitFailed. Else kExitDone; other errors are the caller's.
int ChangeLedger(const std::function<void()>& change);

}  // namespace rowferry
