#include "postgres/reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <mutex>

#include "base/error.h"
#include "base/text.h"
#include "postgres/careful_reader.h"
#include "postgres/copy_out.h"
#include "postgres/errors.h"
#include "postgres/keyset.h"
#include "postgres/session.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

constexpr std::string_view kNoSnapshot = "22023";
constexpr std::string_view kConflict = "40001";  // on a standby: with recovery

// Beyond this, libpq's buffer (which it never gives back) is not worth keeping.
constexpr size_t kLargeRow = 8U << 20U;
constexpr int kHasPartitionRoot = 120000;

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
      : options_(options),
        plan_(plan),
        table_(table),
        limits_(limits),
        cells_(DecodersOf(LayoutOf(plan))),
        careful_(plan, table) {}

  void Seek(const std::optional<Key>& after) override;
  bool Read(RowBatch& out) override;
  void Cancel() noexcept override;
  // As Seek, to the rows with these keys alone. REQUIRES: there are some.
  void Pick(const std::vector<Key>& keys);

 private:
  void Connect();
  void ShowToCancel(int64_t id);
  void RequireUnchanged();
  RowRange Behind(const RowBatch& out) const;
  void Advance(RowBatch& out);
  void Stream(RowBatch& out);
  void LeaveStream(const Error& error);
  void RenewIfLarge();
  void CheckOrder(const RowBatch& out);
  bool MovedOn(const Key& from, const Key& to) const;

  SnapshotOptions options_;
  ReadPlan plan_;
  CatalogTable table_;
  ChunkLimits limits_;
  std::vector<DecodeCell> cells_;
  std::optional<Key> last_;  // of the rows given out
  std::vector<Key> picked_;  // not empty: no other rows are read
  std::unique_ptr<Session> session_;
  std::unique_ptr<CopyOut> stream_;  // null while none is under way
  CarefulReader careful_;            // at work near a row that the stream could not give
  bool finished_ = false;
  std::mutex cancel_mutex_;
  bool cancelled_ = false;  // guarded by cancel_mutex_, as is the one below
  int64_t on_roll_ = 0;     // the newest session; 0: none yet
};

// A COPY that is dropped in the middle ends with its connection: cancelling it would end the
// transaction, and with it the snapshot, all the same.
void PostgresReader::Seek(const std::optional<Key>& after) {
  if (stream_ != nullptr) session_.reset();
  stream_.reset();
  careful_.End();
  last_ = after;
  picked_.clear();
  finished_ = false;
}

void PostgresReader::Pick(const std::vector<Key>& keys) {
  Seek(std::nullopt);
  picked_ = keys;
}

void PostgresReader::Cancel() noexcept {
  int64_t session = 0;
  {
    const std::lock_guard lock(cancel_mutex_);
    cancelled_ = true;
    session = on_roll_;
  }
  options_.session.roll->Cancel(session);
}

// A session that has only just been opened, or is about to be, is not used once Cancel was called.
void PostgresReader::ShowToCancel(int64_t id) {
  const std::lock_guard lock(cancel_mutex_);
  if (cancelled_) throw Error(ErrorKind::kTransient, "reading was cancelled");
  on_roll_ = id;
}

void PostgresReader::Connect() {
  ShowToCancel(0);
  session_ = std::make_unique<Session>(options_.session);
  ShowToCancel(session_->id_on_roll());
  session_->Exec(kBeginReading);
  JoinSnapshot(*session_, *options_.snapshot);
  RequireUnchanged();
  const std::string settings =
      picked_.empty() ? PlannerSettings(plan_.key) : OperatorSetting(plan_.key);
  session_->Exec(settings + "; " + kMarkReading);
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

RowRange PostgresReader::Behind(const RowBatch& out) const {
  return {out.empty() ? last_ : out.LastKey(), {}, picked_};
}

bool PostgresReader::Read(RowBatch& out) {
  out.Clear();
  while (!finished_ && !out.IsFull(limits_)) {
    if (session_ == nullptr) Connect();
    Advance(out);
  }
  if (out.empty()) return false;
  CheckOrder(out);
  last_ = out.LastKey();
  RenewIfLarge();
  return true;
}

void PostgresReader::Advance(RowBatch& out) {
  try {
    if (careful_.at_work()) {
      finished_ = !careful_.Read(*session_, Behind(out), limits_, out);
    } else {
      Stream(out);
    }
  } catch (const Error& error) {
    if (error.code() == kConflict) options_.snapshot->cancelled = true;
    throw error.Within("reading table " + plan_.table.Show());
  }
}

void PostgresReader::Stream(RowBatch& out) {
  if (stream_ == nullptr) {
    const std::string query =
        RangeQuery(plan_, table_, SelectedColumns(plan_, table_), Behind(out));
    stream_ = std::make_unique<CopyOut>(*session_, query, cells_);
  }
  try {
    const WaitMark mark = session_->Waiting();
    while (!out.IsFull(limits_) && !finished_) finished_ = !stream_->Next(out.columns());
  } catch (const Error& error) {
    if (!ConcernsRow(error)) throw;
    LeaveStream(error);
  }
  if (finished_) stream_.reset();
}

// A value that our decoders do not take stands in the middle of the stream, which is dropped with
// its connection.
void PostgresReader::LeaveStream(const Error& error) {
  const bool goes_on = error.code() == kNoBinaryForm;
  careful_.Begin(!stream_->gave_rows());
  stream_.reset();
  if (goes_on) {
    session_.reset();
  } else {
    session_->Exec(kBackToMark);
  }
}

void PostgresReader::RenewIfLarge() {
  const size_t largest_bytes =
      std::max(careful_.TakeLargestBytes(), stream_ == nullptr ? 0 : stream_->largest_bytes());
  if (largest_bytes < kLargeRow || finished_) return;
  stream_.reset();
  session_.reset();
}

// The key has to move on between batches, and from a batch's first row to its last: an endless loop
// becomes an error.
void PostgresReader::CheckOrder(const RowBatch& out) {
  const Key first = out.FirstKey();
  const Key last = out.LastKey();
  const bool single = out.rows() + out.unread().size() == 1;
  const bool begins_behind = !last_ || MovedOn(*last_, first);
  if (begins_behind && (single || MovedOn(first, last))) return;
  throw Error(ErrorKind::kInternal, "reading table " + plan_.table.Show() +
                                        ": the key did not move on at " +
                                        out.layout().ShowKey(begins_behind ? last : first));
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
