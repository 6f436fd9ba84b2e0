#include "postgres/keyset.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "postgres/cell.h"
#include "postgres/types.h"

namespace rowferry {
namespace {

Value AsText(const Value& value, const Type& form) {
  Column column;
  column.Append(value);
  TextRoom room;
  return Value::Text(std::string(TextOf(form, column, 0, room)));
}

bool IsTextKind(Kind kind) { return kind == Kind::kText || kind == Kind::kOther; }

// A column of the key, as it stands in ORDER BY.
std::string Term(const KeyColumn& key) {
  const std::string name = QuoteIdentifier(key.column.name);
  return key.column.collation.empty() ? name : name + " COLLATE " + key.column.collation;
}

// As it stands beside a literal: the operators of enums take no domain there. With modifiers a cast
// might be a function, which no index holds; but no enum has any.
std::string Operand(const KeyColumn& key) {
  const bool casts =
      key.is_domain && key.column.collation.empty() && WithoutModifiers(key.native) == key.native;
  return Term(key) + (casts ? "::" + key.native : "");
}

std::string Direction(const KeyColumn& key) {
  const bool natural = key.column.nulls_first == key.column.descending;
  std::string text = key.column.descending ? " DESC" : "";
  if (!natural) text += key.column.nulls_first ? " NULLS FIRST" : " NULLS LAST";
  return text;
}

bool SameDirection(const KeyChoice& key) {
  for (const KeyColumn& column : key.columns) {
    if (column.column.descending != key.columns[0].column.descending) return false;
  }
  return true;
}

std::string RowCondition(const KeyChoice& key, const std::vector<std::string>& literals) {
  std::vector<std::string> terms;
  for (const KeyColumn& column : key.columns) terms.push_back(Operand(column));
  const char* compare = key.columns[0].column.descending ? " < " : " > ";
  return "(" + Join(terms, ", ") + ")" + compare + "(" + Join(literals, ", ") + ")";
}

// a >= x AND (a > x OR (a = x AND (b < y OR …)))
std::string ExpandedCondition(const KeyChoice& key, const std::vector<std::string>& literals,
                              size_t from = 0) {
  const std::string term = Operand(key.columns[from]);
  const std::string after = key.columns[from].column.descending ? " < " : " > ";
  std::string beyond = term + after + literals[from];
  if (from + 1 == key.columns.size()) return beyond;
  std::string rest = "(" + beyond + " OR (" + term + " = " + literals[from] + " AND " +
                     ExpandedCondition(key, literals, from + 1) + "))";
  if (from > 0) return rest;
  const std::string at_least = key.columns[0].column.descending ? " <= " : " >= ";
  return term + at_least + literals[0] + " AND " + rest;
}

// A column as the SELECT list gives it. kOther takes the text form, by the type's output: a cast to
// text may be a function that gives something else. A row of NULLs alone IS NULL, but is not one.
std::string Selected(const std::string& name, const Type& form) {
  std::string column = QuoteIdentifier(name);
  if (form.kind != Kind::kOther) return column;
  if (form.name == "xml") return column + "::pg_catalog.text";  // its output changes the prolog
  return "CASE WHEN pg_catalog.num_nulls(" + column + ") = 0 THEN pg_catalog.format('%s', " +
         column + ") END";
}

// KeyKind::kCtid's text.
std::string Position(const CatalogTable& table) {
  const std::string ctid = "ctid::pg_catalog.text";
  return table.partitioned() ? "tableoid::pg_catalog.text || " + ctid : ctid;
}

// No subquery is written without one of these words.
bool MayHoldSubquery(const std::string& condition) {
  constexpr std::array<std::string_view, 3> kWords = {"select", "values", "table"};
  const std::string text = Lower(condition);
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](auto word) { return text.find(word) != std::string::npos; });
}

// By position a scan of one table gives the order by itself; but not the join that a subquery may
// become, or rows that are picked, and partitions come as the planner likes.
std::string OrderOf(const ReadPlan& plan, const CatalogTable& table, bool picks) {
  if (plan.key.kind != KeyKind::kCtid) return KeyOrder(plan.key, plan.table);
  const std::string name = Qualified(plan.table.schema, plan.table.name);
  if (table.partitioned()) return name + ".tableoid, " + name + ".ctid";
  return picks || MayHoldSubquery(plan.where) ? name + ".ctid" : "";
}

// Behind "(3,4)", or behind "16385(3,4)" in a partitioned table.
std::string PositionCondition(std::string_view position) {
  const size_t bracket = std::min(position.find('('), position.size());
  const std::string partition(position.substr(0, bracket));
  const std::string ctid = QuoteLiteral(position.substr(bracket)) + "::tid";
  if (partition.empty()) return "ctid > " + ctid;
  return "(tableoid, ctid) > (" + QuoteLiteral(partition) + "::oid, " + ctid + ")";
}

// As PositionCondition; the shape of the first one is that of all.
std::string PositionsCondition(const std::vector<Key>& keys) {
  std::vector<std::string> positions;
  const bool partitioned = !keys[0].parts.at(0).bytes.starts_with('(');
  for (const Key& key : keys) {
    const std::string& position = key.parts.at(0).bytes;
    const size_t bracket = std::min(position.find('('), position.size());
    const std::string ctid = QuoteLiteral(position.substr(bracket)) + "::tid";
    positions.push_back(partitioned ? "(" + QuoteLiteral(position.substr(0, bracket)) + "::oid, " +
                                          ctid + ")"
                                    : ctid);
  }
  return (partitioned ? "(tableoid, ctid) IN (" : "ctid IN (") + Join(positions, ", ") + ")";
}

