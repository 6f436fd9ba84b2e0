// TARGET [JOB]: the arguments of the commands that ask the ledger.
#pragma once

#include <string>

#include "app/command.h"
#include "job/ends.h"

namespace rowferry {

// The target of the first argument, which must be there.
TargetEnd OpenTarget(const Invocation& invocation, bool read_only);

// The second argument, or nothing.
std::string JobArgument(const Invocation& invocation);

}  // namespace rowferry
