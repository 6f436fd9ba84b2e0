// The reader's hot loop: everything here runs once a value, on the C API.
#include "sqlite/decode.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "base/text.h"
#include "data/calendar.h"
#include "sqlite/number.h"

namespace rowferry::sqlite {
namespace {

using Parser = std::optional<int64_t> (*)(std::string_view);

std::string_view TextOf(sqlite3_value* cell) {
  const unsigned char* text = sqlite3_value_text(cell);
  if (text == nullptr) throw Error(ErrorKind::kTarget, "out of memory", "SQLITE_NOMEM");
  return {reinterpret_cast<const char*>(text), static_cast<size_t>(sqlite3_value_bytes(cell))};
}

std::string_view BlobOf(sqlite3_value* cell) {
  const void* blob = sqlite3_value_blob(cell);  // null for an empty blob
  return {blob == nullptr ? "" : static_cast<const char*>(blob),
          static_cast<size_t>(sqlite3_value_bytes(cell))};
}

template <char* (*Write)(char*, double)>
std::string_view RealText(std::array<char, kMaxNumberText>& buffer, double value) {
  return {buffer.data(), static_cast<size_t>(Write(buffer.data(), value) - buffer.data())};
}

std::string_view IntegerText(std::array<char, kMaxNumberText>& buffer, int64_t value) {
  return {buffer.data(), static_cast<size_t>(WriteInteger(buffer.data(), value) - buffer.data())};
}

Decoded AppendNull(Column& out) {
  out.AppendNull();
  return Decoded::kDone;
}

Decoded AppendInteger(Column& out, int64_t value) {
  out.AppendInteger(value);
  return Decoded::kDone;
}

Decoded DecodeAny(const Decoder& /*decoder*/, sqlite3_value* cell, Column& out) {
  switch (sqlite3_value_type(cell)) {
    case SQLITE_INTEGER:
      out.AppendInteger(sqlite3_value_int64(cell));
      break;
    case SQLITE_FLOAT:
      out.AppendReal(sqlite3_value_double(cell));
      break;
    case SQLITE_TEXT:
      out.AppendText(TextOf(cell));
      break;
    case SQLITE_BLOB:
      out.AppendBlob(BlobOf(cell));
      break;
    default:
      out.AppendNull();
  }
  return Decoded::kDone;
}

bool FitsWidth(int64_t value, int width) {
  if (width == 8) return true;
  const int64_t limit = int64_t{1} << (width * 8 - 1);
  return value >= -limit && value < limit;
}

std::optional<int64_t> WholeNumber(double value) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (!(value >= -kLimit && value < kLimit) || std::trunc(value) != value) return std::nullopt;
  if (value == 0 && std::signbit(value)) return std::nullopt;
  return static_cast<int64_t>(value);
}

Decoded DecodeInt(const Decoder& decoder, sqlite3_value* cell, Column& out) {
  std::optional<int64_t> value;
  switch (sqlite3_value_type(cell)) {
    case SQLITE_INTEGER:
      value = sqlite3_value_int64(cell);
      break;
    case SQLITE_FLOAT:
      value = WholeNumber(sqlite3_value_double(cell));
      break;
    case SQLITE_TEXT:
      value = ReadInteger(TextOf(cell));
      break;
    case SQLITE_NULL:
      return AppendNull(out);
    default:
      break;
  }
  if (!value || !FitsWidth(*value, decoder.type.width)) return Decoded::kMisfit;
  return AppendInteger(out, *value);
}

Decoded DecodeBool(const Decoder& /*decoder*/, sqlite3_value* cell, Column& out) {
  switch (sqlite3_value_type(cell)) {
    case SQLITE_INTEGER: {
      const int64_t value = sqlite3_value_int64(cell);
      return value == 0 || value == 1 ? AppendInteger(out, value) : Decoded::kMisfit;
    }
    case SQLITE_TEXT: {
      const auto value = ReadBool(TextOf(cell));
      return value ? AppendInteger(out, *value ? 1 : 0) : Decoded::kMisfit;
    }
    case SQLITE_NULL:
      return AppendNull(out);
    default:
      return Decoded::kMisfit;
  }
}

Decoded AppendFloat(Column& out, double value, int width) {
  if (width == 4 && std::isfinite(value)) {
    if (std::fabs(value) > std::numeric_limits<float>::max()) return Decoded::kMisfit;
    if (static_cast<double>(static_cast<float>(value)) != value) return Decoded::kMisfit;
  }
  out.AppendReal(value);
  return Decoded::kDone;
}

std::optional<double> SpecialFloat(std::string_view text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return kInfinity;
  if (text == "-Infinity") return -kInfinity;
  return std::nullopt;
}

std::optional<double> ExactDouble(int64_t value) {
  constexpr int64_t kExact = int64_t{1} << 53;
  if (value > kExact || value < -kExact) return std::nullopt;
  return static_cast<double>(value);
}

Decoded DecodeFloat(const Decoder& decoder, sqlite3_value* cell, Column& out) {
  std::optional<double> value;
  switch (sqlite3_value_type(cell)) {
    case SQLITE_FLOAT:
      value = sqlite3_value_double(cell);
      break;
    case SQLITE_INTEGER:
      value = ExactDouble(sqlite3_value_int64(cell));
      break;
    case SQLITE_TEXT:
      value = SpecialFloat(TextOf(cell));
      break;
    case SQLITE_BLOB:  // how EncodeFloat (sqlite/encode.cc) keeps the sign of -0.0
      if (BlobOf(cell) == "-0.0") value = -0.0;
      break;
    default:
      return AppendNull(out);
  }
  return value ? AppendFloat(out, *value, decoder.type.width) : Decoded::kMisfit;
}

bool FitsDecimal(std::string_view text, const Type& type) {
  if (text == "NaN") return true;
  if (text == "Infinity" || text == "-Infinity") return type.precision < 0;
  const auto shape = ShapeOf(text);
  if (!shape) return false;
  if (type.precision < 0) return true;
  return shape->fraction <= std::max(type.scale, 0) &&
         shape->whole <= std::max(type.precision - type.scale, 0);  // numeric(3,8) holds 0.000
}

Decoded AppendDecimal(Column& out, std::string_view text, const Type& type) {
  if (!FitsDecimal(text, type)) return Decoded::kMisfit;
  out.AppendText(text);
  return Decoded::kDone;
}

// Reals of a column like numeric(12,2): by integer arithmetic, which is quick.
Decoded AppendScaled(Column& out, double value, const Type& type) {
  const auto scaled = ScaledExactly(value, type.scale);
  if (!scaled) return Decoded::kMisfit;
  if (type.precision <= 18 && std::abs(*scaled) >= PowerOfTen(type.precision)) {
    return Decoded::kMisfit;
  }
  std::array<char, kMaxNumberText> buffer;
  const char* end = WriteScaled(buffer.data(), *scaled, type.scale);
  out.AppendText({buffer.data(), static_cast<size_t>(end - buffer.data())});
  return Decoded::kDone;
}

// Whole numbers, which numeric affinity stores as integers: with the zeros of the type's scale.
Decoded AppendWhole(Column& out, int64_t value, const Type& type) {
  std::array<char, kMaxNumberText> buffer;
  std::string_view text = IntegerText(buffer, value);
  if (!FitsDecimal(text, type)) return Decoded::kMisfit;
  if (type.scale > 0) {
    char* const end = buffer.data() + text.size();
    const auto zeros = static_cast<size_t>(std::min(type.scale, 100));
    *end = '.';
    std::memset(end + 1, '0', zeros);
    text = {buffer.data(), text.size() + 1 + zeros};
  }
  out.AppendText(text);
  return Decoded::kDone;
}

Decoded DecodeDecimal(const Decoder& decoder, sqlite3_value* cell, Column& out) {
  constexpr int kScaledDigits = 15;
  std::array<char, kMaxNumberText> buffer;
  switch (sqlite3_value_type(cell)) {
    case SQLITE_INTEGER:
      return AppendWhole(out, sqlite3_value_int64(cell), decoder.type);
    case SQLITE_FLOAT: {
      const double value = sqlite3_value_double(cell);
      const int scale = decoder.type.scale;
      if (scale >= 0 && scale <= kScaledDigits) return AppendScaled(out, value, decoder.type);
      return AppendDecimal(out, RealText<WriteRealFixed>(buffer, value), decoder.type);
    }
    case SQLITE_TEXT:
      return AppendDecimal(out, TextOf(cell), decoder.type);
    case SQLITE_NULL:
      return AppendNull(out);
    default:
      return Decoded::kMisfit;
  }
}

Decoded DecodeText(const Decoder&, sqlite3_value* cell, Column& out) {
  std::array<char, kMaxNumberText> buffer;
  std::string_view text;
  switch (sqlite3_value_type(cell)) {
    case SQLITE_TEXT:
      text = TextOf(cell);
      if (!IsText(text)) return Decoded::kMisfit;
      break;
    case SQLITE_INTEGER:
      text = IntegerText(buffer, sqlite3_value_int64(cell));
      break;
    case SQLITE_FLOAT:
      text = RealText<WriteReal>(buffer, sqlite3_value_double(cell));
      break;
    case SQLITE_NULL:
      return AppendNull(out);
    default:
      return Decoded::kMisfit;
  }
  out.AppendText(text);
  return Decoded::kDone;
}

Decoded DecodeBytes(const Decoder& decoder, sqlite3_value* cell, Column& out) {
  const int storage = sqlite3_value_type(cell);
  if (storage == SQLITE_NULL) return AppendNull(out);
  if (storage == SQLITE_BLOB) {
    out.AppendBlob(BlobOf(cell));
    return Decoded::kDone;
  }
  if (decoder.encoding == Encoding::kUnasked) return Decoded::kUnclear;
  if (decoder.encoding != Encoding::kMixed) return Decoded::kMisfit;
  std::array<char, kMaxNumberText> buffer;
  if (storage == SQLITE_INTEGER) {
    out.AppendBlob(IntegerText(buffer, sqlite3_value_int64(cell)));
  } else if (storage == SQLITE_FLOAT) {
    out.AppendBlob(RealText<WriteReal>(buffer, sqlite3_value_double(cell)));
  } else {
    out.AppendBlob(TextOf(cell));
  }
  return Decoded::kDone;
}

Decoded DecodeUuid(const Decoder& /*decoder*/, sqlite3_value* cell, Column& out) {
  std::array<char, 16> uuid;
  switch (sqlite3_value_type(cell)) {
    case SQLITE_TEXT:
      if (!ReadUuid(TextOf(cell), uuid.data())) return Decoded::kMisfit;
      out.AppendBlob({uuid.data(), uuid.size()});
      return Decoded::kDone;
    case SQLITE_BLOB: {
      const std::string_view blob = BlobOf(cell);
      if (blob.size() != uuid.size()) return Decoded::kMisfit;
      out.AppendBlob(blob);
      return Decoded::kDone;
    }
    case SQLITE_NULL:
      return AppendNull(out);
    default:
      return Decoded::kMisfit;
  }
}

std::optional<int64_t> NumberedMoment(Encoding encoding, sqlite3_value* cell) {
  if (encoding == Encoding::kJulianDays) {
    return MomentOfJulianDay(sqlite3_value_double(cell));
  }
  if (sqlite3_value_type(cell) != SQLITE_INTEGER) return std::nullopt;
  return MomentOf(encoding, sqlite3_value_int64(cell));
}

template <Parser Parse, bool IsDate>
Decoded DecodeMoment(const Decoder& decoder, sqlite3_value* cell, Column& out) {
  std::optional<int64_t> value;
  switch (sqlite3_value_type(cell)) {
    case SQLITE_NULL:
      return AppendNull(out);
    case SQLITE_BLOB:
      return Decoded::kMisfit;
    case SQLITE_TEXT:
      value = Parse(TextOf(cell));
      break;
    default:
      if (decoder.encoding == Encoding::kUnasked) return Decoded::kUnclear;
      value = NumberedMoment(decoder.encoding, cell);
      if (value && IsDate) {
        if (*value % kMicrosPerDay != 0) return Decoded::kMisfit;
        *value /= kMicrosPerDay;
      }
  }
  if (!value || (!IsDate && !FitsTimePrecision(*value, decoder.type.precision))) {
    return Decoded::kMisfit;
  }
  return AppendInteger(out, *value);
}

Decoded DecodeTime(const Decoder& decoder, sqlite3_value* cell, Column& out) {
  const int storage = sqlite3_value_type(cell);
  if (storage == SQLITE_NULL) return AppendNull(out);
  if (storage != SQLITE_TEXT) return Decoded::kMisfit;
  const auto value = ParseTime(TextOf(cell));
  if (!value || !FitsTimePrecision(*value, decoder.type.precision)) return Decoded::kMisfit;
  return AppendInteger(out, *value);
}

// By Kind, in its order. Null: SQLite has no such values.
constexpr std::array<Decoder::Function, 16> kDecoders = {
    DecodeBool,                             // kBool
    DecodeInt,                              // kInt
    DecodeFloat,                            // kFloat
    DecodeDecimal,                          // kDecimal
    DecodeText,                             // kText
    DecodeBytes,                            // kBytes
    DecodeMoment<ParseDate, true>,          // kDate
    DecodeTime,                             // kTime
    DecodeMoment<ParseTimestamp, false>,    // kTimestamp
    DecodeMoment<ParseTimestampTz, false>,  // kTimestampTz
    DecodeUuid,                             // kUuid
    DecodeText,                             // kJson
    DecodeText,                             // kJsonb
    DecodeText,                             // kOther
    DecodeAny,                              // kAny
    nullptr,                                // kNative
};
static_assert(kDecoders.size() == static_cast<size_t>(Kind::kNative) + 1);

}  // namespace

