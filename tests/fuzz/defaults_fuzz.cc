// Input: what stands after DEFAULT. SQLite says what it and what became of it are worth.
#include <string>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "fuzz/memory_database.h"
#include "sqlite/defaults.h"

namespace rowferry::testing {
namespace {

using sqlite::FitDefault;
using sqlite::ParseDefault;
using sqlite::QuoteNumber;
using sqlite::ShowDefault;

int TakeFirst(void* first, int, char** values, char**) {
  *static_cast<std::string*>(first) = values[0] == nullptr ? "none" : values[0];
  return 0;
}

constexpr const char* kRefused = "refused";

// The value that a row without one gets, as an SQL literal. REQUIRES: a literal, nothing that runs.
std::string Worth(const std::string& expression) {
  static const MemoryDatabase database = OpenInMemory();
  std::string worth = kRefused;
  const std::string make = "CREATE TABLE t (a INT, b DEFAULT (" + expression +
                           ")); INSERT INTO t (a) VALUES (1); SELECT quote(b) FROM t";
  sqlite3_exec(database.get(), make.c_str(), TakeFirst, &worth, nullptr);
  sqlite3_exec(database.get(), "DROP TABLE IF EXISTS t", nullptr, nullptr, nullptr);
  return worth;
}

// x'…', '…' or a number: what PostgreSQL and SQLite read as the same.
bool IsLiteral(const std::string& text) {
  const char first = text.empty() ? '\0' : text[0];
  return first == 'x' || first == '\'' || first == '-' || (first >= '0' && first <= '9');
}

constexpr Kind kKinds[] = {
    Kind::kBool, Kind::kInt,  Kind::kFloat,     Kind::kDecimal,     Kind::kText, Kind::kBytes,
    Kind::kDate, Kind::kTime, Kind::kTimestamp, Kind::kTimestampTz, Kind::kUuid, Kind::kJson,
};

void LookAtFit(const ColumnDefault& value, const Type& type) {
  const auto fit = FitDefault(value, type);
  if (!fit || fit->kind != ColumnDefault::Kind::kLiteral) return;
  Require(IsLiteral(fit->literal), "what fits a column is a literal");
  Require(FitDefault(*fit, type) == fit, "what fits a column fits it again");
  const auto again = ParseDefault(ShowDefault(*fit, type));
  Require(again && again->literal == fit->literal, "a default is read as it was written");
  Require(IsLiteral(QuoteNumber(*fit).literal), "a quoted number is a literal");
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  const std::string expression(TextOfInput(data, size));
  if (expression.find('\0') != std::string::npos) return 0;  // no SQL text holds one
  const auto value = ParseDefault(expression);
  if (!value) return 0;
  for (const Kind kind : kKinds) LookAtFit(*value, TypeOf(kind));
  if (value->kind != ColumnDefault::Kind::kLiteral) return 0;
  Require(IsLiteral(value->literal), "a default is a literal");
  if (expression.find('"') != std::string::npos) return 0;  // a text, or in brackets a column
  const std::string worth = Worth(expression);
  Require(worth == kRefused || worth == Worth(value->literal), "a default keeps its worth");
  return 0;
}
