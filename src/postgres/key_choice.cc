// Which key to page by, and why it is unique.
#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "postgres/source.h"

namespace rowferry {
namespace {

[[noreturn]] void Refuse(const CatalogTable& table, const std::string& why) {
  throw Error(ErrorKind::kPlan, "table " + table.table.name.Show() + ": " + why);
}

std::string TableOf(const CatalogTable& table) {
  return Qualified(table.table.name.schema, table.table.name.name);
}

std::vector<std::string> Quoted(std::vector<std::string> names) {
  for (std::string& name : names) name = QuoteIdentifier(name);
  return names;
}

// One row for each value of the key, at any moment.
bool Proves(const Table& table, const UniqueKey& key) {
  const auto never_null = [&](const IndexColumn& column) {
    const ColumnInfo* info = table.Find(column.name);
    return info != nullptr && info->not_null;
  };
  return !key.deferrable && std::all_of(key.columns.begin(), key.columns.end(), never_null);
}

std::string ProofOf(const UniqueKey& key) {
  return (key.primary ? "primary key " : "unique index ") + key.name;
}

KeyColumn ColumnOf(const Table& table, const IndexColumn& column) {
  const ColumnInfo& info = *table.Find(column.name);
  KeyColumn key;
  key.column = column;
  key.type = CommonForm(info.type);
  // Not the domain, which may refuse a value that it holds: its constraint can be NOT VALID.
  key.is_domain = ParseType(info.native).name != info.type.name;
  key.native = key.is_domain ? SpellType(info.type) : info.native;
  return key;
}

KeyChoice ChoiceOf(const Table& table, const std::vector<IndexColumn>& columns,
                   const std::string& proof) {
  KeyChoice choice;
  for (const IndexColumn& column : columns) choice.columns.push_back(ColumnOf(table, column));
  choice.proof = proof;
  return choice;
}

std::vector<std::string> NamesOf(const std::vector<IndexColumn>& columns) {
  std::vector<std::string> names;
  for (const IndexColumn& column : columns) names.push_back(column.name);
  return names;
}

bool IsSubset(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  return std::all_of(part.begin(), part.end(), [&](const std::string& name) {
    return std::find(whole.begin(), whole.end(), name) != whole.end();
  });
}

// A column asked for, compared as the index that proves the key does: another collation may take
// rows for equal that the index tells apart.
IndexColumn Plain(const CatalogTable& table, const std::string& name, const UniqueKey& proof) {
  for (const IndexColumn& column : proof.columns) {
    if (column.name == name) return {name, column.collation, false, false};
  }
  const auto collation = table.collations.find(name);
  return {name, collation == table.collations.end() ? "" : collation->second, false, false};
}

void CheckAsked(const CatalogTable& table, const std::vector<std::string>& asked) {
  for (const std::string& name : asked) {
    const ColumnInfo* column = table.table.Find(name);
    if (column == nullptr) Refuse(table, "--key names the column " + name + ", which is not there");
    if (!column->not_null) {
      Refuse(table, "--key: the column " + name +
                        " may be NULL, and a key needs NOT NULL columns: ALTER TABLE " +
                        TableOf(table) + " ALTER COLUMN " + QuoteIdentifier(name) +
                        " SET NOT NULL, or name another --key");
    }
  }
}

// The columns asked for, in the order and with the collations of an index that has just these; or
// in the order asked for, unique by the index of some of them or by another one's columns behind
// them.
KeyChoice ChooseAsked(const CatalogTable& table, const std::vector<std::string>& asked) {
  CheckAsked(table, asked);
  const Table& described = table.table;
  const UniqueKey* subset = nullptr;
  const UniqueKey* tiebreaker = nullptr;
  for (const UniqueKey& key : described.unique_keys) {
    if (!Proves(described, key)) continue;
    const std::vector<std::string> names = NamesOf(key.columns);
    if (names == asked) return ChoiceOf(described, key.columns, ProofOf(key));
    if (subset == nullptr && IsSubset(names, asked)) subset = &key;
    if (tiebreaker == nullptr) tiebreaker = &key;
  }
  const UniqueKey* proof = subset != nullptr ? subset : tiebreaker;
  if (proof == nullptr) {
    Refuse(table, "--key " + Join(asked, ",") +
                      " is not proven unique: no unique index on these columns (a partial, invalid "
                      "or deferrable one proves nothing), and no primary key or other unique index "
                      "to tell equal rows apart: CREATE UNIQUE INDEX ON " +
                      TableOf(table) + " (" + Join(Quoted(asked), ", ") + "), or leave --key out");
  }
  std::vector<IndexColumn> columns;
  for (const std::string& name : asked) columns.push_back(Plain(table, name, *proof));
  if (proof == subset) return ChoiceOf(described, columns, ProofOf(*subset));
  for (const IndexColumn& column : tiebreaker->columns) {
    const bool there = std::find(asked.begin(), asked.end(), column.name) != asked.end();
    if (!there) columns.push_back(Plain(table, column.name, *proof));
  }
  return ChoiceOf(described, columns, ProofOf(*tiebreaker) + " behind the columns asked for");
}

}  // namespace

KeyChoice ChooseKeyOf(const CatalogTable& table, const std::vector<std::string>& asked) {
  if (!asked.empty()) return ChooseAsked(table, asked);
  for (const UniqueKey& key : table.table.unique_keys) {
    if (Proves(table.table, key)) {
      return ChoiceOf(table.table, key.columns, ProofOf(key));
    }
  }
  const bool positioned = table.table.has_rowid || (table.partitioned() && !table.foreign_parts);
  if (!positioned) {
    Refuse(table,
           "has no key, and rows that are not of its own (a view, a foreign table or partition): "
           "leave it out with --exclude " +
               table.table.name.name);
  }
  KeyChoice choice;
  choice.kind = KeyKind::kCtid;
  choice.proof = table.partitioned() ? "partition and ctid" : "ctid";
  return choice;
}

}  // namespace rowferry
