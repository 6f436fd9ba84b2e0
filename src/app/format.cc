#include "app/format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/text.h"

namespace rowferry {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

struct Range {
  char32_t first;
  char32_t last;
};

// Blocks of characters that a terminal draws two columns wide: Unicode's East Asian Width (UAX #11)
// W and F, emoji among them.
constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},
    Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},
    Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F},
    Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD},
};

// The bytes of the character that `utf8` begins with. REQUIRES: it is not empty.
std::string_view FirstCharacter(std::string_view utf8) {
  constexpr size_t kMaxBytes = 4;
  size_t bytes = 1;
  while (bytes < std::min(utf8.size(), kMaxBytes) && IsContinuation(utf8[bytes])) ++bytes;
  return utf8.substr(0, bytes);
}

size_t WidthOf(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  char32_t code = character.size() == 1 ? lead : lead & (0x7FU >> character.size());
  for (const char c : character.substr(1)) {
    code = (code << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
  }
  const bool wide = std::any_of(kWide.begin(), kWide.end(), [&](const Range& range) {
    return code >= range.first && code <= range.last;
  });
  return wide ? 2 : 1;
}

std::string Print(const char* format, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string TwoDigits(int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

struct Unit {
  std::string_view name;
  double bytes;
};

constexpr std::array kUnits = {
    Unit{"", 1},         Unit{"b", 1},       Unit{"k", 1024.0},   Unit{"kb", 1024.0},
    Unit{"kib", 1024.0}, Unit{"m", 0x1p20},  Unit{"mb", 0x1p20},  Unit{"mib", 0x1p20},
    Unit{"g", 0x1p30},   Unit{"gb", 0x1p30}, Unit{"gib", 0x1p30},
};

}  // namespace

std::string ShowRows(int64_t rows) {
  std::string digits = std::to_string(rows);
  const int first = rows < 0 ? 1 : 0;
  for (int at = static_cast<int>(digits.size()) - 3; at > first; at -= 3) {
    digits.insert(static_cast<size_t>(at), ",");
  }
  return digits;
}

std::string ShowSwallowed(int64_t rows) {
  if (rows == 0) return {};
  return ShowRows(rows) + (rows == 1 ? " row was" : " rows were") +
         " swallowed by triggers of the target\n";
}

std::string ShowDuration(double seconds) {
  if (seconds < 10) return Print("%.2f s", seconds);
  if (seconds < 60) return Print("%.1f s", seconds);
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  const int64_t hours = whole / 3600;
  const int64_t minutes = whole / 60 % 60;
  const std::string tail = TwoDigits(whole % 60);
  if (hours == 0) return std::to_string(minutes) + ":" + tail;
  return std::to_string(hours) + ":" + TwoDigits(minutes) + ":" + tail;
}

int Percent(int64_t part, int64_t whole) {
  if (part >= whole) return 100;
  if (part <= 0) return 0;
  return static_cast<int>(static_cast<double>(part) * 100 / static_cast<double>(whole));
}

std::optional<uint64_t> ParseSize(std::string_view text) {
  const std::string lower = Lower(Trim(text));
  double number = 0;
  const auto [end, error] = std::from_chars(lower.data(), lower.data() + lower.size(), number);
  if (error != std::errc{} || !(number >= 0) || std::isinf(number)) return std::nullopt;
  const std::string_view rest = Trim(std::string_view(end, lower.data() + lower.size()));
  const auto unit = std::find_if(kUnits.begin(), kUnits.end(),
                                 [&](const Unit& known) { return known.name == rest; });
  if (unit == kUnits.end() || number * unit->bytes > 0x1p62) return std::nullopt;
  return static_cast<uint64_t>(number * unit->bytes);
}

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 7> kTimes = {
      {{"", 1e3}, {"ms", 1}, {"s", 1e3}, {"min", 6e4}, {"m", 6e4}, {"h", 3.6e6}, {"d", 8.64e7}}};
  constexpr double kLongest = 3.6e6 * 24 * 24;  // 24 days: what databases take in milliseconds
  const std::string lower = Lower(Trim(text));
  double number = 0;
  const auto [end, error] = std::from_chars(lower.data(), lower.data() + lower.size(), number);
  if (error != std::errc{} || !(number >= 0)) return std::nullopt;
  const std::string_view unit = Trim(std::string_view(end, lower.data() + lower.size()));
  for (const auto& [name, millis] : kTimes) {
    if (name != unit || number * millis > kLongest) continue;
    return std::chrono::milliseconds(static_cast<int64_t>(std::ceil(number * millis)));
  }
  return std::nullopt;
}

size_t DisplayWidth(std::string_view utf8) {
  size_t width = 0;
  while (!utf8.empty()) {
    const std::string_view character = FirstCharacter(utf8);
    width += WidthOf(character);
    utf8.remove_prefix(character.size());
  }
  return width;
}

std::string Fit(std::string_view utf8, size_t width) {
  const size_t has = DisplayWidth(utf8);
  if (has <= width) return std::string(utf8) + std::string(width - has, ' ');
  if (width == 0) return {};
  std::string cut;
  size_t left = width - 1;
  for (auto next = FirstCharacter(utf8); WidthOf(next) <= left; next = FirstCharacter(utf8)) {
    cut += next;
    left -= WidthOf(next);
    utf8.remove_prefix(next.size());
  }
  return cut + "…" + std::string(left, ' ');
}

std::string PadLeft(const std::string& text, size_t width) {
  const size_t has = DisplayWidth(text);
  return std::string(width > has ? width - has : 0, ' ') + text;
}

}  // namespace rowferry
