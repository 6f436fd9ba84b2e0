// Input: what pg_get_expr says of a default.
#include <string>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "postgres/defaults.h"
#include "sqlite/defaults.h"

namespace rowferry::testing {
namespace {

constexpr Kind kKinds[] = {
    Kind::kBool, Kind::kInt,  Kind::kFloat,     Kind::kDecimal,     Kind::kText, Kind::kBytes,
    Kind::kDate, Kind::kTime, Kind::kTimestamp, Kind::kTimestampTz, Kind::kUuid, Kind::kJson,
};

// Exactly one string literal: no quote stands alone before its end.
bool IsQuoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '\'' || text.back() != '\'') return false;
  text = text.substr(1, text.size() - 2);
  for (size_t at = text.find('\''); at != std::string_view::npos; at = text.find('\'', at + 2)) {
    if (at + 1 == text.size() || text[at + 1] != '\'') return false;
  }
  return true;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("-.0123456789") == std::string_view::npos;
}

// NULL, a number, '…' or x'…', alone: what follows DEFAULT in another database's DDL.
bool IsLiteral(std::string_view text) {
  return text == "NULL" || IsNumber(text) || IsQuoted(text) ||
         (text.starts_with('x') && IsQuoted(text.substr(1)));
}

bool IsSpelt(std::string_view text) { return text == "true" || text == "false" || IsLiteral(text); }

void LookAt(std::string_view expression, const Type& type) {
  const auto value = ParseDefault(expression, type);
  if (!value) return;
  sqlite::FitDefault(*value, type);
  if (value->kind != ColumnDefault::Kind::kLiteral) return;
  Require(IsLiteral(value->literal), "a default is a literal, and nothing behind it");
  const auto spelt = SpellDefault(*value, type);
  if (!spelt) return;
  Require(IsSpelt(*spelt), "a default is spelt as a literal");
  const auto again = ParseDefault(*spelt, type);
  if (type.kind == Kind::kBytes && !again) return;  // a number or text: no default of a blob
  Require(again && SpellDefault(*again, type) == spelt, "a default is read as it was spelt");
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  const std::string_view expression = TextOfInput(data, size);
  for (const Kind kind : kKinds) LookAt(expression, TypeOf(kind));
  return 0;
}
