#include "data/value.h"

#include <bit>
#include <charconv>

#include "base/text.h"
#include "data/calendar.h"

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

// Dates and times stand as numbers in a batch; people want to see them.
std::string ShowInteger(int64_t integer, Kind kind) {
  std::string text;
  switch (kind) {
    case Kind::kDate:
      AppendCalendar(text, WriteDate, integer);
      break;
    case Kind::kTime:
      AppendCalendar(text, WriteTime, integer);
      break;
    case Kind::kTimestamp:
      AppendCalendar(text, WriteTimestamp, integer);
      break;
    case Kind::kTimestampTz:
      AppendCalendar(text, WriteTimestampTz, integer);
      break;
    default:
      return std::to_string(integer);
  }
  return "'" + text + "'";
}

std::string ShowUuid(const std::string& bytes) {
  std::string text = Hex(bytes);
  for (const size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
  return "'" + text + "'";
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

std::string ShowValue(const Value& value, const Type& type) {
  switch (value.storage) {
    case StorageClass::kNull:
      return "NULL";
    case StorageClass::kInteger:
      return ShowInteger(value.integer, type.kind);
    case StorageClass::kReal:
      return ShowReal(value.real);
    case StorageClass::kText:
      return "'" + Printable(value.bytes, kShownBytes) + "'";
    case StorageClass::kBlob:
      return type.kind == Kind::kUuid && value.bytes.size() == 16 ? ShowUuid(value.bytes)
                                                                  : ShowBlob(value.bytes);
  }
  return {};
}

}  // namespace rowferry
