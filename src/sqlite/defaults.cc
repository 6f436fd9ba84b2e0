#include "sqlite/defaults.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "data/calendar.h"
#include "sqlite/meaning.h"
#include "sqlite/number.h"

namespace rowferry::sqlite {
namespace {

using DefaultKind = ColumnDefault::Kind;

// CURRENT_TIMESTAMP has no zone: a timestamptz column would then hold two kinds of text.
constexpr std::string_view kNowWithZone = "strftime('%Y-%m-%d %H:%M:%f+00','now')";

struct Moment {
  std::string_view expression;  // in lower case
  DefaultKind kind;
};
constexpr std::array kMoments = {
    Moment{"current_date", DefaultKind::kCurrentDate},
    Moment{"current_time", DefaultKind::kCurrentTime},
    Moment{"current_timestamp", DefaultKind::kCurrentTimestamp},
    Moment{"date('now')", DefaultKind::kCurrentDate},
    Moment{"time('now')", DefaultKind::kCurrentTime},
    Moment{"datetime('now')", DefaultKind::kCurrentTimestamp},
    Moment{"strftime('%y-%m-%d %h:%m:%f+00','now')", DefaultKind::kCurrentTimestamp},
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// [-]digits[.digits]
bool IsNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view rest = text.substr(std::min(point + 1, text.size()));
  return !whole.empty() && std::all_of(whole.begin(), whole.end(), IsDigit) &&
         (point == text.size() || !rest.empty()) && std::all_of(rest.begin(), rest.end(), IsDigit);
}

// The text between quotes of that kind; nothing if `text` is not one quoted string.
std::optional<std::string> Unquote(std::string_view text, char quote) {
  if (text.size() < 2 || text.front() != quote || text.back() != quote) return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::string unquoted;
  for (size_t i = 0; i < text.size(); ++i) {
    unquoted += text[i];
    if (text[i] != quote) continue;
    if (i + 1 == text.size() || text[i + 1] != quote) return std::nullopt;
    ++i;
  }
  return unquoted;
}

// x'00FF'
bool IsBlob(std::string_view text) {
  if (!text.starts_with('x') && !text.starts_with('X')) return false;
  const auto digits = Unquote(text.substr(1), '\'');
  return digits && FromHex(*digits);
}

bool IsNumberOf(std::string_view number, const Type& type) {
  const bool whole = number.find('.') == std::string_view::npos;
  switch (type.kind) {
    case Kind::kInt:
      return IsNumber(number) && whole;
    case Kind::kFloat:
    case Kind::kDecimal:
      return IsNumber(number);
    default:
      return false;
  }
}

bool IsTextOf(std::string_view text, const Type& type) {
  switch (type.kind) {
    case Kind::kText:
      return true;
    case Kind::kDate:
      return ParseDate(text).has_value();
    case Kind::kTime:
      return ParseTime(text).has_value();
    case Kind::kTimestamp:
      return ParseTimestamp(text).has_value();
    case Kind::kTimestampTz:
      return ParseTimestampTz(text).has_value();
    case Kind::kBool:
      return text == "0" || text == "1" || ReadBool(text);
    case Kind::kInt:
    case Kind::kDecimal:
      return IsNumberOf(text, type);
    case Kind::kFloat:
      return IsNumberOf(text, type) || text == "NaN" || text == "Infinity" || text == "-Infinity";
    case Kind::kBytes:
      return false;
    default:
      return true;  // the target looks whether it reads it
  }
}

bool IsMomentOf(DefaultKind kind, const Type& type) {
  switch (kind) {
    case DefaultKind::kCurrentDate:
      return type.kind == Kind::kDate || type.kind == Kind::kText;
    case DefaultKind::kCurrentTime:
      return type.kind == Kind::kTime || type.kind == Kind::kText;
    case DefaultKind::kCurrentTimestamp:
      return type.kind == Kind::kTimestamp || type.kind == Kind::kTimestampTz ||
             type.kind == Kind::kText;
    case DefaultKind::kLiteral:
      return false;
  }
  return false;
}

}  // namespace

std::optional<ColumnDefault> ParseDefault(std::string_view expression) {
  expression = Trim(expression);
  const std::string lower = Lower(expression);
  const auto moment = std::find_if(kMoments.begin(), kMoments.end(),
                                   [&](const Moment& m) { return m.expression == lower; });
  if (moment != kMoments.end()) return ColumnDefault{moment->kind, {}};
  if (lower == "true") return ColumnDefault::Literal("1");
  if (lower == "false") return ColumnDefault::Literal("0");
  if (expression.starts_with('+')) expression.remove_prefix(1);
  if (IsNumber(expression)) return ColumnDefault::Literal(std::string(expression));
  if (IsBlob(expression)) return ColumnDefault::Literal(Lower(expression));
  auto text = Unquote(expression, '\'');
  if (!text) text = Unquote(expression, '"');
  if (text) return ColumnDefault::Literal(QuoteLiteral(*text));
  return std::nullopt;
}

std::optional<ColumnDefault> FitDefault(const ColumnDefault& value, const Type& type) {
  if (value.kind != DefaultKind::kLiteral) {
    return IsMomentOf(value.kind, type) ? std::optional(value) : std::nullopt;
  }
  if (IsBlob(value.literal)) return type.kind == Kind::kBytes ? std::optional(value) : std::nullopt;
  const auto text = Unquote(value.literal, '\'');
  if (!text && IsNumberOf(value.literal, type)) return value;
  // SQLite makes text of a bare number in its own way: 007 is '7', 1.50 is '1.5'.
  if (!text && type.kind == Kind::kText && !ReadInteger(value.literal)) return std::nullopt;
  const std::string& inner = text ? *text : value.literal;
  if (!IsTextOf(inner, type)) return std::nullopt;
  return ColumnDefault::Literal(QuoteLiteral(inner));
}

std::optional<ColumnDefault> FitMoment(ColumnDefault value, const Type& type) {
  if (value.kind == DefaultKind::kLiteral) return value;
  if (type.kind == Kind::kDate) value.kind = DefaultKind::kCurrentDate;
  if (type.kind == Kind::kTime) value.kind = DefaultKind::kCurrentTime;
  const bool lacks_zone =
      type.kind == Kind::kTimestampTz && value.kind != DefaultKind::kCurrentTimestamp;
  return lacks_zone ? std::nullopt : std::optional(value);
}

ColumnDefault QuoteNumber(ColumnDefault value) {
  const bool number = value.kind == DefaultKind::kLiteral && IsNumber(value.literal);
  return number ? ColumnDefault::Literal(QuoteLiteral(value.literal)) : std::move(value);
}

std::string ShowDefault(const ColumnDefault& value, const Type& type) {
  const bool zoned =
      value.kind == DefaultKind::kCurrentTimestamp && type.kind == Kind::kTimestampTz;
  return zoned ? "(" + std::string(kNowWithZone) + ")" : value.Sql();
}

}  // namespace rowferry::sqlite
