#include "sqlite/batch_table.h"

#include <sqlite3.h>

#include <atomic>
#include <new>

#include "base/text.h"
#include "sql/statements.h"
#include "sqlite/error.h"

namespace rowferry::sqlite {
namespace {

// SQLite reads a table of the user's in preference to a virtual one of the same name.
std::string FreeName(Session& session) {
  static std::atomic<int64_t> count{0};
  std::string name;
  do {
    name = "rowferry_batch_" + std::to_string(++count);
  } while (session.Single(sql::sqlite::has_name, {Value::Text(name)}).integer != 0);
  return name;
}

}  // namespace

// SQLite's side: C functions that find their BatchTable again. The cursor's place is kept in the
// table itself, as a batch is read by one statement at a time.
struct BatchTable::Callbacks {
  struct Module : sqlite3_vtab {
    BatchTable* table;
  };
  struct Cursor : sqlite3_vtab_cursor {};

  static BatchTable& TableOf(sqlite3_vtab_cursor* cursor) {
    return *static_cast<Module*>(cursor->pVtab)->table;
  }

  static int Connect(sqlite3* connection, void* table, int /*count*/, const char* const* /*words*/,
                     sqlite3_vtab** out, char** /*message*/) {
    auto* const owner = static_cast<BatchTable*>(table);
    std::vector<std::string> columns;
    for (size_t i = 0; i < owner->encoders_.size(); ++i) columns.push_back("c" + std::to_string(i));
    const std::string declaration = "CREATE TABLE batch(" + Join(columns, ",") + ")";
    const int result = sqlite3_declare_vtab(connection, declaration.c_str());
    if (result != SQLITE_OK) return result;
    auto* const module = new (std::nothrow) Module{};
    if (module == nullptr) return SQLITE_NOMEM;
    module->table = owner;
    *out = module;
    return SQLITE_OK;
  }
  static int Disconnect(sqlite3_vtab* module) {
    delete static_cast<Module*>(module);
    return SQLITE_OK;
  }
  static int BestIndex(sqlite3_vtab* /*module*/, sqlite3_index_info* /*info*/) { return SQLITE_OK; }
  static int Open(sqlite3_vtab* /*module*/, sqlite3_vtab_cursor** out) {
    *out = new (std::nothrow) Cursor{};
    return *out == nullptr ? SQLITE_NOMEM : SQLITE_OK;
  }
  static int Close(sqlite3_vtab_cursor* cursor) {
    delete static_cast<Cursor*>(cursor);
    return SQLITE_OK;
  }
  static int Filter(sqlite3_vtab_cursor* cursor, int /*index*/, const char* /*name*/, int /*count*/,
                    sqlite3_value** /*values*/) {
    BatchTable& table = TableOf(cursor);
    table.row_ = table.begin_;
    return SQLITE_OK;
  }
  static int Next(sqlite3_vtab_cursor* cursor) {
    ++TableOf(cursor).row_;
    return SQLITE_OK;
  }
  static int Eof(sqlite3_vtab_cursor* cursor) {
    const BatchTable& table = TableOf(cursor);
    return table.row_ >= table.end_ ? 1 : 0;
  }
  static int GetColumn(sqlite3_vtab_cursor* cursor, sqlite3_context* out, int column) {
    return TableOf(cursor).Encode(out, static_cast<size_t>(column)) ? SQLITE_OK : SQLITE_ERROR;
  }
  static int Rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* rowid) {
    *rowid = static_cast<sqlite3_int64>(TableOf(cursor).row_);
    return SQLITE_OK;
  }

  static const sqlite3_module* Get() {
    static const sqlite3_module module = [] {
      sqlite3_module made{};  // no xCreate: a table that is there without CREATE
      made.xConnect = Connect;
      made.xDisconnect = Disconnect;
      made.xBestIndex = BestIndex;
      made.xOpen = Open;
      made.xClose = Close;
      made.xFilter = Filter;
      made.xNext = Next;
      made.xEof = Eof;
      made.xColumn = GetColumn;
      made.xRowid = Rowid;
      return made;
    }();
    return &module;
  }
};

BatchTable::BatchTable(Session& session, std::vector<Encoder> encoders)
    : session_(session), name_(FreeName(session)), encoders_(std::move(encoders)) {
  const int result =
      sqlite3_create_module_v2(session_.handle(), name_.c_str(), Callbacks::Get(), this, nullptr);
  if (result != SQLITE_OK) throw LastError(session_.handle(), "virtual table " + name_);
}

BatchTable::~BatchTable() {
  sqlite3_create_module_v2(session_.handle(), name_.c_str(), nullptr, nullptr, nullptr);
}

void BatchTable::Show(const RowBatch& batch, size_t begin, size_t end) {
  batch_ = &batch;
  begin_ = begin;
  end_ = end;
  row_ = begin;
  misfit_.reset();
}

bool BatchTable::Encode(sqlite3_context* out, size_t column) {
  const Encoded encoded = encoders_[column](out, batch_->columns()[column], row_);
  if (encoded == Encoded::kDone) return true;
  misfit_ = Misfit{column, encoded};
  return false;
}

}  // namespace rowferry::sqlite
