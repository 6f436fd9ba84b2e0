#include "data/type.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace rowferry {
namespace {

constexpr std::array kKindNames = {
    std::pair{Kind::kBool, std::string_view("boolean")},
    std::pair{Kind::kInt, std::string_view("integer")},
    std::pair{Kind::kFloat, std::string_view("floating point")},
    std::pair{Kind::kDecimal, std::string_view("decimal")},
    std::pair{Kind::kText, std::string_view("text")},
    std::pair{Kind::kBytes, std::string_view("bytes")},
    std::pair{Kind::kDate, std::string_view("date")},
    std::pair{Kind::kTime, std::string_view("time")},
    std::pair{Kind::kTimestamp, std::string_view("timestamp")},
    std::pair{Kind::kTimestampTz, std::string_view("timestamp with time zone")},
    std::pair{Kind::kUuid, std::string_view("uuid")},
    std::pair{Kind::kJson, std::string_view("json")},
    std::pair{Kind::kJsonb, std::string_view("jsonb")},
    std::pair{Kind::kOther, std::string_view("text form")},
    std::pair{Kind::kAny, std::string_view("any")},
    std::pair{Kind::kNative, std::string_view("native")},
};

// What the numbers in brackets after a name mean.
enum class Modifier { kNone, kLength, kDigits, kFraction };

struct TypeRow {
  std::string_view name;  // the spelling that Type::name keeps
  Kind kind;
  int width;
  Modifier modifier;
};

constexpr std::array kTypes = {
    TypeRow{"boolean", Kind::kBool, 0, Modifier::kNone},
    TypeRow{"smallint", Kind::kInt, 2, Modifier::kNone},
    TypeRow{"integer", Kind::kInt, 4, Modifier::kNone},
    TypeRow{"bigint", Kind::kInt, 8, Modifier::kNone},
    TypeRow{"real", Kind::kFloat, 4, Modifier::kNone},
    TypeRow{"double precision", Kind::kFloat, 8, Modifier::kNone},
    TypeRow{"numeric", Kind::kDecimal, 0, Modifier::kDigits},
    TypeRow{"text", Kind::kText, 0, Modifier::kNone},
    TypeRow{"varchar", Kind::kText, 0, Modifier::kLength},
    TypeRow{"char", Kind::kText, 0, Modifier::kLength},
    TypeRow{"bytea", Kind::kBytes, 0, Modifier::kNone},
    TypeRow{"date", Kind::kDate, 0, Modifier::kNone},
    TypeRow{"time", Kind::kTime, 0, Modifier::kFraction},
    TypeRow{"timestamp", Kind::kTimestamp, 0, Modifier::kFraction},
    TypeRow{"timestamptz", Kind::kTimestampTz, 0, Modifier::kFraction},
    TypeRow{"uuid", Kind::kUuid, 0, Modifier::kNone},
    TypeRow{"json", Kind::kJson, 0, Modifier::kNone},
    TypeRow{"jsonb", Kind::kJsonb, 0, Modifier::kNone},
};

struct Alias {
  std::string_view alias;
  std::string_view name;
};

// Other spellings that PostgreSQL reads, and its own long forms.
constexpr std::array kAliases = {
    Alias{"bool", "boolean"},
    Alias{"int2", "smallint"},
    Alias{"int", "integer"},
    Alias{"int4", "integer"},
    Alias{"int8", "bigint"},
    Alias{"float4", "real"},
    Alias{"float8", "double precision"},
    Alias{"decimal", "numeric"},
    Alias{"character varying", "varchar"},
    Alias{"character", "char"},
    Alias{"bpchar", "char"},
    Alias{"time without time zone", "time"},
    Alias{"timestamp without time zone", "timestamp"},
    Alias{"timestamp with time zone", "timestamptz"},
};

// "timestamp(3) with time zone" -> name "timestamp with time zone", modifiers {3}
struct Declaration {
  std::string name;
  std::array<int, 2> modifiers = {-1, -1};
};

std::string Collapse(std::string_view text) {
  std::string collapsed;
  for (const char c : Trim(text)) {
    const char blank = c == '\t' || c == '\n' || c == '\r' ? ' ' : c;
    if (blank == ' ' && !collapsed.empty() && collapsed.back() == ' ') continue;
    collapsed += blank;
  }
  return Lower(collapsed);
}

std::optional<Declaration> ReadDeclaration(std::string_view text) {
  const size_t open = text.find('(');
  if (open == std::string_view::npos) return Declaration{Collapse(text), {-1, -1}};
  const size_t close = text.find(')', open);
  if (close == std::string_view::npos) return std::nullopt;
  Declaration declaration;
  declaration.name =
      Collapse(std::string(text.substr(0, open)) + " " + std::string(text.substr(close + 1)));
  const auto numbers = Split(text.substr(open + 1, close - open - 1), ',');
  if (numbers.size() > 2) return std::nullopt;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const auto number = ParseInteger<int>(Trim(numbers[i]));
    if (!number || *number < 0) return std::nullopt;  // numeric(5,-2) rounds before the point
    declaration.modifiers[i] = *number;
  }
  return declaration;
}

