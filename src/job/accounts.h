// Whether a job's figures in the ledger agree.
#pragma once

#include <string>

#include "flow/ledger.h"

namespace rowferry {

// Every row that was read has one fate, by the ledger's own numbers, and every reject is there.
// Throws Error(kInternal).
void CheckAccounts(Ledger& ledger, const std::string& job);

}  // namespace rowferry
