#include "sqlite/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace rowferry::sqlite {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Removes the digits that `text` begins with, and says how many there were.
size_t SkipDigits(std::string_view& text) {
  size_t digits = 0;
  while (digits < text.size() && IsDigit(text[digits])) ++digits;
  text.remove_prefix(digits);
  return digits;
}

template <char... kChoices>
bool SkipAny(std::string_view& text) {
  if (text.empty() || !((text[0] == kChoices) || ...)) return false;
  text.remove_prefix(1);
  return true;
}

char* WriteSpecial(char* out, double value) {
  const std::string_view word = std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  std::memcpy(out, word.data(), word.size());
  return out + word.size();
}

constexpr std::array<int64_t, 19> kPowers = [] {
  std::array<int64_t, 19> powers{};
  int64_t power = 1;
  for (size_t i = 0; i < powers.size(); ++i) {
    powers[i] = power;
    if (i + 1 < powers.size()) power *= 10;
  }
  return powers;
}();

}  // namespace

char* WriteInteger(char* out, int64_t value) {
  return std::to_chars(out, out + kMaxNumberText, value).ptr;
}

char* WriteReal(char* out, double value) {
  if (!std::isfinite(value)) return WriteSpecial(out, value);
  return std::to_chars(out, out + kMaxNumberText, value).ptr;
}

char* WriteRealFixed(char* out, double value) {
  if (!std::isfinite(value)) return WriteSpecial(out, value);
  return std::to_chars(out, out + kMaxNumberText, value, std::chars_format::fixed).ptr;
}

char* WriteScaled(char* out, int64_t scaled, int scale) {
  if (scaled < 0) *out++ = '-';
  const auto bits = static_cast<uint64_t>(scaled);  // the least integer has no positive one
  char* end = std::to_chars(out, out + kMaxNumberText, scaled < 0 ? 0 - bits : bits).ptr;
  if (scale == 0) return end;
  if (const auto missing = scale + 1 - (end - out); missing > 0) {  // 5, 2 -> "005"
    std::copy_backward(out, end, end + missing);
    std::fill_n(out, missing, '0');
    end += missing;
  }
  char* const point = end - scale;
  std::copy_backward(point, end, end + 1);
  *point = '.';
  return end + 1;
}

std::optional<int64_t> ScaledExactly(double value, int scale) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: integers up to here are exact
  const auto power = static_cast<double>(PowerOfTen(scale));
  const double product = value * power;
  if (!(std::fabs(product) < kExact)) return std::nullopt;
  const int64_t scaled = std::llrint(product);
  // The product was rounded, so it may be one off. Both operands of the division are exact: its
  // result is the double nearest to the decimal.
  for (const int64_t near : {scaled, scaled - 1, scaled + 1}) {
    if (static_cast<double>(near) / power == value) return near;
  }
  return std::nullopt;
}

int64_t PowerOfTen(int exponent) { return kPowers[static_cast<size_t>(exponent)]; }

std::optional<int64_t> ReadInteger(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  const bool padded = digits.size() > 1 && digits[0] == '0';
  if (digits.empty() || padded || text == "-0") return std::nullopt;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> ReadReal(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || !IsDigit(digits[0])) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<DecimalShape> ShapeOf(std::string_view text) {
  SkipAny<'-'>(text);
  std::string_view rest = text;
  const size_t whole = SkipDigits(rest);
  if (whole == 0) return std::nullopt;
  size_t zeros = 0;
  while (zeros < whole && text[zeros] == '0') ++zeros;
  DecimalShape shape{static_cast<int>(whole - zeros), 0};
  if (rest.empty()) return shape;
  if (!SkipAny<'.'>(rest)) return std::nullopt;
  const std::string_view fraction = rest;
  size_t digits = SkipDigits(rest);
  if (digits == 0 || !rest.empty()) return std::nullopt;
  while (digits > 0 && fraction[digits - 1] == '0') --digits;
  shape.fraction = static_cast<int>(digits);
  return shape;
}

bool LooksNumeric(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  SkipAny<'+', '-'>(text);
  const size_t whole = SkipDigits(text);
  const size_t fraction = SkipAny<'.'>(text) ? SkipDigits(text) : 0;
  if (whole + fraction == 0) return false;
  if (SkipAny<'e', 'E'>(text)) {
    SkipAny<'+', '-'>(text);
    if (SkipDigits(text) == 0) return false;
  }
  return text.empty();
}

}  // namespace rowferry::sqlite
