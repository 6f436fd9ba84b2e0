// What the role and the server permit, asked before the first write rather than found out in the
// middle. Each reason says what to GRANT or what to do instead.
#pragma once

#include <string>
#include <vector>

#include "flow/target.h"
#include "postgres/session.h"

namespace rowferry {

// Throws Error(kPlan) if there is a ledger in that schema which this role may not use; `to_read`:
// for status, which changes nothing.
void CheckLedgerUse(Session& session, const std::string& schema, bool to_read);

// Why no ledger can be kept in that schema. Empty: it is there and of our format, or can be made
// or upgraded.
std::vector<std::string> WhyNoLedger(Session& session, const std::string& schema);

// Why the rows of this plan cannot be written: server, schema, a name that is taken, INSERT, the
// sequences behind its columns, what its defaults, CHECKs and indexes call. Empty: they can.
std::vector<std::string> WhyUnwritable(Session& session, const WritePlan& plan,
                                       const std::string& ledger_schema);

// Throw Error(kPlan) if the table cannot be emptied, or dropped and made anew.
void CheckTruncate(Session& session, const TableName& name);
void CheckReplace(Session& session, const TableName& name);

// Throws Error(kPlan) if this role may not make the table, for the types of its columns.
void CheckTypes(Session& session, const Table& table);

// ": " and the statement that lets this role read the table as a whole. Empty: it may.
std::string GrantSelect(Session& session, const TableName& name);
// ": " and what lets it compute a condition of the user's own.
std::string GrantCondition(Session& session);

// Throws Error(kPlan) if this role may not read all of these columns.
void CheckSelect(Session& session, const TableName& name, const std::vector<std::string>& columns);

}  // namespace rowferry
