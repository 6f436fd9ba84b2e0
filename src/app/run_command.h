// What the commands do. Each gives the exit code and throws Error.
#pragma once

#include "app/command.h"

namespace rowferry {

int RunCopy(const Invocation& invocation);
int RunPlan(const Invocation& invocation);
int RunStatus(const Invocation& invocation);
int RunForget(const Invocation& invocation);

}  // namespace rowferry
