#include "data/key.h"

#include <algorithm>
#include <bit>

#include "base/bytes.h"
#include "base/text.h"

namespace rowferry {
namespace {

bool IsPlain(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == ':' || c == '-';
}

std::string EscapeText(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (IsPlain(c)) {
      escaped += c;
    } else {
      escaped += "%" + Hex({&c, 1});
    }
  }
  return escaped;
}

std::optional<std::string> UnescapeText(std::string_view escaped) {
  std::string text;
  while (!escaped.empty()) {
    const char c = escaped[0];
    if (c != '%') {
      if (!IsPlain(c)) return std::nullopt;
      text += c;
      escaped.remove_prefix(1);
      continue;
    }
    const auto byte = escaped.size() < 3 ? std::nullopt : FromHex(escaped.substr(1, 2));
    if (!byte) return std::nullopt;
    text += *byte;
    escaped.remove_prefix(3);
  }
  return text;
}

std::string EncodeReal(double real) {
  std::string bytes(sizeof real, '\0');
  StoreNetwork(bytes.data(), std::bit_cast<uint64_t>(real));
  return Hex(bytes);
}

std::optional<Value> DecodeReal(std::string_view hex) {
  const auto bytes = FromHex(hex);
  if (!bytes || bytes->size() != sizeof(double)) return std::nullopt;
  return Value::Real(std::bit_cast<double>(LoadNetwork<uint64_t>(bytes->data())));
}

std::optional<Value> DecodeInteger(std::string_view text) {
  const auto integer = ParseInteger<int64_t>(text);
  return integer ? std::optional(Value::Integer(*integer)) : std::nullopt;
}

std::string EncodePart(const Value& value) {
  switch (value.storage) {
    case StorageClass::kNull:
      return "n";
    case StorageClass::kInteger:
      return "i" + std::to_string(value.integer);
    case StorageClass::kReal:
      return "r" + EncodeReal(value.real);
    case StorageClass::kText:
      return "t" + EscapeText(value.bytes);
    case StorageClass::kBlob:
      return "b" + Hex(value.bytes);
  }
  return {};
}

std::optional<Value> DecodePart(std::string_view part) {
  if (part.empty()) return std::nullopt;
  const std::string_view rest = part.substr(1);
  switch (part[0]) {
    case 'n':
      return rest.empty() ? std::optional(Value::Null()) : std::nullopt;
    case 'i':
      return DecodeInteger(rest);
    case 'r':
      return DecodeReal(rest);
    case 't':
      if (auto text = UnescapeText(rest)) return Value::Text(std::move(*text));
      return std::nullopt;
    case 'b':
      if (auto bytes = FromHex(rest)) return Value::Blob(std::move(*bytes));
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

bool Key::HoldsNull() const {
  return std::any_of(parts.begin(), parts.end(),
                     [](const Value& value) { return value.storage == StorageClass::kNull; });
}

std::string EncodeKey(const Key& key) {
  std::vector<std::string> parts;
  for (const Value& value : key.parts) parts.push_back(EncodePart(value));
  return Join(parts, ",");
}

std::optional<Key> DecodeKey(std::string_view text) {
  Key key;
  for (const std::string& part : Split(text, ',')) {
    auto value = DecodePart(part);
    if (!value) return std::nullopt;
    key.parts.push_back(std::move(*value));
  }
  if (EncodeKey(key) != text) return std::nullopt;  // "i007", "t%41": the same by another spelling
  return key;
}

std::string ShowKey(const Key& key, const std::vector<std::string>& names,
                    const std::vector<Type>& types) {
  std::vector<std::string> values;
  for (size_t i = 0; i < key.parts.size(); ++i) {
    values.push_back(ShowValue(key.parts[i], i < types.size() ? types[i] : Type{}));
  }
  return "(" + Join(names, ", ") + ") = (" + Join(values, ", ") + ")";
}

}  // namespace rowferry
