#include "base/text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "base/bytes.h"

namespace rowferry {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

char LowerChar(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

// The sequences of UTF-8 that a lead byte may begin, by Unicode 15, table 3-7. NUL begins none.
struct Sequence {
  size_t length = 0;     // 0: no lead byte
  uint32_t mask = 0;     // of the bytes that are continuations; the lead is the highest
  uint32_t bits = 0;     // what they must be
  uint32_t low = 0x80;   // the first of them lies between `low` …
  uint32_t high = 0xBF;  // … and `high`
};

constexpr std::array<Sequence, 256> kSequences = [] {
  std::array<Sequence, 256> sequences{};
  for (size_t lead = 0x01; lead <= 0x7F; ++lead) sequences[lead] = {1, 0, 0, 0, 0xFF};
  for (size_t lead = 0xC2; lead <= 0xDF; ++lead) sequences[lead] = {2, 0x00C00000, 0x00800000};
  for (size_t lead = 0xE0; lead <= 0xEF; ++lead) sequences[lead] = {3, 0x00C0C000, 0x00808000};
  for (size_t lead = 0xF0; lead <= 0xF4; ++lead) sequences[lead] = {4, 0x00C0C0C0, 0x00808080};
  sequences[0xE0].low = 0xA0;   // below: overlong
  sequences[0xED].high = 0x9F;  // above: surrogates
  sequences[0xF0].low = 0x90;   // below: overlong
  sequences[0xF4].high = 0x8F;  // above: beyond U+10FFFF
  return sequences;
}();

// The length of the well-formed UTF-8 sequence that `text` begins with; 0 if it is not one.
// REQUIRES: text is not empty.
size_t SequenceLength(std::string_view text) {
  std::array<char, sizeof(uint32_t)> padded{};
  const char* bytes = text.data();
  if (text.size() < padded.size()) {
    bytes = padded.data();
    std::copy(text.begin(), text.end(), padded.begin());
  }
  const auto word = LoadNetwork<uint32_t>(bytes);
  const Sequence& sequence = kSequences[word >> 24U];
  const uint32_t second = word >> 16U & 0xFFU;
  const bool good =
      (word & sequence.mask) == sequence.bits && second >= sequence.low && second <= sequence.high;
  return good ? sequence.length : 0;
}

// How many bytes the text begins with that are ASCII and not NUL: eight at a time, as most text is.
size_t PlainLength(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101U;
  size_t length = 0;
  for (uint64_t word = 0; length + sizeof word <= text.size(); length += sizeof word) {
    std::memcpy(&word, text.data() + length, sizeof word);
    // Taking 1 from each byte sets the high bit of the first that is NUL.
    const uint64_t special = (word | (word - kOnes)) & (kOnes << 7U);
    if (special != 0) return length + static_cast<size_t>(std::countr_zero(special)) / 8;
  }
  while (length < text.size() && static_cast<signed char>(text[length]) > 0) ++length;
  return length;
}

std::string Quote(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) {
    if (c == quote) quoted += quote;
    quoted += c;
  }
  return quoted + quote;
}

// Letters to insert, remove, change, or swap with their neighbour ("optimal string alignment").
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = LowerChar(a[i - 1]) == LowerChar(b[j - 1]);
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      const size_t change = cost[i - 1][j - 1] + (same ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, change});
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

bool IsText(std::string_view bytes) {
  for (bytes.remove_prefix(PlainLength(bytes)); !bytes.empty();) {
    const size_t length = SequenceLength(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
    bytes.remove_prefix(PlainLength(bytes));
  }
  return true;
}

std::string Lower(std::string_view ascii) {
  std::string lower(ascii);
  std::transform(lower.begin(), lower.end(), lower.begin(), LowerChar);
  return lower;
}

std::string Snake(std::string_view name) {
  std::string snake;
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool word = std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0;
    if (!word) {
      if (!snake.empty() && snake.back() != '_') snake += '_';
      continue;
    }
    const bool after_lower = i > 0 && !IsUpper(name[i - 1]);
    const bool before_lower = i + 1 < name.size() && std::islower(name[i + 1]) != 0;
    const bool starts_word = IsUpper(c) && i > 0 && (after_lower || before_lower);
    if (starts_word && !snake.empty() && snake.back() != '_') snake += '_';
    snake += LowerChar(c);
  }
  return snake;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\f\v";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return LowerChar(x) == LowerChar(y); });
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) joined += separator;
    joined += parts[i];
  }
  return joined;
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string Hex(std::string_view bytes) {
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    hex += kHexDigits[static_cast<unsigned char>(c) >> 4U];
    hex += kHexDigits[static_cast<unsigned char>(c) & 15U];
  }
  return hex;
}

std::optional<std::string> FromHex(std::string_view hex) {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]);
    const int low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::string Printable(std::string_view text, size_t max_bytes) {
  std::string shown;
  while (!text.empty()) {
    if (shown.size() >= max_bytes) return shown + "…";
    const size_t length = SequenceLength(text);
    const auto lead = static_cast<unsigned char>(text[0]);
    if (length == 0 || lead < 0x20 || lead == 0x7F) {
      shown += "\\x" + Hex(text.substr(0, 1));
      text.remove_prefix(1);
      continue;
    }
    shown += text.substr(0, length);
    text.remove_prefix(length);
  }
  return shown;
}

bool MatchesGlob(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string QuoteIdentifier(std::string_view name) { return Quote(name, '"'); }
std::string QuoteLiteral(std::string_view text) { return Quote(text, '\''); }

std::optional<std::string> Nearest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
  std::optional<std::string> nearest;
  size_t best = std::max<size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = EditDistance(word, candidate);
    if (distance >= best) continue;
    best = distance;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace rowferry
