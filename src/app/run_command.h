// What the commands do. Each gives the exit code and throws Error.
#pragma once

#include "app/command.h"

namespace rowferry {

int RunCopy(const Invocation& invocation);
int RunPlan(const Invocation& invocation);
int RunStatus(const Invocation& invocation);
int RunForget(const Invocation& invocation);
int RunRejectsList(const Invocation& invocation);
int RunRejectsShow(const Invocation& invocation);
int RunRejectsExport(const Invocation& invocation);
int RunRejectsRetry(const Invocation& invocation);
int RunRejectsPurge(const Invocation& invocation);

}  // namespace rowferry
