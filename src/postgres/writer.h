// Writes one split into PostgreSQL: a chunk is one transaction of three messages.
//   1. BEGIN; lock and check the split; COPY …       (begin_chunk.sql)
//   2. the rows, encoded while the server takes them
//   3. check the table's shape; UPDATE the checkpoint; COMMIT   (end_chunk.sql)
#pragma once

#include <memory>
#include <string>

#include "flow/target.h"
#include "postgres/session.h"
#include "postgres/table_shape.h"
#include "postgres/types.h"

namespace rowferry {

struct WriterOptions {
  SessionOptions session;
  std::string ledger_schema;
  TableShape shape;
};

// `types` is the target's, filled by the planning: the writer asks the server for none again. It is
// used by this call alone. `backend`, of the split's last writer, is ended where it still lives: it
// may wait, with the split's row locked, for a client that is gone. It then is the new one's.
std::unique_ptr<Writer> MakePostgresWriter(const WriterOptions& options, const WritePlan& plan,
                                           const SplitId& split, TypeCatalog& types,
                                           Backend& backend);

}  // namespace rowferry
