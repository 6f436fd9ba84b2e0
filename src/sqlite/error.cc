#include "sqlite/error.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "flow/failures.h"
#include "sqlite/driver.h"

namespace rowferry::sqlite {
namespace {

struct CodeName {
  int code;
  std::string_view name;
};

#define ROWFERRY_CODE(code) \
  CodeName { code, #code }
constexpr std::array kNames = {
    ROWFERRY_CODE(SQLITE_ERROR),
    ROWFERRY_CODE(SQLITE_INTERNAL),
    ROWFERRY_CODE(SQLITE_PERM),
    ROWFERRY_CODE(SQLITE_ABORT),
    ROWFERRY_CODE(SQLITE_BUSY),
    ROWFERRY_CODE(SQLITE_BUSY_RECOVERY),
    ROWFERRY_CODE(SQLITE_BUSY_SNAPSHOT),
    ROWFERRY_CODE(SQLITE_LOCKED),
    ROWFERRY_CODE(SQLITE_NOMEM),
    ROWFERRY_CODE(SQLITE_READONLY),
    ROWFERRY_CODE(SQLITE_READONLY_DBMOVED),
    ROWFERRY_CODE(SQLITE_READONLY_DIRECTORY),
    ROWFERRY_CODE(SQLITE_INTERRUPT),
    ROWFERRY_CODE(SQLITE_IOERR),
    ROWFERRY_CODE(SQLITE_IOERR_READ),
    ROWFERRY_CODE(SQLITE_IOERR_SHORT_READ),
    ROWFERRY_CODE(SQLITE_IOERR_WRITE),
    ROWFERRY_CODE(SQLITE_IOERR_FSYNC),
    ROWFERRY_CODE(SQLITE_IOERR_TRUNCATE),
    ROWFERRY_CODE(SQLITE_IOERR_DELETE),
    ROWFERRY_CODE(SQLITE_IOERR_LOCK),
    ROWFERRY_CODE(SQLITE_IOERR_RDLOCK),
    ROWFERRY_CODE(SQLITE_IOERR_UNLOCK),
    ROWFERRY_CODE(SQLITE_IOERR_CHECKRESERVEDLOCK),
    ROWFERRY_CODE(SQLITE_IOERR_NOMEM),
    ROWFERRY_CODE(SQLITE_IOERR_CORRUPTFS),
    ROWFERRY_CODE(SQLITE_CORRUPT),
    ROWFERRY_CODE(SQLITE_NOTFOUND),
    ROWFERRY_CODE(SQLITE_FULL),
    ROWFERRY_CODE(SQLITE_CANTOPEN),
    ROWFERRY_CODE(SQLITE_CANTOPEN_ISDIR),
    ROWFERRY_CODE(SQLITE_PROTOCOL),
    ROWFERRY_CODE(SQLITE_SCHEMA),
    ROWFERRY_CODE(SQLITE_TOOBIG),
    ROWFERRY_CODE(SQLITE_CONSTRAINT),
    ROWFERRY_CODE(SQLITE_CONSTRAINT_CHECK),
    ROWFERRY_CODE(SQLITE_CONSTRAINT_DATATYPE),
    ROWFERRY_CODE(SQLITE_CONSTRAINT_FOREIGNKEY),
    ROWFERRY_CODE(SQLITE_CONSTRAINT_NOTNULL),
    ROWFERRY_CODE(SQLITE_CONSTRAINT_PRIMARYKEY),
    ROWFERRY_CODE(SQLITE_CONSTRAINT_ROWID),
    ROWFERRY_CODE(SQLITE_CONSTRAINT_TRIGGER),
    ROWFERRY_CODE(SQLITE_CONSTRAINT_UNIQUE),
    ROWFERRY_CODE(SQLITE_MISMATCH),
    ROWFERRY_CODE(SQLITE_MISUSE),
    ROWFERRY_CODE(SQLITE_NOLFS),
    ROWFERRY_CODE(SQLITE_AUTH),
    ROWFERRY_CODE(SQLITE_RANGE),
    ROWFERRY_CODE(SQLITE_NOTADB),
};
#undef ROWFERRY_CODE

// The first row that matches decides.
constexpr std::array kCodes = {
    // The system refused a lock or memory, for now.
    FailureCode{"SQLITE_IOERR_LOCK", Failure::kLock},
    FailureCode{"SQLITE_IOERR_RDLOCK", Failure::kLock},
    FailureCode{"SQLITE_IOERR_UNLOCK", Failure::kLock},
    FailureCode{"SQLITE_IOERR_CHECKRESERVEDLOCK", Failure::kLock},
    FailureCode{"SQLITE_BUSY", Failure::kLock},
    FailureCode{"SQLITE_LOCKED", Failure::kLock},
    FailureCode{"SQLITE_PROTOCOL", Failure::kLock},
    FailureCode{"SQLITE_IOERR_NOMEM", Failure::kMemory},
    FailureCode{"SQLITE_NOMEM", Failure::kMemory},
    FailureCode{"SQLITE_FULL", Failure::kDiskFull},
    FailureCode{"SQLITE_IOERR_CORRUPTFS", Failure::kDamaged},
    FailureCode{"SQLITE_IOERR_DELETE", Failure::kDenied},  // of a journal, in a protected folder
    FailureCode{"SQLITE_IOERR", Failure::kDisk},
    FailureCode{"SQLITE_PERM", Failure::kDenied},
    FailureCode{"SQLITE_AUTH", Failure::kDenied},
    FailureCode{"SQLITE_READONLY_DBMOVED", Failure::kOther},
    FailureCode{"SQLITE_READONLY", Failure::kDenied},
    FailureCode{"SQLITE_SCHEMA", Failure::kAltered},
    FailureCode{"SQLITE_CORRUPT", Failure::kDamaged},
    FailureCode{"SQLITE_CONSTRAINT", Failure::kRow},
    FailureCode{"SQLITE_MISMATCH", Failure::kRow},
    FailureCode{"SQLITE_TOOBIG", Failure::kRow},
    FailureCode{"SQLITE_NOTADB", Failure::kNoDatabase},
    FailureCode{"SQLITE_CANTOPEN", Failure::kNoDatabase},
    FailureCode{"SQLITE_MISUSE", Failure::kFault},
    FailureCode{"SQLITE_RANGE", Failure::kFault},
};

struct CodeRefusal {
  int code;
  RefusalKind kind;
};

constexpr std::array kRefusals = {
    CodeRefusal{SQLITE_CONSTRAINT_NOTNULL, RefusalKind::kNotNull},
    CodeRefusal{SQLITE_CONSTRAINT_CHECK, RefusalKind::kCheck},
    CodeRefusal{SQLITE_CONSTRAINT_UNIQUE, RefusalKind::kUnique},
    CodeRefusal{SQLITE_CONSTRAINT_PRIMARYKEY, RefusalKind::kUnique},
    CodeRefusal{SQLITE_CONSTRAINT_ROWID, RefusalKind::kUnique},
    CodeRefusal{SQLITE_CONSTRAINT_FOREIGNKEY, RefusalKind::kForeignKey},
    CodeRefusal{SQLITE_CONSTRAINT_TRIGGER, RefusalKind::kTrigger},
    CodeRefusal{SQLITE_CONSTRAINT_DATATYPE, RefusalKind::kValue},
    CodeRefusal{SQLITE_MISMATCH, RefusalKind::kValue},
    CodeRefusal{SQLITE_TOOBIG, RefusalKind::kValue},
};

// "SQLITE_FULL", "SQLITE_IOERR_WRITE": by the extended result code.
std::string ResultName(int code) {
  const auto find = [](int wanted) {
    return std::find_if(kNames.begin(), kNames.end(),
                        [&](const CodeName& row) { return row.code == wanted; });
  };
  if (const auto exact = find(code); exact != kNames.end()) return std::string(exact->name);
  const auto primary = find(code & 0xff);
  const std::string name = primary == kNames.end() ? "SQLITE" : std::string(primary->name);
  return name + "(" + std::to_string(code) + ")";
}

// Those that name columns, as table.column, behind a colon or the word.
constexpr std::array kOfColumns = {SQLITE_CONSTRAINT_NOTNULL, SQLITE_CONSTRAINT_UNIQUE,
                                   SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID,
                                   SQLITE_CONSTRAINT_DATATYPE};

// The one column of the table that is named: "NOT NULL constraint failed: orders.note", "cannot
// store TEXT value in INTEGER column orders.note". Empty for several, and for those of another
// table, which a trigger wrote to.
std::string ColumnOf(int code, std::string_view message, std::string_view table) {
  if (std::find(kOfColumns.begin(), kOfColumns.end(), code) == kOfColumns.end()) return "";
  const std::string_view mark = code == SQLITE_CONSTRAINT_DATATYPE ? " column " : ": ";
  const size_t at = message.find(mark);
  if (at == std::string_view::npos) return "";
  const std::string_view columns = message.substr(at + mark.size());
  const std::string qualifier(columns.substr(0, table.size() + 1));
  if (!EqualsIgnoreCase(qualifier, std::string(table) + ".")) return "";
  const bool several = columns.find(", " + qualifier) != std::string_view::npos;
  return several ? "" : std::string(columns.substr(qualifier.size()));
}

// What a CHECK is called, or its expression where it has no name.
std::string CheckOf(int code, std::string_view message) {
  constexpr std::string_view kStart = "CHECK constraint failed: ";
  const bool names_one = code == SQLITE_CONSTRAINT_CHECK && message.starts_with(kStart);
  return names_one ? std::string(message.substr(kStart.size())) : "";
}

Error Make(int code, std::string_view message, std::string_view doing) {
  const std::string name = ResultName(code);
  const bool cancelled = code == SQLITE_INTERRUPT;  // by us: nothing was wrong with the statement
  const ErrorKind kind =
      cancelled ? ErrorKind::kTransient : FailureRowOf(FindFailure(kCodes, name)).kind;
  return Error(kind, std::string(doing) + ": " + std::string(message), name);
}

}  // namespace

Error Translate(const SQLite::Exception& exception, std::string_view doing) {
  const int extended = exception.getExtendedErrorCode();
  const int code = extended > 0 ? extended : exception.getErrorCode();
  return Make(code, exception.what(), doing);
}

Error LastError(sqlite3* connection, std::string_view doing) {
  return Make(sqlite3_extended_errcode(connection), sqlite3_errmsg(connection), doing);
}

bool IsOfRow(sqlite3* connection, const Error& error) {
  const bool raised = sqlite3_extended_errcode(connection) == SQLITE_ERROR;
  const std::string_view message = sqlite3_errmsg(connection);
  return error.kind() == ErrorKind::kData || (raised && !message.starts_with("no such "));
}

Refusal LastRefusal(sqlite3* connection, std::string_view table) {
  const int code = sqlite3_extended_errcode(connection);
  const auto found = std::find_if(kRefusals.begin(), kRefusals.end(),
                                  [&](const CodeRefusal& row) { return row.code == code; });
  const RefusalKind kind = found == kRefusals.end() ? RefusalKind::kOther : found->kind;
  const std::string message = sqlite3_errmsg(connection);
  return {kind, ResultName(code), ColumnOf(code, message, table), CheckOf(code, message), message};
}

}  // namespace rowferry::sqlite

namespace rowferry {

std::span<const FailureCode> SqliteFailureCodes() { return sqlite::kCodes; }

}  // namespace rowferry
