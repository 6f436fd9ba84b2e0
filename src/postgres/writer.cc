#include "postgres/writer.h"

#include <charconv>
#include <chrono>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "postgres/batch_encoder.h"
#include "postgres/checkpoint_sql.h"
#include "postgres/errors.h"
#include "postgres/session.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

namespace statements = sql::postgres;

bool IsGood(ExecStatusType status) {
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN;
}

// What the user can do about rows that the server refused.
std::string WayOut(ErrorKind kind, std::string_view sqlstate) {
  constexpr std::string_view kForeignKeyViolation = "23503";
  if (sqlstate == kForeignKeyViolation) {
    return "; drop the foreign key until all tables are copied, or first copy the table that it "
           "refers to (--table), if it is not one of this job's";
  }
  return kind == ErrorKind::kData ? "; mend the row, or change the target's column" : "";
}

class PostgresWriter final : public Writer {
 public:
  PostgresWriter(const WriterOptions& options, const WritePlan& plan, const SplitId& split,
                 TypeCatalog& types);

  Checkpoint Resume() override;
  ChunkOutcome Write(const RowBatch& batch, const Checkpoint& next) override;

 private:
  void Begin(bool copy);
  int64_t CopyRows(const RowBatch& batch, ChunkOutcome& outcome);
  void Encode(const RowBatch& batch);
  void Send(std::string_view bytes);
  int64_t EndCopy(const RowBatch& batch);
  void Count(int64_t sent, int64_t inserted, Checkpoint& next) const;
  void Commit(const Checkpoint& next);
  ResultPtr RunAll(const std::string& sql);
  ResultPtr LastResult();
  void AbandonCopy() noexcept;
  void Rollback() noexcept;
  std::optional<size_t> InputOf(const ServerReport& report) const;
  Error RowError(const ServerReport& report, const RowBatch& batch) const;

  std::string schema_;
  WritePlan plan_;
  SplitId split_;
  Session session_;
  BatchEncoder encoder_;
  CopyBuffer buffer_;
  Checkpoint believed_;
  int64_t send_micros_ = 0;
};

PostgresWriter::PostgresWriter(const WriterOptions& options, const WritePlan& plan,
                               const SplitId& split, TypeCatalog& types)
    : schema_(options.ledger_schema),
      plan_(plan),
      split_(split),
      session_(options.url, SessionUse::kWriter, options.application_name),
      encoder_(plan, types),
      buffer_([this](std::string_view bytes) { Send(bytes); }) {
  session_.Exec(Fill(statements::note_backend, {{"schema", QuoteIdentifier(schema_)}}),
                {{split.job}});
}

Checkpoint PostgresWriter::Resume() {
  const auto rows =
      session_.Exec(Fill(statements::read_splits, {{"schema", QuoteIdentifier(schema_)}}),
                    {{split_.job}, {std::to_string(split_.split)}});
  if (rows.empty() || rows[0]["epoch"].as<int64_t>() != split_.epoch) {
    throw Error(ErrorKind::kOwned, "another run owns job " + split_.job + " now");
  }
  believed_ = SplitFrom(rows[0]).checkpoint;
  return believed_;
}

ChunkOutcome PostgresWriter::Write(const RowBatch& batch, const Checkpoint& next) {
  ChunkOutcome outcome;
  outcome.committed = next;
  try {
    const auto start = std::chrono::steady_clock::now();
    Begin(!batch.empty());
    outcome.write_micros = MicrosSince(start);
    if (!batch.empty()) {
      const int64_t inserted = CopyRows(batch, outcome);
      Count(static_cast<int64_t>(batch.rows()), inserted, outcome.committed);
    }
    const auto commit = std::chrono::steady_clock::now();
    Commit(outcome.committed);
    outcome.commit_micros = MicrosSince(commit);
  } catch (...) {
    Rollback();
    throw;
  }
  believed_ = outcome.committed;
  return outcome;
}

void PostgresWriter::Begin(bool copy) {
  std::string sql = Fill(statements::begin_chunk, BeliefMarks(schema_, split_, believed_));
  if (copy) sql += ";\n" + encoder_.statement();
  const ResultPtr result = RunAll(sql);
  if (IsGood(PQresultStatus(result.get()))) return;
  throw LibpqError(session_.raw(), result.get()).Within("writing table " + plan_.table.Show());
}

int64_t PostgresWriter::CopyRows(const RowBatch& batch, ChunkOutcome& outcome) {
  const auto start = std::chrono::steady_clock::now();
  send_micros_ = 0;
  Encode(batch);
  outcome.encode_micros = MicrosSince(start) - send_micros_;
  const int64_t inserted = EndCopy(batch);
  outcome.write_micros += MicrosSince(start) - outcome.encode_micros;
  return inserted;
}

// A value that cannot be written ends the COPY; a server that has refused a row already makes the
// sending fail only once it has closed the connection, so EndCopy is where its word is read.
void PostgresWriter::Encode(const RowBatch& batch) {
  buffer_.Clear();
  try {
    encoder_.Begin(buffer_);
    encoder_.Encode(batch, buffer_);
    encoder_.End(buffer_);
    buffer_.Flush();
  } catch (const Error&) {
    AbandonCopy();
    throw;
  }
}

