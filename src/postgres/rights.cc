#include "postgres/rights.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "postgres/ledger.h"
#include "postgres/refusals.h"
#include "postgres/sequences.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

// What stands in the ledger's schema, or may come to.
constexpr std::array<std::string_view, 6> kLedgerNames = {"meta",  "job",    "run",
                                                          "split", "reject", "backend"};

constexpr std::string_view kElsewhere = ", or keep the ledger in another schema (--ledger-schema)";

[[noreturn]] void Refuse(const std::string& why) { throw Error(ErrorKind::kPlan, why); }

std::string To(const std::string& role) { return " TO " + QuoteIdentifier(role); }

pqxx::row LedgerRights(Session& session, const std::string& schema) {
  std::vector<std::string> names;
  for (const std::string_view name : kLedgerNames) names.push_back(QuoteLiteral(name));
  const std::string sql =
      Fill(sql::postgres::ledger_rights, {{"names", "ARRAY[" + Join(names, ", ") + "]"}});
  return session.Exec(sql, {{schema}})[0];
}

std::vector<std::string> ClosedColumns(Session& session, const TableName& name,
                                       const std::string& privilege) {
  std::vector<std::string> columns;
  for (const auto& row : session.Exec(std::string(sql::postgres::closed_columns),
                                      {{Qualified(name.schema, name.name)}, {privilege}})) {
    columns.emplace_back(row[0].c_str());
  }
  return columns;
}

// Those of `columns` that this role has not the right to, as GRANT wants them; rights on single
// columns serve as well as that on the table.
std::string Missing(Session& session, const TableName& name, const std::string& privilege,
                    const std::vector<std::string>& columns) {
  const std::vector<std::string> closed = ClosedColumns(session, name, privilege);
  std::vector<std::string> missing;
  for (const std::string& column : columns) {
    if (std::find(closed.begin(), closed.end(), column) == closed.end()) continue;
    missing.push_back(QuoteIdentifier(column));
  }
  return Join(missing, ", ");
}

std::string CurrentRole(Session& session) {
  return session.Exec("SELECT current_user")[0][0].c_str();
}

// The server takes no writes at all.
std::string WhyReadOnly(const pqxx::row& row) {
  if (IsTrue(row["in_recovery"])) {
    return "the target is a standby in recovery, which takes no writes: copy into its primary";
  }
  if (std::string_view(row["read_only"].c_str()) != "on") return {};
  const std::string role = row["role"].c_str();
  return "the target is read-only for role " + role +
         " (default_transaction_read_only): ALTER ROLE " + QuoteIdentifier(role) +
         " SET default_transaction_read_only = off";
}

std::string WhyNoSchema(const pqxx::row& row, const std::string& name) {
  constexpr std::string_view kAnother = ", or name another schema by --target-schema";
  const std::string schema = QuoteIdentifier(name);
  const std::string role = row["role"].c_str();
  if (!IsTrue(row["has_schema"])) {
    return "the target has no schema " + name + ": CREATE SCHEMA " + schema + std::string(kAnother);
  }
  if (!IsTrue(row["may_use"])) {
    return "role " + role + " may not use schema " + name + ": GRANT USAGE ON SCHEMA " + schema +
           To(role) + std::string(kAnother);
  }
  if (IsTrue(row["has_table"]) || IsTrue(row["may_create"])) return {};
  return "role " + role + " may not create tables in schema " + name + ": GRANT CREATE ON SCHEMA " +
         schema + To(role) + std::string(kAnother);
}

// A table that is still to be made; DescribeTable has looked at those that are there.
std::string WhyNoNewTable(const pqxx::row& row, const TableName& name,
                          const std::string& ledger_schema) {
  const std::string table = "table " + name.Show() + ": ";
  if (IsTrue(row["has_type"])) {
    return table +
           "its name is that of a type in the target, and a table would bring a type of "
           "its name: name another schema by --target-schema";
  }
  const bool ledgers =
      std::find(kLedgerNames.begin(), kLedgerNames.end(), name.name) != kLedgerNames.end();
  if (name.schema != ledger_schema || !ledgers) return {};
  return table +
         "its name is that of a table of the ledger in that schema: name another by "
         "--target-schema or --ledger-schema";
}

std::string WhyNoInsert(Session& session, const WritePlan& plan, const std::string& role) {
  std::vector<std::string> columns;
  for (const WritePlan::Input& input : plan.inputs) columns.push_back(input.name);
  const std::string missing = Missing(session, plan.table, "INSERT", columns);
  if (missing.empty()) return {};
  return "role " + role + " may not INSERT into " + plan.table.Show() + ": GRANT INSERT (" +
         missing + ") ON " + Qualified(plan.table.schema, plan.table.name) + To(role);
}

