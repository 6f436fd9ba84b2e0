#include "postgres/session.h"

#include <doctest/doctest.h>

#include <thread>

#include "support/database.h"
#include "support/proxy.h"

namespace rowferry::testing {
namespace {

Fault SilentFromNow() {
  Fault fault;
  fault.kind = Fault::Kind::kStall;
  fault.side = Side::kClient;
  return fault;
}

// The connection falls silent and is not closed, so its backend does not notice for minutes.
void FallSilent(Session& session, Proxy& proxy) {
  proxy.Arm(SilentFromNow());
  REQUIRE(PQsendQuery(session.raw(), "SELECT 1") == 1);
  while (!proxy.Happened()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  proxy.Heal();
}

TEST_CASE("a session that is connected anew ends its former backend, and its locks with it") {
  PostgresDatabase database;
  database.Exec("CREATE TABLE t AS SELECT 1 AS a");
  Proxy proxy(database.url());
  SessionOptions options{proxy.url()};
  options.lock_timeout = std::chrono::minutes(1);
  Session session(options);
  session.Exec("BEGIN; SELECT a FROM public.t FOR UPDATE");
  const Backend former = session.backend();
  FallSilent(session, proxy);
  session.Reconnect();
  CHECK(session.backend().pid != former.pid);
  CHECK(session.Exec("SELECT a FROM public.t FOR UPDATE").size() == 1);
}

TEST_CASE("only a former backend of one's own is ended") {
  PostgresDatabase database;
  Session session(database.url(), SessionUse::kControl, "rowferry");
  Session other(database.url(), SessionUse::kControl, "somebody else, whom a pooler gave it to");
  session.EndFormer(session.backend());
  session.EndFormer(other.backend());
  session.EndFormer({other.backend().pid, "2001-01-01 00:00:00+00"});
  CHECK(session.IsAlive());
  CHECK(other.IsAlive());
}

}  // namespace
}  // namespace rowferry::testing
