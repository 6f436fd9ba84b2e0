#include "data/row_json.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/text.h"
#include "data/calendar.h"

namespace rowferry {
namespace {

using json = nlohmann::ordered_json;

constexpr size_t kUuidBytes = 16;
constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Nothing: any (kAny).
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

// Whether a batch may hold it in a column of that type: encoders rely on it.
bool Fits(const Value& value, const Type& type) {
  if (value.storage == StorageClass::kNull) return true;
  const auto expected = ClassOf(type.kind);
  if (expected && value.storage != *expected) return false;
  if (value.storage == StorageClass::kInteger) return IsInRange(value.integer, type.kind);
  if (value.storage == StorageClass::kReal) return IsOfWidth(value.real, type);
  if (type.kind == Kind::kUuid) return value.bytes.size() == kUuidBytes;
  return type.kind != Kind::kDecimal || IsDecimal(value.bytes);
}

std::string SpecialReal(double real) {
  if (std::isnan(real)) return "NaN";
  return real < 0 ? "-Infinity" : "Infinity";
}

std::optional<double> ParseSpecialReal(std::string_view text) {
  if (text == "NaN") return kNoNumber;
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

// The digits of a float are fewer than those of the same number as a double.
double ShortestOf(double real, int width) {
  if (width != 4) return real;
  return ParseReal(Digits(static_cast<float>(real))).value_or(real);
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

std::optional<int64_t> WholeNumber(const json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    if (number > uint64_t{std::numeric_limits<int64_t>::max()}) return std::nullopt;
    return static_cast<int64_t>(number);
  }
  return value.is_number_integer() ? std::optional(value.get<int64_t>()) : std::nullopt;
}

json RealByBits(double real) {
  const bool plain = !std::isnan(real) || Value::Real(real) == Value::Real(kNoNumber);
  if (plain && !std::isfinite(real)) return {{"real", SpecialReal(real)}};
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  std::string bits;
  for (int shift = 60; shift >= 0; shift -= 4) {
    bits += kHexDigits[(std::bit_cast<uint64_t>(real) >> static_cast<unsigned>(shift)) & 15U];
  }
  return {{"real", bits}};
}

std::optional<double> ParseBits(const std::string& text) {
  if (const auto special = ParseSpecialReal(text)) return special;
  uint64_t bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits, 16);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && text.size() == 16;
  return whole ? std::optional(std::bit_cast<double>(bits)) : std::nullopt;
}

// By its storage class: always possible.
json ByClass(const Value& value) {
  switch (value.storage) {
    case StorageClass::kNull:
      return nullptr;
    case StorageClass::kInteger:
      return {{"integer", value.integer}};
    case StorageClass::kReal:
      return RealByBits(value.real);
    case StorageClass::kText:
      return {{"text-hex", Hex(value.bytes)}};
    case StorageClass::kBlob:
      return {{"hex", Hex(value.bytes)}};
  }
  return nullptr;
}

std::optional<Value> FromClass(const json& object) {
  if (object.size() != 1) return std::nullopt;
  const std::string& name = object.begin().key();
  const json& content = object.begin().value();
  if (name == "integer") return Made(WholeNumber(content), Value::Integer);
  if (!content.is_string()) return std::nullopt;
  const auto& text = content.get_ref<const std::string&>();
  if (name == "real") return Made(ParseBits(text), Value::Real);
  if (name == "text-hex") return Made(FromHex(text), Value::Text);
  if (name == "hex") return Made(FromHex(text), Value::Blob);
  return std::nullopt;
}

// The form by the type; whether it says all of the value shows when it is read back.
json ByType(const Value& value, const Type& type) {
  const auto expected = ClassOf(type.kind);
  if (expected && value.storage != *expected) return ByClass(value);
  if (value.storage == StorageClass::kReal && std::isfinite(value.real)) {
    return ShortestOf(value.real, type.kind == Kind::kFloat ? type.width : 0);
  }
  if (type.kind == Kind::kAny && value.storage == StorageClass::kReal) return ByClass(value);
  if (type.kind == Kind::kBool) return value.integer != 0;
  if (value.storage == StorageClass::kInteger && !IsCalendar(type.kind)) return value.integer;
  const auto text = PlainText(value, type);
  return text && IsText(*text) ? json(*text) : ByClass(value);
}

std::optional<Value> FromString(const std::string& text, const Type& type) {
  if (!IsText(text)) return std::nullopt;
  if (type.kind == Kind::kAny) return Value::Text(text);
  if (type.kind == Kind::kFloat) return Made(ParseSpecialReal(text), Value::Real);
  const auto expected = ClassOf(type.kind);
  const bool takes_text = expected == StorageClass::kText || type.kind == Kind::kUuid;
  return takes_text || IsCalendar(type.kind) ? FromPlainText(text, type) : std::nullopt;
}

std::optional<Value> FromNumber(const json& number, const Type& type) {
  const auto whole = WholeNumber(number);
  switch (type.kind) {
    case Kind::kInt:
      return Made(whole, Value::Integer);
    case Kind::kDecimal:
      if (!whole) return std::nullopt;
      return Value::Text(std::to_string(*whole));
    case Kind::kFloat:
      return Value::Real(Narrowed(number.get<double>(), type.width));
    case Kind::kAny:
      return number.is_number_float() ? Value::Real(number.get<double>())
                                      : Made(whole, Value::Integer);
    default:
      return std::nullopt;
  }
}

std::optional<Value> FromJson(const json& value, const Type& type) {
  std::optional<Value> read;
  if (value.is_null()) return Value::Null();
  if (value.is_boolean() && type.kind == Kind::kBool) read = Value::Integer(value.get<bool>());
  if (value.is_number()) read = FromNumber(value, type);
  if (value.is_string()) read = FromString(value.get_ref<const std::string&>(), type);
  if (value.is_object()) read = FromClass(value);
  return read && Fits(*read, type) ? read : std::nullopt;
}

json ToJson(const KeptValue& kept) {
  if (kept.type.name == kUtf16Text) return {{"utf16-hex", Hex(kept.value.bytes)}};
  if (kept.value.storage == StorageClass::kNull) return nullptr;
  json natural = ByType(kept.value, kept.type);
  const auto back = FromJson(natural, kept.type);
  return back && *back == kept.value ? natural : ByClass(kept.value);
}

std::optional<KeptValue> ReadUtf16(const json& value, const std::string& column) {
  if (!value.is_object() || value.size() != 1 || !value.contains("utf16-hex")) return std::nullopt;
  const json& hex = value["utf16-hex"];
  auto bytes = hex.is_string() ? FromHex(hex.get<std::string>()) : std::nullopt;
  if (!bytes) return std::nullopt;
  KeptValue kept{column, TypeOf(Kind::kAny), Value::Blob(std::move(*bytes))};
  kept.type.name = kUtf16Text;
  return kept;
}

KeptValue ReadMember(const json& value, const KeptValue& like) {
  if (like.type.kind == Kind::kAny) {
    if (const auto utf16 = ReadUtf16(value, like.column)) return *utf16;
  }
  KeptValue kept = like;
  if (kept.type.name == kUtf16Text) kept.type = TypeOf(Kind::kAny);
  auto read = FromJson(value, kept.type);
  if (!read) {
    constexpr auto kReplace = json::error_handler_t::replace;
    throw Error(ErrorKind::kUsage, "column \"" + Printable(like.column) +
                                       "\": " + Printable(value.dump(-1, ' ', false, kReplace)) +
                                       " is no value of type " + kept.type.name +
                                       " as an export writes it");
  }
  kept.value = std::move(*read);
  return kept;
}

std::vector<std::string> MemberNames(const KeptRow& row) {
  std::vector<std::string> names;
  for (const KeptValue& value : row) {
    const std::string name = Printable(value.column, std::string::npos);
    std::string unique = name;
    for (int i = 2; std::find(names.begin(), names.end(), unique) != names.end(); ++i) {
      unique = name + " (" + std::to_string(i) + ")";
    }
    names.push_back(std::move(unique));
  }
  return names;
}

void RefuseUnknown(const json& object, const std::vector<std::string>& names) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const auto nearest = Nearest(name, names);
    throw Error(ErrorKind::kUsage, "the row has no column \"" + Printable(name) + "\"" +
                                       (nearest ? "; did you mean \"" + *nearest + "\"?" : ""));
  }
}

}  // namespace

json RowToJson(const KeptRow& row) {
  const std::vector<std::string> names = MemberNames(row);
  json object = json::object();
  for (size_t i = 0; i < row.size(); ++i) object[names[i]] = ToJson(row[i]);
  return object;
}

KeptRow RowFromJson(const json& object, const KeptRow& like) {
  if (!object.is_object()) throw Error(ErrorKind::kUsage, "\"row\" is no object");
  const std::vector<std::string> names = MemberNames(like);
  RefuseUnknown(object, names);
  KeptRow row;
  for (size_t i = 0; i < like.size(); ++i) {
    const auto member = object.find(names[i]);
    if (member == object.end()) {
      throw Error(ErrorKind::kUsage, "column \"" + names[i] + "\" is missing");
    }
    row.push_back(ReadMember(*member, like[i]));
  }
  return row;
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