// Functions and sequences that the table's own expressions use for each row.
std::vector<std::string> WhyNoExpressions(Session& session, const WritePlan& plan,
                                          const std::string& role) {
  std::vector<std::string> columns;
  for (const WritePlan::Input& input : plan.inputs) columns.push_back(QuoteLiteral(input.name));
  const std::string sql = Fill(sql::postgres::closed_callables,
                               {{"columns", "ARRAY[" + Join(columns, ", ") + "]::text[]"}});
  std::vector<std::string> reasons;
  for (const auto& row : session.Exec(sql, {{Qualified(plan.table.schema, plan.table.name)}})) {
    const std::string right = row["missing"].c_str();
    reasons.push_back("role " + role + " lacks " + right + ", which " + row["needed_by"].c_str() +
                      " needs for each row: GRANT " + right + To(role));
  }
  return reasons;
}

pqxx::row Preparation(Session& session, const TableName& name) {
  return session.Exec(std::string(sql::postgres::may_prepare),
                      {{Qualified(name.schema, name.name)}})[0];
}

// What each chunk runs is written in it.
std::string WhyNoLanguage(const pqxx::row& row) {
  if (row["may_speak"].is_null()) {
    return "the target lacks the language plpgsql: CREATE EXTENSION plpgsql";
  }
  if (IsTrue(row["may_speak"])) return {};
  const std::string role = row["role"].c_str();
  return "role " + role + " may not use the language plpgsql, in which each chunk is checked: " +
         "GRANT USAGE ON LANGUAGE plpgsql" + To(role);
}

std::string WhyNoUpgrade(Session& session, const pqxx::row& row, const std::string& schema) {
  if (row["owner"].is_null() && IsTrue(row["may_create"])) return {};
  const int format = LedgerFormat(session, schema);
  if (format >= kLedgerVersion) return {};
  const std::string role = row["role"].c_str();
  const std::string why = "role " + role + " may not upgrade the ledger in schema " + schema +
                          ", which is of format " + std::to_string(format) + ": ";
  if (row["owner"].is_null()) {
    return why + "GRANT CREATE ON SCHEMA " + QuoteIdentifier(schema) + To(role) +
           std::string(kElsewhere);
  }
  return why + "copy something as its owner, " + row["owner"].c_str() + ", once" +
         std::string(kElsewhere);
}

std::string WhyNoNewLedger(const pqxx::row& row, const std::string& schema) {
  const std::string role = row["role"].c_str();
  const std::string quoted = QuoteIdentifier(schema);
  if (IsSystemSchema(schema)) {
    return "the ledger cannot be kept in schema " + schema +
           ", which is the server's own: name another by --ledger-schema";
  }
  if (!IsTrue(row["has_schema"])) {
    if (IsTrue(row["may_create_schema"])) return {};
    return "role " + role + " may not create the ledger's schema " + schema + ": CREATE SCHEMA " +
           quoted + " AUTHORIZATION " + QuoteIdentifier(role) +
           ", or name a schema where this role may create tables by --ledger-schema";
  }
  if (!IsTrue(row["may_use"]) || !IsTrue(row["may_create"])) {
    return "role " + role + " may not create the ledger in schema " + schema +
           ": GRANT USAGE, CREATE ON SCHEMA " + quoted + To(role) + std::string(kElsewhere);
  }
  if (row["in_the_way"].is_null()) return {};
  return "schema " + schema + " holds a table " + row["in_the_way"].c_str() +
         " that is not the ledger's: keep the ledger in another schema (--ledger-schema)";
}

}  // namespace

void CheckLedgerUse(Session& session, const std::string& schema, bool to_read) {
  const auto row = LedgerRights(session, schema);
  if (!IsTrue(row["has_ledger"])) return;
  const bool may_call = to_read || IsTrue(row["may_call"]);
  const bool may_tables = IsTrue(row["may_use"]) && IsTrue(row[to_read ? "may_read" : "may_write"]);
  if (may_tables && may_call) return;
  const std::string role = row["role"].c_str();
  const std::string in_schema = " IN SCHEMA " + QuoteIdentifier(schema) + To(role);
  std::string grants;
  if (!may_tables) {
    const std::string rights = to_read ? "SELECT" : "SELECT, INSERT, UPDATE, DELETE";
    grants += "; GRANT USAGE ON SCHEMA " + QuoteIdentifier(schema) + To(role) + "; GRANT " +
              rights + " ON ALL TABLES" + in_schema;
  }
  if (!may_call) grants += "; GRANT EXECUTE ON ALL FUNCTIONS" + in_schema;
  Refuse("role " + role + " may not " + (to_read ? "read" : "use") + " the ledger in schema " +
         schema + ": " + grants.substr(2) + (to_read ? "" : std::string(kElsewhere)));
}

std::vector<std::string> WhyNoLedger(Session& session, const std::string& schema) {
  const auto row = LedgerRights(session, schema);
  std::vector<std::string> reasons = {WhyNoLanguage(row), IsTrue(row["has_ledger"])
                                                              ? WhyNoUpgrade(session, row, schema)
                                                              : WhyNoNewLedger(row, schema)};
  std::erase(reasons, "");
  return reasons;
}

