#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/SQLiteCpp.h>

#include "base/error.h"
#include "base/text.h"
#include "sql/statements.h"
#include "sqlite/catalog.h"
#include "sqlite/connection.h"
#include "sqlite/ddl.h"
#include "sqlite/driver.h"
#include "sqlite/encode.h"
#include "sqlite/ledger.h"
#include "sqlite/path.h"
#include "sqlite/writer.h"

namespace rowferry {
namespace sqlite {
namespace {

std::string PathFor(const TargetOptions& options) {
  std::string path = PathOf(options.url);
  if (options.must_exist && !FileExists(path)) {
    throw Error(ErrorKind::kPlan, "there is no file " + path);
  }
  return path;
}

// One connection for the catalog, the ledger and the writer. Not thread-safe: while a writer
// writes, nobody else may call the target or its ledger, but for Ledger::Beat.
class SqliteTarget final : public Target {
 public:
  explicit SqliteTarget(const TargetOptions& options)
      : url_(options.url),
        connection_(PathFor(options), options.read_only, options.lock_timeout, options.watch_list),
        ledger_(MakeLedger(connection_, SystemClock())) {}

  std::string Show() const override { return ShowPath(url_); }
  std::string Place() const override { return PlaceOf(connection_.path()); }
  std::string Identity() const override { return FileIdentity(connection_.path()); }

  std::optional<Table> DescribeTable(const TableName& name) override {
    auto table = sqlite::DescribeTable(session(), name.name);
    const std::string why = WhyNameIsTaken(session(), name.name);
    if (why.empty()) return table;
    if (!table) table.emplace().name.name = name.name;
    table->target_refusal = why;
    return table;
  }
  bool HoldsRows(const TableName& name) override {
    const std::string query = "SELECT EXISTS (SELECT 1 FROM " + QuoteIdentifier(name.name) + ")";
    return session().Single(query).integer != 0;
  }
  int64_t CountRows(const TableName& name) override {
    return session().Single("SELECT count(*) FROM " + QuoteIdentifier(name.name)).integer;
  }

  Table Translate(const Table& source, const TableName& name) override {
    return sqlite::Translate(source, name.name);
  }
  std::string CreateStatement(const Table& table) const override {
    return sqlite::CreateStatement(table);
  }
  std::string TruncateStatement(const TableName& name) const override {
    return "DELETE FROM " + QuoteIdentifier(name.name);
  }
  std::string DropStatement(const TableName& name) const override {
    return "DROP TABLE " + QuoteIdentifier(name.name);
  }

  std::optional<std::string> WhyNot(const Type& from, const ColumnInfo& column) const override {
    return WhyNotEncode(from, column);
  }
  bool TakesNative(const WritePlan& /*plan*/) const override { return true; }

  void CheckWritable(const WritePlan& plan) override {
    if (const auto why = WhyUnwritable(connection_.path()); !why.empty()) {
      throw Error(ErrorKind::kPlan, why);
    }
    constexpr size_t kMaxColumns = 2'000;  // SQLITE_MAX_COLUMN
    if (plan.inputs.size() > kMaxColumns) {
      throw Error(ErrorKind::kPlan,
                  "table " + plan.table.Show() + " has " + std::to_string(plan.inputs.size()) +
                      " columns: SQLite takes 2000; leave out others with --drop");
    }
  }

  void Cancel() noexcept override { connection_.Cancel(); }
  Ledger& ledger() override { return *ledger_; }

  std::unique_ptr<Writer> OpenWriter(const WritePlan& plan, const SplitId& split) override {
    const auto table = DescribeTable(plan.table);
    if (!table) {
      throw Error(ErrorKind::kTarget, "table " + plan.table.Show() + " is gone from " + url_,
                  "SQLITE_SCHEMA");
    }
    return MakeWriter(session(), plan, *table, split, SystemClock());
  }

  // The rows that are there, SQLite has counted itself.
  void AdvanceSequences(const WritePlan& plan) override {
    const auto table = DescribeTable(plan.table);
    for (const WritePlan::Input& input : plan.inputs) {
      const ColumnInfo* column = table ? table->Find(input.name) : nullptr;
      const bool numbered = column != nullptr && column->identity != Identity::kNone;
      if (!input.last_value || !numbered) continue;
      const Record sequence = {Value::Text(plan.table.name), Value::Integer(*input.last_value)};
      WriteTransaction transaction(session());
      session().Run(sql::sqlite::advance_sequence, sequence);
      session().Run(sql::sqlite::begin_sequence, sequence);
      transaction.Commit();
    }
  }

  // SQLite checks foreign keys only where a program asks for it, and we do not while we write: rows
  // may come before those that they refer to.
  std::vector<std::string> DanglingReferences(const TableName& name) override {
    std::vector<std::string> found;
    try {
      for (const Record& row :
           session().Rows(sql::sqlite::dangling_references, {Value::Text(name.name)})) {
        const std::string first = row[2].storage == StorageClass::kNull
                                      ? ""
                                      : ", the first with rowid " + std::to_string(row[2].integer);
        found.push_back("table " + name.Show() +
                        " holds rows whose foreign key refers to a row of " + row[0].bytes +
                        " that is not there: " + std::to_string(row[1].integer) + first +
                        " (PRAGMA foreign_key_check shows them all)");
      }
    } catch (const Error& error) {
      if (MayPass(error.kind())) throw;
      found.push_back("the foreign keys of table " + name.Show() +
                      " cannot be checked: " + error.what());
    }
    return found;
  }

  void Renew() override {}  // a file's connection is not lost

 private:
  Session& session() { return connection_.session(); }

  std::string url_;
  Connection connection_;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace
}  // namespace sqlite

std::unique_ptr<Target> OpenSqliteTarget(const TargetOptions& options) {
  return std::make_unique<sqlite::SqliteTarget>(options);
}

std::string SqliteVersions() {
  return std::string("SQLite ") + SQLite::getLibVersion() + ", SQLiteCpp " + SQLITECPP_VERSION;
}

}  // namespace rowferry
