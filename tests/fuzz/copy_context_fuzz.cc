// Input: lines; the table, its columns, an empty line, and what the server says of where it was.
#include <algorithm>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "postgres/errors.h"

namespace rowferry::testing {
namespace {

// A value, or a further line, begins behind these: a name that holds them is ambiguous.
bool IsClear(const std::string& name) {
  return !name.empty() && name.find_first_of(":\n") == std::string::npos;
}

// PostgreSQL's CopyFromErrorCallback, in its three forms.
void RequireFound(const std::string& table, const std::vector<std::string>& columns, size_t at) {
  const size_t line = 1 + table.size() * 1000 + at;
  const std::string start = "COPY " + table + ", line " + std::to_string(line);
  const std::string column = start + ", column " + columns[at];
  Require(CopyLine(start, table) == line, "the line is found where it stands alone");
  Require(CopyLine(start + ": \"1, 2\"", table) == line, "the line is found before the row");
  for (const std::string& context : {column, column + ": \"a, 7\"", column + "\nCOPY"}) {
    Require(CopyLine(context, table) == line, "the line is found before the column");
    const auto found = CopyColumn(context, table, columns);
    Require(found && columns[*found] == columns[at], "the column is found");
  }
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  const std::string_view text = TextOfInput(data, size);
  const size_t blank = std::min(text.find("\n\n"), text.size());
  std::vector<std::string> columns = Split(text.substr(0, blank), '\n');
  const std::string table = columns.front();
  columns.erase(columns.begin());
  const std::string_view context = text.substr(std::min(blank + 2, text.size()));

  CopyLine(context, table);
  const auto found = CopyColumn(context, table, columns);
  Require(!found || *found < columns.size(), "a column that is found is one of the table's");
  if (!std::all_of(columns.begin(), columns.end(), IsClear)) return 0;
  for (size_t i = 0; i < columns.size(); ++i) RequireFound(table, columns, i);
  return 0;
}
