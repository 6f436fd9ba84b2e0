// Input: the text of a CREATE TABLE. SQLite says which columns it makes, if it takes it.
#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "fuzz/memory_database.h"
#include "sqlite/declaration.h"
#include "sqlite/types.h"

namespace rowferry::testing {
namespace {

using sqlite::Declare;
using sqlite::SuggestType;
using sqlite::TypeComments;

// A table is made, and nothing is done besides.
int AllowTables(void*, int action, const char*, const char*, const char*, const char*) {
  const bool allowed = action == SQLITE_CREATE_TABLE || action == SQLITE_INSERT ||
                       action == SQLITE_UPDATE || action == SQLITE_READ ||
                       action == SQLITE_FUNCTION || action == SQLITE_CREATE_INDEX;
  return allowed ? SQLITE_OK : SQLITE_DENY;
}

int TakeName(void* names, int, char** values, char**) {
  static_cast<std::set<std::string>*>(names)->insert(Lower(values[0] == nullptr ? "" : values[0]));
  return 0;
}

// The columns of the table that the SQL makes, in lower case; none if it makes none.
std::set<std::string> ColumnsOf(const std::string& sql) {
  const MemoryDatabase database = OpenInMemory();
  sqlite3_limit(database.get(), SQLITE_LIMIT_EXPR_DEPTH, 100);
  std::set<std::string> names;
  sqlite3_set_authorizer(database.get(), AllowTables, nullptr);
  const int made = sqlite3_exec(database.get(), sql.c_str(), nullptr, nullptr, nullptr);
  sqlite3_set_authorizer(database.get(), nullptr, nullptr);
  if (made != SQLITE_OK) return names;
  sqlite3_exec(database.get(),
               "SELECT c.name FROM sqlite_schema AS t, pragma_table_xinfo(t.name) AS c", TakeName,
               &names, nullptr);
  return names;
}

// The first word of a constraint on the table, which no column needs to be named.
bool IsConstraint(const std::string& word) {
  constexpr std::array kWords = {"constraint", "primary", "unique", "check", "foreign"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// A type that Declare keeps in a comment comes back from the table's text.
void RequireKept(std::string_view name) {
  const Type type = ParseType(name);
  const std::string declared = Declare(type, "", false);
  if (type.name.empty() || declared.find("/*") == std::string::npos) return;
  const auto kept = TypeComments("CREATE TABLE t (a INT, \"B\" " + declared + " NOT NULL)");
  const auto found = kept.find("b");
  Require(kept.size() == 1 && found != kept.end(), "a type in a comment is found");
  const std::string comment = "TEXT /* type: " + found->second + " */";
  Require(SuggestType(comment).type == SuggestType(declared).type, "it is found as it was written");
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  const std::string sql(TextOfInput(data, size));
  const auto comments = TypeComments(sql);
  RequireKept(sql);
  if (comments.empty() || sql.find('\0') != std::string::npos) return 0;
  const auto columns = ColumnsOf(sql);
  if (columns.empty()) return 0;
  for (const auto& [column, type] : comments) {
    Require(!type.empty(), "a comment that is told holds a type");
    Require(columns.count(column) == 1 || IsConstraint(column), "its column is one of the table's");
  }
  return 0;
}
