#include "postgres/cell.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "data/calendar.h"
#include "postgres/json.h"
#include "postgres/numeric.h"

namespace rowferry {
namespace {

bool IsPadded(const Type& type) {
  return type.kind == Kind::kText && type.name.starts_with("char");
}

[[noreturn]] void DoesNotFit(const Type& target) { throw BadCell{"does not fit " + target.name}; }

std::optional<int64_t> ParseMoment(std::string_view text, Kind kind) {
  switch (kind) {
    case Kind::kDate:
      return ParseDate(text);
    case Kind::kTime:
      return ParseTime(text);
    case Kind::kTimestamp:
      return ParseTimestamp(text);
    case Kind::kTimestampTz:
      return ParseTimestampTz(text);
    default:
      return std::nullopt;
  }
}

std::string_view Until(const TextRoom& room, const char* end) {
  return {room.data(), static_cast<size_t>(end - room.data())};
}

std::string_view IntegerText(int64_t value, TextRoom& room) {
  return Until(room, std::to_chars(room.data(), room.data() + room.size(), value).ptr);
}

std::string_view SpecialText(double value) {
  if (std::isnan(value)) return "NaN";
  return value < 0 ? "-Infinity" : "Infinity";
}

std::string_view FloatText(const Type& from, double value, TextRoom& room) {
  if (!std::isfinite(value)) return SpecialText(value);
  char* const end = room.data() + room.size();
  const auto done = from.width == 4 ? std::to_chars(room.data(), end, static_cast<float>(value))
                                    : std::to_chars(room.data(), end, value);
  return Until(room, done.ptr);
}

std::string_view UuidText(std::string_view bytes, TextRoom& room) {
  if (bytes.size() != 16) throw BadCell{"is not a uuid of 16 bytes"};
  constexpr std::string_view kDigits = "0123456789abcdef";
  char* out = room.data();
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    const auto byte = static_cast<unsigned char>(bytes[i]);
    *out++ = kDigits[byte >> 4U];
    *out++ = kDigits[byte & 15U];
  }
  return Until(room, out);
}

}  // namespace

void CheckLength(std::string_view text, const CellEncoder& cell) {
  const Type& target = cell.target;
  if (target.kind != Kind::kText || target.precision < 0) return;
  const auto limit = static_cast<size_t>(target.precision);
  if (text.size() > limit && CountCharacters(text) > limit) DoesNotFit(target);
  const bool padded = IsPadded(target) && !IsPadded(cell.from) && text.ends_with(' ');
  if (padded && CountCharacters(text) < limit) {
    throw BadCell{"ends in a blank, which " + target.name + " cannot tell from its padding"};
  }
}

void CheckRange(int64_t value, const Type& target) {
  const bool small =
      value >= std::numeric_limits<int16_t>::min() && value <= std::numeric_limits<int16_t>::max();
  const bool normal =
      value >= std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max();
  if ((target.width == 2 && !small) || (target.width == 4 && !normal)) DoesNotFit(target);
}

void CheckFraction(int64_t micros, const Type& target) {
  if (target.precision < 0 || target.precision >= 6) return;
  if (micros == kTimestampInfinity || micros == kTimestampMinusInfinity) return;
  int64_t step = 1;
  for (int digits = target.precision; digits < 6; ++digits) step *= 10;
  if (micros % step != 0) throw BadCell{"would be rounded to " + target.name};
}

void CheckExact(bool exact, const Type& target) {
  if (!exact) throw BadCell{"would be rounded to " + target.name};
}

void CheckWhole(int64_t value, const Type& target) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  const double real =
      target.width == 4 ? double{static_cast<float>(value)} : static_cast<double>(value);
  CheckExact(real < kTwoTo63 && static_cast<int64_t>(real) == value, target);
}

void CheckJsonb(std::string_view json) {
  const auto loss = LossInJsonb(json);
  if (loss) throw BadCell{*loss};
}

int64_t CheckMoment(std::string_view text, const Type& target) {
  const auto moment = ParseMoment(text, target.kind);
  if (!moment) throw BadCell{"is no " + target.name + " in ISO form"};
  if (target.kind != Kind::kDate) CheckFraction(*moment, target);
  return *moment;
}

DecimalText CheckDecimal(std::string_view text, const Type& target) {
  const auto number = ParseDecimal(text);
  if (!number) throw BadCell{"is not a decimal number"};
  if (number->negative && IsZero(*number)) throw BadCell{"would lose its sign"};
  if (target.kind != Kind::kDecimal) return *number;
  if (WouldRound(*number, target.scale)) throw BadCell{"would be rounded to " + target.name};
  if (WouldOverflow(*number, target.precision, target.scale)) DoesNotFit(target);
  return *number;
}

std::string_view TextOf(const Type& from, const Column& column, size_t row, TextRoom& room) {
  switch (from.kind) {
    case Kind::kBool:
      return column.integer(row) != 0 ? "true" : "false";
    case Kind::kInt:
      return IntegerText(column.integer(row), room);
    case Kind::kFloat:
      return FloatText(from, column.real(row), room);
    case Kind::kDate:
      return Until(room, WriteDate(room.data(), column.integer(row)));
    case Kind::kTime:
      return Until(room, WriteTime(room.data(), column.integer(row)));
    case Kind::kTimestamp:
      return Until(room, WriteTimestamp(room.data(), column.integer(row)));
    case Kind::kTimestampTz:
      return Until(room, WriteTimestampTz(room.data(), column.integer(row)));
    case Kind::kUuid:
      return UuidText(column.bytes(row), room);
    default:
      return column.bytes(row);
  }
}

std::string_view PlainDigits(const Type& from, double value, TextRoom& room) {
  if (!std::isfinite(value)) return SpecialText(value);
  char* const end = room.data() + room.size();
  constexpr auto kFixed = std::chars_format::fixed;
  const auto done = from.width == 4
                        ? std::to_chars(room.data(), end, static_cast<float>(value), kFixed)
                        : std::to_chars(room.data(), end, value, kFixed);
  return Until(room, done.ptr);
}

}  // namespace rowferry
