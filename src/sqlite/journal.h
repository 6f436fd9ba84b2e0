// The target's journal: WAL while a run writes, and afterwards what it was before.
#pragma once

#include "sqlite/session.h"

namespace rowferry::sqlite {

// REQUIRES: the ledger's tables exist. Notes the former mode there before changing it. Where WAL
// cannot be had (another connection reads, a file system without shared memory), it stays as it is.
void PrepareForWriting(Session& session);

// From here on a COMMIT reaches the disk before it returns. REQUIRES: no transaction.
void WriteThrough(Session& session);
// As PrepareForWriting left it.
void WriteBehind(Session& session);

// Back to the former mode, if there is one in the ledger and no other connection is open.
void RestoreJournal(Session& session);

}  // namespace rowferry::sqlite
