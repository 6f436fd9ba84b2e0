#include "postgres/reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/error.h"
#include "base/text.h"
#include "postgres/copy_decode.h"
#include "postgres/errors.h"
#include "postgres/keyset.h"
#include "postgres/session.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

constexpr std::string_view kNoUtf8 = "22021";  // SQLSTATE, of a database in SQL_ASCII
constexpr std::string_view kNoSnapshot = "22023";
constexpr std::string_view kConflict = "40001";  // on a standby: with recovery

// Beyond this, libpq's buffer (which it never gives back) is not worth keeping.
constexpr size_t kLargeRow = 8U << 20U;
constexpr int kHasPartitionRoot = 120000;

struct PqFree {
  void operator()(char* memory) const { PQfreemem(memory); }
};

// "(12,3)" or "16385(12,3)" as numbers that grow in the order of reading: partition, block, item.
std::array<uint64_t, 3> PositionOf(std::string_view text) {
  std::array<uint64_t, 3> position{};
  const char* at = text.data();
  const char* end = at + text.size();
  for (uint64_t& number : position) {
    const auto read = std::from_chars(at, end, number);
    at = std::min(read.ptr + 1, end);  // past the bracket or the comma
  }
  return position;
}

std::string OperatorSetting(const KeyChoice& key);

class PostgresReader final : public Reader {
 public:
  PostgresReader(const SnapshotOptions& options, const ReadPlan& plan, const CatalogTable& table,
                 const ChunkLimits& limits)
      : options_(options), plan_(plan), table_(table), layout_(LayoutOf(plan)), limits_(limits) {}

  void Seek(const std::optional<Key>& after) override;
  bool Read(RowBatch& out) override;
  // As Seek, to the rows with these keys alone. REQUIRES: there are some.
  void Pick(const std::vector<Key>& keys);

 private:
  void Connect();
  void RequireUnchanged();
  void Start();
  bool ReadRow(RowBatch& out);
  void Finish(const RowBatch& out);
  Error Failure(const Error& error) const;
  Error Failure(const PGresult* result, const RowBatch& out) const;
  std::string ShowNext(const RowBatch& out) const;
  void RenewIfLarge();
  void CheckOrder(const RowBatch& out);
  bool MovedOn(const Key& from, const Key& to) const;

  SnapshotOptions options_;
  ReadPlan plan_;
  CatalogTable table_;
  BatchLayout layout_;
  ChunkLimits limits_;
  std::optional<Key> last_;  // of the rows given out
  std::vector<Key> picked_;  // not empty: no other rows are read
  std::unique_ptr<Session> session_;
  std::unique_ptr<CopyDecoder> decoder_;  // null while no COPY is under way
  bool finished_ = false;
  size_t largest_bytes_ = 0;  // of the rows in this COPY
};

std::vector<DecodeCell> CellsFor(const BatchLayout& layout) {
  std::vector<DecodeCell> cells;
  for (const Type& type : layout.types) {
    const DecodeCell cell = FindDecoder(type.kind);
    if (cell == nullptr) {
      throw Error(ErrorKind::kInternal, "PostgreSQL delivers no values of any type");
    }
    cells.push_back(cell);
  }
  return cells;
}

// A COPY that is dropped in the middle ends with its connection: cancelling it would end the
// transaction, and with it the snapshot, all the same.
void PostgresReader::Seek(const std::optional<Key>& after) {
  if (decoder_ != nullptr) session_.reset();
  decoder_.reset();
  last_ = after;
  picked_.clear();
  finished_ = false;
}

void PostgresReader::Pick(const std::vector<Key>& keys) {
  Seek(std::nullopt);
  picked_ = keys;
}

void PostgresReader::Connect() {
  session_ = std::make_unique<Session>(options_.session);
  session_->Exec(kBeginReading);
  JoinSnapshot(*session_, *options_.snapshot);
  RequireUnchanged();
  session_->Exec(picked_.empty() ? PlannerSettings(plan_.key) : OperatorSetting(plan_.key));
}

