// Errors of libpq and libpqxx, as ours.
#pragma once

#include <libpq-fe.h>

#include <optional>
#include <pqxx/except>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/refusal.h"

namespace rowferry {

// Raised by the ledger's lock_split: the split is not as its writer believes.
inline constexpr std::string_view kNotOurs = "RF001";
// Raised by a chunk whose table is not as the run knew it (end_chunk.sql).
inline constexpr std::string_view kAlteredTable = "RF002";

// The kind of the failure that an SQLSTATE tells (PostgresFailureCodes in driver.h).
ErrorKind KindOfSqlState(std::string_view sqlstate);

// What the server says of a failed statement.
struct ServerReport {
  std::string sqlstate;
  std::string message;
  std::string detail;
  std::string hint;
  std::string context;
  std::string schema;
  std::string table;
  std::string column;
  std::string constraint;
  std::string function;  // of the server's own code, where the error was raised

  // "message (detail; hint)"
  std::string Show() const;
};

ServerReport ReportOf(const PGresult* result);
// As KindOfSqlState, but for a row that a policy refuses, which has the SQLSTATE of a missing
// right.
ErrorKind KindOf(const ServerReport& report);
// The same while rows are written. An SQLSTATE that the table of failures has not is then a row's,
// as a trigger, or a function in a CHECK, may raise any; but for those of the server's state and of
// SQL. The latter are a row's where COPY `names_value`: the input function of its type is at work
// then, and that of a tsvector or a regclass raises them.
ErrorKind KindOfWrite(const ServerReport& report, bool names_value);
// Why a row was refused. REQUIRES: KindOfWrite(report, …) is kData.
Refusal RefusalOf(const ServerReport& report);
// The error for a failed libpq call: `result` may be null, then the connection says why.
Error LibpqError(PGconn* connection, const PGresult* result);
// The error for an exception of libpqxx.
Error PqxxError(const pqxx::sql_error& error);
Error LostConnection(PGconn* connection, std::string_view message);
// The error for a connection that could not be made to `end`, which libpq reports with
// PQERRORS_VERBOSE: kLost, unless the server refuses the login, or that database, for good. Its
// code is kNoConnection where the SQLSTATE is not among those that tell why.
Error NotConnected(const std::string& end, std::string_view verbose);
inline constexpr std::string_view kNoConnection = "08001";
// The error of a session that has only just been opened: a server that takes no writes now (25006),
// and did when the run was planned, is on its way back, or not yet its own primary: kLost.
Error SinceConnecting(const Error& error);

// The row of a COPY that the server's context names, counted from 1: the first number after the
// table's name, since the words around it are translated. Nothing where there is none.
std::optional<size_t> CopyLine(std::string_view context, std::string_view table);
// The row that a refused COPY names, likewise. Rows are stored some at a time: what the table's
// storage refuses (a row too big for a page) has the context of the last row read by then, and
// names none.
std::optional<size_t> RefusedLine(const ServerReport& report, std::string_view table);
// Which of the columns the context names behind the row, likewise.
std::optional<size_t> CopyColumn(std::string_view context, std::string_view table,
                                 const std::vector<std::string>& columns);

}  // namespace rowferry
