#include "sqlite/where.h"

#include <sqlite3.h>

#include "base/error.h"
#include "base/text.h"
#include "sqlite/error.h"
#include "sqlite/keyset.h"

namespace rowferry::sqlite {
namespace {

// While it lives, "name" is a name alone. SQLite takes one that no column has for the text 'name':
// a misspelt column would leave out all rows, and nobody would be told.
class NamesOnly {
 public:
  explicit NamesOnly(Session& session) : handle_(session.handle()) {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, -1, &before_);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  }
  ~NamesOnly() { sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, before_, nullptr); }
  NamesOnly(const NamesOnly&) = delete;
  NamesOnly& operator=(const NamesOnly&) = delete;

 private:
  sqlite3* handle_;
  int before_ = 0;
};

// Why the text is no statement, or more than one; empty: it is one.
std::string WhyNoStatement(Session& session, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  const int result = sqlite3_prepare_v2(session.handle(), sql.c_str(),
                                        static_cast<int>(sql.size() + 1), &raw, &rest);
  const Prepared statement(raw);
  if (result != SQLITE_OK) {
    const Error error = LastError(session.handle(), session.path());
    if (MayPass(error.kind())) throw error;
    return sqlite3_errmsg(session.handle());
  }
  if (!Trim(rest).empty()) return "it ends the statement, and something follows";
  if (sqlite3_bind_parameter_count(raw) > 0) return "it holds a parameter that nothing fills";
  return "";
}

}  // namespace

void CheckWhere(Session& session, const ReadPlan& plan, const std::string& rowid) {
  if (plan.where.empty()) return;
  const std::string page = ComposePage(plan, rowid, std::nullopt).sql;
  std::string why = WhyNoStatement(session, page);
  if (why.empty()) {
    const NamesOnly names_only(session);
    why = WhyNoStatement(session, page);
    if (!why.empty()) why += " (text stands between single quotes)";
  }
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
