#include "sqlite/ddl.h"

#include <sqlite3.h>

#include <algorithm>
#include <regex>

#include "base/text.h"
#include "sqlite/catalog.h"
#include "sqlite/defaults.h"
#include "sqlite/types.h"

namespace rowferry::sqlite {
namespace {

bool IsFromSqlite(const Table& table) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [](const ColumnInfo& column) { return column.dynamic; });
}

const UniqueKey* PrimaryKey(const Table& table) {
  const bool has = !table.unique_keys.empty() && table.unique_keys[0].primary;
  return has ? &table.unique_keys[0] : nullptr;
}

bool IsSinglePrimary(const Table& table, const std::string& column) {
  const UniqueKey* key = PrimaryKey(table);
  return key != nullptr && key->columns.size() == 1 && key->columns[0].name == column;
}

// Another database's; what could not be said at all, its catalog has named.
void TranslateDefault(ColumnInfo& made, Table& target) {
  if (!made.default_value) return;
  const ColumnDefault meant = *made.default_value;
  made.default_value = FitMoment(meant, made.type);
  if (!made.default_value) {
    target.warnings.push_back("column " + made.name + ": its default " +
                              ShowDefault(meant, made.type) + " stays behind");
    return;
  }
  const bool text = AffinityOf(made.native, false) == Affinity::kText;
  if (text) made.default_value = QuoteNumber(*made.default_value);
}

ColumnInfo TranslateColumn(const Table& source, const ColumnInfo& column, Table& target) {
  ColumnInfo made = column;
  made.dynamic = true;
  if (!column.dynamic) {
    made.native = Declare(column.type, column.definition, IsSinglePrimary(source, column.name));
    made.type = SuggestType(made.native).type;  // as the catalog will say once it is created
    if (!column.collation.empty()) target.warnings.push_back(CollationStaysBehind(column));
    made.collation.clear();
    TranslateDefault(made, target);
  }
  if (!made.collation.empty() && !IsKnownCollation(made.collation)) {
    target.warnings.push_back(CollationStaysBehind(column));
    made.collation.clear();
  }
  if (column.generated) {
    made.generated = false;
    target.warnings.push_back("column " + column.name +
                              " is computed in the source and becomes an ordinary column");
  }
  made.has_default = made.default_value.has_value();
  const bool numbered = IsSinglePrimary(source, column.name) && IsRowidAlias(made.native) &&
                        column.type.kind == Kind::kInt && source.has_rowid;
  if (column.identity != Identity::kNone) {
    made.identity = numbered ? Identity::kByDefault : Identity::kNone;
    if (!numbered) {
      target.warnings.push_back("column " + column.name +
                                " is no INTEGER PRIMARY KEY: SQLite cannot number it");
    }
  }
  return made;
}

// SQLite knows the order of its own indexes; the collations of others mean nothing here, nor do
// those that an application made. What is unique by such a one is so by its bytes.
UniqueKey TranslateKey(const UniqueKey& key, const Table& source, const Table& target) {
  UniqueKey made = key;
  for (IndexColumn& column : made.columns) {
    if (!IsKnownCollation(column.collation)) column.collation = "BINARY";
  }
  if (IsFromSqlite(source)) return made;
  for (IndexColumn& column : made.columns) column = {column.name, "BINARY", false, true};
  const ColumnInfo* only = target.Find(made.columns[0].name);
  const bool alias = made.columns.size() == 1 && only != nullptr && IsRowidAlias(only->native);
  made.name = alias ? "rowid" : "";
  return made;
}

std::string KeyColumnText(const IndexColumn& column, const Table& table) {
  std::string text = QuoteIdentifier(column.name);
  const ColumnInfo* info = table.Find(column.name);
  const std::string own = info == nullptr || info->collation.empty() ? "BINARY" : info->collation;
  if (!column.collation.empty() && !EqualsIgnoreCase(column.collation, own)) {
    text += " COLLATE " + QuoteIdentifier(column.collation);
  }
  return text + (column.descending ? " DESC" : "");
}

