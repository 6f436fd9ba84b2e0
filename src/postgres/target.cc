#include "postgres/target.h"

#include "base/error.h"
#include "base/text.h"
#include "postgres/batch_encoder.h"
#include "postgres/catalog.h"
#include "postgres/ddl.h"
#include "postgres/driver.h"
#include "postgres/identity.h"
#include "postgres/sequences.h"
#include "postgres/writer.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

[[noreturn]] void Refuse(const std::string& why) { throw Error(ErrorKind::kPlan, why); }

// Rights on single columns serve as well.
void CheckColumns(Session& session, const WritePlan& plan, const std::string& role) {
  for (const WritePlan::Input& input : plan.inputs) {
    const auto rows = session.Exec(std::string(sql::postgres::may_insert_column),
                                   {{Qualified(plan.table.schema, plan.table.name)}, {input.name}});
    if (IsTrue(rows[0][0])) continue;
    Refuse("role " + role + " may not INSERT into " + plan.table.Show() + "." + input.name +
           ": GRANT it, or copy as another role");
  }
}

}  // namespace

PostgresTarget::PostgresTarget(const TargetOptions& options)
    : options_(options),
      session_(
          std::make_unique<Session>(options.url, SessionUse::kControl, options.application_name)),
      types_(std::make_unique<TypeCatalog>(*session_)),
      ledger_(std::make_unique<PostgresLedger>(*session_, options.ledger_schema)) {
  if (!options.read_only) RefuseTransactionPooler(*session_, options.url);
  identity_ = DatabaseIdentity(*session_);
}

std::string PostgresTarget::Place() const { return DatabasePlace(*session_); }

std::string PostgresTarget::Show() const { return ShowPostgresUrl(options_.url); }

std::optional<Table> PostgresTarget::DescribeTable(const TableName& name) {
  auto found = DescribeCatalogTable(*session_, name);
  if (!found) return std::nullopt;
  types_->Define(found->table);
  return std::move(found->table);
}

std::string PostgresTarget::FromClause(const TableName& name) const {
  const std::string quoted = Qualified(name.schema, name.name);
  const auto rows = session_->Exec(
      "SELECT relkind = 'p' FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1)",
      {{quoted}});
  const bool partitioned = !rows.empty() && IsTrue(rows[0][0]);
  return partitioned ? quoted : "ONLY " + quoted;
}

bool PostgresTarget::HoldsRows(const TableName& name) {
  return IsTrue(session_->Exec("SELECT EXISTS (SELECT FROM " + FromClause(name) + ")")[0][0]);
}

int64_t PostgresTarget::CountRows(const TableName& name) {
  return session_->Exec("SELECT count(*) FROM " + FromClause(name))[0][0].as<int64_t>();
}

Table PostgresTarget::Translate(const Table& source, const TableName& name) {
  return TranslateTable(source, name, *session_, *types_);
}

std::string PostgresTarget::CreateStatement(const Table& table) const {
  return CreateTableSql(table);
}

std::string PostgresTarget::TruncateStatement(const TableName& name) const {
  const std::string table = Qualified(name.schema, name.name);
  const auto may = session_->Exec(std::string(sql::postgres::may_prepare), {{table}});
  if (!may.empty() && !IsTrue(may[0]["may_truncate"])) {
    const std::string role = may[0]["role"].c_str();
    Refuse("role " + role + " may not empty " + name.Show() + ": GRANT TRUNCATE ON " + table +
           " TO " + QuoteIdentifier(role));
  }
  if (!may.empty() && !may[0]["referenced_by"].is_null()) {
    const std::string by = may[0]["referenced_by"].c_str();
    Refuse(name.Show() + " cannot be emptied, as a foreign key of " + by +
           " refers to it: empty both by hand (TRUNCATE " + table + ", " + by +
           "), or drop the foreign key until all tables are copied");
  }
  return "TRUNCATE TABLE " + FromClause(name);
}

std::string PostgresTarget::DropStatement(const TableName& name) const {
  const std::string table = Qualified(name.schema, name.name);
  const auto may = session_->Exec(std::string(sql::postgres::may_prepare), {{table}});
  if (!may.empty() && !IsTrue(may[0]["may_drop"])) {
    Refuse("role " + std::string(may[0]["role"].c_str()) + " may not drop " + name.Show() +
           ", which only its owner may: say --existing truncate, or copy as its owner");
  }
  return "DROP TABLE " + table;
}

std::optional<std::string> PostgresTarget::WhyNot(const Type& from,
                                                  const ColumnInfo& column) const {
  return WhyNotInto(from, column, *types_);
}

bool PostgresTarget::TakesNative(const WritePlan& plan) const { return TakesBinary(plan, *types_); }

void PostgresTarget::CheckWritable(const WritePlan& plan) {
  const auto found = session_->Exec(std::string(sql::postgres::writable),
                                    {{plan.table.schema}, {plan.table.name}});
  const auto& row = found[0];
  const std::string role = row["role"].c_str();
  if (IsTrue(row["in_recovery"])) Refuse(Show() + " is a standby in recovery: it takes no writes");
  if (std::string_view(row["read_only"].c_str()) == "on") {
    Refuse(Show() + " is read-only (default_transaction_read_only)");
  }
  if (!IsTrue(row["has_schema"])) {
    Refuse("the target has no schema " + plan.table.schema +
           ": CREATE SCHEMA it, or name another by --target-schema");
  }
  const std::string schema = QuoteIdentifier(plan.table.schema);
  if (!IsTrue(row["may_use"])) {
    Refuse("role " + role + " may not use schema " + plan.table.schema +
           ": GRANT USAGE ON SCHEMA " + schema + " TO " + QuoteIdentifier(role) +
           ", or name another schema by --target-schema");
  }
  if (!IsTrue(row["has_table"]) && !IsTrue(row["may_create"])) {
    Refuse("role " + role + " may not create tables in schema " + plan.table.schema +
           ": GRANT CREATE ON SCHEMA " + schema + " TO " + QuoteIdentifier(role) +
           ", or name another schema by --target-schema");
  }
  if (!IsTrue(row["has_table"])) return;
  if (!IsTrue(row["may_insert"])) CheckColumns(*session_, plan, role);
  CheckTableSequences(*session_, plan, role);
}

std::unique_ptr<Writer> PostgresTarget::OpenWriter(const WritePlan& plan, const SplitId& split) {
  return MakePostgresWriter({options_.url, options_.application_name, options_.ledger_schema}, plan,
                            split, *types_);
}

// On a session of its own: finding the largest value may take a scan, and while the control session
// is busy there is no sign of life.
void PostgresTarget::AdvanceSequences(const WritePlan& plan) {
  if (ReadSequences(*session_, plan.table).empty()) return;
  Session session(options_.url, SessionUse::kControl, options_.application_name);
  AdvanceTableSequences(session, plan, FromClause(plan.table));
}

std::unique_ptr<Target> OpenPostgresTarget(const TargetOptions& options) {
  return std::make_unique<PostgresTarget>(options);
}

}  // namespace rowferry
