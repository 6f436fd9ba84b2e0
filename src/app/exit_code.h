// What the process tells its caller. Scripts rely on these: docs/reference.md lists them.
#pragma once

namespace rowferry {

enum ExitCode : int {
  kExitDone = 0,
  kExitFailed = 1,    // after it began; the same command resumes
  kExitRefused = 2,   // before the first write: usage, configuration, plan
  kExitRejects = 3,   // done, with rejected rows
  kExitDiffers = 4,   // verify found differences
  kExitOwned = 5,     // another run owns the job
  kExitPaused = 6,    // paused or cancelled on request
  kExitSignal = 128,  // plus the signal's number: stopped after the chunk at hand
};

}  // namespace rowferry