// The first statement locks the table and its partitions until the transaction ends, so that what
// the second one finds holds for the COPY as well.
void PostgresReader::RequireUnchanged() {
  session_->Exec("SELECT FROM " + table_.From() + " LIMIT 0");
  const bool has_roots = session_->server_version() >= kHasPartitionRoot;
  const auto rows = session_->Exec(
      Fill(sql::postgres::changed_since_snapshot,
           {{"root", has_roots ? "pg_catalog.pg_partition_root(c.oid)" : "$1"}}),
      {{std::to_string(table_.oid)}, {Qualified(plan_.table.schema, plan_.table.name)}});
  if (!IsTrue(rows[0][0])) return;
  throw Error(
      ErrorKind::kTarget,
      "table " + plan_.table.Show() +
          " was truncated, rewritten or replaced while this run was under way, and its rows "
          "cannot be read as they were when it began",
      std::string(kAlteredTable));
}

void PostgresReader::Start() {
  if (session_ == nullptr) Connect();
  const std::string query =
      picked_.empty() ? ReadQuery(plan_, table_, last_) : PickQuery(plan_, table_, picked_);
  const std::string copy = "COPY (" + query + ") TO STDOUT (FORMAT binary)";
  PGconn* raw = session_->raw();
  const WaitMark mark = session_->Waiting();
  const ResultPtr result(PQexec(raw, copy.c_str()));
  if (PQresultStatus(result.get()) != PGRES_COPY_OUT) {
    throw Failure(LibpqError(raw, result.get()));
  }
  decoder_ = std::make_unique<CopyDecoder>(CellsFor(layout_));
  largest_bytes_ = 0;
}

// False at the proper end.
bool PostgresReader::ReadRow(RowBatch& out) {
  for (;;) {
    char* raw_bytes = nullptr;
    const int size = PQgetCopyData(session_->raw(), &raw_bytes, 0);
    const std::unique_ptr<char, PqFree> bytes(raw_bytes);
    if (size < 0) {
      Finish(out);
      return false;
    }
    const auto row_bytes = static_cast<size_t>(size);
    largest_bytes_ = std::max(largest_bytes_, row_bytes);
    if (decoder_->Decode({bytes.get(), row_bytes}, out.columns())) return true;
  }
}

// The row behind those that came: what the server could not send.
std::string PostgresReader::ShowNext(const RowBatch& out) const {
  if (!out.empty()) return "the row behind " + out.ShowKeyAt(out.rows() - 1);
  if (!last_) return "the first row";
  std::vector<std::string> names;
  std::vector<Type> types;
  for (const size_t index : layout_.key) {
    names.push_back(layout_.names[index]);
    types.push_back(layout_.types[index]);
  }
  return "the row behind " + ShowKey(*last_, names, types);
}

Error PostgresReader::Failure(const Error& error) const {
  if (error.code() == kConflict) options_.snapshot->cancelled = true;
  return error.Within("reading table " + plan_.table.Show());
}

Error PostgresReader::Failure(const PGresult* result, const RowBatch& out) const {
  Error error = Failure(LibpqError(session_->raw(), result));
  if (error.code() != kNoUtf8) return error;
  return Error(error.kind(),
               std::string(error.what()) + "; text of " + ShowNext(out) +
                   " is not in the encoding that the database names: mend it in the source, or "
                   "leave the row out with --where, or the column with --drop",
               error.code());
}

void PostgresReader::Finish(const RowBatch& out) {
  PGconn* raw = session_->raw();
  const ResultPtr result(PQgetResult(raw));
  const bool proper = result != nullptr && PQresultStatus(result.get()) == PGRES_COMMAND_OK;
  if (!proper) throw Failure(result.get(), out);
  while (const ResultPtr rest{PQgetResult(raw)}) continue;
  if (!decoder_->ended()) {
    throw Error(ErrorKind::kTransient, "reading table " + plan_.table.Show() +
                                           ": the stream ended without its proper end");
  }
  decoder_.reset();
  finished_ = true;
}

bool PostgresReader::Read(RowBatch& out) {
  out.Clear();
  if (finished_) return false;
  if (decoder_ == nullptr) Start();
  {
    const WaitMark mark = session_->Waiting();
    while (!out.IsFull(limits_) && ReadRow(out)) continue;
  }
  if (out.empty()) return false;
  CheckOrder(out);
  last_ = out.KeyAt(out.rows() - 1);
  RenewIfLarge();
  return true;
}

void PostgresReader::RenewIfLarge() {
  if (largest_bytes_ < kLargeRow || finished_) return;
  session_.reset();
  decoder_.reset();
}

