// The ledger in an SQLite target: the tables rowferry_meta, _job, _run and _split.
#pragma once

#include <memory>

#include "base/clock.h"
#include "flow/ledger.h"
#include "sqlite/connection.h"

namespace rowferry::sqlite {

// How long to wait for another run, and when to believe that it is gone: docs/protocol.md.
struct Patience {
  std::chrono::milliseconds wait{10'000};
  std::chrono::microseconds silence{60'000'000};
};

// An SQLite file has one writer: a lease on one job keeps all other jobs of that file waiting.
// The connection must outlive the ledger.
std::unique_ptr<Ledger> MakeLedger(Connection& connection, const Clock& clock,
                                   const Patience& patience = {});

}  // namespace rowferry::sqlite
