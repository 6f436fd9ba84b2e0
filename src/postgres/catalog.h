// Tables as PostgreSQL's catalog describes them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/schema.h"
#include "flow/source.h"
#include "postgres/session.h"

namespace rowferry {

// What only PostgreSQL says of a table.
struct CatalogTable {
  Table table;
  uint32_t oid = 0;
  char relkind = 'r';      // as in pg_class
  bool reachable = true;   // false: only name and refusal are known
  int64_t size_bytes = 0;  // of the table itself, without partitions
  bool row_security = false;
  bool foreign_parts = false;                     // partitions on other servers
  std::map<std::string, std::string> collations;  // of the columns that have one, quoted

  bool partitioned() const { return relkind == 'p'; }
  // "schema"."name", with ONLY before it for an ordinary table.
  std::string From() const;
};

// The user's tables, sorted by name. Partitions, extensions' tables and ledgers are left out.
std::vector<TableName> ListCatalogTables(Session& session);
std::vector<NoTable> ListCatalogOthers(Session& session);

// Nothing if no relation has that name. Reads the catalog; for a small table also its rows, to
// count them. What is no table is described all the same, with a target_refusal.
std::optional<CatalogTable> DescribeCatalogTable(Session& session, const TableName& name);

LeftBehind CountLeftBehind(Session& session, const CatalogTable& table);

}  // namespace rowferry
