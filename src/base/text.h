// Small questions about text.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace rowferry {

// True for what a column of text may hold in PostgreSQL: well-formed UTF-8 (no overlong forms, no
// surrogates, at most U+10FFFF) without NUL.
bool IsText(std::string_view bytes);

// True for well-formed UTF-16: no surrogate without its other half.
bool IsUtf16(std::u16string_view text);

std::string Lower(std::string_view ascii);
// "CamelCase" -> "camel_case"; characters outside [A-Za-z0-9_] and beyond ASCII become '_' or stay.
std::string Snake(std::string_view name);
std::string_view Trim(std::string_view text);                   // a view into `text`
bool EqualsIgnoreCase(std::string_view a, std::string_view b);  // ASCII only
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
std::vector<std::string> Split(std::string_view text, char separator);

// The decimal number that the whole of `text` writes; nothing if it is none or does not fit.
template <typename Integer>
std::optional<Integer> ParseInteger(std::string_view text) {
  Integer number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  return error == std::errc{} && end == last ? std::optional(number) : std::nullopt;
}

// Characters, one a code point. REQUIRES: well-formed UTF-8; else it counts all but 10xxxxxx.
size_t CountCharacters(std::string_view utf8);

// "\x41\x00" <-> "4100"
std::string Hex(std::string_view bytes);
std::optional<std::string> FromHex(std::string_view hex);  // nothing if it is not hex

// `text` for an error message: printable, control and invalid bytes as \xNN, at most `max_bytes`.
std::string Printable(std::string_view text, size_t max_bytes = 80);

// Shell-style glob with * and ?; the whole of `text` must match.
bool MatchesGlob(std::string_view pattern, std::string_view text);

// "name" with double quotes doubled: an SQL identifier, in PostgreSQL as in SQLite.
std::string QuoteIdentifier(std::string_view name);
// 'text' with single quotes doubled: an SQL literal. REQUIRES: standard_conforming_strings is on.
std::string QuoteLiteral(std::string_view text);

// The candidate that is nearest to `word` by edit distance, if any is near enough to be a slip.
std::optional<std::string> Nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

}  // namespace rowferry