// INTEGER PRIMARY KEY is the rowid, INTEGER PRIMARY KEY DESC is not, but PRIMARY KEY (id DESC) at
// the end of the statement is again: so a key of one column stands beside its column.
std::string InlineKey(const UniqueKey& key, const ColumnInfo& column) {
  std::string text = " PRIMARY KEY";
  if (key.columns[0].descending) text += " DESC";
  if (column.identity != Identity::kNone) text += " AUTOINCREMENT";
  return text;
}

bool IsInline(const UniqueKey& key, const Table& table) {
  if (key.columns.size() != 1) return false;
  return KeyColumnText(key.columns[0], table).find(" COLLATE ") == std::string::npos;
}

bool HoldsKeyword(const std::string& type) {
  static const std::regex kWord(R"(\w+)");
  return std::any_of(std::sregex_iterator(type.begin(), type.end(), kWord), std::sregex_iterator(),
                     [](const std::smatch& word) {
                       return sqlite3_keyword_check(word.str().c_str(),
                                                    static_cast<int>(word.length())) != 0;
                     });
}

// A declared type as it may stand in a statement: what is more than words, and numbers in brackets
// behind them, was quoted where it comes from: "enum('a','b')". So may a word have been that means
// something else there: "not null".
std::string TypeText(const std::string& native) {
  static const std::regex kPlain(
      R"([A-Za-z_]\w*(\s+[A-Za-z_]\w*)*\s*(\(\s*[+-]?[\d.]+\s*(,\s*[+-]?[\d.]+\s*)?\)\s*)?)");
  const std::string type = native.substr(0, native.find("/*"));
  const bool plain = std::regex_match(type, kPlain) && !HoldsKeyword(type);
  return plain ? native : QuoteIdentifier(native);
}

std::string ColumnText(const ColumnInfo& column, const Table& table) {
  std::string text = QuoteIdentifier(column.name);
  if (!column.native.empty()) text += " " + TypeText(column.native);
  const UniqueKey* key = PrimaryKey(table);
  if (key != nullptr && IsInline(*key, table) && key->columns[0].name == column.name) {
    text += InlineKey(*key, column);
  }
  if (column.not_null) text += " NOT NULL";
  if (!column.collation.empty()) text += " COLLATE " + QuoteIdentifier(column.collation);
  if (column.default_value) text += " DEFAULT " + ShowDefault(*column.default_value, column.type);
  return text;
}

std::string KeyText(const UniqueKey& key, const Table& table) {
  std::vector<std::string> columns;
  for (const IndexColumn& column : key.columns) columns.push_back(KeyColumnText(column, table));
  return "PRIMARY KEY (" + Join(columns, ", ") + ")";
}

std::string OptionsText(const Table& table) {
  std::vector<std::string> options;
  const UniqueKey* key = PrimaryKey(table);
  if (key != nullptr && key->without_rowid) options.emplace_back("WITHOUT ROWID");
  if (table.strict) options.emplace_back("STRICT");
  return options.empty() ? "" : " " + Join(options, ", ");
}

}  // namespace

Table Translate(const Table& source, const std::string& name) {
  Table target;
  target.name.name = name;
  target.strict = source.strict;
  target.estimated_rows = 0;
  for (const ColumnInfo& column : source.columns) {
    target.columns.push_back(TranslateColumn(source, column, target));
  }
  const UniqueKey* key = PrimaryKey(source);
  if (key != nullptr) target.unique_keys.push_back(TranslateKey(*key, source, target));
  target.has_rowid = key == nullptr || !key->without_rowid;
  return target;
}

std::string CreateStatement(const Table& table) {
  std::vector<std::string> parts;
  for (const ColumnInfo& column : table.columns) {
    if (!column.generated) parts.push_back("  " + ColumnText(column, table));
  }
  const UniqueKey* key = PrimaryKey(table);
  if (key != nullptr && !IsInline(*key, table)) parts.push_back("  " + KeyText(*key, table));
  return "CREATE TABLE " + QuoteIdentifier(table.name.name) + " (\n" + Join(parts, ",\n") + "\n)" +
         OptionsText(table);
}

}  // namespace rowferry::sqlite
