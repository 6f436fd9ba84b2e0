// The writer's hot loop: everything here runs once a value, on the C API.
#include "sqlite/bind.h"

#include <sqlite3.h>

#include <cmath>

#include "base/text.h"
#include "data/calendar.h"

namespace rowferry::sqlite {
namespace {

using Buffer = std::array<char, kMaxNumberText>;

static_assert(kMaxNumberText >= kMaxCalendarText);

Bound BindNull(const Binder& binder, sqlite3_stmt* statement, int index) {
  if (binder.rowid_alias()) return Bound::kNoRowid;
  sqlite3_bind_null(statement, index);
  return Bound::kDone;
}

// A null pointer would be NULL; the bytes of an empty value may be nowhere.
const char* Bytes(std::string_view bytes) { return bytes.data() == nullptr ? "" : bytes.data(); }

Bound BindText(sqlite3_stmt* statement, int index, std::string_view text) {
  sqlite3_bind_text64(statement, index, Bytes(text), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return Bound::kDone;
}

Bound BindBuffer(sqlite3_stmt* statement, int index, const Buffer& buffer, const char* end) {
  return BindText(statement, index, {buffer.data(), static_cast<size_t>(end - buffer.data())});
}

Bound BindBlob(sqlite3_stmt* statement, int index, std::string_view blob) {
  sqlite3_bind_blob64(statement, index, Bytes(blob), blob.size(), SQLITE_STATIC);
  return Bound::kDone;
}

Bound BindInteger(sqlite3_stmt* statement, int index, int64_t value) {
  sqlite3_bind_int64(statement, index, value);
  return Bound::kDone;
}

bool IsNumericAffinity(Affinity affinity) {
  return affinity != Affinity::kText && affinity != Affinity::kNone;
}

bool IsNegativeZero(double value) { return value == 0 && std::signbit(value); }

// kAny: value by value, with its storage class.
bool KeepsInteger(Affinity affinity) {
  return affinity != Affinity::kText && affinity != Affinity::kReal;
}

bool KeepsReal(Affinity affinity, double value) {
  if (std::isnan(value)) return false;  // SQLite has none
  if (affinity == Affinity::kNone) return true;
  if (affinity == Affinity::kText || IsNegativeZero(value)) return false;
  constexpr double kLimit = 9223372036854775808.0;  // 2^63: beyond, a whole number stays real
  return affinity == Affinity::kReal || std::trunc(value) != value || std::fabs(value) >= kLimit;
}

bool KeepsText(Affinity affinity, std::string_view text) {
  return !IsNumericAffinity(affinity) || !LooksNumeric(text);
}

Bound BindAny(Binder& binder, sqlite3_stmt* statement, int index, const Column& column,
              size_t row) {
  const Affinity affinity = binder.affinity();
  switch (column.storage(row)) {
    case StorageClass::kNull:
      return BindNull(binder, statement, index);
    case StorageClass::kInteger:
      if (!KeepsInteger(affinity)) return Bound::kWouldChange;
      return BindInteger(statement, index, column.integer(row));
    case StorageClass::kReal:
      if (!KeepsReal(affinity, column.real(row))) return Bound::kWouldChange;
      sqlite3_bind_double(statement, index, column.real(row));
      return Bound::kDone;
    case StorageClass::kText:
      if (!KeepsText(affinity, column.bytes(row))) return Bound::kWouldChange;
      return BindText(statement, index, column.bytes(row));
    case StorageClass::kBlob:
      return BindBlob(statement, index, column.bytes(row));
  }
  return Bound::kWouldChange;
}

Bound BindInt(Binder& binder, sqlite3_stmt* statement, int index, const Column& column,
              size_t row) {
  if (column.is_null(row)) return BindNull(binder, statement, index);
  return BindInteger(statement, index, column.integer(row));
}

// SQLite takes NaN for NULL, and a column with numeric affinity drops the sign of -0.0.
Bound BindFloat(Binder& binder, sqlite3_stmt* statement, int index, const Column& column,
                size_t row) {
  if (column.is_null(row)) return BindNull(binder, statement, index);
  const double value = column.real(row);
  if (std::isnan(value)) return BindText(statement, index, "NaN");
  if (IsNegativeZero(value) && IsNumericAffinity(binder.affinity())) {
    return BindBlob(statement, index, "-0.0");
  }
  sqlite3_bind_double(statement, index, value);
  return Bound::kDone;
}

Bound BindTextValue(Binder& binder, sqlite3_stmt* statement, int index, const Column& column,
                    size_t row) {
  if (column.is_null(row)) return BindNull(binder, statement, index);
  const std::string_view text = column.bytes(row);
  if (!KeepsText(binder.affinity(), text)) return Bound::kWouldChange;
  return BindText(statement, index, text);
}

// Into numeric affinity: as the number that gives the same digits again.
Bound BindDecimal(Binder& binder, sqlite3_stmt* statement, int index, const Column& column,
                  size_t row) {
  constexpr int kExactDigits = 15;
  if (column.is_null(row)) return BindNull(binder, statement, index);
  const std::string_view text = column.bytes(row);
  if (!IsNumericAffinity(binder.affinity())) return BindText(statement, index, text);
  if (const auto whole = ReadInteger(text)) return BindInteger(statement, index, *whole);
  const auto shape = ShapeOf(text);
  if (!shape) return BindText(statement, index, text);  // NaN and the infinities
  const auto value = ReadReal(text);
  if (!value || shape->whole + shape->fraction > kExactDigits) return Bound::kWouldChange;
  sqlite3_bind_double(statement, index, *value);
  return Bound::kDone;
}

Bound BindBytes(Binder& binder, sqlite3_stmt* statement, int index, const Column& column,
                size_t row) {
  if (column.is_null(row)) return BindNull(binder, statement, index);
  return BindBlob(statement, index, column.bytes(row));
}

template <CalendarWriter Write>
Bound BindMoment(Binder& binder, sqlite3_stmt* statement, int index, const Column& column,
                 size_t row) {
  if (column.is_null(row)) return BindNull(binder, statement, index);
  const char* end = Write(binder.buffer().data(), column.integer(row));
  return BindBuffer(statement, index, binder.buffer(), end);
}

Bound BindUuid(Binder& binder, sqlite3_stmt* statement, int index, const Column& column,
               size_t row) {
  constexpr char kDigits[] = "0123456789abcdef";
  if (column.is_null(row)) return BindNull(binder, statement, index);
  char* out = binder.buffer().data();
  size_t count = 0;
  for (const char c : column.bytes(row)) {
    if (count == 4 || count == 6 || count == 8 || count == 10) *out++ = '-';
    *out++ = kDigits[static_cast<unsigned char>(c) >> 4U];
    *out++ = kDigits[static_cast<unsigned char>(c) & 15U];
    ++count;
  }
  return BindBuffer(statement, index, binder.buffer(), out);
}

// By Kind, in its order.
constexpr std::array<Binder::Function, 16> kBinders = {
    BindInt,                       // kBool
    BindInt,                       // kInt
    BindFloat,                     // kFloat
    BindDecimal,                   // kDecimal
    BindTextValue,                 // kText
    BindBytes,                     // kBytes
    BindMoment<WriteDate>,         // kDate
    BindMoment<WriteTime>,         // kTime
    BindMoment<WriteTimestamp>,    // kTimestamp
    BindMoment<WriteTimestampTz>,  // kTimestampTz
    BindUuid,                      // kUuid
    BindTextValue,                 // kJson
    BindTextValue,                 // kJsonb
    BindTextValue,                 // kOther
    BindAny,                       // kAny
    nullptr,                       // kNative
};

}  // namespace

Binder::Binder(const Type& from, const ColumnInfo& column, bool strict, bool rowid_alias)
    : function_(kBinders[static_cast<size_t>(from.kind)]),
      affinity_(AffinityOf(column.native, strict)),
      rowid_alias_(rowid_alias) {}

std::optional<std::string> WhyNotBind(const Type& from, const ColumnInfo& column, bool strict) {
  if (from.kind == Kind::kAny) return std::nullopt;
  const std::string why = from.name + " values cannot be kept in a column declared " +
                          (column.native.empty() ? "without a type" : column.native);
  if (from.kind == Kind::kNative) return why;
  const Affinity affinity = AffinityOf(column.native, strict);
  const bool number = from.kind == Kind::kBool || from.kind == Kind::kInt;
  const bool fraction = from.kind == Kind::kFloat;
  if (number && (affinity == Affinity::kText || affinity == Affinity::kReal)) return why;
  if (fraction && affinity == Affinity::kText) return why;
  if (strict && !number && !fraction && IsNumericAffinity(affinity)) return why;
  if (affinity == Affinity::kNone || SameForm(from.kind, column.type.kind)) return std::nullopt;
  const bool widens =
      number && (column.type.kind == Kind::kInt || column.type.kind == Kind::kDecimal);
  return widens || column.type.kind == Kind::kText ? std::nullopt : std::optional(why);
}

}  // namespace rowferry::sqlite
