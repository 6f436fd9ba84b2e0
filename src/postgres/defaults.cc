#include "postgres/defaults.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace rowferry {
namespace {

using DefaultKind = ColumnDefault::Kind;

struct Current {
  std::string_view expression;
  DefaultKind kind;
};

constexpr std::array kCurrent = {
    Current{"now()", DefaultKind::kCurrentTimestamp},
    Current{"CURRENT_TIMESTAMP", DefaultKind::kCurrentTimestamp},
    Current{"LOCALTIMESTAMP", DefaultKind::kCurrentTimestamp},
    Current{"transaction_timestamp()", DefaultKind::kCurrentTimestamp},
    Current{"CURRENT_DATE", DefaultKind::kCurrentDate},
    Current{"('now'::text)::date", DefaultKind::kCurrentDate},
    Current{"CURRENT_TIME", DefaultKind::kCurrentTime},
    Current{"LOCALTIME", DefaultKind::kCurrentTime},
};

// The end of the string literal that begins `text`; npos if none does, or it is an E'' string.
size_t EndOfLiteral(std::string_view text) {
  if (text.empty() || text[0] != '\'') return std::string_view::npos;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '\'') continue;
    if (i + 1 < text.size() && text[i + 1] == '\'') {
      ++i;
    } else {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

bool IsNumber(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  const bool digits = std::all_of(text.begin(), text.end(),
                                  [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return digits && !text.empty() && text != "." && std::count(text.begin(), text.end(), '.') <= 1;
}

// "::character varying(10)": a cast and nothing behind it.
bool IsCast(std::string_view text) {
  if (text.substr(0, 2) != "::") return false;
  return text.find_first_of("|+-*/=<>'") == std::string_view::npos;
}

// "(-1.5)" -> "-1.5"; "'a'::text" and "(-1)::bigint" -> "'a'", "-1"
std::string_view Bare(std::string_view text) {
  const size_t literal = EndOfLiteral(text);
  const size_t cast = literal == std::string_view::npos ? text.find("::") : literal;
  if (cast < text.size() && IsCast(text.substr(cast))) text = text.substr(0, cast);
  if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

bool IsNumeric(Kind kind) {
  return kind == Kind::kInt || kind == Kind::kFloat || kind == Kind::kDecimal;
}

bool IsTime(Kind kind) {
  return kind == Kind::kDate || kind == Kind::kTime || kind == Kind::kTimestamp ||
         kind == Kind::kTimestampTz;
}

std::string Unquoted(std::string_view literal) {
  return literal.size() >= 2 && literal[0] == '\''
             ? std::string(literal.substr(1, literal.size() - 2))
             : std::string(literal);
}

std::optional<std::string> SpellBool(std::string_view literal) {
  const std::string word = Lower(Unquoted(literal));
  if (word == "1" || word == "true" || word == "t") return "true";
  if (word == "0" || word == "false" || word == "f") return "false";
  return std::nullopt;
}

// "'\x00ff'" <-> "x'00ff'"; nothing if `literal` is no such blob.
std::optional<std::string> BlobFromOwn(std::string_view literal) {
  if (!literal.starts_with("'\\x") || !literal.ends_with('\'')) return std::nullopt;
  return "x'" + std::string(literal.substr(3));
}
std::optional<std::string> BlobToOwn(std::string_view literal) {
  if (!literal.starts_with("x'")) return std::nullopt;
  return "'\\x" + std::string(literal.substr(2));
}

}  // namespace

std::optional<ColumnDefault> ParseDefault(std::string_view expression, const Type& type) {
  const auto current = std::find_if(kCurrent.begin(), kCurrent.end(),
                                    [&](const Current& c) { return c.expression == expression; });
  if (current != kCurrent.end()) return ColumnDefault{current->kind, {}};
  if (type.kind == Kind::kBool && (expression == "true" || expression == "false")) {
    return ColumnDefault::Literal(expression == "true" ? "1" : "0");
  }
  const std::string_view bare = Bare(expression);
  if (Lower(bare) == "null") return ColumnDefault::Literal("NULL");
  if (IsNumber(bare)) return ColumnDefault::Literal(std::string(bare));
  if (EndOfLiteral(bare) != bare.size()) return std::nullopt;
  if (type.kind == Kind::kBytes) {
    const auto blob = BlobFromOwn(bare);
    return blob ? std::optional(ColumnDefault::Literal(*blob)) : std::nullopt;
  }
  const std::string inner = Unquoted(bare);
  const bool number = IsNumeric(type.kind) && IsNumber(inner);
  return ColumnDefault::Literal(number ? inner : std::string(bare));
}

std::optional<std::string> SpellDefault(const ColumnDefault& value, const Type& type) {
  if (value.kind != DefaultKind::kLiteral) {
    return IsTime(type.kind) ? std::optional(value.Sql()) : std::nullopt;
  }
  if (Lower(value.literal) == "null") return "NULL";
  if (type.kind == Kind::kBool) return SpellBool(value.literal);
  if (const auto blob = BlobToOwn(value.literal)) {
    return type.kind == Kind::kBytes ? blob : std::nullopt;
  }
  const bool quoted = EndOfLiteral(value.literal) == value.literal.size();
  if (!quoted && !IsNumber(value.literal)) return std::nullopt;
  // Quoted, any type reads its own text; bare numbers are for numbers alone.
  return quoted || IsNumeric(type.kind) ? value.literal : QuoteLiteral(value.literal);
}

}  // namespace rowferry
