#include "postgres/writer.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <charconv>
#include <chrono>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "postgres/batch_encoder.h"
#include "postgres/checkpoint_sql.h"
#include "postgres/errors.h"
#include "postgres/orphans.h"
#include "postgres/reject_sql.h"
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

// The server seems to have refused a row of the COPY that is under way.
struct RefusedAlready {};
// It had not.
struct FalseAlarm {};

constexpr const char* kCutShort = "rowferry sends no more, as a row seemed to be refused";

bool IsFalseAlarm(const ServerReport& report) {
  return report.message.find(kCutShort) != std::string::npos;
}

class PostgresWriter final : public Writer {
 public:
  PostgresWriter(const WriterOptions& options, const WritePlan& plan, const SplitId& split,
                 TypeCatalog& types, Backend& backend);

  Checkpoint Resume() override;
  ChunkOutcome Write(const Chunk& chunk) override;
  std::vector<RefusedRow> FindOrphans(const Chunk& chunk) override;

 private:
  void NoteBackend();
  Checkpoint RaiseEpoch();
  template <typename Work>
  auto DespiteFalseAlarm(const Work& work);
  ChunkOutcome TryWrite(const Chunk& chunk);
  std::vector<RefusedRow> TryFindOrphans(const Chunk& chunk);
  void Begin(bool copy);
  void BeginCopy(const std::string& sql);
  int64_t CopyRows(const Chunk& chunk, ChunkOutcome& outcome);
  bool Encode(const Chunk& chunk);
  void Send(std::string_view bytes);
  bool SeemsToHaveRefused();
  int64_t EndCopy(const Chunk& chunk, bool whole);
  void Keep(const Chunk& chunk, Counts& counts);
  void Settle(const Chunk& chunk, Counts& counts);
  void RequireKept(int64_t found, size_t expected) const;
  void Count(int64_t sent, int64_t inserted, Checkpoint& next) const;
  void Commit(const Checkpoint& next);
  ResultPtr RunAll(const std::string& sql);
  ResultPtr LastResult();
  void AbandonCopy() noexcept;
  void Rollback() noexcept;
  std::optional<size_t> InputOf(const ServerReport& report) const;
  [[noreturn]] void ThrowRefused(const ServerReport& report, const Chunk& chunk) const;
  [[noreturn]] void ThrowAtCommit(const PGresult* result);

  std::string schema_;
  const std::string require_shape_;
  WritePlan plan_;
  const int64_t job_epoch_;
  SplitId split_;  // with the split's own epoch, which every Resume raises
  Session session_;
  BatchEncoder encoder_;
  CopyBuffer buffer_;
  Checkpoint believed_;
  int64_t send_micros_ = 0;
  bool heeds_signs_ = true;    // that a row was refused; false: one was a false alarm
  bool tells_orphans_ = true;  // false: nothing can be asked of this table's foreign keys
};

PostgresWriter::PostgresWriter(const WriterOptions& options, const WritePlan& plan,
                               const SplitId& split, TypeCatalog& types, Backend& backend)
    : schema_(options.ledger_schema),
      require_shape_(RequireShape(options.shape)),
      plan_(plan),
      job_epoch_(split.epoch),
      split_(split),
      session_(options.session),
      encoder_(plan, types),
      buffer_([this](std::string_view bytes) { Send(bytes); }) {
  session_.EndFormer(backend);
  backend = session_.backend();
  try {
    NoteBackend();
  } catch (const Error& error) {
    throw SinceConnecting(error);
  }
}

void PostgresWriter::NoteBackend() {
  session_.Exec(Fill(statements::note_backend, {{"schema", QuoteIdentifier(schema_)}}),
                {{split_.job}});
}

Checkpoint PostgresWriter::Resume() {
  try {
    believed_ = RaiseEpoch();
  } catch (const Error& error) {
    throw SinceConnecting(error);
  }
  return believed_;
}

