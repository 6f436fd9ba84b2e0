#include "postgres/copy_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "postgres/copy_encode.h"
#include "postgres/numeric.h"

namespace rowferry {
namespace {

// What stands after the backslash for a byte that must be escaped; 0 for all others.
char EscapeOf(char c) {
  switch (c) {
    case '\\':
      return '\\';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\v':
      return 'v';
    default:
      return 0;
  }
}

void AppendEscaped(std::string_view text, CopyBuffer& out) {
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char escape = EscapeOf(text[i]);
    if (escape == 0) continue;
    out.Append(text.substr(begin, i - begin));
    out.Append('\\');
    out.Append(escape);
    begin = i + 1;
  }
  out.Append(text.substr(begin));
}

bool IsMoment(Kind kind) {
  return kind == Kind::kDate || kind == Kind::kTime || kind == Kind::kTimestamp ||
         kind == Kind::kTimestampTz;
}

void WriteText(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  const std::string_view text = column.bytes(row);
  CheckLength(text, cell);
  if (cell.target.kind == Kind::kDecimal) CheckDecimal(text, cell.target);
  if (IsMoment(cell.target.kind)) CheckMoment(text, cell.target);
  if (cell.target.kind == Kind::kJsonb) CheckJsonb(text);
  AppendEscaped(text, out);
}

void WriteBytes(const CellEncoder&, const Column& column, size_t row, CopyBuffer& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out.Append("\\\\x");
  for (const char c : column.bytes(row)) {
    const auto byte = static_cast<unsigned char>(c);
    out.Append(kDigits[byte >> 4U]);
    out.Append(kDigits[byte & 15U]);
  }
}

void CheckNumber(const CellEncoder& cell, const Column& column, size_t row) {
  if (cell.from.kind == Kind::kInt && cell.target.kind == Kind::kInt) {
    CheckRange(column.integer(row), cell.target);
  }
  if (cell.from.kind == Kind::kInt && cell.target.kind == Kind::kFloat) {
    CheckWhole(column.integer(row), cell.target);
  }
  if (cell.from.kind == Kind::kFloat && cell.target.width == 4) {
    const double value = column.real(row);
    CheckExact(!std::isfinite(value) || static_cast<double>(static_cast<float>(value)) == value,
               cell.target);
  }
}

// A real's shortest digits are another number to a double precision column: there, all of its own.
const Type& DigitsOf(const CellEncoder& cell) {
  return cell.from.kind == Kind::kFloat && cell.target.kind == Kind::kFloat ? cell.target
                                                                            : cell.from;
}

void WriteRendered(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  CheckNumber(cell, column, row);
  TextRoom room;
  const std::string_view text = TextOf(DigitsOf(cell), column, row, room);
  CheckLength(text, cell);
  out.Append(text);
}

void WriteMicros(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  if (cell.target.kind == cell.from.kind) CheckFraction(column.integer(row), cell.target);
  WriteRendered(cell, column, row, out);
}

// Through PostgreSQL's own conversion the check must be ours: both ways would round.
void WriteAsDecimal(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  TextRoom room;
  const std::string_view digits = cell.from.kind == Kind::kFloat
                                      ? PlainDigits(cell.from, column.real(row), room)
                                      : TextOf(cell.from, column, row, room);
  CheckDecimal(digits, cell.target);
  out.Append(digits);
}

// Types whose input rounds, cuts, wraps, fills up or drops a part of what it reads, and says
// nothing.
constexpr std::array<std::string_view, 34> kRewritten = {"\"char\"",
                                                         "name",
                                                         "bytea",
                                                         "jsonb",
                                                         "tsvector",
                                                         "money",
                                                         "oid",
                                                         "oidvector",
                                                         "xid",
                                                         "xid8",
                                                         "cid",
                                                         "tid",
                                                         "macaddr8",
                                                         "real",
                                                         "double precision",
                                                         "point",
                                                         "line",
                                                         "lseg",
                                                         "box",
                                                         "path",
                                                         "polygon",
                                                         "circle",
                                                         "date",
                                                         "time without time zone",
                                                         "time with time zone",
                                                         "timetz",
                                                         "timestamp without time zone",
                                                         "timestamp with time zone",
                                                         "daterange",
                                                         "tsrange",
                                                         "tstzrange",
                                                         "datemultirange",
                                                         "tsmultirange",
                                                         "tstzmultirange"};

bool IsRewritten(const std::string& type) {
  const std::string element = type.substr(0, type.find('['));
  const bool limited = type.find('(') != std::string::npos;
  return limited || element.starts_with("interval") ||
         std::find(kRewritten.begin(), kRewritten.end(), element) != kRewritten.end();
}

bool IsBits(const Type& type) { return type.kind == Kind::kOther && type.name.starts_with("bit"); }

// The name without its schema.
std::string_view BareName(std::string_view type) {
  bool quoted = false;
  size_t begin = 0;
  for (size_t i = 0; i < type.size() && type[i] != '('; ++i) {
    if (type[i] == '"') quoted = !quoted;
    if (type[i] == '.' && !quoted) begin = i + 1;
  }
  return type.substr(begin);
}

// Text read by the type's own input function: right for the type's own text, and for all that such
// a function takes as it is or refuses.
bool InputIsExact(const Type& from, const Type& target, const TypeFacts& facts) {
  if (facts.is_opaque && BareName(from.name) != BareName(target.name)) return false;
  if (IsBits(from) && !IsBits(target)) return false;  // 0101 is 101 to a number
  if (target.kind == Kind::kBytes || target.kind == Kind::kFloat) return false;
  if (target.kind != Kind::kOther) return !IsMoment(target.kind);
  return target.name == from.name || target.name == WithoutModifiers(from.name) || IsBits(target) ||
         !IsRewritten(target.name);
}

EncodeCell Find(const Type& from, const Type& target, const TypeFacts& facts) {
  const bool binary = FindBinaryEncoder(from, target, facts).has_value();
  const bool micros =
      from.kind == Kind::kTime || from.kind == Kind::kTimestamp || from.kind == Kind::kTimestampTz;
  if (from.kind == Kind::kNative || from.kind == Kind::kAny) return nullptr;
  if (IsTextForm(from.kind)) {
    return binary || InputIsExact(from, target, facts) ? WriteText : nullptr;
  }
  if (!binary) return nullptr;
  if (from.kind == Kind::kBytes) return WriteBytes;
  if (target.kind == Kind::kDecimal) return WriteAsDecimal;
  return micros ? WriteMicros : WriteRendered;
}

}  // namespace

std::optional<CellEncoder> FindTextEncoder(const Type& from, const Type& target,
                                           const TypeFacts& facts) {
  const EncodeCell encode = Find(from, target, facts);
  if (encode == nullptr) return std::nullopt;
  return CellEncoder{encode, from, target};
}

}  // namespace rowferry
