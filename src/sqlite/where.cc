#include "sqlite/where.h"

#include <sqlite3.h>

#include "base/error.h"
#include "base/text.h"
#include "sqlite/error.h"
#include "sqlite/keyset.h"

namespace rowferry::sqlite {
namespace {

// Why the text is no statement, or more than one; empty: it is one.
std::string WhyNoStatement(Session& session, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  const int result = sqlite3_prepare_v2(session.handle(), sql.c_str(),
                                        static_cast<int>(sql.size() + 1), &raw, &rest);
  const Prepared statement(raw);
  if (result != SQLITE_OK) {
    const Error error = LastError(session.handle(), session.path());
    if (error.kind() == ErrorKind::kTransient) throw error;
    return sqlite3_errmsg(session.handle());
  }
  if (!Trim(rest).empty()) return "it ends the statement, and something follows";
  if (sqlite3_bind_parameter_count(raw) > 0) return "it holds a parameter that nothing fills";
  return "";
}

}  // namespace

void CheckWhere(Session& session, const ReadPlan& plan, const std::string& rowid) {
  if (plan.where.empty()) return;
  std::string why = WhyNoStatement(session, ComposePage(plan, rowid, std::nullopt).sql);
  if (why.empty()) {
    const std::string inside = WhyNoStatement(session, ComposeCondition(plan));
    if (!inside.empty()) why = "it is not one condition by itself: " + inside;
  }
  if (why.empty()) return;
  constexpr size_t kShownBytes = 4000;
  throw Error(ErrorKind::kPlan, "table " + plan.table.Show() + ": --where \"" +
                                    Printable(plan.where, kShownBytes) + "\": " + why);
}

}  // namespace rowferry::sqlite