// The row's lock first, which waits for a chunk that a former backend still commits; the second
// statement sees what it left, and the job's owner as of then: whoever takes over raises the
// job's epoch before it gets this lock, and the split's above all that it finds. From the commit on
// a chunk that still lies in a former backend's socket is refused. It need not survive a crash of
// the server, as those backends do not either.
Checkpoint PostgresWriter::RaiseEpoch() {
  const Replacements schema = {{"schema", QuoteIdentifier(schema_)}};
  const std::string split = std::to_string(split_.split);
  Transaction transaction(session_, "BEGIN; SET LOCAL synchronous_commit = off");
  session_.Exec(Fill(statements::lock_split_row, schema), {{split_.job}, {split}});
  const auto rows = session_.Exec(Fill(statements::raise_split, schema),
                                  {{split_.job}, {split}, {std::to_string(job_epoch_)}});
  if (rows.empty()) {
    throw Error(ErrorKind::kOwned, "another run owns job " + split_.job + " now");
  }
  Checkpoint checkpoint = SplitFrom(rows[0]).checkpoint;
  transaction.Commit();
  split_.epoch = rows[0]["epoch"].as<int64_t>();
  return checkpoint;
}

// The second time all is sent, whatever there seem to be for signs.
template <typename Work>
auto PostgresWriter::DespiteFalseAlarm(const Work& work) {
  try {
    return work();
  } catch (const FalseAlarm&) {
    Rollback();
    heeds_signs_ = false;
    return work();
  }
}

ChunkOutcome PostgresWriter::Write(const Chunk& chunk) {
  return DespiteFalseAlarm([&] { return TryWrite(chunk); });
}

ChunkOutcome PostgresWriter::TryWrite(const Chunk& chunk) {
  ChunkOutcome outcome;
  outcome.committed = chunk.next;
  try {
    const auto start = std::chrono::steady_clock::now();
    Begin(chunk.rows() > 0);
    outcome.write_micros = MicrosSince(start);
    if (chunk.rows() > 0) {
      const int64_t inserted = CopyRows(chunk, outcome);
      Count(static_cast<int64_t>(chunk.rows()), inserted, outcome.committed);
    }
    const auto commit = std::chrono::steady_clock::now();
    Keep(chunk, outcome.committed.counts);
    Settle(chunk, outcome.committed.counts);
    Commit(outcome.committed);
    outcome.commit_micros = MicrosSince(commit);
  } catch (...) {
    Rollback();
    throw;
  }
  believed_ = outcome.committed;
  return outcome;
}

void PostgresWriter::Keep(const Chunk& chunk, Counts& counts) {
  size_t fresh = 0;
  for (const Reject& reject : chunk.rejects) {
    CountOf(counts, reject.state) += 1;
    if (reject.id == 0) {
      ++fresh;
    } else {
      RequireKept(UpdateReject(session_, schema_, split_, reject, chunk.retried_state), 1);
      CountOf(counts, chunk.retried_state) -= 1;
    }
  }
  if (fresh > 0) RequireKept(InsertRejects(session_, schema_, split_, chunk.rejects), fresh);
}

void PostgresWriter::Settle(const Chunk& chunk, Counts& counts) {
  if (chunk.settled.empty()) return;
  const int64_t settled =
      SettleRejects(session_, schema_, split_, chunk.settled, chunk.retried_state);
  RequireKept(settled, chunk.settled.size());
  CountOf(counts, chunk.retried_state) -= settled;
}

void PostgresWriter::RequireKept(int64_t found, size_t expected) const {
  if (found == static_cast<int64_t>(expected)) return;
  throw Error(ErrorKind::kTarget, "table " + plan_.table.Show() + ": of " +
                                      std::to_string(expected) + " rejects the ledger holds " +
                                      std::to_string(found) +
                                      ": something else than rowferry changed it, and nothing of "
                                      "this chunk was kept");
}

std::vector<RefusedRow> PostgresWriter::FindOrphans(const Chunk& chunk) {
  return DespiteFalseAlarm([&] { return TryFindOrphans(chunk); });
}

