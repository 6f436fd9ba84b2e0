#include "postgres/ddl.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "postgres/defaults.h"

namespace rowferry {
namespace {

constexpr size_t kMaxName = 63;       // bytes; NAMEDATALEN - 1
constexpr size_t kMaxColumns = 1600;  // MaxHeapAttributeNumber

// Every table has these (src/backend/catalog/heap.c).
constexpr std::array<std::string_view, 6> kSystemColumns = {"ctid", "xmin", "cmin",
                                                            "xmax", "cmax", "tableoid"};

std::string Shown(const std::string& name) { return name.empty() ? "''" : name; }

// `leave_out`: the options that do without what has the name.
void CheckName(const std::string& what, const std::string& name, const std::string& leave_out) {
  if (!name.empty() && name.size() <= kMaxName) return;
  const std::string why = name.empty() ? " has an empty name, which PostgreSQL does not take"
                                       : " " + name +
                                             " is longer than the 63 bytes that PostgreSQL keeps "
                                             "of a name: it would be cut";
  throw Error(ErrorKind::kPlan,
              what + why + "; rename it in the source, or leave out " + leave_out);
}

void CheckColumnName(const TableName& table, const std::string& name, const std::string& exclude) {
  const std::string what = "table " + table.Show() + ": a column";
  const std::string leave_out = "the column with --drop " + Shown(name) + ", or " + exclude;
  CheckName(what, name, leave_out);
  if (std::find(kSystemColumns.begin(), kSystemColumns.end(), name) == kSystemColumns.end()) return;
  throw Error(ErrorKind::kPlan, what + " " + name +
                                    " has the name of a column that PostgreSQL gives to every "
                                    "table; rename it in the source, or leave out " +
                                    leave_out);
}

// The domain or enum of the same name, if the target has it. A domain of other modifiers than the
// source's would round or cut what passes through it.
bool KeepsUserType(const ColumnInfo& column, TypeCatalog& types) {
  if (column.native.find('.') == std::string::npos) return false;  // not a qualified name
  const TypeFacts* user = types.Find(column.native);
  const TypeFacts* base = types.Find(SpellType(column.type));
  if (user == nullptr || base == nullptr || user->base != base->base) return false;
  return !user->is_domain || ParseType(user->underneath).name == column.type.name;
}

// The target has the type, and it is made of the same parts as far as those of the source's are
// known. varchar(16777216), too, is no type.
bool Has(TypeCatalog& types, const ColumnInfo& column) {
  const TypeFacts* facts = types.Find(SpellType(column.type));
  return facts != nullptr && (column.definition.empty() || facts->definition == column.definition);
}

void TranslateType(ColumnInfo& column, TypeCatalog& types, Table& table) {
  if (column.type.kind == Kind::kAny) column.type = TypeOf(Kind::kText);
  const bool has = Has(types, column);
  if (has && KeepsUserType(column, types)) return;
  if (!has) {
    const Type general =
        column.type.kind == Kind::kOther ? TypeOf(Kind::kText) : TypeOf(column.type.kind);
    const std::string parts = column.definition.empty() ? "" : " of these parts";
    table.warnings.push_back("column " + column.name + ": the target lacks the type " +
                             column.type.name + parts + "; it becomes " + general.name);
    column.type = general;
    column.definition.clear();
  }
  column.native = SpellType(column.type);
}

// Whether PostgreSQL reads the default as a value of the column's type.
bool IsReadable(const std::string& value, const ColumnInfo& column, Session& session) {
  try {
    session.Exec("SELECT CAST(" + value + " AS " + column.native + ")");
    return true;
  } catch (const Error& error) {
    if (MayPass(error.kind())) throw;
    return false;
  }
}

void TranslateDefault(ColumnInfo& column, Session& session, Table& table) {
  if (!column.default_value) return;
  const auto value = SpellDefault(*column.default_value, column.type);
  if (value && IsReadable(*value, column, session)) return;
  table.warnings.push_back("column " + column.name + ": its default " +
                           column.default_value->Sql() + " does not go with the type " +
                           column.native + " and is left out");
  column.default_value.reset();
}

bool IsInPrimaryKey(const ColumnInfo& column, const Table& source) {
  return std::any_of(source.unique_keys.begin(), source.unique_keys.end(), [&](const auto& key) {
    return key.primary && std::any_of(key.columns.begin(), key.columns.end(),
                                      [&](const auto& c) { return c.name == column.name; });
  });
}

// An identity is NOT NULL by itself, and of no domain; a column that only took its default from a
// sequence may be neither.
void TranslateIdentity(ColumnInfo& column, const Table& source, Table& table) {
  if (column.type.kind != Kind::kInt) column.identity = Identity::kNone;
  const bool takes_null = !column.not_null && !IsInPrimaryKey(column, source);
  const bool of_domain = column.native != SpellType(column.type);
  if (column.identity == Identity::kNone || (!takes_null && !of_domain)) return;
  column.identity = Identity::kNone;
  const std::string why = takes_null
                              ? " may hold NULL, which no identity does"
                              : " is of the domain " + column.native + ", and no identity is";
  table.warnings.push_back("column " + column.name + why + ": its sequence stays behind");
}

void TranslateGenerated(ColumnInfo& column, Table& table) {
  if (!column.generated) return;
  column.generated = false;
  table.warnings.push_back("column " + column.name +
                           " is computed in the source and becomes an ordinary column");
}

void TranslateCollation(ColumnInfo& column, Table& table) {
  if (column.collation.empty()) return;
  table.warnings.push_back(CollationStaysBehind(column));
  column.collation.clear();
}

std::string ColumnSql(const ColumnInfo& column) {
  std::string sql = QuoteIdentifier(column.name) + " " + column.native;
  if (column.identity == Identity::kAlways) sql += " GENERATED ALWAYS AS IDENTITY";
  if (column.identity == Identity::kByDefault) sql += " GENERATED BY DEFAULT AS IDENTITY";
  const auto value =
      column.default_value ? SpellDefault(*column.default_value, column.type) : std::nullopt;
  if (value && column.identity == Identity::kNone) sql += " DEFAULT " + *value;
  if (column.not_null) sql += " NOT NULL";
  return sql;
}

}  // namespace

Table TranslateTable(const Table& source, const TableName& name, Session& session,
                     TypeCatalog& types) {
  Table table;
  table.name = name;
  table.estimated_rows = source.estimated_rows;
  const std::string exclude = "the table with --exclude " + Shown(source.name.name);
  CheckName("table", name.name, exclude);
  if (source.columns.size() > kMaxColumns) {
    throw Error(ErrorKind::kPlan, "table " + name.Show() + " would have " +
                                      std::to_string(source.columns.size()) +
                                      " columns, and PostgreSQL takes 1600; leave out columns with "
                                      "--drop, or " +
                                      exclude);
  }
  for (ColumnInfo column : source.columns) {
    CheckColumnName(name, column.name, exclude);
    TranslateType(column, types, table);
    TranslateDefault(column, session, table);
    TranslateIdentity(column, source, table);
    TranslateGenerated(column, table);
    TranslateCollation(column, table);
    column.dynamic = false;
    column.has_default = column.default_value.has_value() || column.identity != Identity::kNone;
    table.columns.push_back(column);
  }
  for (const UniqueKey& key : source.unique_keys) {
    if (!key.primary || key.holds_null) continue;  // its census has said so
    UniqueKey kept{"", true, false, {}};
    for (const IndexColumn& column : key.columns)
      kept.columns.push_back({column.name, "", false, false});
    table.unique_keys.push_back(kept);
  }
  return table;
}

std::string CreateTableSql(const Table& table) {
  std::vector<std::string> lines;
  for (const ColumnInfo& column : table.columns) lines.push_back("  " + ColumnSql(column));
  for (const UniqueKey& key : table.unique_keys) {
    if (!key.primary) continue;
    std::vector<std::string> names;
    for (const IndexColumn& column : key.columns) names.push_back(QuoteIdentifier(column.name));
    lines.push_back("  PRIMARY KEY (" + Join(names, ", ") + ")");
  }
  return "CREATE TABLE " + Qualified(table.name.schema, table.name.name) + " (\n" +
         Join(lines, ",\n") + "\n)";
}

}  // namespace rowferry
