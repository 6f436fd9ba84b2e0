// Rejects in the ledger's table.
#pragma once

#include <pqxx/result>
#include <string>
#include <vector>

#include "flow/ledger.h"
#include "postgres/session.h"

namespace rowferry {

// In the session's open transaction, those of the rejects that are new (their id is 0), in order.
// `schema` is the ledger's; names of the session's own path are not asked. Returns how many rows
// PostgreSQL says it inserted. REQUIRES: nobody else uses the session meanwhile.
int64_t InsertRejects(Session& session, const std::string& schema, const SplitId& split,
                      const std::vector<Reject>& rejects);

// The same for one that is there, in the state `now`, and failed once more. Returns how many rows
// PostgreSQL says it changed.
int64_t UpdateReject(Session& session, const std::string& schema, const SplitId& split,
                     const Reject& reject, RejectState now);
// Removes those of these ids that are in the state `now`; returns how many.
int64_t SettleRejects(Session& session, const std::string& schema, const SplitId& split,
                      const std::vector<int64_t>& ids, RejectState now);

// Which rejects of the job are meant, in the order in which the statements take it: job, the id
// behind which they lie, split, kind, code, id. Their state is not among them.
Params FilterParams(const std::string& job, const RejectFilter& filter);

// A row of read_rejects.sql, and what it keeps. Throws Error(kTarget) for one that rowferry did not
// write.
Reject RejectFrom(const pqxx::row& row, std::string kept);

// What a database of any encoding takes: `text`, or where the server's encoding is not UTF8, with
// characters outside ASCII as the \xNN of their UTF-8.
std::string Expressible(Session& session, const std::string& text);

}  // namespace rowferry