// Not being permitted what it takes is as good as not knowing.
std::vector<RefusedRow> PostgresWriter::TryFindOrphans(const Chunk& chunk) {
  if (!tells_orphans_) return {};
  std::vector<RefusedRow> orphans;
  try {
    const std::vector<ForeignKey> keys = FindForeignKeys(session_, plan_);
    tells_orphans_ = !keys.empty();
    if (!tells_orphans_) return {};
    BeginCopy(ChunkTableStatement(plan_) + ";\n" + encoder_.StatementFor(kChunkTable));
    EndCopy(chunk, Encode(chunk));
    orphans = AskOrphans(session_, keys, chunk.begin);
  } catch (const Error& error) {
    Rollback();
    if (MayPass(error.kind())) throw;
    spdlog::debug("table {}: which rows refer to nothing is not known: {}", plan_.table.Show(),
                  error.what());
    return {};
  }
  Rollback();
  return orphans;
}

void PostgresWriter::Begin(bool copy) {
  std::string sql = Fill(statements::begin_chunk, BeliefMarks(schema_, split_, believed_));
  if (copy) sql += ";\n" + encoder_.statement();
  BeginCopy(sql);
}

void PostgresWriter::BeginCopy(const std::string& sql) {
  const ResultPtr result = RunAll(sql);
  if (IsGood(PQresultStatus(result.get()))) return;
  throw LibpqError(session_.raw(), result.get()).Within("writing table " + plan_.table.Show());
}

int64_t PostgresWriter::CopyRows(const Chunk& chunk, ChunkOutcome& outcome) {
  const auto start = std::chrono::steady_clock::now();
  send_micros_ = 0;
  const bool whole = Encode(chunk);
  outcome.encode_micros = MicrosSince(start) - send_micros_;
  const int64_t inserted = EndCopy(chunk, whole);
  outcome.write_micros += MicrosSince(start) - outcome.encode_micros;
  return inserted;
}

// A value that cannot be written ends the COPY. False: not all of it was sent, as the server seems
// to have refused a row already.
bool PostgresWriter::Encode(const Chunk& chunk) {
  buffer_.Clear();
  try {
    encoder_.Begin(buffer_);
    encoder_.Encode(chunk, buffer_);
    encoder_.End(buffer_);
    buffer_.Flush();
    return true;
  } catch (const RefusedAlready&) {
    return false;
  } catch (const Error&) {
    AbandonCopy();
    throw;
  }
}

void PostgresWriter::Send(std::string_view bytes) {
  if (SeemsToHaveRefused()) throw RefusedAlready{};
  const auto start = std::chrono::steady_clock::now();
  const WaitMark mark = session_.Waiting();
  const int sent = PQputCopyData(session_.raw(), bytes.data(), static_cast<int>(bytes.size()));
  send_micros_ += MicrosSince(start);
  if (sent != 1) throw LibpqError(session_.raw(), nullptr);
}

// A server that has refused a row drops whatever comes behind it. Its error is a message that
// begins with E, which is a sign and no proof: where a server sends much else (notices of a
// trigger) libpq may have read a part, and the socket stands in the middle of a message. Within TLS
// nobody can see it, and all of the chunk is sent.
bool PostgresWriter::SeemsToHaveRefused() {
  if (!heeds_signs_ || PQsslInUse(session_.raw()) != 0) return false;
  char first = 0;
  const ssize_t seen = recv(PQsocket(session_.raw()), &first, 1, MSG_PEEK | MSG_DONTWAIT);
  return seen == 1 && first == 'E';
}

// What was not sent as a whole must not pass for it: such a COPY is made to fail. A server that has
// refused a row does not hear of that, and says why; one that has not says what it was told.
int64_t PostgresWriter::EndCopy(const Chunk& chunk, bool whole) {
  const WaitMark mark = session_.Waiting();
  if (PQputCopyEnd(session_.raw(), whole ? nullptr : kCutShort) != 1)
    throw LibpqError(session_.raw(), nullptr);
  const ResultPtr result = LastResult();
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
    if (PQstatus(session_.raw()) == CONNECTION_BAD) throw LibpqError(session_.raw(), result.get());
    const ServerReport report = ReportOf(result.get());
    if (!whole && IsFalseAlarm(report)) throw FalseAlarm{};
    ThrowRefused(report, chunk);
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
  Replacements marks = CheckpointMarks(schema_, split_, next);
  marks.emplace_back("require_shape", require_shape_);
  const ResultPtr result = RunAll(Fill(statements::end_chunk, marks));
  const bool good = PQresultStatus(result.get()) == PGRES_COMMAND_OK;
  if (good && std::string_view(PQcmdStatus(result.get())) == "COMMIT") return;
  if (good) throw Error(ErrorKind::kInternal, "a chunk was rolled back without an error");
  ThrowAtCommit(result.get());
}

