// Rows of a chunk whose foreign keys would refuse them, found by one question a foreign key:
// halving would go down to single rows where most of a table comes before what it refers to.
#pragma once

#include <string>
#include <vector>

#include "flow/target.h"
#include "postgres/session.h"

namespace rowferry {

// What one foreign key of a table is asked.
struct ForeignKey {
  Refusal why;
  Replacements question;
};

// Those of the plan's table. None where some of them cannot be asked for sure: by what a trigger
// does, say. Throws Error.
std::vector<ForeignKey> FindForeignKeys(Session& session, const WritePlan& plan);
// Begins the transaction that the question is asked in, with an empty table for the chunk's rows.
std::string ChunkTableStatement(const WritePlan& plan);
// That table, quoted: columns are those of the plan's inputs.
inline constexpr char kChunkTable[] = "pg_temp.rowferry_chunk";

// As Writer::FindOrphans. The keys outlive the call. REQUIRES: in that transaction the chunk's rows
// were written to the table, and nothing else; it is to be rolled back. The first row of the table
// is `begin` of the batch. Throws Error.
std::vector<RefusedRow> AskOrphans(Session& session, const std::vector<ForeignKey>& keys,
                                   size_t begin);

}  // namespace rowferry
