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
  const auto ask = [&](std::string_view sql) {
    return std::string("postgresql:") + session.Exec(std::string(sql))[0][0].c_str();
  };
  std::string started = ask(sql::postgres::identity_by_start);
  try {
    return ask(sql::postgres::identity) + "\n" + started;
  } catch (const Error& error) {
    if (MayPass(error.kind())) throw;  // else: this role may not ask
  }
  return started;
}

namespace {

// Whether a second client works in the first one's backend while that one is idle, or the first one
// does not find its own again. Other clients' work may hide either for a moment.
bool SharesBackends(Session& first, Session& second, int backend) {
  constexpr int kLooks = 20;
  for (int i = 0; i < kLooks; ++i) {
    if (BackendPid(second) == backend || BackendPid(first) != backend) return true;
  }
  return false;
}

}  // namespace

// A pooler gives its clients process ids of its own. Whether it pools sessions shows when a second
// client works while the first is idle.
void RefuseTransactionPooler(Session& session, const SessionOptions& second) {
  const int backend = BackendPid(session);
  if (backend == PQbackendPID(session.raw())) return;
  Session other(second);
  if (!SharesBackends(session, other, backend)) return;
  throw Error(ErrorKind::kPlan,
              ShowPostgresUrl(second.url) +
                  " is a pooler that pools by transaction or by statement: locks, settings and "
                  "snapshots would be shared with other clients; connect to the server itself, or "
                  "pool by session (pool_mode = session)");
}

}  // namespace rowferry
