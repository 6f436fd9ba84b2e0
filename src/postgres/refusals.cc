#include "postgres/refusals.h"

#include <array>

#include "base/text.h"
#include "postgres/session.h"

namespace rowferry {
namespace {

struct KindOfRelation {
  char relkind;
  std::string_view refusal;
};

// A name of pg_class is that of one relation only, so what has it stands in a new table's way too.
constexpr std::array kNoTables = {
    KindOfRelation{'v', "is a view, and has no rows of its own"},
    KindOfRelation{'m', "is a materialized view, and has no rows of its own"},
    KindOfRelation{'S', "is a sequence, not a table"},
    KindOfRelation{'i', "is an index, not a table"},
    KindOfRelation{'I', "is an index, not a table"},
    KindOfRelation{'c', "is a composite type, not a table"},
    KindOfRelation{'t', "is a TOAST table of the server's own"},
};

constexpr std::string_view kAnotherName =
    ": rename one of the two, or name another schema by --target-schema";

std::string WhyNoTable(char relkind) {
  for (const KindOfRelation& kind : kNoTables) {
    if (kind.relkind == relkind) return std::string(kind.refusal) + std::string(kAnotherName);
  }
  return {};
}

// A policy may keep a row away in silence or by an error; COPY refuses the table as a whole.
std::string WhyNoCopyPasses(const pqxx::row& row, const std::string& table) {
  const std::string role = row["role"].c_str();
  const bool forced = IsTrue(row["forces_row_security"]);
  const bool is_owner = IsTrue(row["is_owner"]);
  std::string way_out = "ALTER ROLE " + QuoteIdentifier(role) + " BYPASSRLS";
  if (is_owner) way_out += ", or ALTER TABLE " + table + " NO FORCE ROW LEVEL SECURITY";
  if (!is_owner && !forced)
    way_out += ", or copy as its owner " + std::string(row["owner"].c_str());
  return "has row-level security for role " + role + ", which COPY does not permit: " + way_out;
}

}  // namespace

bool IsSystemSchema(std::string_view schema) {
  return schema.starts_with("pg_") || schema == "information_schema";
}

std::string WhyNoTarget(const pqxx::row& row, const TableName& name) {
  const std::string table = Qualified(name.schema, name.name);
  if (IsSystemSchema(name.schema)) {
    return "is in a schema of the server's own: name another by --target-schema";
  }
  if (auto why = WhyNoTable(row["relkind"].c_str()[0]); !why.empty()) return why;
  if (IsTrue(row["is_ledger"])) {
    return "is a table of a rowferry ledger: name another schema by --target-schema or "
           "--ledger-schema";
  }
  const std::string role = row["role"].c_str();
  if (!IsTrue(row["may_use_schema"])) {
    return "is in a schema that role " + role + " may not use: GRANT USAGE ON SCHEMA " +
           QuoteIdentifier(name.schema) + " TO " + QuoteIdentifier(role);
  }
  if (!row["insert_rule"].is_null()) {
    const std::string rule = QuoteIdentifier(row["insert_rule"].c_str());
    return "has the rule " + rule +
           " on INSERT, which COPY would pass by: for the time of the copy, ALTER TABLE " + table +
           " DISABLE RULE " + rule;
  }
  if (IsTrue(row["row_security"])) return WhyNoCopyPasses(row, table);
  if (!IsTrue(row["readable"])) {
    return "cannot be read by role " + role +
           ", and whether it holds rows must be known: GRANT SELECT ON " + table + " TO " +
           QuoteIdentifier(role);
  }
  return {};
}

// A partitioned table has no rows of its own to lose, whatever it was made as.
std::string WhyNoPart(const pqxx::row& row) {
  const char relkind = row["relkind"].c_str()[0];
  if (relkind == 'f') {
    return "is a foreign table, whose rows would not share the fate of their checkpoint: copy "
           "into the server that holds them";
  }
  if (relkind == 'p' || row["relpersistence"].c_str()[0] != 'u') return {};
  return "is UNLOGGED: after a crash of the server its rows would be gone, but not their "
         "checkpoint: ALTER TABLE " +
         std::string(row["name"].c_str()) + " SET LOGGED";
}

}  // namespace rowferry
