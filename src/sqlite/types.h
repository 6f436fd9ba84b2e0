// Declared types: what SQLite makes of them, and what we do.
//
// One rule for new tables: a type keeps its name as the declared type where that name's affinity
// cannot change any value that the type can hold; else the column is TEXT and the type follows in a
// comment, which the catalog reads back: TEXT /* type: interval */. docs/types.md has the table.
// What a composite or the like is made of stands there as well, so that it enters no other of its
// name: TEXT /* type: public.pair; parts: .1 integer, .2 numeric(7,2) */.
#pragma once

#include <string>
#include <string_view>

#include "data/schema.h"
#include "data/type.h"

namespace rowferry::sqlite {

// https://sqlite.org/datatype3.html, section 3.1
enum class Affinity { kInteger, kText, kNone, kReal, kNumeric };

// `declared` is what the catalog calls the type, a comment included. In a STRICT table ANY has no
// affinity.
Affinity AffinityOf(std::string_view declared, bool strict);

// What a declaration suggests. Known: it names a type of ours; else the type follows the affinity.
struct Suggestion {
  Type type;
  bool known = false;
};
Suggestion SuggestType(std::string_view declared, bool strict = false);

// What follows "type:" in "/* type: interval */" as an SQL comment holds it; empty if it is
// another.
std::string_view TypeInComment(std::string_view comment);

// ColumnInfo::definition of the type in that comment; empty if there is none.
std::string PartsOf(std::string_view declared);

// The declaration of a new column. `parts`: ColumnInfo::definition. `rowid_alias`: it is the only
// column of the primary key, so an integer is declared INTEGER.
std::string Declare(const Type& type, const std::string& parts, bool rowid_alias);

// True for "INTEGER" in any case, a comment aside: as a primary key it is the rowid.
bool IsRowidAlias(std::string_view declared);

}  // namespace rowferry::sqlite
