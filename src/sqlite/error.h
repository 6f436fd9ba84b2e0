// SQLite's result codes, as errors of ours. The only place that knows which code is what.
#pragma once

#include <SQLiteCpp/Exception.h>

#include <string>
#include <string_view>

#include "base/error.h"

struct sqlite3;

namespace rowferry::sqlite {

// "SQLITE_FULL", "SQLITE_IOERR_WRITE": by the extended result code.
std::string ResultName(int code);
ErrorKind KindOf(int code);

// `doing` says what failed: "writing to orders".
Error Translate(const SQLite::Exception& exception, std::string_view doing);
// The newest error of the connection. REQUIRES: the last call on it failed.
Error LastError(sqlite3* connection, std::string_view doing);

}  // namespace rowferry::sqlite
