#include "base/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>

namespace rowferry {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

char LowerChar(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

// Well-formed UTF-8 without NUL (Unicode 15, table 3-7) as a state machine. A state is the place of
// its six bits in the words of kTransitions: a step shifts the byte's word down by the state, and
// the next state is what comes to lie at the bottom. kRejected is 0, and stays.
enum State : uint64_t {
  kRejected = 0,
  kStart = 6,  // between characters
  kOneMore = 12,
  kTwoMore = 18,
  kThreeMore = 24,
  kAfterE0 = 30,  // below A0: overlong
  kAfterED = 36,  // above 9F: surrogates
  kAfterF0 = 42,  // below 90: overlong
  kAfterF4 = 48,  // above 8F: beyond U+10FFFF
};

struct Transition {
  State from;
  size_t first;  // the bytes from `first` …
  size_t last;   // … to `last`
  State to;
};

constexpr std::array kUtf8 = {
    Transition{kStart, 0x01, 0x7F, kStart},     Transition{kStart, 0xC2, 0xDF, kOneMore},
    Transition{kStart, 0xE0, 0xE0, kAfterE0},   Transition{kStart, 0xE1, 0xEC, kTwoMore},
    Transition{kStart, 0xED, 0xED, kAfterED},   Transition{kStart, 0xEE, 0xEF, kTwoMore},
    Transition{kStart, 0xF0, 0xF0, kAfterF0},   Transition{kStart, 0xF1, 0xF3, kThreeMore},
    Transition{kStart, 0xF4, 0xF4, kAfterF4},   Transition{kOneMore, 0x80, 0xBF, kStart},
    Transition{kTwoMore, 0x80, 0xBF, kOneMore}, Transition{kThreeMore, 0x80, 0xBF, kTwoMore},
    Transition{kAfterE0, 0xA0, 0xBF, kOneMore}, Transition{kAfterED, 0x80, 0x9F, kOneMore},
    Transition{kAfterF0, 0x90, 0xBF, kTwoMore}, Transition{kAfterF4, 0x80, 0x8F, kTwoMore},
};

constexpr std::array<uint64_t, 256> kTransitions = [] {
  std::array<uint64_t, 256> words{};
  for (const Transition& t : kUtf8) {
    for (size_t byte = t.first; byte <= t.last; ++byte) words[byte] |= uint64_t{t.to} << t.from;
  }
  return words;
}();

// The state after the byte, with what shifting left above its six bits.
uint64_t Step(uint64_t state, char byte) {
  return kTransitions[static_cast<unsigned char>(byte)] >> (state & 63U);
}
bool Is(State state, uint64_t shifted) { return (shifted & 63U) == state; }

// Eight bytes that are ASCII and not NUL.
bool IsPlain(const char* bytes) {
  constexpr uint64_t kOnes = 0x0101010101010101U;
  uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return ((word | (word - kOnes)) & (kOnes << 7U)) == 0;  // taking 1 off sets NUL's highest bit
}

// The length of the well-formed UTF-8 sequence that `text` begins with; 0 if it is not one.
size_t SequenceLength(std::string_view text) {
  uint64_t state = kStart;
  for (size_t i = 0; i < text.size() && !Is(kRejected, state); ++i) {
    state = Step(state, text[i]);
    if (Is(kStart, state)) return i + 1;
  }
  return 0;
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
  constexpr size_t kWord = 8;
  uint64_t state = kStart;
  for (; bytes.size() >= kWord; bytes.remove_prefix(kWord)) {
    if (Is(kStart, state) && IsPlain(bytes.data())) continue;  // as most text is
    for (size_t i = 0; i < kWord; ++i) state = Step(state, bytes[i]);
  }
  for (const char byte : bytes) state = Step(state, byte);
  return Is(kStart, state);
}

bool IsUtf16(std::u16string_view text) {
  const auto is = [&](size_t at, char16_t first) {  // of a range of 1024 surrogates
    return at < text.size() && text[at] >= first && text[at] <= first + 0x3FF;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (is(i, 0xDC00)) return false;
    if (!is(i, 0xD800)) continue;
    if (!is(++i, 0xDC00)) return false;
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
    const bool before_lower = i + 1 < name.size() && IsLower(name[i + 1]);
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

size_t CountCharacters(std::string_view utf8) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), begins));
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
    const bool c1 = length == 2 && lead == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
    if (length == 0 || lead < 0x20 || lead == 0x7F || c1) {
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
