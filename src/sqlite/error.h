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
// Why a row of the table was refused, by the same error. The constraint is a CHECK's name or, where
// it has none, its expression. REQUIRES: it is of kData.
Refusal LastRefusal(sqlite3* connection, std::string_view table);

}  // namespace rowferry::sqlite
