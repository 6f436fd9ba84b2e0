// Checkpoints between the ledger's columns and ours.
#pragma once

#include <string>

#include "flow/checkpoint.h"
#include "flow/ledger.h"
#include "postgres/session.h"

namespace rowferry {

// From a row of read_splits.sql. Throws Error(kTarget) if it is damaged: no key, or another digest
// than its own.
SplitRecord SplitFrom(const pqxx::row& row);
// The same without the checkpoint.
SplitRecord SplitStartFrom(const pqxx::row& row);

// The marks of begin_chunk.sql for the checkpoint that we believe the ledger to hold.
Replacements BeliefMarks(const std::string& schema, const SplitId& split,
                         const Checkpoint& believed);
// The marks of end_chunk.sql for the checkpoint to write.
Replacements CheckpointMarks(const std::string& schema, const SplitId& split,
                             const Checkpoint& next);

}  // namespace rowferry
