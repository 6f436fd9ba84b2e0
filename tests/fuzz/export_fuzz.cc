// Input: a line of an export, as somebody may have edited it.
#include "base/error.h"
#include "data/plain_text.h"
#include "data/row_json.h"
#include "fuzz/fuzz.h"
#include "job/export.h"

namespace rowferry::testing {
namespace {

KeptValue Kept(const char* column, const Type& type) { return {column, type, Value::Null()}; }

// Rows of one column: each form that a value is kept in.
std::vector<KeptRow> MakeRows() {
  std::vector<KeptRow> rows;
  for (const char* type : {"boolean", "smallint", "bigint", "real", "double precision",
                           "numeric(12,2)", "text", "varchar(3)", "bytea", "date", "time",
                           "timestamp", "timestamptz", "uuid", "json", "jsonb", "interval"}) {
    rows.push_back({Kept("v", ParseType(type))});
  }
  for (const std::string_view name : {std::string_view("any"), kUtf16Text, kUnreadValue}) {
    Type type = TypeOf(Kind::kAny);
    if (name != "any") type.name = name;
    rows.push_back({Kept("v", type)});
    if (name == kUtf16Text) rows.back()[0].value = Value::Blob("");
  }
  Type native = TypeOf(Kind::kNative);
  native.name = "inet";
  rows.push_back({Kept("v", native)});
  rows.push_back({Kept("v", ParseType("bigint")), Kept("v", ParseType("text"))});
  return rows;
}

void LookAtRow(const nlohmann::ordered_json& json, const KeptRow& like) {
  try {
    const KeptRow row = RowFromJson(json, like);
    for (const KeptValue& kept : row) {
      Require(kept.type.kind == Kind::kAny || Fits(kept.value, kept.type),
              "a value that is taken has the form of its type");
    }
    Require(DecodeRow(EncodeRow(row)) == row, "a row that is taken can be kept");
    const auto again = nlohmann::ordered_json::parse(RowToJson(row).dump());
    Require(RowFromJson(again, row) == row, "a row that is taken is exported as the same");
  } catch (const Error& error) {
    Require(error.kind() == ErrorKind::kUsage, "what is no row is told as such");
  }
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  static const std::vector<KeptRow> rows = MakeRows();
  try {
    const ExportedRow line = ParseExportLine(std::string(TextOfInput(data, size)), "j");
    for (const KeptRow& row : rows) LookAtRow(line.row, row);
  } catch (const Error& error) {
    Require(error.kind() == ErrorKind::kUsage, "what is no line is told as such");
  }
  return 0;
}
