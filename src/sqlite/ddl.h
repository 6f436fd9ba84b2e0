// Tables of other databases as SQLite would have them, and the statements that make them.
#pragma once

#include <string>

#include "data/schema.h"

namespace rowferry::sqlite {

// A table for the source's columns. Another SQLite table keeps its declared types, collations,
// WITHOUT ROWID and STRICT; other types are declared as sqlite/types.h says. What is left out or
// made something else is said in the warnings of the result.
Table Translate(const Table& source, const std::string& name);

std::string CreateStatement(const Table& table);

}  // namespace rowferry::sqlite
