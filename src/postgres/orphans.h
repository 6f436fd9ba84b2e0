// Rows of a chunk whose foreign keys would refuse them, found by one question a foreign key:
// halving would go down to single rows where most of a table comes before what it refers to.
#pragma once

#include <string>
#include <vector>

#include "flow/target.h"
#include "postgres/session.h"

namespace rowferry {

// Begins the transaction that the question is asked in, with an empty table for the chunk's rows.
std::string ChunkTableStatement(const WritePlan& plan);
// That table, quoted: columns are those of the plan's inputs.
inline constexpr char kChunkTable[] = "pg_temp.rowferry_chunk";

// As Writer::FindOrphans. REQUIRES: in that transaction the chunk's rows were written to the table,
// and nothing else; it is to be rolled back. The first row of the table is `begin` of the batch.
// Throws Error.
std::vector<Orphan> AskOrphans(Session& session, const WritePlan& plan, size_t begin);

}  // namespace rowferry