Decoder MakeDecoder(const Type& as, Encoding encoding) {
  return {as, encoding, kDecoders[static_cast<size_t>(as.kind)]};
}

bool IsBrokenUtf16(sqlite3_value* cell, bool in_key) {
  if (sqlite3_value_type(cell) != SQLITE_TEXT) return false;
  const auto* units = static_cast<const char16_t*>(sqlite3_value_text16(cell));
  if (units == nullptr) throw Error(ErrorKind::kTarget, "out of memory", "SQLITE_NOMEM");
  const std::u16string_view text(units, static_cast<size_t>(sqlite3_value_bytes16(cell)) / 2);
  const bool is_lost = in_key && text.find_first_of(u"\xFFFE\xFFFF") != text.npos;
  return is_lost || !IsUtf16(text);
}

bool CanDecode(Kind kind) { return kDecoders[static_cast<size_t>(kind)] != nullptr; }

Value ValueOf(sqlite3_value* cell) {
  switch (sqlite3_value_type(cell)) {
    case SQLITE_INTEGER:
      return Value::Integer(sqlite3_value_int64(cell));
    case SQLITE_FLOAT:
      return Value::Real(sqlite3_value_double(cell));
    case SQLITE_TEXT:
      return Value::Text(std::string(TextOf(cell)));
    case SQLITE_BLOB:
      return Value::Blob(std::string(BlobOf(cell)));
    default:
      return Value::Null();
  }
}

}  // namespace rowferry::sqlite