void PostgresWriter::ThrowAtCommit(const PGresult* result) {
  const Error error = LibpqError(session_.raw(), result);
  const ServerReport report = ReportOf(result);
  const ErrorKind kind =
      error.kind() == ErrorKind::kLost ? error.kind() : KindOfWrite(report, false);
  const std::string message = "committing a chunk of table " + plan_.table.Show() + ": " +
                              error.what() + WayOut(kind, error.code());
  if (kind != ErrorKind::kData) throw Error(kind, message, error.code());
  throw RowError(message, RefusalOf(report), std::nullopt, "");
}

// The statements of one message: the result of the first that failed, else of the last. A COPY
// stays open.
ResultPtr PostgresWriter::RunAll(const std::string& sql) {
  const WaitMark mark = session_.Waiting();
  if (PQsendQuery(session_.raw(), sql.c_str()) != 1) throw LibpqError(session_.raw(), nullptr);
  return LastResult();
}

ResultPtr PostgresWriter::LastResult() {
  const WaitMark mark = session_.Waiting();
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
  const WaitMark mark = session_.Waiting();
  if (PQputCopyEnd(session_.raw(), "a value cannot be written as it is") != 1) return;
  while (const ResultPtr rest{PQgetResult(session_.raw())}) continue;
}

void PostgresWriter::Rollback() noexcept {
  if (PQtransactionStatus(session_.raw()) == PQTRANS_IDLE) return;
  const WaitMark mark = session_.Waiting();
  const ResultPtr result(PQexec(session_.raw(), "ROLLBACK"));
}

// Which input the server could not read.
std::optional<size_t> PostgresWriter::InputOf(const ServerReport& report) const {
  std::vector<std::string> names;
  for (const WritePlan::Input& input : plan_.inputs) names.push_back(input.name);
  return CopyColumn(report.context, plan_.table.name, names);
}

void PostgresWriter::ThrowRefused(const ServerReport& report, const Chunk& chunk) const {
  Refusal why = RefusalOf(report);
  const auto line = RefusedLine(report, plan_.table.name);
  const bool known = line && *line <= chunk.rows();
  const size_t index = known ? chunk.begin + *line - 1 : 0;
  const std::string row = known ? chunk.batch.ShowKeyAt(index) : "";
  const auto input = InputOf(report);
  if (known && input) {
    why.column = plan_.inputs[*input].name;
    const Value value = chunk.batch.columns()[*input].value(index);
    why.message = "the value " + ShowValue(value, plan_.inputs[*input].from) + ": " + why.message;
    if (why.kind == RefusalKind::kOther) why.kind = RefusalKind::kValue;
  }
  std::string where = "table " + plan_.table.Show();
  if (!row.empty()) where += ", row " + row;
  if (!why.column.empty()) where += ", column " + why.column;
  if (!why.constraint.empty()) where += ", constraint " + why.constraint;
  const ErrorKind kind = KindOfWrite(report, known && input);
  const std::string message = where + ": " + why.message + WayOut(kind, report.sqlstate);
  if (kind != ErrorKind::kData) throw Error(kind, message, report.sqlstate).AtRow(row);
  throw RowError(message, why, known ? std::optional(index) : std::nullopt, row);
}

}  // namespace

std::unique_ptr<Writer> MakePostgresWriter(const WriterOptions& options, const WritePlan& plan,
                                           const SplitId& split, TypeCatalog& types,
                                           Backend& backend) {
  return std::make_unique<PostgresWriter>(options, plan, split, types, backend);
}

}  // namespace rowferry
