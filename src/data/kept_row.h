// A row outside a batch, whole: what the ledger keeps of one that could not be written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/row_batch.h"

namespace rowferry {

struct KeptValue {
  std::string column;  // the batch's name for it: the source's
  Type type;           // the form of the value; kAny: as the source's file holds it
  Value value;

  bool operator==(const KeptValue&) const = default;
};
using KeptRow = std::vector<KeptValue>;

// KeptValue::type.name, of kind kAny, of text that no UTF-8 says: the value is its UTF-16.
inline constexpr std::string_view kUtf16Text = "text in UTF-16";

// KeptValue::type.name, of kind kAny, of a value of which not even bytes could be read: it is NULL
// here, but was not in the source.
inline constexpr std::string_view kUnreadValue = "unreadable";

// Of these two. A user's own type may have such a name, but never that kind.
bool IsUtf16Text(const Type& type);
bool IsUnread(const Type& type);

// REQUIRES: row < batch.rows().
KeptRow KeepRow(const RowBatch& batch, size_t row);

// Lossless, and independent of the plan that read the row. Grammar, numbers in network order:
//   row    = %x01 *column
//   column = text(name) text(kind) text(type) i32(width) i32(precision) i32(scale) value
//   value  = "n" / "i" i64 / "r" u64(bits of the double) / "t" text / "b" text
//   text   = u64(length) *byte
std::string EncodeRow(const KeptRow& row);
// Nothing if `bytes` are not what EncodeRow wrote.
std::optional<KeptRow> DecodeRow(std::string_view bytes);

}  // namespace rowferry
