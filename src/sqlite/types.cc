#include "sqlite/types.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace rowferry::sqlite {
namespace {

constexpr std::string_view kCommentMark = "type:";
constexpr std::string_view kPartsMark = "; parts: ";
constexpr int kExactDigits = 15;  // decimal digits that a double always gives back: DBL_DIG

struct AffinityRow {
  std::string_view part;  // of the declared type
  Affinity affinity;
};
// In this order: CHARINT is an integer.
constexpr std::array kAffinities = {
    AffinityRow{"int", Affinity::kInteger}, AffinityRow{"char", Affinity::kText},
    AffinityRow{"clob", Affinity::kText},   AffinityRow{"text", Affinity::kText},
    AffinityRow{"blob", Affinity::kNone},   AffinityRow{"real", Affinity::kReal},
    AffinityRow{"floa", Affinity::kReal},   AffinityRow{"doub", Affinity::kReal},
};

struct NameRow {
  std::string_view from;
  std::string_view to;
};
// Where SQLite's words mean another type than PostgreSQL's.
constexpr std::array kOwnNames = {
    NameRow{"int", "bigint"}, NameRow{"integer", "bigint"},     NameRow{"real", "double precision"},
    NameRow{"blob", "bytea"}, NameRow{"datetime", "timestamp"}, NameRow{"json", "text"},
    NameRow{"jsonb", "text"}, NameRow{"char", "text"},          NameRow{"character", "text"},
};

// Text forms that no affinity takes for a number.
constexpr std::array<std::string_view, 4> kNeverNumeric = {"inet", "cidr", "macaddr", "macaddr8"};

// Types whose own name would be read back as another one, or not at all.
constexpr std::array kRenamed = {
    NameRow{"integer", "INT4"},
    NameRow{"real", "FLOAT4"},
    NameRow{"bytea", "BLOB"},
    NameRow{"double precision", "DOUBLE PRECISION"},
};

std::string_view WithoutComment(std::string_view declared) {
  return Trim(declared.substr(0, declared.find("/*")));
}

std::string_view CommentOf(std::string_view declared) {
  const size_t begin = declared.find("/*");
  if (begin == std::string_view::npos) return {};
  const size_t end = declared.find("*/", begin + 2);
  if (end == std::string_view::npos) return {};
  return TypeInComment(declared.substr(begin + 2, end - begin - 2));
}

Type TypeByAffinity(Affinity affinity) {
  switch (affinity) {
    case Affinity::kInteger:
      return ParseType("bigint");
    case Affinity::kText:
      return ParseType("text");
    case Affinity::kNone:
      return ParseType("bytea");
    case Affinity::kReal:
      return ParseType("double precision");
    case Affinity::kNumeric:
      return ParseType("numeric");
  }
  return {};
}

bool IsNeverNumeric(std::string_view name) {
  return std::find(kNeverNumeric.begin(), kNeverNumeric.end(), name) != kNeverNumeric.end();
}

std::string InComment(const std::string& name, const std::string& parts) {
  const std::string text = name + (parts.empty() ? "" : std::string(kPartsMark) + parts);
  const bool fits = text.find("*/") == std::string::npos && text.find('\n') == std::string::npos &&
                    name.find(kPartsMark) == std::string::npos;
  return fits ? "TEXT /* " + std::string(kCommentMark) + " " + text + " */" : "TEXT";
}

// Numbers of that type are stored as numbers: a double holds every one of them exactly.
bool IsShortDecimal(const Type& type) {
  return type.kind == Kind::kDecimal && type.precision > 0 && type.precision <= kExactDigits &&
         type.scale >= 0 && type.scale <= kExactDigits;
}

// A column of that type may be declared by a name: no value of it looks like a number that its
// affinity would make it, or it is one.
bool KeepsName(const Type& type) {
  switch (type.kind) {
    case Kind::kDecimal:
      return IsShortDecimal(type);
    case Kind::kOther:
      return IsNeverNumeric(type.name);
    case Kind::kText:
      return type.name != "char";  // PostgreSQL's bpchar: char alone is another type
    case Kind::kJson:
    case Kind::kJsonb:
    case Kind::kAny:
    case Kind::kNative:
      return false;
    default:
      return true;
  }
}

}  // namespace

Affinity AffinityOf(std::string_view declared, bool strict) {
  const std::string name = Lower(WithoutComment(declared));
  if (name.empty() || (strict && name == "any")) return Affinity::kNone;
  for (const AffinityRow& row : kAffinities) {
    if (name.find(row.part) != std::string::npos) return row.affinity;
  }
  return Affinity::kNumeric;
}

std::string_view TypeInComment(std::string_view comment) {
  comment = Trim(comment);
  if (!comment.starts_with(kCommentMark)) return {};
  return Trim(comment.substr(kCommentMark.size()));
}

Suggestion SuggestType(std::string_view declared, bool strict) {
  if (const auto commented = CommentOf(declared); !commented.empty()) {
    return {ParseType(commented.substr(0, commented.find(kPartsMark))), true};
  }
  const std::string name = Lower(WithoutComment(declared));
  const auto own = std::find_if(kOwnNames.begin(), kOwnNames.end(),
                                [&](const NameRow& row) { return row.from == name; });
  if (own != kOwnNames.end()) return {ParseType(own->to), true};
  const Type type = ParseType(name);
  if (type.kind != Kind::kOther || IsNeverNumeric(name)) return {type, true};
  return {TypeByAffinity(AffinityOf(name, strict)), false};
}

std::string PartsOf(std::string_view declared) {
  const std::string_view comment = CommentOf(declared);
  const size_t mark = comment.find(kPartsMark);
  if (mark == std::string_view::npos) return {};
  return std::string(comment.substr(mark + kPartsMark.size()));
}

std::string Declare(const Type& type, const std::string& parts, bool rowid_alias) {
  if (rowid_alias && type.kind == Kind::kInt) {
    return type.width == 8 ? "INTEGER"
                           : "INTEGER /* " + std::string(kCommentMark) + " " + type.name + " */";
  }
  if (!KeepsName(type)) return InComment(type.name == "char" ? "bpchar" : type.name, parts);
  const auto renamed = std::find_if(kRenamed.begin(), kRenamed.end(),
                                    [&](const NameRow& row) { return row.from == type.name; });
  return renamed == kRenamed.end() ? type.name : std::string(renamed->to);
}

bool IsRowidAlias(std::string_view declared) {
  return EqualsIgnoreCase(WithoutComment(declared), "integer");
}

}  // namespace rowferry::sqlite
