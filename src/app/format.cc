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

size_t DisplayWidth(std::string_view utf8) { return CountCharacters(utf8); }

std::string Fit(std::string_view utf8, size_t width) {
  const size_t has = DisplayWidth(utf8);
  if (has <= width) return std::string(utf8) + std::string(width - has, ' ');
  if (width == 0) return {};
  std::string cut;
  size_t columns = 0;
  for (const char c : utf8) {
    if (!IsContinuation(c) && ++columns == width) break;
    cut += c;
  }
  return cut + "…";
}

std::string PadLeft(const std::string& text, size_t width) {
  const size_t has = DisplayWidth(text);
  return std::string(width > has ? width - has : 0, ' ') + text;
}

}  // namespace rowferry