void PostgresWriter::Send(std::string_view bytes) {
  const auto start = std::chrono::steady_clock::now();
  const int sent = PQputCopyData(session_.raw(), bytes.data(), static_cast<int>(bytes.size()));
  send_micros_ += MicrosSince(start);
  if (sent != 1) throw LibpqError(session_.raw(), nullptr);
}

int64_t PostgresWriter::EndCopy(const RowBatch& batch) {
  if (PQputCopyEnd(session_.raw(), nullptr) != 1) throw LibpqError(session_.raw(), nullptr);
  const ResultPtr result = LastResult();
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
    if (PQstatus(session_.raw()) == CONNECTION_BAD) throw LibpqError(session_.raw(), result.get());
    throw RowError(ReportOf(result.get()), batch);
  }
  const std::string_view tag = PQcmdTuples(result.get());
  int64_t inserted = 0;
  std::from_chars(tag.data(), tag.data() + tag.size(), inserted);
  return inserted;
}

void PostgresWriter::Count(int64_t sent, int64_t inserted, Checkpoint& next) const {
  if (inserted > sent || (inserted < sent && !plan_.swallows_rows)) {
    throw Error(ErrorKind::kTarget, "table " + plan_.table.Show() + ": of " + std::to_string(sent) +
                                        " rows sent PostgreSQL counts " + std::to_string(inserted) +
                                        "; nothing of this chunk was kept");
  }
  next.counts.inserted += inserted;
  next.counts.suppressed += sent - inserted;
}

void PostgresWriter::Commit(const Checkpoint& next) {
  const ResultPtr result =
      RunAll(Fill(statements::end_chunk, CheckpointMarks(schema_, split_, next)));
  const bool good = PQresultStatus(result.get()) == PGRES_COMMAND_OK;
  if (good && std::string_view(PQcmdStatus(result.get())) == "COMMIT") return;
  if (good) throw Error(ErrorKind::kInternal, "a chunk was rolled back without an error");
  const Error error = LibpqError(session_.raw(), result.get());
  const std::string where = "committing a chunk of table " + plan_.table.Show() + ": ";
  throw Error(error.kind(), where + error.what() + WayOut(error.kind(), error.code()),
              error.code());
}

// The statements of one message: the result of the first that failed, else of the last. A COPY
// stays open.
ResultPtr PostgresWriter::RunAll(const std::string& sql) {
  if (PQsendQuery(session_.raw(), sql.c_str()) != 1) throw LibpqError(session_.raw(), nullptr);
  return LastResult();
}

ResultPtr PostgresWriter::LastResult() {
  ResultPtr last;
  for (;;) {
    ResultPtr result(PQgetResult(session_.raw()));
    if (result == nullptr) return last;
    const bool failed_before = last != nullptr && !IsGood(PQresultStatus(last.get()));
    if (!failed_before) last = std::move(result);
    if (PQresultStatus(last.get()) == PGRES_COPY_IN) return last;
  }
}

void PostgresWriter::AbandonCopy() noexcept {
  if (PQputCopyEnd(session_.raw(), "a value cannot be written as it is") != 1) return;
  while (const ResultPtr rest{PQgetResult(session_.raw())}) continue;
}

void PostgresWriter::Rollback() noexcept {
  if (PQtransactionStatus(session_.raw()) == PQTRANS_IDLE) return;
  const ResultPtr result(PQexec(session_.raw(), "ROLLBACK"));
}

// Which input the server could not read.
std::optional<size_t> PostgresWriter::InputOf(const ServerReport& report) const {
  std::vector<std::string> names;
  for (const WritePlan::Input& input : plan_.inputs) names.push_back(input.name);
  return CopyColumn(report.context, plan_.table.name, names);
}

Error PostgresWriter::RowError(const ServerReport& report, const RowBatch& batch) const {
  std::string where = "table " + plan_.table.Show();
  std::string what = report.Show();
  std::string column = report.column;
  const auto line = CopyLine(report.context, plan_.table.name);
  const bool known = line && *line <= batch.rows();
  const std::string row = known ? batch.ShowKeyAt(*line - 1) : "";
  if (const auto input = InputOf(report); known && input) {
    column = plan_.inputs[*input].name;
    const Value value = batch.columns()[*input].value(*line - 1);
    what = "the value " + ShowValue(value, plan_.inputs[*input].from) + ": " + what;
  }
  if (!row.empty()) where += ", row " + row;
  if (!column.empty()) where += ", column " + column;
  if (!report.constraint.empty()) where += ", constraint " + report.constraint;
  const ErrorKind kind = KindOfSqlState(report.sqlstate);
  const std::string message = where + ": " + what + WayOut(kind, report.sqlstate);
  return Error(kind, message, report.sqlstate).AtRow(row);
}

}  // namespace

std::unique_ptr<Writer> MakePostgresWriter(const WriterOptions& options, const WritePlan& plan,
                                           const SplitId& split, TypeCatalog& types) {
  return std::make_unique<PostgresWriter>(options, plan, split, types);
}

}  // namespace rowferry