std::vector<std::string> WhyUnwritable(Session& session, const WritePlan& plan,
                                       const std::string& ledger_schema) {
  const TableName& name = plan.table;
  const auto found =
      session.Exec(std::string(sql::postgres::writable), {{name.schema}, {name.name}});
  const auto& row = found[0];
  if (auto why = WhyReadOnly(row); !why.empty()) return {why};
  if (IsSystemSchema(name.schema)) {
    return {"schema " + name.schema +
            " is the server's own, or for temporary tables: name another by --target-schema"};
  }
  if (auto why = WhyNoSchema(row, name.schema); !why.empty()) return {why};
  if (!IsTrue(row["has_table"])) {
    auto why = WhyNoNewTable(row, name, ledger_schema);
    return why.empty() ? std::vector<std::string>() : std::vector<std::string>{why};
  }
  const std::string role = row["role"].c_str();
  std::vector<std::string> reasons;
  if (!IsTrue(row["may_insert"])) reasons.push_back(WhyNoInsert(session, plan, role));
  for (std::string& why : WhyNoSequences(session, plan, role)) reasons.push_back(std::move(why));
  for (std::string& why : WhyNoExpressions(session, plan, role)) reasons.push_back(std::move(why));
  std::erase(reasons, "");
  return reasons;
}

void CheckTruncate(Session& session, const TableName& name) {
  const std::string table = Qualified(name.schema, name.name);
  const auto may = Preparation(session, name);
  if (!IsTrue(may["may_truncate"])) {
    const std::string role = may["role"].c_str();
    Refuse("role " + role + " may not empty " + name.Show() + ": GRANT TRUNCATE ON " + table +
           To(role));
  }
  if (may["referenced_by"].is_null()) return;
  const std::string by = may["referenced_by"].c_str();
  Refuse(name.Show() + " cannot be emptied, as a foreign key of " + by +
         " refers to it: empty both by hand (TRUNCATE " + table + ", " + by +
         "), or drop the foreign key until all tables are copied");
}

void CheckReplace(Session& session, const TableName& name) {
  constexpr std::string_view kTruncate = ": say --existing truncate, ";
  const auto may = Preparation(session, name);
  const std::string role = may["role"].c_str();
  const auto refuse = [&](const std::string& why, const std::string& or_else) {
    Refuse(why + std::string(kTruncate) + or_else);
  };
  if (!IsTrue(may["may_drop"])) {
    refuse("role " + role + " may not drop " + name.Show() + ", which only its owner may",
           "or copy as its owner");
  }
  if (!IsTrue(may["may_create"])) {
    refuse("role " + role + " may not make " + name.Show() + " anew",
           "or GRANT CREATE ON SCHEMA " + QuoteIdentifier(name.schema) + To(role));
  }
  if (!may["partition_of"].is_null()) {
    refuse(name.Show() + " cannot be replaced, as it is a partition of " +
               may["partition_of"].c_str() + " and would be none afterwards",
           "or detach it");
  }
  if (!may["needed_by"].is_null()) {
    refuse(name.Show() + " cannot be replaced, as " + may["needed_by"].c_str() + " needs it",
           "or drop what needs it");
  }
}

void CheckTypes(Session& session, const Table& table) {
  std::vector<std::string> types;
  for (const ColumnInfo& column : table.columns) types.push_back(QuoteLiteral(column.native));
  const std::string sql =
      Fill(sql::postgres::closed_types, {{"types", "ARRAY[" + Join(types, ", ") + "]::text[]"}});
  std::vector<std::string> reasons;
  for (const auto& row : session.Exec(sql)) {
    const std::string right = "USAGE ON TYPE " + std::string(row["name"].c_str());
    const std::string role = CurrentRole(session);
    reasons.push_back("role " + role + " lacks " + right + ", which it takes to make table " +
                      table.name.Show() + ": GRANT " + right + To(role));
  }
  if (!reasons.empty()) Refuse(Join(reasons, "\n"));
}

std::string GrantSelect(Session& session, const TableName& name) {
  const std::string table = Qualified(name.schema, name.name);
  const auto may = session.Exec("SELECT pg_catalog.has_table_privilege($1, 'SELECT')", {{table}});
  return IsTrue(may[0][0]) ? "" : ": GRANT SELECT ON " + table + To(CurrentRole(session));
}

std::string GrantCondition(Session& session) {
  return ": GRANT what the condition needs, EXECUTE on its functions or SELECT on other tables," +
         To(CurrentRole(session));
}

void CheckSelect(Session& session, const TableName& name, const std::vector<std::string>& columns) {
  const std::string missing = Missing(session, name, "SELECT", columns);
  if (missing.empty()) return;
  const std::string role = CurrentRole(session);
  Refuse("role " + role + " may not read all columns of " + name.Show() + ": GRANT SELECT (" +
         missing + ") ON " + Qualified(name.schema, name.name) + To(role) +
         ", or leave them out with --drop, or the table with --exclude " + name.name);
}

}  // namespace rowferry
