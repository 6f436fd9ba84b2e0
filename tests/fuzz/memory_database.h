// A throwaway SQLite database, to ask SQLite itself.
#pragma once

#include <sqlite3.h>

#include <memory>

#include "fuzz/fuzz.h"

namespace rowferry::testing {

using MemoryDatabase = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;

inline MemoryDatabase OpenInMemory() {
  sqlite3* raw = nullptr;
  Require(sqlite3_open(":memory:", &raw) == SQLITE_OK, "SQLite opens");
  return {raw, &sqlite3_close};
}

}  // namespace rowferry::testing
