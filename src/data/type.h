// Types: what a column holds, in words that belong to no database.
//
// PostgreSQL's names are the common vocabulary: every driver translates its own declarations to and
// from them. docs/types.md shows the table; kTypes in type.cc is the same table in code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rowferry {

// How a value of the type stands in a RowBatch (data/row_batch.h). Every kind may be NULL. Text is
// UTF-8 without NUL, which readers see to and writers need not check again; only kAny's may be
// anything, and that of a PostgreSQL database whose encoding is SQL_ASCII.
enum class Kind : uint8_t {
  kBool,         // Integer 0 or 1
  kInt,          // Integer; `width` is 2, 4 or 8 bytes
  kFloat,        // Real; `width` 4 means that the value is a float, widened exactly
  kDecimal,      // Text: "-12.50", "NaN", "Infinity", "-Infinity"; digits after the point are kept
  kText,         // Text; `precision` is varchar's or char's length or -1
  kBytes,        // Blob
  kDate,         // Integer: days since 2000-01-01; INT32_MAX and INT32_MIN are the infinities
  kTime,         // Integer: microseconds since midnight, 24:00:00 included
  kTimestamp,    // Integer: microseconds since 2000-01-01; INT64_MAX, INT64_MIN are the infinities
  kTimestampTz,  // the same, in UTC
  kUuid,         // Blob of 16 bytes
  kJson,         // Text
  kJsonb,        // Text
  kOther,   // Text: the text form of a type known by `name` alone (interval, inet, integer[] …)
  kAny,     // any storage class, value by value: an SQLite column between SQLite databases
  kNative,  // Blob: a value in the binary form of the database that both ends have in common
};

struct Type {
  Kind kind = Kind::kText;
  std::string name = "text";  // PostgreSQL's spelling with modifiers: "numeric(12,2)", "integer[]"
  int width = 0;              // bytes: kInt, kFloat
  int precision = -1;         // digits, characters, or fractional seconds; -1: not limited
  int scale = -1;             // digits after the point (kDecimal); -1: not limited, never less

  bool operator==(const Type&) const = default;
};

// The type of that name: aliases ("int8"), any case and spacing, modifiers in brackets. A name that
// is not in the table gives {kOther, name}; so does numeric(5,-2), as no other form rounds before
// the point. Never fails.
Type ParseType(std::string_view name);

// A type by its kind alone; `name` is the table's. REQUIRES: kind has a table row (not kOther).
Type TypeOf(Kind kind);

// The values of both kinds have the same form in a batch and mean the same.
bool SameForm(Kind a, Kind b);

std::string_view KindName(Kind kind);
std::optional<Kind> ParseKind(std::string_view name);

}  // namespace rowferry
