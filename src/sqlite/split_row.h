// The ledger's row of a split: what the writer and the ledger both read and write.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flow/ledger.h"
#include "sqlite/session.h"

namespace rowferry::sqlite {

struct SplitRow {
  SplitRecord record;
  std::string digest;
};

// Each checkpoint is checked against its digest. Throw Error(kTarget) if it does not match.
std::vector<SplitRow> ReadSplits(Session& session, const std::string& job,
                                 const std::string& fingerprint);
// Nothing if the split is not there under that epoch.
std::optional<SplitRow> ReadSplit(Session& session, const SplitId& split);

// Without their checkpoints, damaged or not.
std::vector<SplitRecord> ReadSplitStarts(Session& session, const std::string& job);

// REQUIRES: inside a transaction.
void InsertSplit(Session& session, const SplitId& split, const SplitRecord& record, int64_t now);
// False if the split is not there under that epoch. REQUIRES: inside a transaction.
bool UpdateCheckpoint(Session& session, const SplitId& split, const Checkpoint& checkpoint,
                      int64_t now);

}  // namespace rowferry::sqlite
