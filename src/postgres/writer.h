// Writes one split into PostgreSQL: a chunk is one transaction of three messages.
//   1. BEGIN; lock and check the split; COPY …       (begin_chunk.sql)
//   2. the rows, encoded while the server takes them
//   3. UPDATE the checkpoint; COMMIT                 (end_chunk.sql)
#pragma once

#include <memory>
#include <string>

#include "flow/target.h"
#include "postgres/types.h"

namespace rowferry {

struct WriterOptions {
  std::string url;
  std::string application_name;
  std::string ledger_schema;
};

// `types` is the target's, filled by the planning: the writer asks the server for none again. It is
// used by this call alone.
std::unique_ptr<Writer> MakePostgresWriter(const WriterOptions& options, const WritePlan& plan,
                                           const SplitId& split, TypeCatalog& types);

}  // namespace rowferry
