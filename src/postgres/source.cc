#include "postgres/source.h"

#include "base/error.h"
#include "base/text.h"
#include "data/plain_text.h"
#include "postgres/driver.h"
#include "postgres/identity.h"
#include "postgres/keyset.h"
#include "postgres/reader.h"
#include "postgres/rights.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

constexpr std::string_view kInsufficientPrivilege = "42501";
constexpr int64_t kLargeRows = 100'000;  // a scan or sort beyond this is worth a warning

// "Sort", "Seq Scan" … of a plan line such as "  ->  Seq Scan on t  (cost=…)".
bool Mentions(const std::string& plan_line, std::string_view node) {
  const size_t at = plan_line.find(node);
  return at != std::string::npos && plan_line.find_first_not_of(" ->") == at;
}

std::string ShowForReading(const CatalogTable& table) {
  std::string text = std::to_string(table.oid) + table.relkind;
  for (const ColumnInfo& column : table.table.columns) {
    text += "\n" + column.name + " " + column.native + " " + (column.not_null ? " not null" : "") +
            (column.generated ? " generated" : "");
  }
  for (const UniqueKey& key : table.table.unique_keys) {
    text += "\n" + key.name + (key.deferrable ? " deferrable" : "");
    for (const IndexColumn& column : key.columns) {
      text += " " + column.name + " " + column.collation + (column.descending ? " desc" : "") +
              (column.nulls_first ? " nulls first" : "");
    }
  }
  return text;
}

// Whether a plan and queries that were made for the one hold for the other.
bool SameForReading(const CatalogTable& a, const CatalogTable& b) {
  return ShowForReading(a) == ShowForReading(b);
}

}  // namespace

PostgresSource::PostgresSource(const SourceOptions& options)
    : url_(options.url),
      roll_(MakeRoll(options.url, options.watch_list)),
      session_(std::make_unique<Session>(SessionFor("the source's catalog session"))),
      types_(std::make_unique<TypeCatalog>(*session_)) {
  RefuseTransactionPooler(*session_, SessionFor("the check for a pooler"));
  identity_ = DatabaseIdentity(*session_);
}

SessionOptions PostgresSource::SessionFor(const std::string& who) const {
  return {url_, SessionUse::kReader, "rowferry", std::chrono::milliseconds(0), roll_, who};
}

std::string PostgresSource::Place() const { return DatabasePlace(*session_); }

std::string PostgresSource::Show() const { return ShowPostgresUrl(url_); }

void PostgresSource::TakeSnapshot() {
  if (exporter_ != nullptr) return;
  auto exporter = std::make_unique<Session>(SessionFor("the session of the source's snapshot"));
  exporter->Exec(kBeginReading);
  const auto snapshot = std::make_shared<Snapshot>();
  snapshot->name = exporter->Exec("SELECT pg_catalog.pg_export_snapshot()")[0][0].c_str();
  exporter_ = std::move(exporter);
  snapshot_ = snapshot;
}

class PostgresSource::Look {
 public:
  explicit Look(PostgresSource& source) : open_(*source.session_, kBeginReading) {
    source.TakeSnapshot();
    JoinSnapshot(*source.session_, *source.snapshot_);
  }

 private:
  Transaction open_;
};

bool PostgresSource::Renew() {
  if (!session_->IsAlive()) session_->Reconnect();
  if (exporter_ == nullptr || (!snapshot_->cancelled && exporter_->IsAlive())) return false;
  exporter_.reset();
  TakeSnapshot();
  RequireAsKnown();
  return true;
}

// What the plan was made from, and the readers go by.
void PostgresSource::RequireAsKnown() {
  for (const auto& entry : known_) {
    const CatalogTable& known = entry.second;
    const auto now = [&] {
      const Look look(*this);
      return DescribeCatalogTable(*session_, known.table.name);
    }();
    if (now && SameForReading(known, *now)) continue;
    throw Error(ErrorKind::kTarget,
                "table " + entry.first +
                    " was altered or replaced while this run was under way: run the same command "
                    "again, which will say whether it can go on");
  }
}

std::vector<TableName> PostgresSource::ListTables() {
  const Look look(*this);
  return ListCatalogTables(*session_);
}

std::vector<NoTable> PostgresSource::ListOthers() {
  TakeSnapshot();
  return ListCatalogOthers(*session_);
}

std::optional<Table> PostgresSource::DescribeTable(const TableName& name) {
  auto found = [&] {
    const Look look(*this);
    return DescribeCatalogTable(*session_, name);
  }();
  if (!found) return std::nullopt;
  if (!found->reachable) {
    throw Error(ErrorKind::kPlan, "table " + name.Show() + " " + found->table.target_refusal +
                                      ", or leave it out with --exclude " + name.name);
  }
  types_->Define(found->table);
  const std::string left = ShowLeftBehind(CountLeftBehind(*session_, *found));
  if (!left.empty()) found->table.warnings.push_back(left);
  return known_.insert_or_assign(name.Show(), std::move(*found)).first->second.table;
}

const CatalogTable& PostgresSource::Known(const TableName& name) {
  const auto known = known_.find(name.Show());
  if (known != known_.end()) return known->second;
  if (!DescribeTable(name)) {
    throw Error(ErrorKind::kPlan, "there is no table " + name.Show() + " in " + Show());
  }
  return known_.at(name.Show());
}

KeyChoice PostgresSource::ChooseKey(const Table& table, const std::vector<std::string>& asked) {
  return ChooseKeyOf(Known(table.name), asked);
}

