// What the ledger keeps of a job's settings, so that a later command can plan the job again.
#pragma once

#include <string>

#include "job/settings.h"

namespace rowferry {

// What is to be copied, as JSON in ASCII. Source and target as they are: REQUIRES that neither
// holds a password, and that a file is named by its whole path, which holds in every folder.
std::string StoreSettings(const Settings& settings);

// What was stored, of any bytes; the target is only told: what opens it, ledger and sizes are for
// the caller to set. Throws Error(kTarget) for what StoreSettings cannot have written.
Settings RestoreSettings(const std::string& stored);

}  // namespace rowferry
