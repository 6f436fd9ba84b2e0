// Streams a table out of PostgreSQL.
//
// By COPY (SELECT … ORDER BY key) TO STDOUT (FORMAT binary), rather than by a cursor: libpq hands
// on one row at a time, so that memory follows the largest row and not a number of rows; nothing is
// faster; and every stream has a proper end (trailer and command tag), whose absence is an error.
#pragma once

#include <memory>
#include <string>

#include "flow/source.h"
#include "postgres/catalog.h"

namespace rowferry {

// How a reader gets at the source: with a session of its own, in the run's snapshot.
struct SnapshotOptions {
  std::string url;
  std::string snapshot;  // of pg_export_snapshot; valid while the exporting transaction is open
};

// The BEGIN of a read-only transaction that sees the snapshot.
std::string JoinSnapshot(const std::string& snapshot);

// Its readers throw Error(kTransient) for a table that was truncated, rewritten or replaced since
// the snapshot: PostgreSQL would show it as empty, or in another order.
std::unique_ptr<Reader> MakePostgresReader(const SnapshotOptions& options, const ReadPlan& plan,
                                           const CatalogTable& table, const ChunkLimits& limits);

std::unique_ptr<KeyReader> MakePostgresKeyReader(const SnapshotOptions& options,
                                                 const ReadPlan& plan, const CatalogTable& table);

// The settings, for one transaction, that make the planner walk the key's index, or scan in
// physical order, and that make comparisons find the operators of the key's types.
std::string PlannerSettings(const KeyChoice& key);

}  // namespace rowferry
