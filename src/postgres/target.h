// PostgreSQL as a target (flow/target.h has the contract).
#pragma once

#include <map>
#include <memory>
#include <string>

#include "flow/endpoint.h"
#include "flow/target.h"
#include "postgres/ledger.h"
#include "postgres/session.h"
#include "postgres/types.h"
#include "postgres/writer.h"

namespace rowferry {

// The control session serves catalog, DDL and ledger; what takes long has sessions of its own: each
// writer, and the setting of sequences.
class PostgresTarget final : public Target {
 public:
  explicit PostgresTarget(const TargetOptions& options);

  std::string Show() const override;
  std::string Place() const override;
  std::string Identity() const override { return identity_; }
  std::optional<Table> DescribeTable(const TableName& name) override;
  bool HoldsRows(const TableName& name) override;
  int64_t CountRows(const TableName& name) override;
  Table Translate(const Table& source, const TableName& name) override;
  std::string CreateStatement(const Table& table) const override;
  std::string TruncateStatement(const TableName& name) const override;
  std::string DropStatement(const TableName& name) const override;
  std::optional<std::string> WhyNot(const Type& from, const ColumnInfo& column) const override;
  bool TakesNative(const WritePlan& plan) const override;
  void CheckWritable(const WritePlan& plan) override;
  void Cancel() noexcept override { roll_->CancelAll(); }
  Ledger& ledger() override { return *ledger_; }
  std::unique_ptr<Writer> OpenWriter(const WritePlan& plan, const SplitId& split) override;
  void AdvanceSequences(const WritePlan& plan) override;
  void Renew() override;

 private:
  std::string FromClause(const TableName& name) const;
  TableShape ShapeFor(const WritePlan& plan, int split);
  SessionOptions SessionFor(SessionUse use, const std::string& who) const;

  TargetOptions options_;
  std::shared_ptr<SessionRoll> roll_;
  std::unique_ptr<Session> session_;
  std::string identity_;
  std::unique_ptr<TypeCatalog> types_;  // a cache
  std::unique_ptr<PostgresLedger> ledger_;
  std::map<int, Backend> writers_;    // by split: the last one's
  std::map<int, TableShape> shapes_;  // by split: the first writer's
};

}  // namespace rowferry
