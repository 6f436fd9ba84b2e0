// What the catalog's PRAGMAs do not say about a table: read from the text of its CREATE TABLE.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace rowferry::sqlite {

// By column name in lower case: the type in a comment right after the column's declared type, as
// Declare (sqlite/types.h) writes it. Never fails; an unexpected text gives nothing.
std::map<std::string, std::string> TypeComments(std::string_view create_table);

// True if the table has a constraint of that name.
bool NamesConstraint(std::string_view create_table, std::string_view name);

// True if one of the table's constraints says what becomes of rows that violate it (ON CONFLICT …).
bool HasConflictClause(std::string_view create_table);

}  // namespace rowferry::sqlite
