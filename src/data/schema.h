// What the catalog of either database says about a table, in words that belong to neither.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/type.h"

namespace rowferry {

struct TableName {
  std::string schema;  // empty where there are no schemas
  std::string name;

  bool operator==(const TableName&) const = default;
  // "public.orders" or "orders": as the user writes it after --table.
  std::string Show() const { return schema.empty() ? name : schema + "." + name; }
};

// A default that means the same in both databases; other defaults stay behind with a warning.
struct ColumnDefault {
  enum class Kind { kLiteral, kCurrentDate, kCurrentTime, kCurrentTimestamp };
  Kind kind = Kind::kLiteral;
  // kLiteral: SQL that both databases read: 42, -1.5, 'it''s', NULL; and x'00ff', a blob, which
  // PostgreSQL spells in another way. For what does not fit, catalogs give none, and a warning.
  std::string literal;

  static ColumnDefault Literal(std::string sql) { return {Kind::kLiteral, std::move(sql)}; }
  // The literal, or CURRENT_DATE, CURRENT_TIME, CURRENT_TIMESTAMP.
  std::string Sql() const;

  bool operator==(const ColumnDefault&) const = default;
};

enum class Identity { kNone, kByDefault, kAlways };

struct ColumnInfo {
  std::string name;
  Type type;
  bool dynamic = false;    // SQLite: `type` is what the declaration suggests; the rows may differ
  bool strict = false;     // SQLite: its table is STRICT
  std::string native;      // the database's own spelling of the type, for messages and fingerprints
  std::string definition;  // of PostgreSQL's composites and the like: the types of their parts
  std::string collation;   // its own, where it is not that of its type (SQLite: not BINARY)
  bool not_null = false;
  bool generated = false;               // computed by the database: never written
  Identity identity = Identity::kNone;  // filled from a sequence, or AUTOINCREMENT
  // What that sequence had given out last when the table was described, also to rows deleted since;
  // nothing if it has not begun, or this role may not ask.
  std::optional<int64_t> last_value;
  bool has_default = false;  // any default, also one that `default_value` cannot say
  std::optional<ColumnDefault> default_value;
};

// For the warnings of a table that is made.
std::string CollationStaysBehind(const ColumnInfo& column);

struct IndexColumn {
  std::string name;
  std::string collation;  // quoted and qualified as SQL wants it; empty: the type has none
  bool descending = false;
  bool nulls_first = false;
};

// A unique index or constraint that is neither partial, nor over expressions, nor invalid.
struct UniqueKey {
  std::string name;
  bool primary = false;
  bool without_rowid = false;  // SQLite: the table is stored in this key's order
  std::vector<IndexColumn> columns;
  // SQLite: rows hold NULL in this primary key, as a census found. Rows are still read in its
  // order; another database takes no such key.
  bool holds_null = false;
  // PostgreSQL: DEFERRABLE, and so no proof for a key to page by.
  bool deferrable = false;
};

// What a copy takes no notice of.
struct LeftBehind {
  int64_t indexes = 0;  // beside the primary key's
  int64_t foreign_keys = 0;
  int64_t triggers = 0;
  bool checks = false;
};

// "left behind: 1 index, 2 triggers, CHECK constraints"; empty if nothing is.
std::string ShowLeftBehind(const LeftBehind& left);

struct Table {
  TableName name;
  std::vector<ColumnInfo> columns;
  std::vector<UniqueKey> unique_keys;  // the primary key first
  int64_t estimated_rows = -1;         // -1: not known
  bool has_rowid = true;               // SQLite: not WITHOUT ROWID. PostgreSQL: has a ctid
  bool strict = false;                 // SQLite: STRICT
  bool swallows_rows = false;          // a BEFORE INSERT row trigger may return NULL
  // Tables whose rows are shown by this one, or which show the rows of this one: above and below it
  // among partitions and by inheritance.
  std::vector<TableName> kin;
  bool kin_share_rows = false;  // among partitions: emptying or filling it does so to its kin
  // Why this table cannot be a target of exactly-once writing ("is UNLOGGED: …"); empty: it can.
  std::string target_refusal;
  std::vector<std::string> warnings;  // what the catalog left out and the user should know

  const ColumnInfo* Find(std::string_view column) const;  // by exact name; null if missing
};

}  // namespace rowferry
