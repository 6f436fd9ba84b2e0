// Tries the steps of a run again where their failure may pass.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "flow/retry.h"
#include "job/ends.h"

namespace rowferry {

// One failure that is tried again, as the display, the log and the report tell it.
struct RetryEvent {
  int split = -1;     // -1: no single one
  std::string table;  // of that split; else empty
  Error failure;
  RetryPlan plan;
  std::string waited_for;  // whose lock, where a lock was waited for and that is known
};

struct RecoveryHooks {
  std::function<void(const RetryEvent&)> retried;
  // Whose lock was waited for last, or empty.
  std::function<std::string()> waited_for;
  // The source is read in a new snapshot from here on.
  std::function<void()> new_snapshot;
};

struct Step {
  int split = -1;
  std::string table;
};

// A retry is a resume of the split inside the run: what the failed try left open is settled by a
// new writer and the ledger's checkpoint (docs/protocol.md, "What a lost connection leaves"). So a
// step has to begin with what it reads from the databases, and must do no harm when it is carried
// out twice. Used by the run's main thread.
class Recovery {
 public:
  // All outlive this object.
  Recovery(Ends& ends, const RetryLimits& limits, const std::atomic<bool>& stop,
           RecoveryHooks hooks);

  // Carries the step out, again and again as long as its failures may pass and the limits permit.
  // False: the run is to stop, and the step failed. Throws what cannot pass, Error(kOwned) when
  // another run took over meanwhile, and the last failure once the limits are used up.
  bool Run(const Step& step, const std::function<void()>& work);
  // A chunk is committed: all limits begin anew.
  void Progress() { retry_.Progress(); }
  // How many snapshots of the source followed on the first one.
  int snapshots() const { return snapshots_; }

 private:
  bool Await(const Step& step, const Error& failure);
  void Renew();

  Ends& ends_;
  const std::atomic<bool>& stop_;
  const RecoveryHooks hooks_;
  Retry retry_;
  int snapshots_ = 0;
};

}  // namespace rowferry
