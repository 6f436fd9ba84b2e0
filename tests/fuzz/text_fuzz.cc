// Input: text, or a pattern and a text with a newline between.
#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "fuzz/fuzz.h"

namespace rowferry::testing {
namespace {

uint32_t Byte(std::string_view text, size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

// The code point that `text` begins with, and its bytes; 0 bytes if it is none. As the standard
// tells it: the lead byte gives the length, and no shorter form nor a surrogate is allowed.
struct CodePoint {
  uint32_t code = 0;
  size_t bytes = 0;
};
CodePoint FirstOf(std::string_view text) {
  const uint32_t lead = Byte(text, 0);
  const size_t bytes = lead < 0x80          ? 1
                       : lead >> 5U == 0x06 ? 2
                       : lead >> 4U == 0x0E ? 3
                       : lead >> 3U == 0x1E ? 4
                                            : 0;
  constexpr uint32_t kMasks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  constexpr uint32_t kFirst[] = {0, 0x01, 0x80, 0x800, 0x10000};
  uint32_t code = lead & kMasks[bytes];
  for (size_t i = 1; i < bytes; ++i) {
    if (Byte(text, i) >> 6U != 0x02) return {};
    code = code << 6U | (Byte(text, i) & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kFirst[bytes] || code > 0x10FFFF || surrogate) return {};
  return {code, bytes};
}

// How many code points there are; nothing if it is no text.
std::optional<size_t> CodePoints(std::string_view text) {
  size_t count = 0;
  for (; !text.empty(); ++count) {
    const size_t bytes = FirstOf(text).bytes;
    if (bytes == 0) return std::nullopt;
    text.remove_prefix(bytes);
  }
  return count;
}

void LookAtUtf8(std::string_view text) {
  const auto count = CodePoints(text);
  Require(IsText(text) == count.has_value(), "text is well-formed UTF-8 without NUL");
  Require(!count || CountCharacters(text) == *count, "its characters are its code points");
}

void LookAtPrintable(std::string_view text) {
  std::string_view shown;
  const std::string printable = Printable(text);
  for (shown = printable; !shown.empty(); shown.remove_prefix(FirstOf(shown).bytes)) {
    const CodePoint first = FirstOf(shown);
    const bool control = first.code < 0x20 || (first.code >= 0x7F && first.code < 0xA0);
    Require(first.bytes > 0 && !control, "what is shown is text without control characters");
  }
  Require(printable.size() <= 80 + 3 + 4, "what is shown is short");
}

std::string Unquoted(std::string_view quoted, char quote) {
  Require(quoted.size() >= 2 && quoted.front() == quote && quoted.back() == quote, "is quoted");
  std::string text;
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    text += quoted[i];
    if (quoted[i] == quote) Require(quoted[++i] == quote, "quotes are doubled");
  }
  return text;
}

void LookAtWriting(std::string_view text) {
  Require(FromHex(Hex(text)) == text, "hex is read as it was written");
  const auto bytes = FromHex(text);
  Require(!bytes || Hex(*bytes) == Lower(text), "only hex is read as hex");
  Require(Unquoted(QuoteIdentifier(text), '"') == text, "a quoted name holds the name");
  Require(Unquoted(QuoteLiteral(text), '\'') == text, "a quoted text holds the text");
  Require(Join(Split(text, ','), ",") == text, "what is split can be joined");
  Require(Lower(Lower(text)) == Lower(text), "lower case stays");
  Require(EqualsIgnoreCase(text, Lower(text)), "case is ignored");
  const std::string snake = Snake(text);
  Require(Snake(snake) == snake, "snake case stays");
  const std::string_view trimmed = Trim(text);
  Require(Trim(trimmed) == trimmed, "what is trimmed stays");
}

// By trying everything. REQUIRES: a short pattern and text.
bool Matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  const std::string_view behind = pattern.substr(1);
  if (pattern[0] == '*') {
    return Matches(behind, text) || (!text.empty() && Matches(pattern, text.substr(1)));
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         Matches(behind, text.substr(1));
}

void LookAtPair(const std::string& a, const std::string& b) {
  constexpr size_t kShort = 8;
  const bool matches = MatchesGlob(a, b);
  if (a.size() <= kShort && b.size() <= kShort) {
    Require(matches == Matches(a, b), "a glob matches what it says");
  }
  const auto nearest = Nearest(a.substr(0, 40), {b.substr(0, 40), "copy"});
  Require(!nearest || *nearest == b.substr(0, 40) || *nearest == "copy", "one of the candidates");
  Require(Nearest(b, {b}) == b, "a word is nearest to itself");
}

void LookAtUtf16(std::string_view bytes) {
  std::u16string text(bytes.size() / 2, u'\0');
  if (!text.empty()) std::memcpy(text.data(), bytes.data(), text.size() * 2);
  bool open = false;  // after the first half of a pair
  bool good = true;
  for (const char16_t unit : text) {
    const bool second = unit >= 0xDC00 && unit <= 0xDFFF;
    good = good && second == open;
    open = unit >= 0xD800 && unit <= 0xDBFF;
  }
  Require(IsUtf16(text) == (good && !open), "surrogates stand in pairs");
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  const std::string_view text = TextOfInput(data, size);
  LookAtUtf8(text);
  LookAtUtf16(text);
  LookAtPrintable(text);
  LookAtWriting(text);
  const size_t newline = std::min(text.find('\n'), text.size());
  LookAtPair(std::string(text.substr(0, newline)),
             std::string(text.substr(std::min(newline + 1, text.size()))));
  return 0;
}
