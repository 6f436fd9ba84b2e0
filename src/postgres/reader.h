// Streams a table out of PostgreSQL.
//
// By COPY (SELECT … ORDER BY key) TO STDOUT (FORMAT binary), rather than by a cursor: libpq hands
// on one row at a time, so that memory follows the largest row and not a number of rows; nothing is
// faster; and every stream has a proper end (trailer and command tag), whose absence is an error.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "flow/source.h"
#include "postgres/catalog.h"
#include "postgres/session.h"

namespace rowferry {

// A snapshot that a session exported, as it and those who read in it share it.
struct Snapshot {
  std::string name;  // of pg_export_snapshot; valid while the exporting transaction is open
  // A standby cancelled a reader since it could not keep the snapshot's rows: another snapshot may
  // be had, this one would be cancelled again.
  std::atomic<bool> cancelled = false;
};

// How a reader gets at the source: with a session of its own, in the run's snapshot.
struct SnapshotOptions {
  SessionOptions session;  // with a roll
  std::shared_ptr<Snapshot> snapshot;
};

inline constexpr const char* kBeginReading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
// The transaction sees the snapshot from here on. Throws Error(kLost) where the session that
// exported it has ended. REQUIRES: kBeginReading, and no query since.
void JoinSnapshot(Session& session, const Snapshot& snapshot);

// Its readers throw Error(kTarget) for a table that was truncated, rewritten or replaced since the
// snapshot: PostgreSQL would show it as empty, or in another order.
std::unique_ptr<Reader> MakePostgresReader(const SnapshotOptions& options, const ReadPlan& plan,
                                           const CatalogTable& table, const ChunkLimits& limits);

std::unique_ptr<KeyReader> MakePostgresKeyReader(const SnapshotOptions& options,
                                                 const ReadPlan& plan, const CatalogTable& table);

// The settings, for one transaction, that make the planner walk the key's index, or scan in
// physical order, and that make comparisons find the operators of the key's types.
std::string PlannerSettings(const KeyChoice& key);

}  // namespace rowferry
