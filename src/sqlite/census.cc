// The pass over the rows; column_census.cc is what is noted of each value and concluded from it.
#include "sqlite/census.h"

#include <sqlite3.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "sqlite/column_census.h"
#include "sqlite/error.h"

namespace rowferry::sqlite {
namespace {

int64_t Scan(Session& session, const std::string& table, std::vector<ColumnCensus>& columns) {
  std::vector<std::string> names;
  for (const ColumnCensus& column : columns) names.push_back(QuoteIdentifier(column.name()));
  const Prepared statement = session.Prepare("SELECT " + Join(names, ", ") + " FROM " +
                                             QuoteIdentifier(table) + " NOT INDEXED");
  int64_t rows = 0;
  int result = SQLITE_OK;
  while ((result = sqlite3_step(statement.get())) == SQLITE_ROW) {
    for (size_t i = 0; i < columns.size(); ++i) {
      columns[i].Note(sqlite3_column_value(statement.get(), static_cast<int>(i)));
    }
    ++rows;
  }
  if (result != SQLITE_DONE) throw LastError(session.handle(), "census of " + table);
  return rows;
}

void Apply(const Verdict& verdict, ColumnInfo& column, Table& table, Encodings& encodings) {
  column.type = verdict.type;
  if (verdict.encoding != Encoding::kPlain) encodings[column.name] = verdict.encoding;
  for (const std::string& warning : verdict.warnings) table.warnings.push_back(warning);
}

// SQLite lets NULL into every primary key but the rowid and that of a table WITHOUT ROWID.
void CheckPrimaryKey(const std::vector<ColumnCensus>& columns, Table& table) {
  if (table.unique_keys.empty() || !table.unique_keys[0].primary) return;
  UniqueKey& key = table.unique_keys[0];
  std::vector<std::string> names;
  std::vector<std::string> with_null;
  for (const IndexColumn& part : key.columns) {
    names.push_back(part.name);
    const bool full = std::any_of(columns.begin(), columns.end(), [&](const ColumnCensus& column) {
      return column.name() == part.name && column.values() == table.estimated_rows;
    });
    if (!full) with_null.push_back(part.name);
  }
  if (with_null.empty()) return;
  key.holds_null = true;
  table.warnings.push_back("the primary key (" + Join(names, ", ") +
                           ") stays behind: " + Join(with_null, " and ") +
                           (with_null.size() == 1 ? " holds NULL" : " hold NULL"));
}

}  // namespace

Encodings TakeCensus(Session& session, Table& table) {
  std::vector<ColumnCensus> columns;
  for (const ColumnInfo& column : table.columns) columns.emplace_back(column);
  table.estimated_rows = Scan(session, table.name.name, columns);
  Encodings encodings;
  for (size_t i = 0; i < columns.size(); ++i) {
    Apply(columns[i].Conclude(), table.columns[i], table, encodings);
  }
  CheckPrimaryKey(columns, table);
  return encodings;
}

Encoding TakeColumnCensus(Session& session, const std::string& table, const ColumnInfo& column) {
  std::vector<ColumnCensus> columns = {ColumnCensus(column)};
  Scan(session, table, columns);
  return columns[0].Conclude().encoding;
}

}  // namespace rowferry::sqlite
