// Whether the table that is written is still the one that the plan was made for.
//
// Binary COPY takes bytes as they are: four of an integer are a real as well. So each chunk looks,
// once COPY holds the table's lock, whether it is the same table with columns of the same types.
#pragma once

#include <string>

#include "flow/target.h"
#include "postgres/session.h"

namespace rowferry {

struct TableShape {
  std::string oid;
  std::string columns;  // the numbers of those that are written: "1,2,5"
  std::string hash;     // of names and types
  bool operator==(const TableShape&) const = default;
};

// As it stands now. Throws Error(kTarget), with kAlteredTable, where the table or a column that the
// plan writes is gone.
TableShape ReadShape(Session& session, const WritePlan& plan);

// A statement that raises kAlteredTable unless the table is of that shape. REQUIRES: the
// transaction holds a lock on the table, or writes nothing into it.
std::string RequireShape(const TableShape& shape);

// "table t was altered or replaced while this run was under way: <how>"
Error AlteredTable(const TableName& table, const std::string& how);

}  // namespace rowferry
