#include "sqlite/catalog.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "sql/statements.h"
#include "sqlite/declaration.h"
#include "sqlite/defaults.h"
#include "sqlite/types.h"

namespace rowferry::sqlite {
namespace {

constexpr std::string_view kRowidKeyName = "rowid";
// Tables in files up to this are counted, as it is quick; and those where nothing else tells.
constexpr int64_t kCountedBytes = 8LL << 20;
constexpr int64_t kCountedBytesWithoutRowid = 256LL << 20;
constexpr int64_t kSmallestRow = 6;  // bytes: https://sqlite.org/fileformat2.html, section 1.6

constexpr std::array<std::string_view, 5> kLedgerTables = {
    "rowferry_meta", "rowferry_job", "rowferry_run", "rowferry_split", "rowferry_reject"};

bool IsLedgerTable(const std::string& name) {
  return std::find(kLedgerTables.begin(), kLedgerTables.end(), Lower(name)) != kLedgerTables.end();
}

Record Name(const std::string& name) { return {Value::Text(name)}; }

std::optional<int64_t> LastValue(Session& session, const std::string& table) {
  const auto rows = session.Rows(sql::sqlite::sequence, Name(table));
  return rows.empty() ? std::nullopt : std::optional(rows[0][0].integer);
}

// Collation and AUTOINCREMENT, which no PRAGMA shows.
void AddMetadata(Session& session, const std::string& table, ColumnInfo& column) {
  const char* collation = nullptr;
  int autoincrement = 0;
  const int result =
      sqlite3_table_column_metadata(session.handle(), "main", table.c_str(), column.name.c_str(),
                                    nullptr, &collation, nullptr, nullptr, &autoincrement);
  if (result != SQLITE_OK) return;
  if (collation != nullptr && !EqualsIgnoreCase(collation, "BINARY")) column.collation = collation;
  if (autoincrement == 0) return;
  column.identity = Identity::kByDefault;
  column.last_value = LastValue(session, table);
}

void AddDefault(const Value& expression, ColumnInfo& column, Table& table) {
  if (expression.storage == StorageClass::kNull || Lower(expression.bytes) == "null") return;
  column.has_default = true;
  column.default_value = ParseDefault(expression.bytes);
  if (column.default_value) return;
  table.warnings.push_back("column " + column.name + ": its default " + expression.bytes +
                           " stays behind");
}

using Comments = std::map<std::string, std::string>;

std::string NativeType(const std::string& declared, const Comments& comments,
                       const std::string& column) {
  const auto comment = comments.find(Lower(column));
  if (comment == comments.end()) return declared;
  return declared + " /* type: " + comment->second + " */";
}

// `row` is one of sql/sqlite/columns.sql: name, type, notnull, default, hidden.
ColumnInfo ReadColumn(Session& session, const Record& row, const Comments& comments, Table& table) {
  constexpr int64_t kHiddenColumn = 1;  // of a virtual table; 2 and 3 are generated columns
  ColumnInfo column;
  column.name = row[0].bytes;
  column.native = NativeType(row[1].bytes, comments, column.name);
  column.strict = table.strict;
  column.type = SuggestType(column.native, column.strict).type;
  column.dynamic = true;
  column.not_null = row[2].integer != 0;
  column.generated = row[4].integer > kHiddenColumn;
  AddMetadata(session, table.name.name, column);
  if (!column.generated) AddDefault(row[3], column, table);
  return column;
}

// Nothing for an index over expressions.
std::optional<std::vector<IndexColumn>> IndexColumns(Session& session, const std::string& index) {
  std::vector<IndexColumn> columns;
  for (const Record& row : session.Rows(sql::sqlite::index_columns, Name(index))) {
    if (row[0].storage == StorageClass::kNull) return std::nullopt;
    const bool descending = row[1].integer != 0;
    columns.push_back({row[0].bytes, row[2].bytes, descending, !descending});
  }
  return columns;
}

// `row` is one of sql/sqlite/unique_indexes.sql: name, origin.
void AddUniqueKey(Session& session, const Record& row, Table& table) {
  auto columns = IndexColumns(session, row[0].bytes);
  if (!columns) return;
  UniqueKey key;
  key.name = row[0].bytes;
  key.primary = row[1].bytes == "pk";
  key.without_rowid = key.primary && !table.has_rowid;
  key.columns = std::move(*columns);
  const auto at = key.primary ? table.unique_keys.begin() : table.unique_keys.end();
  table.unique_keys.insert(at, std::move(key));
}

void AddKeys(Session& session, Table& table) {
  for (const Record& row : session.Rows(sql::sqlite::unique_indexes, Name(table.name.name))) {
    AddUniqueKey(session, row, table);
  }
  const bool listed = !table.unique_keys.empty() && table.unique_keys.front().primary;
  const auto alias = session.Rows(sql::sqlite::primary_key, Name(table.name.name));
  if (listed || alias.size() != 1) return;
  UniqueKey key;
  key.name = kRowidKeyName;
  key.primary = true;
  key.columns.push_back({alias[0][0].bytes, "BINARY", false, true});
  table.unique_keys.insert(table.unique_keys.begin(), std::move(key));
}

int64_t FileBytes(Session& session) {
  return session.Single("PRAGMA page_count").integer * session.Single("PRAGMA page_size").integer;
}

constexpr char kAnotherName[] = ": rename one of the two, or name another file";

// `type` is one of PRAGMA table_list.
std::string WhyNoTable(const std::string& type) {
  if (type == "table") return {};
  if (type == "shadow") return std::string("is part of a virtual table") + kAnotherName;
  return "is a " + (type == "virtual" ? "virtual table" : type) + ", not a table" + kAnotherName;
}

// -1: unknown. Otherwise by the span of the rowids, in which rows may be missing.
int64_t EstimateRows(Session& session, const Table& table) {
  const std::string quoted = QuoteIdentifier(table.name.name);
  const auto rowid = RowidName(table);
  const int64_t bytes = FileBytes(session);
  if (bytes <= (rowid ? kCountedBytes : kCountedBytesWithoutRowid)) {
    // NOT INDEXED: an index may have a collation that only its application knows.
    return session.Single("SELECT count(*) FROM " + quoted + " NOT INDEXED").integer;
  }
  if (!rowid) return -1;
  const std::string from = " FROM " + quoted + ")";
  const Value span = session.Single("SELECT (SELECT max(" + *rowid + ")" + from +
                                    " - (SELECT min(" + *rowid + ")" + from + " + 1");
  if (span.storage == StorageClass::kNull) return 0;
  const bool possible =
      span.storage == StorageClass::kInteger && span.integer < bytes / kSmallestRow;
  return possible ? span.integer : -1;
}

}  // namespace

std::vector<TableName> ListTables(Session& session) {
  std::vector<TableName> names;
  for (const Record& row : session.Rows(sql::sqlite::tables)) {
    if (!IsLedgerTable(row[0].bytes)) names.push_back({"", row[0].bytes});
  }
  return names;
}

std::vector<NoTable> ListOthers(Session& session) {
  std::vector<NoTable> others;
  for (const Record& row : session.Rows(sql::sqlite::others)) {
    others.push_back({{"", row[0].bytes}, row[1].bytes});
  }
  return others;
}

std::optional<Table> DescribeTable(Session& session, const std::string& name) {
  const auto found = session.Rows(sql::sqlite::find_table, Name(name));
  if (found.empty()) return std::nullopt;
  const Record& row = found[0];  // name, type, without rowid, strict, sql, swallows
  Table table;
  table.name.name = row[0].bytes;
  table.target_refusal = WhyNoTable(row[1].bytes);
  table.has_rowid = row[2].integer == 0 && row[1].bytes == "table";
  table.strict = row[3].integer != 0;
  table.swallows_rows = row[5].integer != 0;
  const Comments comments = TypeComments(row[4].bytes);
  for (const Record& column : session.Rows(sql::sqlite::columns, Name(table.name.name))) {
    table.columns.push_back(ReadColumn(session, column, comments, table));
  }
  AddKeys(session, table);
  if (table.target_refusal.empty()) table.estimated_rows = EstimateRows(session, table);
  return table;
}

std::string WhyNameIsTaken(Session& session, const std::string& name) {
  if (Lower(name).starts_with("sqlite_")) {
    return std::string("has a name that SQLite keeps for itself") + kAnotherName;
  }
  if (IsLedgerTable(name)) {
    return std::string("has the name of a table of rowferry's ledger") + kAnotherName;
  }
  if (session.Single(sql::sqlite::has_index, Name(name)).integer == 0) return {};
  return std::string("has the name of an index there") + kAnotherName;
}

LeftBehind CountLeftBehind(Session& session, const Table& table) {
  const auto rows = session.Rows(sql::sqlite::left_behind, Name(table.name.name));
  const Record& counts = rows[0];  // indexes, foreign keys, triggers, CHECK constraints
  return {counts[0].integer, counts[1].integer, counts[2].integer, counts[3].integer != 0};
}

std::optional<std::string> RowidName(const Table& table) {
  if (!table.has_rowid) return std::nullopt;
  for (const std::string name : {"rowid", "_rowid_", "oid"}) {
    const bool hidden =
        std::any_of(table.columns.begin(), table.columns.end(),
                    [&](const ColumnInfo& column) { return EqualsIgnoreCase(column.name, name); });
    if (!hidden) return name;
  }
  return std::nullopt;
}

bool IsKnownCollation(std::string_view name) {
  constexpr std::array<std::string_view, 3> kKnown = {"BINARY", "NOCASE", "RTRIM"};
  return std::any_of(kKnown.begin(), kKnown.end(),
                     [&](std::string_view known) { return EqualsIgnoreCase(known, name); });
}

bool IsRowidKey(const UniqueKey& key) { return key.primary && key.name == kRowidKeyName; }

}  // namespace rowferry::sqlite