std::optional<Type> PostgresSource::FormFor(const ColumnInfo& column, const ColumnInfo& wanted,
                                            bool same_database) const {
  return FormOf(column, wanted, types_->Find(column.native), same_database);
}

// The settings are for this query alone. In the form that takes parameters the server runs one
// statement, never what stands behind it.
std::vector<std::string> PostgresSource::Explain(const ReadPlan& plan, const std::string& query) {
  const Look look(*this);
  session_->Exec(PlannerSettings(plan.key));
  std::vector<std::string> lines;
  for (const auto& row : session_->Exec("EXPLAIN " + query, Params{})) {
    lines.emplace_back(Trim(row[0].c_str()));
  }
  return lines;
}

std::vector<std::string> PostgresSource::RequireReadable(const ReadPlan& plan,
                                                         const std::string& query) {
  try {
    return Explain(plan, query);
  } catch (const Error& error) {
    if (MayPass(error.kind())) throw;
    const std::string where = plan.where.empty() ? "" : " (--where " + plan.where + ")";
    const bool denied = error.code() == kInsufficientPrivilege;
    throw Error(ErrorKind::kPlan,
                "table " + plan.table.Show() + " cannot be read" + where + ": " + error.what() +
                    (denied ? WayToRead(plan) : ""),
                error.code());
  }
}

// A row's position is no column: it takes the right to the whole table. Whether the table itself is
// closed shows where the condition is there and never computed: its functions, and other tables in
// it, are not asked for then.
std::string PostgresSource::WayToRead(const ReadPlan& plan) {
  std::string select = GrantSelect(*session_, plan.table);
  if (plan.where.empty()) return select;
  ReadPlan open = plan;
  open.where = "true OR (" + plan.where + "\n)";
  try {
    if (!select.empty()) Explain(open, ReadQuery(open, Known(plan.table), std::nullopt));
  } catch (const Error& error) {
    if (MayPass(error.kind())) throw;
    return select;
  }
  return GrantCondition(*session_);
}

std::vector<std::string> PostgresSource::CheckQuery(const ReadPlan& plan) {
  const CatalogTable& table = Known(plan.table);
  CheckSelect(*session_, plan.table, LayoutOf(plan).names);
  if (table.row_security) {
    throw Error(ErrorKind::kPlan,
                "table " + plan.table.Show() +
                    " has row-level security that would hide rows from this role: copy as its "
                    "owner or as a role with BYPASSRLS, or leave it out with --exclude " +
                    plan.table.name);
  }
  std::vector<std::string> warnings;
  const bool large = table.table.estimated_rows > kLargeRows;
  if (!plan.where.empty()) RequireReadable(plan, ConditionQuery(plan, table));
  for (const std::string& line : RequireReadable(plan, ReadQuery(plan, table, std::nullopt))) {
    const bool sorts = Mentions(line, "Sort  ") || Mentions(line, "Incremental Sort");
    const bool scans = Mentions(line, "Seq Scan") && plan.key.kind == KeyKind::kColumns;
    if (large && (sorts || scans)) {
      warnings.push_back("table " + plan.table.Show() +
                         ": no index gives the key's order: " + line);
    }
  }
  return warnings;
}

// Relation file and the oldest transaction that was not yet over at our snapshot: every row version
// that a later one makes has a number from there on.
std::string PostgresSource::PositionStamp(const ReadPlan& plan) {
  if (plan.key.kind != KeyKind::kCtid) return {};
  const CatalogTable& table = Known(plan.table);
  const Look look(*this);
  return session_
      ->Exec(std::string(sql::postgres::position_stamp), {{std::to_string(table.oid)}})[0][0]
      .c_str();
}

bool PostgresSource::StampHolds(const ReadPlan& plan, const std::string& stamp) {
  if (plan.key.kind != KeyKind::kCtid) return true;
  const std::vector<std::string> then = Split(stamp, ' ');
  const std::vector<std::string> now = Split(PositionStamp(plan), ' ');
  if (then.size() != 2 || now.size() != 2 || then[0] != now[0]) return false;
  const auto oldest = ParseInteger<int64_t>(then[1]);
  if (!oldest) return false;
  const CatalogTable& table = Known(plan.table);
  const Look look(*this);
  const auto rows = session_->Exec(Fill(sql::postgres::newer_rows, {{"table", table.From()}}),
                                   {{std::to_string(*oldest)}});
  return rows.empty();
}

std::unique_ptr<Reader> PostgresSource::OpenReader(const ReadPlan& plan,
                                                   const ChunkLimits& limits) {
  TakeSnapshot();
  return MakePostgresReader({SessionFor("the reader of " + plan.table.Show()), snapshot_}, plan,
                            Known(plan.table), limits);
}

std::optional<Value> PostgresSource::AsRead(const ReadPlan& plan, size_t output,
                                            const Value& held) {
  const Type& form = plan.outputs[output].as;
  if (held.storage == StorageClass::kBlob && form.kind == Kind::kBytes) return held;
  const auto text = PlainText(held, TypeOf(Kind::kAny));
  return text && IsText(*text) ? FromPlainText(*text, form) : std::nullopt;
}

std::unique_ptr<KeyReader> PostgresSource::OpenKeyReader(const ReadPlan& plan) {
  TakeSnapshot();
  return MakePostgresKeyReader(
      {SessionFor("the reader of rejected rows of " + plan.table.Show()), snapshot_}, plan,
      Known(plan.table));
}

std::unique_ptr<Source> OpenPostgresSource(const SourceOptions& options) {
  return std::make_unique<PostgresSource>(options);
}

}  // namespace rowferry
