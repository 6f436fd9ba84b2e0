#include "postgres/identity.h"

#include "base/error.h"
#include "postgres/driver.h"
#include "postgres/url.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

int BackendPid(Session& session) {
  return session.Exec("SELECT pg_catalog.pg_backend_pid()")[0][0].as<int>();
}

// What the connection was asked for: with several hosts, all of them. Else what libpq found.
std::string Resolved(const ConninfoPtr& options, std::string_view keyword, const char* found) {
  const std::string_view asked = ValueOf(options.get(), keyword);
  return std::string(asked.empty() && found != nullptr ? found : asked);
}

}  // namespace

std::string DatabasePlace(Session& session) {
  const ConninfoPtr options(PQconninfo(session.raw()), &PQconninfoFree);
  const std::string host = Resolved(options, "host", PQhost(session.raw()));
  const std::string port = Resolved(options, "port", PQport(session.raw()));
  return "postgresql://" + host + ":" + port + "/" + PQdb(session.raw());
}

std::string DatabaseIdentity(Session& session) {
  try {
    return std::string("postgresql:") +
           session.Exec(std::string(sql::postgres::identity))[0][0].c_str();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kTransient) throw;  // else: this role may not ask
  }
  return std::string("postgresql:") +
         session.Exec(std::string(sql::postgres::identity_by_start))[0][0].c_str();
}

// A pooler gives its clients process ids of its own. Whether it pools sessions or transactions
// shows when a second client works while the first is idle: only then does it get its backend.
void RefuseTransactionPooler(Session& session, const std::string& url) {
  const int mine = BackendPid(session);
  if (mine == PQbackendPID(session.raw())) return;
  Session second(url, SessionUse::kControl, "rowferry");
  if (BackendPid(second) != mine && BackendPid(session) == mine) return;
  throw Error(ErrorKind::kPlan,
              ShowPostgresUrl(url) +
                  " is a pooler in transaction mode: locks, settings and snapshots would be shared "
                  "with other clients; connect to the server itself, or pool by session");
}

}  // namespace rowferry
