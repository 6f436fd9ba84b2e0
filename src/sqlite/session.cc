#include "sqlite/session.h"

#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include <functional>
#include <utility>

#include "base/error.h"
#include "sqlite/error.h"
#include "sqlite/path.h"

namespace rowferry::sqlite {
namespace {

constexpr int kStepsBetween = 1000;  // of SQLite's virtual machine: well under a millisecond
constexpr std::string_view kProbe = "SELECT count(*) FROM sqlite_schema";

void Bind(SQLite::Statement& statement, int index, const Value& value) {
  switch (value.storage) {
    case StorageClass::kNull:
      return statement.bind(index);
    case StorageClass::kInteger:
      return statement.bind(index, value.integer);
    case StorageClass::kReal:
      return statement.bind(index, value.real);
    case StorageClass::kText:
      return statement.bind(index, value.bytes);
    case StorageClass::kBlob:
      return statement.bind(index, value.bytes.data(), static_cast<int>(value.bytes.size()));
  }
}

Value ValueOf(const SQLite::Column& column) {
  switch (column.getType()) {
    case SQLITE_INTEGER:
      return Value::Integer(column.getInt64());
    case SQLITE_FLOAT:
      return Value::Real(column.getDouble());
    case SQLITE_TEXT:
      return Value::Text(column.getString());
    case SQLITE_BLOB:
      return Value::Blob(column.getString());
    default:
      return Value::Null();
  }
}

std::string FirstWords(std::string_view sql) {
  const std::string_view line = sql.substr(0, sql.find('\n'));
  return std::string(line.substr(0, 60));
}

// Runs `step` for every row of the statement until it says false.
void EachRow(SQLite::Database& database, const std::string& path, std::string_view sql,
             const Record& parameters, const std::function<bool(SQLite::Statement&)>& step) {
  try {
    SQLite::Statement statement(database, std::string(sql));
    int index = 0;
    for (const Value& value : parameters) Bind(statement, ++index, value);
    while (statement.executeStep() && step(statement)) {
    }
  } catch (const SQLite::Exception& exception) {
    throw Translate(exception, path + ": " + FirstWords(sql));
  }
}

Record RecordOf(SQLite::Statement& statement) {
  Record record;
  const int columns = statement.getColumnCount();
  record.reserve(static_cast<size_t>(columns));
  for (int i = 0; i < columns; ++i) record.push_back(ValueOf(statement.getColumn(i)));
  return record;
}

// SQLite cannot make the -shm file that reading a WAL database takes.
bool LacksSharedMemory(const Error& error) {
  return error.code().starts_with("SQLITE_READONLY") || error.code().starts_with("SQLITE_CANTOPEN");
}

SQLite::Database Open(const std::string& path, const std::string& name, int flags) {
  try {
    return {name, flags | SQLITE_OPEN_NOMUTEX};
  } catch (const SQLite::Exception& exception) {
    throw Translate(exception, path);
  }
}

}  // namespace

void StatementDeleter::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Session::Session(std::string path, const std::string& name, int flags, bool in_memory,
                 std::shared_ptr<LockWait> lock_wait)
    : path_(std::move(path)),
      lock_wait_(lock_wait != nullptr ? std::move(lock_wait)
                                      : std::make_shared<LockWait>(path_, kPatience)),
      database_(Open(path_, name, flags)),
      in_memory_(in_memory) {
  sqlite3_extended_result_codes(handle(), 1);
  lock_wait_->Serve(handle());
  sqlite3_progress_handler(handle(), kStepsBetween, IsCancelled, this);
}

// Not by sqlite3_interrupt, which a statement that is just about to begin would not notice.
int Session::IsCancelled(void* session) {
  const auto* const self = static_cast<Session*>(session);
  const bool also = self->also_cancelled_ != nullptr && *self->also_cancelled_;
  return self->cancelled_ || also ? 1 : 0;
}

// Null if the database cannot be read through a connection that is opened so.
std::unique_ptr<Session> Session::TryReading(const std::string& path, int flags,
                                             const std::shared_ptr<LockWait>& lock_wait) {
  std::unique_ptr<Session> session(new Session(path, path, flags, false, lock_wait));
  try {
    session->Probe();
    session->Run("PRAGMA query_only = on");
    return session;
  } catch (const Error& error) {
    if (!LacksSharedMemory(error)) throw;
    return nullptr;
  }
}

std::unique_ptr<Session> Session::OpenForReading(const std::string& path,
                                                 const std::shared_ptr<LockWait>& lock_wait) {
  if (const auto why = WhyUnreadable(path); !why.empty()) throw Error(ErrorKind::kPlan, why);
  std::unique_ptr<Session> session = TryReading(path, SQLITE_OPEN_READONLY, lock_wait);
  // A writer that was killed left a journal: only a connection that may write can roll it back.
  if (!session) session = TryReading(path, SQLITE_OPEN_READWRITE, lock_wait);
  if (session) return session;
  // Beside a journal or a WAL the file alone is not the database.
  if (!IsEmptyFile(path + "-wal") || !IsEmptyFile(path + "-journal")) {
    throw Error(ErrorKind::kPlan,
                path +
                    " has changes in its journal or WAL that can only be read where SQLite may "
                    "write beside it: copy all of its files to such a folder, or open it once "
                    "with the right to write");
  }
  const std::string state = FileState(path);
  session.reset(new Session(path, ImmutableUri(path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, false,
                            lock_wait));
  session->immutable_state_ = state;
  session->Probe();
  return session;
}

std::unique_ptr<Session> Session::OpenEmpty(const std::string& path) {
  return std::unique_ptr<Session>(
      new Session(path, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, true));
}

std::unique_ptr<Session> Session::OpenForWriting(const std::string& path,
                                                 std::shared_ptr<LockWait> lock_wait) {
  if (const auto why = WhyUnwritable(path); !why.empty()) throw Error(ErrorKind::kPlan, why);
  std::unique_ptr<Session> session(new Session(
      path, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, false, std::move(lock_wait)));
  session->Probe();
  return session;
}

// In a transaction, for nobody writes to the file meanwhile, unless it is from a WAL.
void Session::Probe() {
  Run("BEGIN");
  Run(kProbe);
  RequireWhole();
  Run("COMMIT");
}

// Where the last page is cut short, SQLite reads zeros, and takes them for rows.
void Session::RequireWhole() {
  const int64_t pages = Single("PRAGMA page_count").integer;
  const int64_t page_bytes = Single("PRAGMA page_size").integer;
  if (!IsEmptyFile(path_ + "-wal")) return;  // may hold pages that the file does not reach
  const int64_t bytes = FileSize(path_);
  if (bytes <= (pages - 1) * page_bytes || bytes >= pages * page_bytes) return;
  throw Error(ErrorKind::kPlan, path_ +
                                    " is cut off within its last page, as by a copy that did not "
                                    "come to its end: take a whole copy of it");
}

bool Session::changed() const {
  return !immutable_state_.empty() && FileState(path_) != immutable_state_;
}

void Session::Run(std::string_view sql, const Record& parameters) {
  EachRow(database_, path_, sql, parameters, [](SQLite::Statement&) { return true; });
}

std::vector<Record> Session::Rows(std::string_view sql, const Record& parameters) {
  std::vector<Record> rows;
  EachRow(database_, path_, sql, parameters, [&](SQLite::Statement& statement) {
    rows.push_back(RecordOf(statement));
    return true;
  });
  return rows;
}

Value Session::Single(std::string_view sql, const Record& parameters) {
  Value value;
  EachRow(database_, path_, sql, parameters, [&](SQLite::Statement& statement) {
    value = ValueOf(statement.getColumn(0));
    return false;
  });
  return value;
}

int64_t Session::changes() const { return sqlite3_changes64(handle()); }

bool Session::in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }

Prepared Session::Prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(handle(), sql.c_str(), static_cast<int>(sql.size() + 1),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) throw LastError(handle(), path_ + ": " + FirstWords(sql));
  return Prepared(statement);
}

WriteTransaction::WriteTransaction(Session& session) : session_(session) {
  session_.Run("BEGIN IMMEDIATE");
}

WriteTransaction::~WriteTransaction() {
  if (session_.in_transaction()) {
    sqlite3_exec(session_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

void WriteTransaction::Commit() { session_.Run("COMMIT"); }

}  // namespace rowferry::sqlite
