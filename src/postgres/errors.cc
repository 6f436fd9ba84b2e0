#include "postgres/errors.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "flow/failures.h"
#include "postgres/driver.h"

namespace rowferry {
namespace {

constexpr std::string_view kDenied = "42501";
constexpr std::string_view kLabelEnd = ":  ";  // "FATAL:  ", in any language
// Where heap tables refuse a row. All else that COPY does with stored rows (index entries,
// triggers) sets the line anew for each.
constexpr std::string_view kStoresRows = "RelationGetBufferForTuple";

// The first row that matches decides.
constexpr std::array kCodes = {
    FailureCode{kNotOurs, Failure::kOwned},   FailureCode{kAlteredTable, Failure::kAltered},
    FailureCode{"08007", Failure::kInDoubt},  FailureCode{"40003", Failure::kInDoubt},
    FailureCode{"08", Failure::kLost},        FailureCode{"57P01", Failure::kLost},
    FailureCode{"57P02", Failure::kLost},     FailureCode{"57P05", Failure::kLost},
    FailureCode{"25P03", Failure::kLost},  // these two end the session as well
    FailureCode{"25P04", Failure::kLost},     FailureCode{"53300", Failure::kNoRoom},
    FailureCode{"57P03", Failure::kNoRoom},   FailureCode{"40001", Failure::kDeadlock},
    FailureCode{"40P01", Failure::kDeadlock}, FailureCode{"55P03", Failure::kLock},
    FailureCode{"53200", Failure::kMemory},   FailureCode{"25006", Failure::kNoWrites},
    FailureCode{"53100", Failure::kDiskFull}, FailureCode{"58", Failure::kDisk},
    FailureCode{kDenied, Failure::kDenied},   FailureCode{"28", Failure::kNoEntry},
    FailureCode{"3D000", Failure::kNoEntry},  FailureCode{"3F000", Failure::kAltered},
    FailureCode{"42P01", Failure::kAltered},  FailureCode{"42703", Failure::kAltered},
    FailureCode{"42804", Failure::kAltered},  FailureCode{"57014", Failure::kCancelled},
    FailureCode{"XX001", Failure::kDamaged},  FailureCode{"XX002", Failure::kDamaged},
    FailureCode{"22P04", Failure::kFault},    FailureCode{"21", Failure::kRow},
    FailureCode{"22", Failure::kRow},         FailureCode{"23", Failure::kRow},
    FailureCode{"27", Failure::kRow},         FailureCode{"38", Failure::kRow},
    FailureCode{"39", Failure::kRow},         FailureCode{"44", Failure::kRow},
    FailureCode{"54000", Failure::kRow},      FailureCode{"P0", Failure::kRow},
};

// Classes of SQLSTATEs that say nothing of a row, whoever raises them: the server's and the
// session's own state.
constexpr std::array<std::string_view, 11> kServerClasses = {"08", "0B", "25", "28", "2D", "40",
                                                             "53", "57", "58", "F0", "XX"};
// Of statements that cannot be run, or of text that is read as SQL: for a type that is, of a row.
constexpr std::array<std::string_view, 3> kSqlClasses = {"3D", "3F", "42"};

struct RefusalClass {
  std::string_view prefix;  // of the SQLSTATE
  RefusalKind kind;
};

constexpr std::array kRefusals = {
    RefusalClass{"23502", RefusalKind::kNotNull},
    RefusalClass{"23503", RefusalKind::kForeignKey},
    RefusalClass{"23505", RefusalKind::kUnique},
    RefusalClass{"23514", RefusalKind::kCheck},
    RefusalClass{"23P01", RefusalKind::kExclusion},
    RefusalClass{"44", RefusalKind::kCheck},
    RefusalClass{"22", RefusalKind::kValue},
    RefusalClass{"P0", RefusalKind::kTrigger},
    RefusalClass{"27", RefusalKind::kTrigger},
    RefusalClass{"38", RefusalKind::kTrigger},
    RefusalClass{"39", RefusalKind::kTrigger},
    RefusalClass{kDenied, RefusalKind::kRowSecurity},
};

std::string Field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

// "ERROR:  relation …\nLINE 1: …\nDETAIL:  …" -> "relation …; …": the labels are translated, the
// two blanks after them are not.
std::string Plain(std::string_view text) {
  std::vector<std::string> parts;
  for (const std::string& line : Split(text, '\n')) {
    const size_t label = line.find(":  ");
    if (label != std::string::npos) {
      parts.emplace_back(Trim(std::string_view(line).substr(label + 3)));
    } else if (parts.empty() && !Trim(line).empty()) {
      parts.emplace_back(Trim(line));
    }
  }
  return Join(parts, "; ");
}

// " line 12, column id: \"x\"" of a context that names the table; empty: it does not.
std::string_view BehindTable(std::string_view context, std::string_view table) {
  const std::string start = "COPY " + std::string(table) + ",";
  const size_t begin = context.find(start);
  return begin == std::string_view::npos ? "" : context.substr(begin + start.size());
}

// "connection to … failed: FATAL:  28000: role …\nLOCATION:  InitializeSessionUserId,
// miscinit.c:768"
struct WhyNot {
  std::string sqlstate;  // empty: no server said anything
  std::string message;   // without what only libpq's verbose form has
};

// The place in the server's code, the last line of a report, whose label is translated.
bool IsLocation(std::string_view line) {
  const size_t file = line.rfind(".c:");
  if (file == std::string_view::npos) return false;
  const std::string_view number = line.substr(file + 3);
  return !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
}

// Where an SQLSTATE stands in a line: behind "FATAL:  ", and before ": ".
std::optional<size_t> FindSqlState(std::string_view line) {
  constexpr size_t kLength = 5;
  const size_t label = line.find(kLabelEnd);
  if (label == std::string_view::npos) return std::nullopt;
  const size_t begin = label + kLabelEnd.size();
  const std::string_view rest = line.substr(begin);
  const bool is_code = rest.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == kLength &&
                       rest.substr(kLength, 2) == ": ";
  return is_code ? std::optional(begin) : std::nullopt;
}

bool IsFinal(const std::string& sqlstate) {
  const Failure failure = FindFailure(kCodes, sqlstate);
  return failure == Failure::kNoEntry || failure == Failure::kDenied;
}

// There may be several tries: of several hosts, or with TLS and without it. The first one that may
// fare better later counts, else the last.
WhyNot ReasonOf(std::string_view verbose) {
  constexpr std::string_view kTry = "connection to ";
  std::vector<std::string> states;
  std::vector<std::string> lines;
  for (std::string& line : Split(verbose, '\n')) {
    if (IsLocation(line)) continue;
    if (const auto at = FindSqlState(line)) {
      states.push_back(line.substr(*at, 5));
      line.erase(*at, 7);
    } else if (line.starts_with(kTry)) {
      states.emplace_back();
    }
    lines.push_back(std::move(line));
  }
  const auto later = std::find_if_not(states.begin(), states.end(), IsFinal);
  WhyNot why;
  if (!states.empty()) why.sqlstate = later == states.end() ? states.back() : *later;
  why.message = Trim(Join(lines, "\n"));
  return why;
}

}  // namespace

std::span<const FailureCode> PostgresFailureCodes() { return kCodes; }

ErrorKind KindOfSqlState(std::string_view sqlstate) {
  return FailureRowOf(FindFailure(kCodes, sqlstate)).kind;
}

std::string ServerReport::Show() const {
  std::string more = detail;
  if (!hint.empty()) more += (more.empty() ? "" : "; ") + hint;
  return more.empty() ? message : message + " (" + more + ")";
}

ServerReport ReportOf(const PGresult* result) {
  return {Field(result, PG_DIAG_SQLSTATE),        Field(result, PG_DIAG_MESSAGE_PRIMARY),
          Field(result, PG_DIAG_MESSAGE_DETAIL),  Field(result, PG_DIAG_MESSAGE_HINT),
          Field(result, PG_DIAG_CONTEXT),         Field(result, PG_DIAG_SCHEMA_NAME),
          Field(result, PG_DIAG_TABLE_NAME),      Field(result, PG_DIAG_COLUMN_NAME),
          Field(result, PG_DIAG_CONSTRAINT_NAME), Field(result, PG_DIAG_SOURCE_FUNCTION)};
}

// Its message is translated; the function that raises it has had this name since PostgreSQL 9.5,
// the first that has policies.
ErrorKind KindOf(const ServerReport& report) {
  const bool by_policy = report.sqlstate == kDenied && report.function == "ExecWithCheckOptions";
  return by_policy ? ErrorKind::kData : KindOfSqlState(report.sqlstate);
}

ErrorKind KindOfWrite(const ServerReport& report, bool names_value) {
  const ErrorKind kind = KindOf(report);
  const std::string_view sqlstate = report.sqlstate;
  const auto is_of = [&](std::string_view prefix) { return sqlstate.starts_with(prefix); };
  const bool of_sql = std::any_of(kSqlClasses.begin(), kSqlClasses.end(), is_of);
  const bool of_server = std::any_of(kServerClasses.begin(), kServerClasses.end(), is_of);
  const bool raised = FindFailure(kCodes, sqlstate) == Failure::kOther && !of_server && !of_sql;
  return raised || (of_sql && names_value) ? ErrorKind::kData : kind;
}

Refusal RefusalOf(const ServerReport& report) {
  const auto found = std::find_if(kRefusals.begin(), kRefusals.end(), [&](const auto& row) {
    return std::string_view(report.sqlstate).starts_with(row.prefix);
  });
  const RefusalKind kind = found == kRefusals.end() ? RefusalKind::kOther : found->kind;
  return {kind, report.sqlstate, report.column, report.constraint, report.Show()};
}

Error LibpqError(PGconn* connection, const PGresult* result) {
  const ServerReport report = result == nullptr ? ServerReport{} : ReportOf(result);
  if (report.sqlstate.empty() || PQstatus(connection) == CONNECTION_BAD) {
    const char* text =
        result == nullptr ? PQerrorMessage(connection) : PQresultErrorMessage(result);
    Error lost = LostConnection(connection, text);
    return report.sqlstate.empty() ? lost : Error(lost.kind(), lost.what(), report.sqlstate);
  }
  return Error(KindOf(report), report.Show(), report.sqlstate);
}

Error PqxxError(const pqxx::sql_error& error) {
  std::string state = error.sqlstate();
  // libpqxx 6 leaves it out here.
  const bool denied = dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr;
  if (denied && state.empty()) state = kDenied;
  return Error(KindOfSqlState(state), Plain(error.what()), state);
}

Error LostConnection(PGconn* connection, std::string_view message) {
  const std::string plain = Plain(message);
  const std::string end = std::string("database ") + PQdb(connection) + " at " +
                          PQhost(connection) + ":" + PQport(connection);
  return Error(ErrorKind::kLost,
               "the connection to " + end + " was lost" + (plain.empty() ? "" : ": " + plain),
               "08006");
}

Error NotConnected(const std::string& end, std::string_view verbose) {
  const WhyNot why = ReasonOf(verbose);
  const Failure failure = FindFailure(kCodes, why.sqlstate);
  const bool known = IsFinal(why.sqlstate) || failure == Failure::kNoRoom;
  return Error(FailureRowOf(known ? failure : Failure::kLost).kind,
               "cannot connect to " + end + ": " + why.message,
               known ? why.sqlstate : std::string(kNoConnection));
}

Error SinceConnecting(const Error& error) {
  constexpr std::string_view kReadOnly = "25006";
  if (error.code() != kReadOnly) return error;
  return Error(FailureRowOf(Failure::kNoWritesYet).kind, error.what(), error.code());
}

std::optional<size_t> CopyLine(std::string_view context, std::string_view table) {
  std::string_view rest = BehindTable(context, table);
  rest = rest.substr(0, rest.find_first_of(",:\n"));
  const size_t digits = rest.find_first_of("0123456789");
  if (digits == std::string_view::npos) return std::nullopt;
  size_t line = 0;
  std::from_chars(rest.data() + digits, rest.data() + rest.size(), line);
  return line == 0 ? std::nullopt : std::optional<size_t>(line);
}

std::optional<size_t> RefusedLine(const ServerReport& report, std::string_view table) {
  if (report.function == kStoresRows) return std::nullopt;
  return CopyLine(report.context, table);
}

std::optional<size_t> CopyColumn(std::string_view context, std::string_view table,
                                 const std::vector<std::string>& columns) {
  std::string_view rest = BehindTable(context, table);
  const size_t line_end = rest.find_first_of(",:\n");
  if (line_end == std::string_view::npos || rest[line_end] != ',') return std::nullopt;
  rest.remove_prefix(std::min(line_end + 2, rest.size()));  // "column id: \"x\""
  rest = rest.substr(rest.find(' ') + 1);
  std::optional<size_t> found;
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool longer = !found || columns[i].size() > columns[*found].size();
    if (!longer || !rest.starts_with(columns[i])) continue;
    const std::string_view behind = rest.substr(columns[i].size());
    if (behind.empty() || behind[0] == ':' || behind[0] == '\n') found = i;
  }
  return found;
}

}  // namespace rowferry
