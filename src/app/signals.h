// SIGINT, SIGTERM and SIGHUP: the first asks the run to stop after the chunk at hand, a second one
// ends the process at once (the ledger is safe: the open chunk rolls back). Where a command has
// nothing to finish, so does the first.
#pragma once

#include <atomic>

namespace rowferry {

// Installs the handlers, and ignores SIGPIPE: a closed stdout is an error of its write. A SIGHUP
// that the process was started to ignore, as by nohup, stays ignored. Once only.
void InstallSignals();

// From here on no signal waits for anything: there is nothing to finish.
void EndAtOnce();
// From here on the first signal asks again.
void EndOnRequest();

// Set by the first signal. Lives for the whole process.
const std::atomic<bool>& StopRequested();
// The number of the first signal, or 0.
int StopSignal();

}  // namespace rowferry
