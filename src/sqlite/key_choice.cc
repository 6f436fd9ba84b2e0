#include "sqlite/key_choice.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "sqlite/catalog.h"

namespace rowferry::sqlite {
namespace {

Type AnyType() { return TypeOf(Kind::kAny); }

bool IsPartOf(const UniqueKey& key, const std::string& name) {
  return std::any_of(key.columns.begin(), key.columns.end(),
                     [&](const IndexColumn& column) { return column.name == name; });
}

bool IsNullable(const Table& table, const UniqueKey& key, const std::string& name) {
  const bool never_null = IsRowidKey(key) || key.without_rowid;
  if (never_null && IsPartOf(key, name)) return false;
  const ColumnInfo* column = table.Find(name);
  return column == nullptr || !column->not_null;
}

bool IsOrderable(const UniqueKey& key) {
  return std::all_of(key.columns.begin(), key.columns.end(),
                     [](const IndexColumn& column) { return IsKnownCollation(column.collation); });
}

std::string_view OwnCollation(const ColumnInfo& column) {
  return column.collation.empty() ? "BINARY" : std::string_view(column.collation);
}

KeyColumn MakePart(const Table& table, const UniqueKey& key, const IndexColumn& column) {
  const ColumnInfo* info = table.Find(column.name);
  KeyColumn part;
  part.column = column;
  part.type = AnyType();
  part.native = info == nullptr ? "" : info->native;
  part.nullable = IsNullable(table, key, column.name);
  if (IsRowidKey(key) && IsPartOf(key, column.name)) part.type = ParseType("bigint");
  // Named only where it differs: SQLite uses no index for (a COLLATE x, b) > (?, ?).
  if (info != nullptr && EqualsIgnoreCase(column.collation, OwnCollation(*info))) {
    part.column.collation.clear();
  }
  return part;
}

std::string ShowColumns(const KeyChoice& choice) {
  std::vector<std::string> names;
  for (const KeyColumn& part : choice.columns) {
    if (!part.is_rowid) names.push_back(part.column.name);
  }
  return "(" + Join(names, ", ") + ")";
}

// NULLs are distinct in an SQLite index: the rowid tells such rows apart.
void AddTiebreaker(const Table& table, const UniqueKey& key, KeyChoice& choice) {
  const bool nullable =
      std::any_of(key.columns.begin(), key.columns.end(),
                  [&](const IndexColumn& column) { return IsNullable(table, key, column.name); });
  if (!nullable) return;
  const auto rowid = RowidName(table);
  if (!rowid) {
    throw Error(ErrorKind::kPlan, "table " + table.name.Show() + ": the key " +
                                      ShowColumns(choice) +
                                      " may hold NULL, and no rowid can tell such rows apart");
  }
  KeyColumn part;
  part.column.name = *rowid;
  part.type = ParseType("bigint");
  part.native = "INTEGER";
  part.is_rowid = true;
  choice.columns.push_back(std::move(part));
  choice.proof += ", then rowid, as it may hold NULL";
}

KeyChoice ChoiceOf(const Table& table, const UniqueKey& key) {
  KeyChoice choice;
  for (const IndexColumn& column : key.columns) {
    choice.columns.push_back(MakePart(table, key, column));
  }
  choice.proof = (key.primary ? "primary key " : "unique index " + key.name + " ");
  choice.proof += ShowColumns(choice);
  AddTiebreaker(table, key, choice);
  return choice;
}

bool Covers(const std::vector<std::string>& asked, const UniqueKey& key) {
  return std::all_of(key.columns.begin(), key.columns.end(), [&](const IndexColumn& column) {
    return std::any_of(asked.begin(), asked.end(), [&](const std::string& name) {
      return EqualsIgnoreCase(name, column.name);
    });
  });
}

const ColumnInfo& AskedColumn(const Table& table, const std::string& name) {
  for (const ColumnInfo& column : table.columns) {
    if (EqualsIgnoreCase(column.name, name)) return column;
  }
  throw Error(ErrorKind::kPlan, "table " + table.name.Show() + " has no column " + name);
}

// The columns in the order asked for, each with the index's collation and direction.
KeyChoice AskedChoice(const Table& table, const UniqueKey& key,
                      const std::vector<std::string>& asked) {
  KeyChoice choice;
  for (const std::string& name : asked) {
    const ColumnInfo& info = AskedColumn(table, name);
    const auto in_key =
        std::find_if(key.columns.begin(), key.columns.end(),
                     [&](const IndexColumn& column) { return column.name == info.name; });
    const IndexColumn plain{info.name, "BINARY", false, true};
    choice.columns.push_back(MakePart(table, key, in_key == key.columns.end() ? plain : *in_key));
  }
  choice.proof = "asked for " + ShowColumns(choice) + "; unique by ";
  choice.proof += key.primary ? "primary key" : "index " + key.name;
  AddTiebreaker(table, key, choice);
  return choice;
}

KeyChoice ChooseAsked(const Table& table, const std::vector<std::string>& asked) {
  for (const std::string& name : asked) AskedColumn(table, name);
  for (const UniqueKey& key : table.unique_keys) {
    if (Covers(asked, key) && IsOrderable(key)) return AskedChoice(table, key, asked);
  }
  const std::string& name = table.name.name;
  std::vector<std::string> quoted;
  for (const std::string& column : asked) quoted.push_back(QuoteIdentifier(column));
  throw Error(ErrorKind::kPlan,
              "table " + name + ": --key " + Join(asked, ",") +
                  " is not proven unique: there is no primary key or full unique index on it: "
                  "CREATE UNIQUE INDEX " +
                  QuoteIdentifier(name + "_" + Join(asked, "_")) + " ON " + QuoteIdentifier(name) +
                  " (" + Join(quoted, ", ") + "), or leave --key out");
}

}  // namespace

KeyChoice ChooseKey(const Table& table, const std::vector<std::string>& asked) {
  if (!asked.empty()) return ChooseAsked(table, asked);
  for (const UniqueKey& key : table.unique_keys) {
    if (!IsOrderable(key)) continue;
    const bool has_null =
        std::any_of(key.columns.begin(), key.columns.end(),
                    [&](const IndexColumn& column) { return IsNullable(table, key, column.name); });
    if (!has_null || (key.primary && RowidName(table))) return ChoiceOf(table, key);
  }
  if (!RowidName(table)) {
    throw Error(ErrorKind::kPlan, "table " + table.name.Show() +
                                      " has no key that can be proven unique, and no rowid");
  }
  KeyChoice choice;
  choice.kind = KeyKind::kRowid;
  choice.proof = "rowid";
  return choice;
}

}  // namespace rowferry::sqlite
