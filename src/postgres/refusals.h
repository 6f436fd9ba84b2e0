// Why a relation of PostgreSQL's cannot be the target of exactly-once writing.
#pragma once

#include <pqxx/pqxx>
#include <string>
#include <string_view>

#include "data/schema.h"

namespace rowferry {

// True for the schemas that the server keeps for itself and for temporary tables.
bool IsSystemSchema(std::string_view schema);

// Reasons begin with a verb ("is a view: …") and end with the way out. Empty: none is known.
// `row` is of sql/postgres/table.sql.
std::string WhyNoTarget(const pqxx::row& row, const TableName& name);
// `row` is of sql/postgres/partitions.sql: the table itself, or a part of it.
std::string WhyNoPart(const pqxx::row& row);

}  // namespace rowferry
