#include "sqlite/copy.h"

#include "base/error.h"
#include "sqlite/driver.h"

namespace rowferry::testing {
namespace {

std::string ShowRow(const RowBatch& batch, size_t row) {
  std::string shown;
  for (size_t i = 0; i < batch.layout().data_columns; ++i) {
    if (i > 0) shown += "|";
    shown += ShowValue(batch.columns()[i].value(row), TypeOf(Kind::kAny));
  }
  return shown;
}

std::optional<Key> ThereAndBack(const Key& key) { return DecodeKey(EncodeKey(key)); }

}  // namespace

std::unique_ptr<Source> SourceOf(const SqliteDatabase& database, bool census) {
  return OpenSqliteSource({database.url(), census});
}

std::unique_ptr<Target> TargetOf(const SqliteDatabase& database) {
  TargetOptions options;
  options.url = database.url();
  return OpenSqliteTarget(options);
}

Table CensusOf(Source& source, const std::string& table) {
  Table described = source.DescribeTable({"", table}).value();
  source.TakeCensus(described);
  return described;
}

ReadPlan PlanOf(Source& source, const Table& table, bool as_is,
                const std::vector<std::string>& key) {
  ReadPlan plan;
  plan.table = table.name;
  for (const ColumnInfo& column : table.columns) {
    plan.outputs.push_back({column.name, as_is ? TypeOf(Kind::kAny) : column.type});
  }
  plan.key = source.ChooseKey(table, key);
  return plan;
}

std::vector<std::string> ReadByPages(Source& source, const ReadPlan& plan, size_t page_rows) {
  std::vector<std::string> rows;
  std::optional<Key> last;
  RowBatch batch(LayoutOf(plan));
  while (true) {
    const auto reader = source.OpenReader(plan, {page_rows, 1U << 20U});
    reader->Seek(last);
    if (!reader->Read(batch)) return rows;
    for (size_t row = 0; row < batch.rows(); ++row) rows.push_back(ShowRow(batch, row));
    for (const UnreadRow& row : batch.unread()) {
      throw Error(ErrorKind::kData, "column " + row.why.column + ", row " +
                                        batch.layout().ShowKey(row.key) + ": " + row.why.message);
    }
    last = ThereAndBack(batch.KeyAt(batch.rows() - 1));
  }
}

std::vector<std::string> ReadAll(Source& source, const ReadPlan& plan) {
  return ReadByPages(source, plan, 1'000'000);
}

std::vector<std::string> Values(const SqliteDatabase& database) {
  const auto source = SourceOf(database);
  ReadPlan plan = PlanOf(*source, CensusOf(*source, "t"), false);
  return ReadAll(*source, plan);
}

Begun BeginJob(Target& target, const Table& table, const std::vector<Type>& forms) {
  TableStart start;
  start.split.table = table.name;
  start.split.source_table = table.name.name;
  start.split.prepared = "created";
  start.statements = {target.CreateStatement(table)};
  JobRecord job;
  job.name = "job";
  job.fingerprint = "fingerprint";
  target.ledger().Acquire("job");
  Begun begun;
  begun.split = {"job", "fingerprint", 0, target.ledger().Begin(job, {start}, {})};
  begun.plan.table = table.name;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    begun.plan.inputs.push_back({table.columns[i].name, forms[i], table.columns[i]});
  }
  return begun;
}

ChunkOutcome WriteValues(Writer& writer, const Type& type, const std::vector<Value>& values,
                         const Checkpoint& before) {
  RowBatch batch(BatchLayout{{"x"}, {type}, 1, {0}});
  for (const Value& value : values) batch.columns()[0].Append(value);
  Checkpoint next = before;
  ++next.chunks;
  next.done = values.empty();
  if (!values.empty()) next.last_key = batch.KeyAt(batch.rows() - 1);
  next.counts.read += static_cast<int64_t>(values.size());
  return writer.Write({batch, 0, batch.rows(), {}, next});
}

}  // namespace rowferry::testing
