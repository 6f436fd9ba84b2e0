#include "postgres/json.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/text.h"

namespace rowferry {
namespace {

void AppendUtf8(uint32_t code, std::string& out) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | (code >> shift & 0x3FU));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | code >> 6U);
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | code >> 12U);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | code >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

// The four hex digits behind a \u; 0 if they are none.
uint32_t CodeUnit(std::string_view text) {
  uint32_t unit = 0;
  std::from_chars(text.data(), text.data() + std::min<size_t>(text.size(), 4), unit, 16);
  return unit;
}

// One escape, without its backslash, from the front of `text`.
void AppendEscaped(std::string_view& text, std::string& out) {
  constexpr std::string_view kLetters = "bfnrt";
  constexpr std::string_view kMeanings = "\b\f\n\r\t";
  const char letter = text.empty() ? '\0' : text[0];
  text.remove_prefix(std::min<size_t>(text.size(), 1));
  if (letter != 'u') {
    const size_t at = kLetters.find(letter);
    out += at == std::string_view::npos ? letter : kMeanings[at];
    return;
  }
  uint32_t code = CodeUnit(text);
  text.remove_prefix(std::min<size_t>(text.size(), 4));
  if (code >= 0xD800 && code < 0xDC00 && text.starts_with("\\u")) {
    code = 0x10000 + ((code - 0xD800) << 10U) + (CodeUnit(text.substr(2)) - 0xDC00);
    text.remove_prefix(std::min<size_t>(text.size(), 6));
  }
  AppendUtf8(code, out);
}

std::string Unescaped(std::string_view text) {
  std::string plain;
  while (true) {
    const size_t escape = text.find('\\');
    plain += text.substr(0, escape);
    if (escape == std::string_view::npos) return plain;
    text.remove_prefix(escape + 1);
    AppendEscaped(text, plain);
  }
}

// The string that begins `text`, behind its first quote; `text` then begins behind its last.
std::string_view TakeString(std::string_view& text) {
  size_t end = 0;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  end = std::min(end, text.size());
  const std::string_view inside = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return inside;
}

struct Scope {
  bool key_is_next = false;  // of an object, where a string begins
  std::vector<std::string> keys;
};

std::optional<std::string> LossInKeys(std::vector<std::string>& keys) {
  std::sort(keys.begin(), keys.end());
  const auto repeated = std::adjacent_find(keys.begin(), keys.end());
  if (repeated == keys.end()) return std::nullopt;
  return "holds the key \"" + Printable(*repeated) + "\" twice, and jsonb keeps but one";
}

// The number that begins `text`, behind its first character.
std::string_view TakeNumber(std::string_view& text) {
  const std::string_view number = text.substr(0, text.find_first_not_of("0123456789.eE+-"));
  text.remove_prefix(number.size());
  return number;
}

bool IsZero(std::string_view number) {
  const std::string_view digits = number.substr(0, number.find_first_of("eE"));
  return digits.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

std::optional<std::string> LossInJsonb(std::string_view json) {
  std::vector<Scope> scopes = {{}};
  while (!json.empty()) {
    const char c = json[0];
    json.remove_prefix(1);
    Scope& scope = scopes.back();
    if (c == '"') {
      const std::string_view text = TakeString(json);
      if (scope.key_is_next) scope.keys.push_back(Unescaped(text));
      scope.key_is_next = false;
    } else if (c == '{' || c == '[') {
      scopes.push_back({c == '{', {}});
    } else if (c == ',') {
      scope.key_is_next = !scope.keys.empty();
    } else if ((c == '}' || c == ']') && scopes.size() > 1) {
      if (auto loss = LossInKeys(scope.keys)) return loss;
      scopes.pop_back();
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      const bool is_zero = IsZero(TakeNumber(json));
      if (c == '-' && is_zero) return "holds -0, and jsonb keeps no sign of it";
    }
  }
  return std::nullopt;
}

}  // namespace rowferry
