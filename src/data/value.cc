#include "data/value.h"

#include <bit>
#include <charconv>

#include "base/text.h"

namespace rowferry {
namespace {

constexpr size_t kShownBytes = 60;

std::string ShowReal(double real) {
  std::string text(32, '\0');
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), real);
  text.resize(static_cast<size_t>(end - text.data()));
  return text;
}

std::string ShowBlob(const std::string& bytes) {
  const std::string shown = Hex(std::string_view(bytes).substr(0, kShownBytes / 2));
  const bool cut = bytes.size() > kShownBytes / 2;
  return "x'" + shown + (cut ? "…' (" + std::to_string(bytes.size()) + " bytes)" : "'");
}

}  // namespace

bool Value::operator==(const Value& other) const {
  if (storage != other.storage) return false;
  switch (storage) {
    case StorageClass::kNull:
      return true;
    case StorageClass::kInteger:
      return integer == other.integer;
    case StorageClass::kReal:
      return std::bit_cast<uint64_t>(real) == std::bit_cast<uint64_t>(other.real);
    case StorageClass::kText:
    case StorageClass::kBlob:
      return bytes == other.bytes;
  }
  return false;
}

std::string ShowValue(const Value& value, const Type& /*type*/) {
  switch (value.storage) {
    case StorageClass::kNull:
      return "NULL";
    case StorageClass::kInteger:
      return std::to_string(value.integer);
    case StorageClass::kReal:
      return ShowReal(value.real);
    case StorageClass::kText:
      return "'" + Printable(value.bytes, kShownBytes) + "'";
    case StorageClass::kBlob:
      return ShowBlob(value.bytes);
  }
  return {};
}

}  // namespace rowferry
