// What the ledger keeps of a job's settings, so that a later command can plan the job again.
#pragma once

#include <string>

#include "job/ends.h"
#include "job/settings.h"

namespace rowferry {

// JSON in ASCII, without passwords. The source as it is named, but for a file, whose whole path
// holds in every folder.
std::string StoreSettings(const Settings& settings, const Ends& ends);

// What was stored; target, ledger and sizes are for the caller to set. Throws Error(kTarget) for
// what StoreSettings did not write.
Settings RestoreSettings(const std::string& stored);

}  // namespace rowferry
