// Rejects for people and scripts: which job, which table, a line each, one whole, their numbers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/read_options.h"
#include "flow/ledger.h"

namespace rowferry {

// A job, and what is needed to name its rejects.
struct RejectedJob {
  JobRecord job;
  std::vector<SplitRecord> splits;  // without checkpoints
  std::vector<RejectCount> counts;

  std::string TableOf(const Reject& reject) const;  // in the source
  int64_t open() const { return CountOf(counts, RejectState::kOpen); }
};

// The job of that name; of an empty one, the only job, or the only one with rejects. Throws
// Error(kUsage) if there is none, or more than one.
RejectedJob FindRejectedJob(Ledger& ledger, const std::string& name);

// Throws Error(kUsage) for a table that the job does not have, with the nearest that it has.
RejectFilter FilterOf(const RejectQuery& query, const RejectedJob& job);

// What does not go into a line: rejects as a table of at most `width` columns (0: not limited).
// Their kept rows are not needed.
std::string RenderRejects(const std::vector<Reject>& rejects, const RejectedJob& job, size_t width,
                          bool header);
// "items: 2 not-null, 1 check; 3 purged"
std::string RenderRejectCounts(const RejectedJob& job);
// The whole reject, a line a column; long values cut unless `full`.
std::string RenderReject(const Reject& reject, const RejectedJob& job, bool full);

nlohmann::json RejectJson(const Reject& reject, const RejectedJob& job);
nlohmann::json RejectCountsJson(const RejectedJob& job);

}  // namespace rowferry
