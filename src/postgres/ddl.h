// Tables made in PostgreSQL for another database's columns.
#pragma once

#include <string>

#include "data/schema.h"
#include "postgres/session.h"
#include "postgres/types.h"

namespace rowferry {

// Target::Translate. Throws Error(kPlan) for names that PostgreSQL would cut, or has itself.
Table TranslateTable(const Table& source, const TableName& name, Session& session,
                     TypeCatalog& types);

// "CREATE TABLE …" for what TranslateTable returned.
std::string CreateTableSql(const Table& table);

}  // namespace rowferry
