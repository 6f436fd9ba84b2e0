// Writes a split: each chunk is one transaction of rows and checkpoint.
#pragma once

#include <memory>

#include "base/clock.h"
#include "flow/target.h"
#include "sqlite/session.h"

namespace rowferry::sqlite {

// `table` is the target's own description. The session must outlive the writer, and nobody else may
// use it while Resume or Write runs.
std::unique_ptr<Writer> MakeWriter(Session& session, const WritePlan& plan, const Table& table,
                                   const SplitId& split, const Clock& clock);

}  // namespace rowferry::sqlite
