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

// The rows with one of these keys, by the source's own comparison, in the key's order.
// REQUIRES: keys is not empty.
std::string PickQuery(const ReadPlan& plan, const CatalogTable& table,
                      const std::vector<Key>& keys);

// A query that the database takes only if the plan's --where is one condition by itself: "a) OR (b"
// would be one in ReadQuery as well, and let rows before the key pass. REQUIRES: there is one.
std::string ConditionQuery(const ReadPlan& plan, const CatalogTable& table);

}  // namespace rowferry
