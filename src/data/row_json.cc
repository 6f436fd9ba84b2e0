#include "data/row_json.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/text.h"
#include "data/plain_text.h"

namespace rowferry {
namespace {

using json = nlohmann::ordered_json;

json Unread() { return {{"unreadable", true}}; }

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

// Of a real that has no digits.
bool IsSpecial(const std::string& text) {
  return text == "NaN" || text == "Infinity" || text == "-Infinity";
}

json RealByBits(double real) {
  if (std::isinf(real)) return {{"real", real < 0 ? "-Infinity" : "Infinity"}};
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  std::string bits;
  for (int shift = 60; shift >= 0; shift -= 4) {
    bits += kHexDigits[(std::bit_cast<uint64_t>(real) >> static_cast<unsigned>(shift)) & 15U];
  }
  return {{"real", bits}};
}

std::optional<Value> FromBits(const std::string& text) {
  if (IsSpecial(text)) return FromPlainText(text, ParseType("double precision"));
  uint64_t bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits, 16);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && text.size() == 16;
  return whole ? std::optional(Value::Real(std::bit_cast<double>(bits))) : std::nullopt;
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
  if (name == "real") return FromBits(text);
  if (name == "text-hex") return Made(FromHex(text), Value::Text);
  if (name == "hex") return Made(FromHex(text), Value::Blob);
  return std::nullopt;
}

// The form by the type; whether it says all of the value shows when it is read back.
json ByType(const Value& value, const Type& type) {
  const auto expected = ClassOf(type.kind);
  if (expected && value.storage != *expected) return ByClass(value);
  const auto text = PlainText(value, type);
  if (!text || !IsText(*text)) return ByClass(value);
  if (type.kind == Kind::kBool) return value.integer != 0;
  const bool is_number = type.kind == Kind::kInt || type.kind == Kind::kAny;
  if (value.storage == StorageClass::kInteger && is_number) return value.integer;
  if (value.storage != StorageClass::kReal) return *text;
  if (std::isfinite(value.real)) return FromPlainText(*text, ParseType("double precision"))->real;
  return type.kind == Kind::kFloat ? json(*text) : ByClass(value);
}

std::optional<Value> FromString(const std::string& text, const Type& type) {
  if (!IsText(text)) return std::nullopt;
  if (type.kind == Kind::kAny) return Value::Text(text);
  const bool is_number = type.kind == Kind::kInt || (type.kind == Kind::kFloat && !IsSpecial(text));
  const bool has_other_form = is_number || type.kind == Kind::kBool;
  return has_other_form ? std::nullopt : FromPlainText(text, type);
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
      return FromPlainText(number.dump(), type);
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
  if (IsUtf16Text(kept.type)) return {{"utf16-hex", Hex(kept.value.bytes)}};
  if (IsUnread(kept.type)) return Unread();
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
  if (IsUnread(like.type) && value == Unread()) return like;
  if (like.type.kind == Kind::kAny) {
    if (const auto utf16 = ReadUtf16(value, like.column)) return *utf16;
  }
  KeptValue kept = like;
  if (like.type.kind == Kind::kAny) kept.type = TypeOf(Kind::kAny);
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

}  // namespace rowferry
