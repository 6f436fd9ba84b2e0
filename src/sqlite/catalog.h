// What SQLite's own tables say about the user's tables.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/schema.h"
#include "flow/source.h"
#include "sqlite/session.h"

namespace rowferry::sqlite {

// Ordinary tables by name; no virtual, shadow, system or ledger tables, no views.
std::vector<TableName> ListTables(Session& session);
std::vector<NoTable> ListOthers(Session& session);

// The table of that name in any case, under its own spelling. A view or virtual table is described
// with a target_refusal. Every column is dynamic: its type is what the declaration suggests.
std::optional<Table> DescribeTable(Session& session, const std::string& name);

// Why no table may have that name, whether there is one or not, as Table::target_refusal; empty if
// one may.
std::string WhyNameIsTaken(Session& session, const std::string& name);

LeftBehind CountLeftBehind(Session& session, const Table& table);

// A name of the rowid that no column hides; nothing if all three are hidden or there is no rowid.
std::optional<std::string> RowidName(const Table& table);

// One of SQLite's own; others are made by applications, and unknown here.
bool IsKnownCollation(std::string_view name);

// The key is the rowid under a column's name: INTEGER PRIMARY KEY.
bool IsRowidKey(const UniqueKey& key);

}  // namespace rowferry::sqlite
