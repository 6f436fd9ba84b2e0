// SQLite's result codes, as errors of ours. The only place that knows which code is what.
#pragma once

#include <SQLiteCpp/Exception.h>

#include <string_view>

#include "base/error.h"
#include "data/refusal.h"

struct sqlite3;

namespace rowferry::sqlite {

// `doing` says what failed: "writing to orders".
Error Translate(const SQLite::Exception& exception, std::string_view doing);
// The newest error of the connection. REQUIRES: the last call on it failed.
Error LastError(sqlite3* connection, std::string_view doing);
// Whether that error may be the fault of a row that was written: also SQLITE_ERROR, which a
// function in a CHECK, an index or a trigger raises for a value, unless something is missing.
bool IsOfRow(sqlite3* connection, const Error& error);
// Why a row of the table was refused, by the same error. The constraint is a CHECK's name or, where
// it has none, its expression. REQUIRES: IsOfRow.
Refusal LastRefusal(sqlite3* connection, std::string_view table);

}  // namespace rowferry::sqlite
