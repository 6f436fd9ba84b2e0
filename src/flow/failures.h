// What can go wrong with a database, and what follows: the one table of it. Each driver says which
// of its codes is which failure; whether it is tried again, what a run that ended of it says, the
// report and the manual come from here. The tests' suites have the names of the rows.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace rowferry {

enum class Failure {
  kOwned,
  kDeadlock,
  kLock,
  kMemory,
  kLost,
  kSilent,
  kSnapshot,
  kNoRoom,
  kNoEntry,
  kInDoubt,
  kNoWritesYet,
  kNoWrites,
  kDiskFull,
  kDisk,
  kDenied,
  kAltered,
  kCancelled,
  kDamaged,
  kNoDatabase,
  kRow,
  kReport,
  kFault,
  kOther,
};

struct FailureRow {
  Failure failure;
  std::string_view name;
  ErrorKind kind;               // what decides between retry, reject and end
  std::string_view outcome;     // what rowferry does
  std::string_view way_out;     // what the user can do, once it has ended a run; empty: nothing
  std::string_view limit = {};  // the options that bound how often, or for how long, it is tried
};

// "let it end, or raise --retries"; without the latter where nothing was tried again.
std::string WayOutOf(const FailureRow& row, bool tried_again);
// In the manual's order.
std::span<const FailureRow> FailureRows();
const FailureRow& FailureRowOf(Failure failure);

// A row of a driver's table: an SQLSTATE, a name of SQLite's, or how such ones begin.
struct FailureCode {
  std::string_view prefix;
  Failure failure;
};

// The first that matches; kOther if none does.
Failure FindFailure(std::span<const FailureCode> codes, std::string_view code);

}  // namespace rowferry
