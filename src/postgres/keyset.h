// The SQL that reads a table in key order from a key on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flow/source.h"
#include "postgres/catalog.h"

namespace rowferry {

// A key's value as a literal of its column's exact type: "'42'::bigint". Lossless.
std::string KeyLiteral(const Value& value, const Type& form, const std::string& native);

// "(a, b) > (…)": the rows behind `after`. The row-value form where all columns run the same way,
// since that walks the index; else expanded, since no row value says it.
std::string KeyCondition(const KeyChoice& key, const Key& after);

// "t.a COLLATE …, t.b DESC": as the proving index has it. Qualified, since ORDER BY takes a bare
// name for an output column, and that may be a cast to text. Empty for ctid, which a scan in
// physical order gives by itself.
std::string KeyOrder(const KeyChoice& key, const TableName& table);

// "SELECT … FROM … WHERE … ORDER BY …", with LayoutOf(plan)'s columns in the forms asked for.
std::string ReadQuery(const ReadPlan& plan, const CatalogTable& table,
                      const std::optional<Key>& after);

// Some of the rows that ReadQuery gives.
struct RowRange {
  std::optional<Key> after = {};
  std::optional<Key> last = {};  // up to this row, itself included
  std::vector<Key> picked = {};  // not empty: only rows with one of these keys, by the source's own
                                 // comparison
  size_t most = 0;               // at most so many; 0: all
};

// As ReadQuery, of these rows and expressions. The server works out an expression for no other row,
// also where it has to sort; but for `most` alone it may.
std::string RangeQuery(const ReadPlan& plan, const CatalogTable& table,
                       const std::vector<std::string>& expressions, const RowRange& range);

// Each of LayoutOf(plan)'s columns as ReadQuery selects it.
std::vector<std::string> SelectedColumns(const ReadPlan& plan, const CatalogTable& table);

// A column's text form as a bytea of the bytes that the database has, whether or not they are text
// in its encoding.
std::string BytesOfText(const std::string& name);

// A query that the database takes only if the plan's --where is one condition by itself: "a) OR (b"
// would be one in ReadQuery as well, and let rows before the key pass. REQUIRES: there is one.
std::string ConditionQuery(const ReadPlan& plan, const CatalogTable& table);

}  // namespace rowferry