std::vector<std::string> LiteralsOf(const KeyChoice& key, const Key& value) {
  if (value.parts.size() != key.columns.size()) {
    throw Error(ErrorKind::kInternal, "a key has another number of columns than its table's");
  }
  std::vector<std::string> literals;
  for (size_t i = 0; i < key.columns.size(); ++i) {
    literals.push_back(KeyLiteral(value.parts[i], key.columns[i].type, key.columns[i].native));
  }
  return literals;
}

// A list of values is joined by the index of a key of several columns; IN with rows would be taken
// apart into ORs.
std::string KeysCondition(const KeyChoice& key, const std::vector<Key>& keys) {
  if (key.kind == KeyKind::kCtid) return PositionsCondition(keys);
  std::vector<std::string> rows;
  const bool single = key.columns.size() == 1;
  for (const Key& value : keys) {
    const std::string row = Join(LiteralsOf(key, value), ", ");
    rows.push_back(single ? row : "(" + row + ")");
  }
  std::vector<std::string> terms;
  for (const KeyColumn& column : key.columns) terms.push_back(Operand(column));
  return "(" + Join(terms, ", ") + ") IN (" + (single ? "" : "VALUES ") + Join(rows, ", ") + ")";
}

}  // namespace

std::string KeyLiteral(const Value& value, const Type& form, const std::string& native) {
  if (value.storage == StorageClass::kNull) {
    throw Error(ErrorKind::kInternal, "a key of PostgreSQL holds NULL");
  }
  std::string text;
  if (form.kind == Kind::kBytes) {
    text = "\\x" + Hex(value.bytes);
  } else {
    text = IsTextKind(form.kind) ? value.bytes : AsText(value, form).bytes;
  }
  return QuoteLiteral(text) + "::" + native;
}

std::string KeyCondition(const KeyChoice& key, const Key& after) {
  const size_t parts = key.kind == KeyKind::kCtid ? 1 : key.columns.size();
  if (after.parts.size() != parts) {
    throw Error(ErrorKind::kInternal, "a checkpoint's key has another number of columns");
  }
  if (key.kind == KeyKind::kCtid) return PositionCondition(after.parts[0].bytes);
  std::vector<std::string> literals;
  for (size_t i = 0; i < key.columns.size(); ++i) {
    literals.push_back(KeyLiteral(after.parts[i], key.columns[i].type, key.columns[i].native));
  }
  return SameDirection(key) ? RowCondition(key, literals) : ExpandedCondition(key, literals);
}

std::string KeyOrder(const KeyChoice& key, const TableName& table) {
  const std::string qualifier = Qualified(table.schema, table.name) + ".";
  std::vector<std::string> terms;
  for (const KeyColumn& column : key.columns) {
    terms.push_back(qualifier + Term(column) + Direction(column));
  }
  return Join(terms, ", ");
}

std::vector<std::string> SelectedColumns(const ReadPlan& plan, const CatalogTable& table) {
  const BatchLayout layout = LayoutOf(plan);
  std::vector<std::string> columns;
  for (size_t i = 0; i < layout.names.size(); ++i) {
    const bool position = plan.key.kind == KeyKind::kCtid && i >= layout.data_columns;
    columns.push_back(position ? Position(table) : Selected(layout.names[i], layout.types[i]));
  }
  return columns;
}

// Read as bytea's own text form, in which no encoding is looked at.
std::string BytesOfText(const std::string& name) {
  const std::string column = QuoteIdentifier(name);
  return "CASE WHEN pg_catalog.num_nulls(" + column +
         ") = 0 THEN pg_catalog.replace(pg_catalog.format('%s', " + column +
         "), '\\', '\\\\')::pg_catalog.bytea END";
}

std::string RangeQuery(const ReadPlan& plan, const CatalogTable& table,
                       const std::vector<std::string>& expressions, const RowRange& range) {
  std::string sql = "SELECT " + Join(expressions, ", ") + " FROM " + table.From();
  std::vector<std::string> conditions;
  if (!plan.where.empty()) conditions.push_back("(" + plan.where + "\n)");
  if (!range.picked.empty()) {
    conditions.push_back("(" + KeysCondition(plan.key, range.picked) + ")");
  }
  if (range.after) conditions.push_back("(" + KeyCondition(plan.key, *range.after) + ")");
  if (range.last) conditions.push_back("NOT (" + KeyCondition(plan.key, *range.last) + ")");
  if (!conditions.empty()) sql += " WHERE " + Join(conditions, " AND ");
  const std::string order = OrderOf(plan, table, !range.picked.empty());
  if (!order.empty()) sql += " ORDER BY " + order;
  return range.most == 0 ? sql : sql + " LIMIT " + std::to_string(range.most);
}

std::string ReadQuery(const ReadPlan& plan, const CatalogTable& table,
                      const std::optional<Key>& after) {
  return RangeQuery(plan, table, SelectedColumns(plan, table), {after});
}

std::string ConditionQuery(const ReadPlan& plan, const CatalogTable& table) {
  return "SELECT CAST(" + plan.where + "\n AS pg_catalog.bool) FROM " + table.From();
}

}  // namespace rowferry
