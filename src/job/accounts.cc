#include "job/accounts.h"

#include "base/error.h"

namespace rowferry {

void CheckAccounts(Ledger& ledger, const std::string& job) {
  const std::vector<RejectCount> rejects = ledger.CountRejects(job);
  for (const SplitRecord& split : ledger.Splits(job)) {
    const Counts& counts = split.checkpoint.counts;
    const int64_t kept = CountOf(rejects, std::nullopt, split.id);
    if (kept != counts.rejected + counts.pending) {
      throw Error(ErrorKind::kInternal,
                  "table " + split.source_table + ": " + std::to_string(counts.rejected) +
                      " rows were rejected, but the ledger holds " + std::to_string(kept));
    }
    if (counts.Balanced()) continue;
    throw Error(ErrorKind::kInternal, "table " + split.source_table + ": " +
                                          std::to_string(counts.read) + " rows were read, but " +
                                          std::to_string(counts.Accounted()) +
                                          " are accounted for");
  }
}

}  // namespace rowferry