const TypeRow* FindRow(std::string_view name) {
  const auto alias = std::find_if(kAliases.begin(), kAliases.end(),
                                  [&](const Alias& a) { return a.alias == name; });
  if (alias != kAliases.end()) name = alias->name;
  const auto row =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeRow& t) { return t.name == name; });
  return row == kTypes.end() ? nullptr : &*row;
}

std::string NameWith(std::string_view name, int first, int second) {
  std::string text(name);
  if (first < 0) return text;
  text += "(" + std::to_string(first);
  if (second >= 0) text += "," + std::to_string(second);
  return text + ")";
}

Type Make(const TypeRow& row, std::array<int, 2> modifiers) {
  Type type{row.kind, std::string(row.name), row.width, modifiers[0], -1};
  if (row.modifier == Modifier::kDigits && modifiers[0] >= 0) {
    type.scale = std::max(modifiers[1], 0);  // numeric(5) is numeric(5,0)
  }
  type.name = NameWith(row.name, type.precision, type.scale);
  return type;
}

Type Other(std::string_view name) {
  Type type;
  type.kind = Kind::kOther;
  type.name = name;
  return type;
}

}  // namespace

Type ParseType(std::string_view name) {
  const auto declaration = ReadDeclaration(name);
  if (!declaration) return Other(Trim(name));
  const TypeRow* row = FindRow(declaration->name);
  if (row == nullptr) return Other(Trim(name));
  std::array<int, 2> modifiers = declaration->modifiers;
  if (row->modifier == Modifier::kNone && modifiers[0] >= 0) return Other(Trim(name));
  if (row->modifier != Modifier::kDigits && modifiers[1] >= 0) return Other(Trim(name));
  // PostgreSQL: char alone is char(1); bpchar alone has no limit but keeps its blanks.
  if (row->name == "char" && modifiers[0] < 0 && declaration->name != "bpchar") modifiers[0] = 1;
  return Make(*row, modifiers);
}

Type TypeOf(Kind kind) {
  const auto row = std::find_if(kTypes.rbegin(), kTypes.rend(),
                                [&](const TypeRow& t) { return t.kind == kind; });
  if (kind == Kind::kText) return ParseType("text");
  if (row != kTypes.rend()) return Make(*row, {-1, -1});
  Type type = Other(KindName(kind));
  type.kind = kind;
  return type;
}

bool SameForm(Kind a, Kind b) {
  const auto is_text = [](Kind k) {
    return k == Kind::kText || k == Kind::kOther || k == Kind::kJson || k == Kind::kJsonb;
  };
  return a == b || (is_text(a) && is_text(b));
}

std::string_view KindName(Kind kind) {
  for (const auto& [value, name] : kKindNames) {
    if (value == kind) return name;
  }
  return "unknown";
}

std::optional<Kind> ParseKind(std::string_view name) {
  for (const auto& [value, known] : kKindNames) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace rowferry
