// How a job comes to be in the ledger, or is taken up where it was: everything that is refused
// after the lease was taken, and before the first row.
#pragma once

#include <vector>

#include "job/ends.h"
#include "job/plan.h"
#include "job/settings.h"

namespace rowferry {

// REQUIRES throughout: the lease on the job is held. Used by the run's main thread.
class JobStart {
 public:
  // All must outlive it; the plan may still be made after this.
  JobStart(const Settings& settings, Ends& ends, const JobPlan& plan);

  // The job's birth, in one transaction with what is done to its tables. Throws Error(kPlan) where
  // another job or program came first. May be carried out twice: the ledger knows a birth whose
  // COMMIT was in doubt by its epoch.
  void Begin();
  // Goes on with a job of an earlier run; tables whose positions do not hold are begun anew, or
  // refused. May be carried out twice: a table that was begun anew holds no row yet.
  void Resume(const JobRecord& job);
  // The same for one split, where the source is read in another snapshot than before.
  void Recheck(SplitRecord& split);

  // As of Begin or Resume: as the ledger has them, one for each of the plan's tables. After one of
  // them threw: as the ledger may have them, or none.
  const std::vector<SplitRecord>& splits() const { return splits_; }
  int64_t epoch() const { return epoch_; }

 private:
  void CheckMayBegin();
  void CheckApart(const std::vector<TableName>& tables);
  void CheckStillEmpty(const TableName& name);
  TableStart StartOf(size_t index);
  bool HasMoved(const SplitRecord& split);
  void RefuseRowsOfOthers(const SplitRecord& split);
  void BeginAnew(SplitRecord& split);

  const Settings& settings_;
  Ends& ends_;
  Ledger& ledger_;
  const JobPlan& plan_;
  JobRecord job_;
  std::vector<SplitRecord> splits_;
  int64_t epoch_ = 0;
};

}  // namespace rowferry
