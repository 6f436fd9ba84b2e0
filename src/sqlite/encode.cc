// The writer's hot loop: everything here runs once a value, on the C API.
#include "sqlite/encode.h"

#include <sqlite3.h>

#include <cmath>

#include "base/text.h"
#include "data/calendar.h"

namespace rowferry::sqlite {
namespace {

using Buffer = std::array<char, kMaxNumberText>;

static_assert(kMaxNumberText >= kMaxCalendarText);

Encoded EncodeNull(const Encoder& encoder, sqlite3_context* out) {
  if (encoder.rowid_alias()) return Encoded::kNoRowid;
  sqlite3_result_null(out);
  return Encoded::kDone;
}

// A null pointer would be NULL; the bytes of an empty value may be nowhere.
const char* Bytes(std::string_view bytes) { return bytes.data() == nullptr ? "" : bytes.data(); }

Encoded PutText(sqlite3_context* out, std::string_view text) {
  sqlite3_result_text64(out, Bytes(text), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return Encoded::kDone;
}

Encoded PutBuffer(sqlite3_context* out, const Buffer& buffer, const char* end) {
  return PutText(out, {buffer.data(), static_cast<size_t>(end - buffer.data())});
}

Encoded PutBlob(sqlite3_context* out, std::string_view blob) {
  sqlite3_result_blob64(out, Bytes(blob), blob.size(), SQLITE_STATIC);
  return Encoded::kDone;
}

Encoded PutInteger(sqlite3_context* out, int64_t value) {
  sqlite3_result_int64(out, value);
  return Encoded::kDone;
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

Encoded EncodeAny(Encoder& encoder, sqlite3_context* out, const Column& column, size_t row) {
  const Affinity affinity = encoder.affinity();
  switch (column.storage(row)) {
    case StorageClass::kNull:
      return EncodeNull(encoder, out);
    case StorageClass::kInteger:
      if (!KeepsInteger(affinity)) return Encoded::kWouldChange;
      return PutInteger(out, column.integer(row));
    case StorageClass::kReal:
      if (!KeepsReal(affinity, column.real(row))) return Encoded::kWouldChange;
      sqlite3_result_double(out, column.real(row));
      return Encoded::kDone;
    case StorageClass::kText:
      if (!KeepsText(affinity, column.bytes(row))) return Encoded::kWouldChange;
      return PutText(out, column.bytes(row));
    case StorageClass::kBlob:
      return PutBlob(out, column.bytes(row));
  }
  return Encoded::kWouldChange;
}

Encoded EncodeInt(Encoder& encoder, sqlite3_context* out, const Column& column, size_t row) {
  if (column.is_null(row)) return EncodeNull(encoder, out);
  return PutInteger(out, column.integer(row));
}

// SQLite takes NaN for NULL, and a column with numeric affinity drops the sign of -0.0.
Encoded EncodeFloat(Encoder& encoder, sqlite3_context* out, const Column& column, size_t row) {
  if (column.is_null(row)) return EncodeNull(encoder, out);
  const double value = column.real(row);
  if (std::isnan(value)) return PutText(out, "NaN");
  if (IsNegativeZero(value) && IsNumericAffinity(encoder.affinity())) {
    return PutBlob(out, "-0.0");
  }
  sqlite3_result_double(out, value);
  return Encoded::kDone;
}

Encoded EncodeText(Encoder& encoder, sqlite3_context* out, const Column& column, size_t row) {
  if (column.is_null(row)) return EncodeNull(encoder, out);
  const std::string_view text = column.bytes(row);
  if (!KeepsText(encoder.affinity(), text)) return Encoded::kWouldChange;
  return PutText(out, text);
}

// Into numeric affinity: as the number that gives the same digits again.
Encoded EncodeDecimal(Encoder& encoder, sqlite3_context* out, const Column& column, size_t row) {
  constexpr int kExactDigits = 15;
  if (column.is_null(row)) return EncodeNull(encoder, out);
  const std::string_view text = column.bytes(row);
  if (!IsNumericAffinity(encoder.affinity())) return PutText(out, text);
  if (const auto whole = ReadInteger(text)) return PutInteger(out, *whole);
  const auto shape = ShapeOf(text);
  if (!shape) return PutText(out, text);  // NaN and the infinities
  const auto value = ReadReal(text);
  if (!value || shape->whole + shape->fraction > kExactDigits) return Encoded::kWouldChange;
  sqlite3_result_double(out, *value);
  return Encoded::kDone;
}

// UTF-8 that survives SQLite's way to UTF-16: well-formed, and without U+FFFE and U+FFFF. All else
// it makes U+FFFD of: https://sqlite.org/src/file/src/utf.c, READ_UTF8.
bool SurvivesUtf16(std::string_view text) {
  const bool replaced = text.find("\xEF\xBF\xBE") != std::string_view::npos ||
                        text.find("\xEF\xBF\xBF") != std::string_view::npos;
  if (replaced) return false;
  for (size_t nul = text.find('\0'); nul != std::string_view::npos; nul = text.find('\0')) {
    if (!IsText(text.substr(0, nul))) return false;
    text.remove_prefix(nul + 1);
  }
  return IsText(text);
}

template <Encoder::Function Encode>
Encoded EncodeUtf16(Encoder& encoder, sqlite3_context* out, const Column& column, size_t row) {
  const bool text = column.storage(row) == StorageClass::kText;
  if (text && !SurvivesUtf16(column.bytes(row))) return Encoded::kNoUtf16;
  return Encode(encoder, out, column, row);
}

Encoded EncodeBytes(Encoder& encoder, sqlite3_context* out, const Column& column, size_t row) {
  if (column.is_null(row)) return EncodeNull(encoder, out);
  return PutBlob(out, column.bytes(row));
}

template <CalendarWriter Write>
Encoded EncodeMoment(Encoder& encoder, sqlite3_context* out, const Column& column, size_t row) {
  if (column.is_null(row)) return EncodeNull(encoder, out);
  const char* end = Write(encoder.buffer().data(), column.integer(row));
  return PutBuffer(out, encoder.buffer(), end);
}

Encoded EncodeUuid(Encoder& encoder, sqlite3_context* out, const Column& column, size_t row) {
  constexpr char kDigits[] = "0123456789abcdef";
  if (column.is_null(row)) return EncodeNull(encoder, out);
  char* at = encoder.buffer().data();
  size_t count = 0;
  for (const char c : column.bytes(row)) {
    if (count == 4 || count == 6 || count == 8 || count == 10) *at++ = '-';
    *at++ = kDigits[static_cast<unsigned char>(c) >> 4U];
    *at++ = kDigits[static_cast<unsigned char>(c) & 15U];
    ++count;
  }
  return PutBuffer(out, encoder.buffer(), at);
}

// By Kind, in its order.
constexpr std::array<Encoder::Function, 16> kEncoders = {
    EncodeInt,                       // kBool
    EncodeInt,                       // kInt
    EncodeFloat,                     // kFloat
    EncodeDecimal,                   // kDecimal
    EncodeText,                      // kText
    EncodeBytes,                     // kBytes
    EncodeMoment<WriteDate>,         // kDate
    EncodeMoment<WriteTime>,         // kTime
    EncodeMoment<WriteTimestamp>,    // kTimestamp
    EncodeMoment<WriteTimestampTz>,  // kTimestampTz
    EncodeUuid,                      // kUuid
    EncodeText,                      // kJson
    EncodeText,                      // kJsonb
    EncodeText,                      // kOther
    EncodeAny,                       // kAny
    nullptr,                         // kNative
};
static_assert(kEncoders.size() == static_cast<size_t>(Kind::kNative) + 1);

// https://sqlite.org/stricttables.html: another storage class is an error, but in a column of ANY.
bool IsOfStrictType(Kind from, const ColumnInfo& column) {
  if (EqualsIgnoreCase(column.native, "any")) return true;
  const Affinity affinity = AffinityOf(column.native, true);
  if (affinity == Affinity::kNone) return from == Kind::kBytes;
  if (affinity == Affinity::kText) return from != Kind::kBytes;
  return from == Kind::kBool || from == Kind::kInt || from == Kind::kFloat;
}

}  // namespace

Encoder::Encoder(const Type& from, const ColumnInfo& column, bool rowid_alias)
    : function_(kEncoders[static_cast<size_t>(from.kind)]),
      affinity_(AffinityOf(column.native, column.strict)),
      rowid_alias_(rowid_alias) {}

void Encoder::RefuseBrokenText() {
  if (function_ == EncodeText) function_ = EncodeUtf16<EncodeText>;
  if (function_ == EncodeAny) function_ = EncodeUtf16<EncodeAny>;
}

std::optional<std::string> WhyNotEncode(const Type& from, const ColumnInfo& column) {
  if (from.kind == Kind::kAny) return std::nullopt;
  const std::string why = from.name + " values cannot be kept in a " +
                          (column.strict ? "STRICT " : "") + "column declared " +
                          (column.native.empty() ? "without a type" : column.native);
  if (from.kind == Kind::kNative) return why;
  const Affinity affinity = AffinityOf(column.native, column.strict);
  const bool number = from.kind == Kind::kBool || from.kind == Kind::kInt;
  const bool fraction = from.kind == Kind::kFloat;
  if (number && (affinity == Affinity::kText || affinity == Affinity::kReal)) return why;
  if (fraction && affinity == Affinity::kText) return why;
  if (column.strict && !IsOfStrictType(from.kind, column)) return why;
  if (affinity == Affinity::kNone || SameForm(from.kind, column.type.kind)) return std::nullopt;
  const bool widens =
      number && (column.type.kind == Kind::kInt || column.type.kind == Kind::kDecimal);
  return widens || column.type.kind == Kind::kText ? std::nullopt : std::optional(why);
}

}  // namespace rowferry::sqlite
