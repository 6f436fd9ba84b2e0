#include "postgres/target.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "postgres/batch_encoder.h"
#include "postgres/catalog.h"
#include "postgres/ddl.h"
#include "postgres/driver.h"
#include "postgres/identity.h"
#include "postgres/rights.h"
#include "postgres/sequences.h"
#include "postgres/writer.h"

namespace rowferry {
namespace {

// "(12,2)" of "numeric(12,2)"; or empty.
std::string_view Modifiers(std::string_view type) {
  const size_t open = std::min(type.find('('), type.size());
  return type.substr(open, type.find(')') - open);
}

// A table that is made spells varchar(10) what the catalog calls character varying(10).
bool IsSameType(Session& session, const std::string& a, const std::string& b) {
  if (a == b) return true;
  if (Modifiers(a) != Modifiers(b)) return false;
  return IsTrue(session.Exec("SELECT pg_catalog.to_regtype($1) = pg_catalog.to_regtype($2)",
                             {{a}, {b}})[0][0]);
}

}  // namespace

PostgresTarget::PostgresTarget(const TargetOptions& options)
    : options_(options),
      roll_(MakeRoll(options.url, options.watch_list)),
      session_(std::make_unique<Session>(SessionFor(SessionUse::kControl, "the control session"))),
      types_(std::make_unique<TypeCatalog>(*session_)),
      ledger_(std::make_unique<PostgresLedger>(*session_, options.ledger_schema)) {
  const bool to_read = options.read_only && options.must_exist;  // status
  if (!to_read) {
    RefuseTransactionPooler(*session_, SessionFor(SessionUse::kControl, "the check for a pooler"));
  }
  CheckLedgerUse(*session_, options.ledger_schema, to_read);
  identity_ = DatabaseIdentity(*session_);
}

SessionOptions PostgresTarget::SessionFor(SessionUse use, const std::string& who) const {
  return {options_.url, use, options_.application_name, options_.lock_timeout, roll_, who};
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
  CheckTypes(*session_, table);
  return CreateTableSql(table);
}

std::string PostgresTarget::TruncateStatement(const TableName& name) const {
  CheckTruncate(*session_, name);
  return "TRUNCATE TABLE " + FromClause(name);
}

std::string PostgresTarget::DropStatement(const TableName& name) const {
  CheckReplace(*session_, name);
  return "DROP TABLE " + Qualified(name.schema, name.name);
}

std::optional<std::string> PostgresTarget::WhyNot(const Type& from,
                                                  const ColumnInfo& column) const {
  return WhyNotInto(from, column, *types_);
}

bool PostgresTarget::TakesNative(const WritePlan& plan) const { return TakesBinary(plan, *types_); }

void PostgresTarget::CheckWritable(const WritePlan& plan) {
  std::vector<std::string> reasons = WhyUnwritable(*session_, plan, options_.ledger_schema);
  for (std::string& why : WhyNoLedger(*session_, options_.ledger_schema)) {
    reasons.push_back(std::move(why));
  }
  if (!reasons.empty()) throw Error(ErrorKind::kPlan, Join(reasons, "\n"));
}

std::unique_ptr<Writer> PostgresTarget::OpenWriter(const WritePlan& plan, const SplitId& split) {
  return MakePostgresWriter({SessionFor(SessionUse::kWriter, "the writer of " + plan.table.Show()),
                             options_.ledger_schema, ShapeFor(plan, split.split)},
                            plan, split, *types_, writers_[split.split]);
}

// What the plan was made for, and what an earlier writer of this run wrote to.
TableShape PostgresTarget::ShapeFor(const WritePlan& plan, int split) {
  TableShape shape = ReadShape(*session_, plan);
  const auto now = DescribeCatalogTable(*session_, plan.table);
  for (const WritePlan::Input& input : plan.inputs) {
    const ColumnInfo* column = now ? now->table.Find(input.name) : nullptr;
    const std::string native = column == nullptr ? "gone" : column->native;
    if (column != nullptr && IsSameType(*session_, native, input.column.native)) continue;
    throw AlteredTable(
        plan.table, "column " + input.name + " was " + input.column.native + " and is " + native);
  }
  if (shapes_.emplace(split, shape).first->second == shape) return shape;
  throw AlteredTable(plan.table, "it is not the one that rows were written to");
}

// On a session of its own: finding the largest value may take a scan, and while the control session
// is busy there is no sign of life.
void PostgresTarget::AdvanceSequences(const WritePlan& plan) {
  if (ReadSequences(*session_, plan.table).empty()) return;
  Session session(
      SessionFor(SessionUse::kControl, "setting the sequences of " + plan.table.Show()));
  AdvanceTableSequences(session, plan, FromClause(plan.table));
}

void PostgresTarget::Renew() {
  if (session_->IsAlive()) return;
  session_->Reconnect();
  ledger_->Regain();
}

std::unique_ptr<Target> OpenPostgresTarget(const TargetOptions& options) {
  return std::make_unique<PostgresTarget>(options);
}

}  // namespace rowferry
