// PostgreSQL as a source (flow/source.h has the contract).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "flow/endpoint.h"
#include "flow/source.h"
#include "postgres/catalog.h"
#include "postgres/reader.h"
#include "postgres/types.h"

namespace rowferry {

// One session exports the snapshot and does nothing else; one reads the catalog in it; each reader
// opens one of its own.
class PostgresSource final : public Source {
 public:
  explicit PostgresSource(const SourceOptions& options);

  std::string Show() const override;
  std::string Place() const override;
  std::string Identity() const override { return identity_; }
  std::vector<TableName> ListTables() override;
  std::vector<NoTable> ListOthers() override;
  std::optional<Table> DescribeTable(const TableName& name) override;
  void TakeCensus(Table&) override {}  // types are binding
  KeyChoice ChooseKey(const Table& table, const std::vector<std::string>& asked) override;
  std::optional<Type> FormFor(const ColumnInfo& column, const ColumnInfo& wanted,
                              bool same_database) const override;
  std::vector<std::string> CheckQuery(const ReadPlan& plan) override;
  std::string PositionStamp(const ReadPlan& plan) override;
  bool StampHolds(const ReadPlan& plan, const std::string& stamp) override;
  bool Renew() override;
  void Cancel() noexcept override { roll_->CancelAll(); }
  std::unique_ptr<Reader> OpenReader(const ReadPlan& plan, const ChunkLimits& limits) override;
  std::unique_ptr<KeyReader> OpenKeyReader(const ReadPlan& plan) override;
  // Of a value that could not be read once, and was mended in an export.
  std::optional<Value> AsRead(const ReadPlan& plan, size_t output, const Value& held) override;

 private:
  const CatalogTable& Known(const TableName& name);
  void TakeSnapshot();
  // The lines of the query's plan.
  std::vector<std::string> Explain(const ReadPlan& plan, const std::string& query);
  // The same. Throws Error(kPlan), with the way out, for a query that the server refuses.
  std::vector<std::string> RequireReadable(const ReadPlan& plan, const std::string& query);
  std::string WayToRead(const ReadPlan& plan);  // ": " and what to GRANT, where that is known
  void RequireAsKnown();
  // A short transaction in the snapshot. All that is read of tables is read in such ones: a lock
  // that we kept would have to be waited for by whoever truncates or alters a table, and a reader
  // of ours behind them would wait for us, for ever.
  class Look;

  SessionOptions SessionFor(const std::string& who) const;

  std::string url_;
  std::shared_ptr<SessionRoll> roll_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Session> exporter_;  // holds the snapshot; null: not taken yet
  std::string identity_;
  std::shared_ptr<Snapshot> snapshot_;
  std::unique_ptr<TypeCatalog> types_;         // a cache
  std::map<std::string, CatalogTable> known_;  // by TableName::Show
};

// The form in which values of a type stand in a batch for any target: its own kind, or its text.
Type CommonForm(const Type& type);

// FormFor, given what the catalog says of the column's type.
std::optional<Type> FormOf(const ColumnInfo& column, const ColumnInfo& wanted,
                           const TypeFacts* facts, bool same_database);

// ChooseKey, given what the catalog says of the table.
KeyChoice ChooseKeyOf(const CatalogTable& table, const std::vector<std::string>& asked);

}  // namespace rowferry
