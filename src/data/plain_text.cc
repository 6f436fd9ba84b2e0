#include "data/plain_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "data/calendar.h"

namespace rowferry {
namespace {

constexpr size_t kUuidBytes = 16;

bool IsWithin(int64_t value, int64_t first, int64_t last) {
  return value >= first && value <= last;
}

// What PostgreSQL's type holds, and the calendar can write.
bool IsInRange(int64_t value, Kind kind) {
  switch (kind) {
    case Kind::kDate:
      return IsWithin(value, kFirstDate, kLastDate) || value == kDateInfinity ||
             value == kDateMinusInfinity;
    case Kind::kTime:
      return IsWithin(value, 0, kMicrosPerDay);
    case Kind::kTimestamp:
    case Kind::kTimestampTz:
      return IsWithin(value, kFirstTimestamp, kLastTimestamp) || value == kTimestampInfinity ||
             value == kTimestampMinusInfinity;
    case Kind::kBool:
      return IsWithin(value, 0, 1);
    default:
      return true;
  }
}

// "-12.50": a sign, digits, and digits behind a point.
bool IsDecimal(std::string_view text) {
  if (text == "NaN" || text == "Infinity" || text == "-Infinity") return true;
  if (text.starts_with('-')) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const auto all_digits = [](std::string_view digits) {
    return digits.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const bool fraction = point == text.size() || point + 1 < text.size();
  return point > 0 && fraction && all_digits(text.substr(0, point)) &&
         all_digits(text.substr(std::min(point + 1, text.size())));
}

bool IsOfWidth(double real, const Type& type) {
  if (type.kind != Kind::kFloat || type.width != 4 || !std::isfinite(real)) return true;
  return std::fabs(real) <= std::numeric_limits<float>::max() &&
         static_cast<double>(static_cast<float>(real)) == real;
}

std::string SpecialReal(double real) {
  if (std::isnan(real)) return "NaN";
  return real < 0 ? "-Infinity" : "Infinity";
}

std::optional<double> ParseSpecialReal(std::string_view text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return kInfinity;
  if (text == "-Infinity") return -kInfinity;
  return std::nullopt;
}

template <typename Real>
std::string Digits(Real real) {
  std::string text(64, '\0');
  const auto done = std::to_chars(text.data(), text.data() + text.size(), real);
  text.resize(static_cast<size_t>(done.ptr - text.data()));
  return text;
}

std::optional<double> ParseReal(std::string_view text) {
  double real = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, real);
  if (error != std::errc{} || end != last) return ParseSpecialReal(text);
  return real;
}

// The float that the digits of one stand for; those of the largest are a little more than it.
double Narrowed(double real, int width) {
  constexpr double kMost = std::numeric_limits<float>::max();
  if (width != 4 || !std::isfinite(real)) return real;
  if (std::fabs(real) <= kMost) return static_cast<double>(static_cast<float>(real));
  constexpr double kHalfStep = 1.0 / (1U << 25U);  // of its last digit, by itself
  return std::fabs(real) < kMost * (1 + kHalfStep) ? std::copysign(kMost, real) : real;
}

std::string UuidText(const std::string& bytes) {
  std::string text = Hex(bytes);
  for (const size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
  return text;
}

std::optional<std::string> ParseUuid(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '-');
  auto bytes = FromHex(Lower(digits));
  if (!bytes || bytes->size() != kUuidBytes || UuidText(*bytes) != Lower(text)) return std::nullopt;
  return bytes;
}

std::string CalendarText(int64_t value, Kind kind) {
  std::string text;
  const CalendarWriter write = kind == Kind::kDate        ? WriteDate
                               : kind == Kind::kTime      ? WriteTime
                               : kind == Kind::kTimestamp ? WriteTimestamp
                                                          : WriteTimestampTz;
  AppendCalendar(text, write, value);
  return text;
}

std::optional<int64_t> ParseCalendar(std::string_view text, Kind kind) {
  if (kind == Kind::kDate) return ParseDate(text);
  if (kind == Kind::kTime) return ParseTime(text);
  return kind == Kind::kTimestamp ? ParseTimestamp(text) : ParseTimestampTz(text);
}

bool IsCalendar(Kind kind) {
  return kind == Kind::kDate || kind == Kind::kTime || kind == Kind::kTimestamp ||
         kind == Kind::kTimestampTz;
}

template <typename Parsed, typename Make>
std::optional<Value> Made(std::optional<Parsed> parsed, Make make) {
  return parsed ? std::optional(make(std::move(*parsed))) : std::nullopt;
}

}  // namespace

std::optional<StorageClass> ClassOf(Kind kind) {
  switch (kind) {
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kDate:
    case Kind::kTime:
    case Kind::kTimestamp:
    case Kind::kTimestampTz:
      return StorageClass::kInteger;
    case Kind::kFloat:
      return StorageClass::kReal;
    case Kind::kDecimal:
    case Kind::kText:
    case Kind::kJson:
    case Kind::kJsonb:
    case Kind::kOther:
      return StorageClass::kText;
    case Kind::kBytes:
    case Kind::kUuid:
    case Kind::kNative:
      return StorageClass::kBlob;
    case Kind::kAny:
      return std::nullopt;
  }
  return std::nullopt;
}

bool Fits(const Value& value, const Type& type) {
  if (value.storage == StorageClass::kNull) return true;
  const auto expected = ClassOf(type.kind);
  if (expected && value.storage != *expected) return false;
  if (value.storage == StorageClass::kInteger) return IsInRange(value.integer, type.kind);
  if (value.storage == StorageClass::kReal) return IsOfWidth(value.real, type);
  if (type.kind == Kind::kUuid) return value.bytes.size() == kUuidBytes;
  return type.kind != Kind::kDecimal || IsDecimal(value.bytes);
}

std::optional<std::string> PlainText(const Value& value, const Type& type) {
  switch (value.storage) {
    case StorageClass::kNull:
      return std::nullopt;
    case StorageClass::kInteger:
      if (type.kind == Kind::kBool) return value.integer != 0 ? "true" : "false";
      if (!IsCalendar(type.kind)) return std::to_string(value.integer);
      if (!IsInRange(value.integer, type.kind)) return std::nullopt;
      return CalendarText(value.integer, type.kind);
    case StorageClass::kReal:
      if (!std::isfinite(value.real)) return SpecialReal(value.real);
      return type.kind == Kind::kFloat && type.width == 4 ? Digits(static_cast<float>(value.real))
                                                          : Digits(value.real);
    case StorageClass::kText:
      return value.bytes;
    case StorageClass::kBlob:
      if (type.kind != Kind::kUuid || value.bytes.size() != kUuidBytes) return std::nullopt;
      return UuidText(value.bytes);
  }
  return std::nullopt;
}

std::optional<Value> FromPlainText(std::string_view text, const Type& type) {
  std::optional<Value> read;
  if (IsCalendar(type.kind)) {
    read = Made(ParseCalendar(text, type.kind), Value::Integer);
  } else if (type.kind == Kind::kUuid) {
    read = Made(ParseUuid(text), Value::Blob);
  } else if (type.kind == Kind::kInt) {
    read = Made(ParseInteger<int64_t>(text), Value::Integer);
  } else if (type.kind == Kind::kBool && (text == "true" || text == "false")) {
    read = Value::Integer(text == "true" ? 1 : 0);
  } else if (type.kind == Kind::kFloat) {
    read =
        Made(ParseReal(text), [&](double real) { return Value::Real(Narrowed(real, type.width)); });
  } else if (ClassOf(type.kind) == StorageClass::kText || type.kind == Kind::kAny) {
    read = Value::Text(std::string(text));
  }
  return read && Fits(*read, type) ? read : std::nullopt;
}

}  // namespace rowferry
