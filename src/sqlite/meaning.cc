#include "sqlite/meaning.h"

#include <cmath>

#include "base/text.h"
#include "data/calendar.h"
#include "sqlite/number.h"

namespace rowferry::sqlite {
namespace {

constexpr int64_t kUnixEpochMicros = kUnixEpochDays * kMicrosPerDay;
constexpr int64_t kUnixEpochJulianMillis = 210'866'760'000'000;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<int64_t> MomentOf(Encoding encoding, int64_t number) {
  int64_t micros = 0;
  int64_t unit = 1;
  if (encoding == Encoding::kUnixSeconds) unit = kMicrosPerSecond;
  if (encoding == Encoding::kUnixMillis) unit = 1000;
  if (unit == 1 && encoding != Encoding::kUnixMicros) return std::nullopt;
  if (__builtin_mul_overflow(number, unit, &micros)) return std::nullopt;
  if (__builtin_sub_overflow(micros, kUnixEpochMicros, &micros)) return std::nullopt;
  if (micros < kFirstTimestamp || micros > kLastTimestamp) return std::nullopt;
  return micros;
}

std::optional<int64_t> MomentOfJulianDay(double days) {
  // SQLite's own limits, rounding and division: date.c, validJulianDay, setRawDateNumber,
  // juliandayFunc.
  constexpr double kMillisPerDay = 86'400'000.0;
  if (!(days >= 0.0 && days < 5373484.5)) return std::nullopt;
  const auto millis = static_cast<int64_t>(std::floor(days * kMillisPerDay + 0.5));
  if (static_cast<double>(millis) / kMillisPerDay != days) return std::nullopt;
  return MomentOf(Encoding::kUnixMillis, millis - kUnixEpochJulianMillis);
}

bool ReadUuid(std::string_view text, char* out) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size();) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i++] != '-') return false;
      continue;
    }
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    *out++ = static_cast<char>(high * 16 + low);
    i += 2;
  }
  return true;
}

std::optional<bool> ReadBool(std::string_view text) {
  if (EqualsIgnoreCase(text, "true") || EqualsIgnoreCase(text, "t")) return true;
  if (EqualsIgnoreCase(text, "false") || EqualsIgnoreCase(text, "f")) return false;
  return std::nullopt;
}

bool FitsTimePrecision(int64_t micros, int precision) {
  if (precision < 0 || precision >= 6) return true;
  if (micros == kTimestampInfinity || micros == kTimestampMinusInfinity) return true;
  return micros % PowerOfTen(6 - precision) == 0;
}

bool FitsLength(std::string_view text, int characters) {
  const auto limit = static_cast<size_t>(characters);
  return characters < 0 || text.size() <= limit || CountCharacters(text) <= limit;
}

}  // namespace rowferry::sqlite
