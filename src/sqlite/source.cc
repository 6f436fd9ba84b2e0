#include <sqlite3.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "sql/statements.h"
#include "sqlite/catalog.h"
#include "sqlite/census.h"
#include "sqlite/defaults.h"
#include "sqlite/driver.h"
#include "sqlite/key_choice.h"
#include "sqlite/keyset.h"
#include "sqlite/path.h"
#include "sqlite/reader.h"
#include "sqlite/session.h"
#include "sqlite/types.h"
#include "sqlite/where.h"

namespace rowferry {
namespace sqlite {
namespace {

constexpr int64_t kLargeTableRows = 100'000;

std::unique_ptr<Session> Open(const SourceOptions& options) {
  const std::string path = PathOf(options.url);
  const auto lock_wait = std::make_shared<LockWait>(path, options.lock_timeout);
  if (options.watch_list != nullptr) options.watch_list->Add(lock_wait);
  return Session::OpenForReading(path, lock_wait);
}

// One connection for catalog, census and readers, in one read transaction: all see one snapshot.
// Not thread-safe: while a reader reads, nobody else may call the source.
class SqliteSource final : public Source {
 public:
  explicit SqliteSource(const SourceOptions& options)
      : options_(options), session_(Open(options)) {}

  std::string Show() const override { return ShowPath(options_.url); }
  std::string Place() const override { return PlaceOf(session_->path()); }
  std::string Identity() const override { return FileIdentity(session_->path()); }

  std::vector<TableName> ListTables() override { return sqlite::ListTables(*session_); }
  std::vector<NoTable> ListOthers() override { return sqlite::ListOthers(*session_); }

  std::optional<Table> DescribeTable(const TableName& name) override {
    TakeSnapshot();
    if (!name.schema.empty() && name.schema != "main") return std::nullopt;
    auto table = sqlite::DescribeTable(*session_, name.name);
    if (!table) return std::nullopt;
    for (ColumnInfo& column : table->columns) column.definition = PartsOf(column.native);
    const std::string left = ShowLeftBehind(CountLeftBehind(*session_, *table));
    if (!left.empty()) table->warnings.push_back(left);
    if (!options_.census) FitDefaults(*table);
    rows_[table->name.name] = table->estimated_rows;
    return table;
  }

  void TakeCensus(Table& table) override {
    TakeSnapshot();
    encodings_[table.name.name] = sqlite::TakeCensus(*session_, table);
    FitDefaults(table);
  }

  KeyChoice ChooseKey(const Table& table, const std::vector<std::string>& asked) override {
    return sqlite::ChooseKey(table, asked);
  }

  std::optional<Type> FormFor(const ColumnInfo& column, const ColumnInfo& wanted,
                              bool same_database) const override {
    if (same_database) return TypeOf(Kind::kAny);
    // Only what was made for that very type (interval(0), numeric(5,-2)) is sure to be left as is.
    const bool foreign = wanted.type.kind == Kind::kOther && column.type.name != wanted.type.name;
    // Text of whatever length, and padded to none: the target knows what fits it.
    if (foreign || wanted.type.kind == Kind::kText) return TypeOf(Kind::kText);
    if (!CanDecode(wanted.type.kind)) return std::nullopt;
    return wanted.type;
  }

  std::vector<std::string> CheckQuery(const ReadPlan& plan) override;
  std::string PositionStamp(const ReadPlan& plan) override;
  bool StampHolds(const ReadPlan& plan, const std::string& stamp) override {
    return PositionStamp(plan) == stamp;
  }

  bool Renew() override { return false; }  // a file's connection is not lost

  void Cancel() noexcept override { session_->Cancel(); }

  std::unique_ptr<Reader> OpenReader(const ReadPlan& plan, const ChunkLimits& limits) override {
    TakeSnapshot();
    return MakeReader(*session_, SetupOf(plan, limits));
  }

  std::unique_ptr<KeyReader> OpenKeyReader(const ReadPlan& plan) override {
    TakeSnapshot();
    return MakeKeyReader(*session_, SetupOf(plan, {}));
  }

  std::optional<Value> AsRead(const ReadPlan& plan, size_t output, const Value& held) override {
    TakeSnapshot();
    const ReadPlan::Output& column = plan.outputs.at(output);
    return ReadAs(*session_, MakeDecoder(column.as, EncodingOf(plan.table, column.name)), held,
                  [&] { return AskEncodingOf(plan.table, column.name); });
  }

 private:
  ReaderSetup SetupOf(const ReadPlan& plan, const ChunkLimits& limits) {
    ReaderSetup setup{plan, limits, FindRowidName(plan.table), {}, {}};
    for (const ReadPlan::Output& output : plan.outputs) {
      setup.encodings.push_back(EncodingOf(plan.table, output.name));
    }
    setup.ask = [this, table = plan.table](const std::string& column) {
      return AskEncodingOf(table, column);
    };
    return setup;
  }

