#include "job/export.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace rowferry {
namespace {

std::string Why(const std::string& line) {
  try {
    ParseExportLine(line, "j");
  } catch (const Error& error) {
    return (error.kind() == ErrorKind::kUsage ? "" : "(another kind) ") + std::string(error.what());
  }
  return "nothing";
}

TEST_CASE("a line of an export is its id and its row") {
  const ExportedRow row = ParseExportLine(R"({"job":"j","id":7,"row":{"v":{"hex":"00"}}})", "j");
  CHECK(row.id == 7);
  CHECK(row.table.empty());
  CHECK(row.row.dump() == R"({"v":{"hex":"00"}})");
}

TEST_CASE("a line may say of which table and row it is") {
  const std::string line = R"j({"table":"t","key":"(id) = (7)","id":7,"row":{}})j";
  const ExportedRow row = ParseExportLine(line, "j");
  CHECK(row.table == "t");
  CHECK(row.key == "(id) = (7)");
}

TEST_CASE("what is no line of an export is refused") {
  CHECK(Why("{").starts_with("it is no JSON ("));
  CHECK(Why("7") == "it is no JSON object");
  CHECK(Why(R"({"row":{}})") == "it has no \"id\" of a reject");
  CHECK(Why(R"({"id":7})") == "it has no \"row\"");
  CHECK(Why(R"({"id":7,"row":{},"job":"k"})") == "it is of another job, \"k\", and not of \"j\"");
}

TEST_CASE("values that are nested without end are refused before anybody walks them") {
  constexpr size_t kDepth = 500'000;
  const std::string nested = std::string(kDepth, '[') + std::string(kDepth, ']');
  CHECK(Why(R"({"id":7,"row":{"v":)" + nested + "}}") == "its values are nested too deep");
}

}  // namespace
}  // namespace rowferry
