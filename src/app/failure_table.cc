#include "app/failure_table.h"

#include <vector>

#include "base/text.h"
#include "flow/failures.h"
#include "job/drivers.h"

namespace rowferry {
namespace {

constexpr std::string_view kTop = R"(
## Failures

What can go wrong, and what follows. Nothing of it loses or doubles a row or needs cleaning up: once the cause
is mended, the same command resumes. That is so too where a run is killed, or its machine dies: the next one finds
its job without a sign of life, and takes it over. What is [refused beforehand](refusals.md) has not begun (exit 2).
A code stands for all that begin like it, unless another row has a longer one.

)";

std::string Codes(const Driver& driver, Failure failure) {
  std::vector<std::string> codes;
  for (const FailureCode& code : driver.failure_codes()) {
    if (code.failure == failure) codes.push_back("`" + std::string(code.prefix) + "`");
  }
  return Join(codes, " ");
}

std::string Line(const std::vector<std::string>& cells) {
  return "| " + Join(cells, " | ") + " |\n";
}

std::string OrDash(std::string_view text) { return text.empty() ? "–" : std::string(text); }

}  // namespace

std::string FailureTable() {
  std::vector<std::string> heads = {"failure", "class", "rowferry", "and then"};
  for (const Driver& driver : Drivers()) heads.push_back(std::string(driver.name));
  std::string text = std::string(kTop) + Line(heads) + "|";
  for (size_t i = 0; i < heads.size(); ++i) text += "---|";
  text += "\n";
  for (const FailureRow& row : FailureRows()) {
    std::vector<std::string> cells = {std::string(row.name), std::string(ErrorKindName(row.kind)),
                                      std::string(row.outcome), OrDash(WayOutOf(row, true))};
    for (const Driver& driver : Drivers()) cells.push_back(OrDash(Codes(driver, row.failure)));
    text += Line(cells);
  }
  return text;
}

}  // namespace rowferry