  // A deferred transaction takes its snapshot with its first SELECT.
  void TakeSnapshot() {
    if (session_->in_transaction()) return;
    state_ = DatabaseState(session_->path());  // before: what is written meanwhile is not missed
    session_->Run("BEGIN");
    session_->Run("SELECT count(*) FROM sqlite_schema");
  }

  static void FitDefaults(Table& table) {
    for (ColumnInfo& column : table.columns) {
      if (!column.default_value) continue;
      column.default_value = FitDefault(*column.default_value, column.type);
      if (column.default_value) continue;
      table.warnings.push_back("column " + column.name + ": its default is no value of type " +
                               column.type.name + " and stays behind");
    }
  }

  Table ColumnsOf(const TableName& name) {
    Table table;
    table.name = name;
    for (const Record& row : session_->Rows(sql::sqlite::columns, {Value::Text(name.name)})) {
      ColumnInfo column;
      column.name = row[0].bytes;
      column.native = row[1].bytes;
      column.type = SuggestType(column.native).type;
      table.columns.push_back(std::move(column));
    }
    return table;
  }

  std::string FindRowidName(const TableName& name) {
    return RowidName(ColumnsOf(name)).value_or("rowid");
  }

  Encoding EncodingOf(const TableName& table, const std::string& column) const {
    const auto counted = encodings_.find(table.name);
    if (counted == encodings_.end()) return options_.census ? Encoding::kUnasked : Encoding::kPlain;
    const auto found = counted->second.find(column);
    return found == counted->second.end() ? Encoding::kPlain : found->second;
  }

  // The target's table was there before, so nobody took a census: this one column is looked at.
  Encoding AskEncodingOf(const TableName& table, const std::string& column) {
    const Table described = ColumnsOf(table);
    const ColumnInfo* info = described.Find(column);
    return info == nullptr ? Encoding::kPlain : TakeColumnCensus(*session_, table.name, *info);
  }

  std::string ExplainPage(const ReadPlan& plan, const std::optional<Key>& after) {
    const PageQuery page = ComposePage(plan, FindRowidName(plan.table), after);
    std::string steps;
    for (const Record& row : session_->Rows("EXPLAIN QUERY PLAN " + page.sql)) {
      steps += row.back().bytes + "\n";
    }
    return steps;
  }

  SourceOptions options_;
  std::unique_ptr<Session> session_;
  std::string state_;                           // of the database when the snapshot was taken
  std::map<std::string, Encodings> encodings_;  // by table: those of which a census was taken
  std::map<std::string, int64_t> rows_;         // by table: as far as they were described
  bool blocking_said_ = false;
};

std::vector<std::string> SqliteSource::CheckQuery(const ReadPlan& plan) {
  const size_t columns = LayoutOf(plan).names.size();
  const auto limit =
      static_cast<size_t>(sqlite3_limit(session_->handle(), SQLITE_LIMIT_COLUMN, -1));
  if (columns > limit) {
    throw Error(ErrorKind::kPlan, "table " + plan.table.Show() + " is read by its " +
                                      plan.key.proof + " beside all of its columns, and SQLite " +
                                      "reads " + std::to_string(limit) +
                                      ": leave a column out with --drop");
  }
  CheckWhere(*session_, plan, FindRowidName(plan.table));
  std::vector<std::string> warnings;
  const std::string mode = session_->Single("PRAGMA journal_mode").bytes;
  if (mode != "wal" && !blocking_said_) {
    warnings.emplace_back("the source is not in WAL mode: its writers wait while it is read");
    blocking_said_ = true;
  }
  const int64_t rows = rows_[plan.table.name];
  if (rows >= 0 && rows < kLargeTableRows) return warnings;
  Key any;
  const size_t parts = std::max<size_t>(plan.key.columns.size(), 1);
  any.parts.assign(parts, Value::Integer(0));
  if (ExplainPage(plan, std::nullopt).find("TEMP B-TREE") != std::string::npos) {
    warnings.emplace_back("it is sorted before it is read: no index is in the order of its key");
  } else if (ExplainPage(plan, any).find("SEARCH") == std::string::npos) {
    warnings.emplace_back("it is scanned from its start when the copy is resumed");
  }
  return warnings;
}

std::string SqliteSource::PositionStamp(const ReadPlan& plan) {
  const bool durable = std::none_of(plan.key.columns.begin(), plan.key.columns.end(),
                                    [](const KeyColumn& column) { return column.is_rowid; });
  if (plan.key.kind == KeyKind::kColumns && durable) return "";
  TakeSnapshot();
  return "schema " + std::to_string(session_->Single("PRAGMA schema_version").integer) + " file " +
         state_;
}

}  // namespace
}  // namespace sqlite

std::unique_ptr<Source> OpenSqliteSource(const SourceOptions& options) {
  return std::make_unique<sqlite::SqliteSource>(options);
}

}  // namespace rowferry