// The key has to move on between batches, and from a batch's first row to its last: an endless loop
// becomes an error.
void PostgresReader::CheckOrder(const RowBatch& out) {
  const size_t last_row = out.rows() - 1;
  const Key first = out.KeyAt(0);
  const Key last = out.KeyAt(last_row);
  const bool begins_behind = !last_ || MovedOn(*last_, first);
  if (begins_behind && (last_row == 0 || MovedOn(first, last))) return;
  throw Error(ErrorKind::kInternal, "reading table " + plan_.table.Show() +
                                        ": the key did not move on at " +
                                        out.ShowKeyAt(begins_behind ? last_row : 0));
}

bool PostgresReader::MovedOn(const Key& from, const Key& to) const {
  if (from == to) return false;
  if (plan_.key.kind == KeyKind::kCtid) {
    return PositionOf(from.parts[0].bytes) < PositionOf(to.parts[0].bytes);
  }
  const Value& a = from.parts[0];
  const Value& b = to.parts[0];
  if (a.storage != StorageClass::kInteger) return true;
  const bool descending = plan_.key.columns[0].column.descending;
  if (a.integer == b.integer) return to.parts.size() > 1;
  return descending ? b.integer < a.integer : a.integer < b.integer;
}

// The schema of a qualified type, as it is quoted; empty for the built-in ones.
std::string SchemaOf(const std::string& type) {
  bool quoted = false;
  for (size_t i = 0; i < type.size(); ++i) {
    if (type[i] == '"') quoted = !quoted;
    if (type[i] == '.' && !quoted) return type.substr(0, i);
  }
  return {};
}

// Operators are found by the search path alone: without its schema, citext would be compared as
// text, and in another order than its index has.
std::string OperatorPath(const KeyChoice& key) {
  std::vector<std::string> schemas;
  for (const KeyColumn& column : key.columns) {
    for (const std::string& type : {column.native, column.type.name}) {
      const std::string schema = SchemaOf(type);
      const bool known = std::find(schemas.begin(), schemas.end(), schema) != schemas.end();
      if (!schema.empty() && !known) schemas.push_back(schema);
    }
  }
  return schemas.empty() ? "''" : Join(schemas, ", ");
}

// Single rows: the planner finds the way by itself.
std::string OperatorSetting(const KeyChoice& key) {
  return "SET LOCAL search_path = " + OperatorPath(key);
}

class PostgresKeyReader final : public KeyReader {
 public:
  PostgresKeyReader(const SnapshotOptions& options, const ReadPlan& plan, const CatalogTable& table)
      : reader_(options, plan, table, kUnlimited) {}

  void Read(const std::vector<Key>& keys, RowBatch& out) override {
    out.Clear();
    if (keys.empty()) return;
    reader_.Pick(keys);
    reader_.Read(out);
  }

 private:
  static constexpr ChunkLimits kUnlimited{std::numeric_limits<size_t>::max(),
                                          std::numeric_limits<size_t>::max()};
  PostgresReader reader_;
};

}  // namespace

// A snapshot is there for others only as long as the session that exported it, which waits in its
// transaction: some administrators end such sessions.
void JoinSnapshot(Session& session, const Snapshot& snapshot) {
  try {
    session.Exec("SET TRANSACTION SNAPSHOT " + QuoteLiteral(snapshot.name));
  } catch (const Error& error) {
    if (error.code() != kNoSnapshot) throw;
    throw Error(ErrorKind::kLost,
                "the session that kept this run's snapshot of the source has ended, and the table "
                "cannot be read as it was when the run began",
                error.code());
  }
}

std::string PlannerSettings(const KeyChoice& key) {
  if (key.kind == KeyKind::kCtid) {
    return "SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = off; SET LOCAL "
           "enable_indexonlyscan = off; "
           "SET LOCAL enable_bitmapscan = off";
  }
  return "SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off; "
         "SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashagg = off; "
         "SET LOCAL search_path = " +
         OperatorPath(key);
}

std::unique_ptr<Reader> MakePostgresReader(const SnapshotOptions& options, const ReadPlan& plan,
                                           const CatalogTable& table, const ChunkLimits& limits) {
  return std::make_unique<PostgresReader>(options, plan, table, limits);
}

std::unique_ptr<KeyReader> MakePostgresKeyReader(const SnapshotOptions& options,
                                                 const ReadPlan& plan, const CatalogTable& table) {
  return std::make_unique<PostgresKeyReader>(options, plan, table);
}

}  // namespace rowferry
