// What the rows of an SQLite table hold, whatever their columns were declared to be.
#pragma once

#include <map>
#include <string>

#include "data/schema.h"
#include "sqlite/meaning.h"
#include "sqlite/session.h"

namespace rowferry::sqlite {

// By column name; a column that is not there is plain.
using Encodings = std::map<std::string, Encoding>;

// Reads the table once. Gives each column the type that its rows have: the declared one where all
// of them fit, else the narrowest that takes all of them as they are, with a warning in
// table.warnings. An empty column keeps its declaration. A primary key in which rows hold
// NULL is marked so. Sets table.estimated_rows to the count.
Encodings TakeCensus(Session& session, Table& table);

// The same for one column, for its encoding alone.
Encoding TakeColumnCensus(Session& session, const std::string& table, const ColumnInfo& column);

}  // namespace rowferry::sqlite
