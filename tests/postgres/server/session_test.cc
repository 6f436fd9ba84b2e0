#include "postgres/session.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
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

// Over TCP: on a Unix socket the server shows 0 for what it cannot set there.
TEST_CASE("a target's sessions let the server find within a minute that their client is gone") {
  PostgresDatabase database;
  for (const SessionUse use : {SessionUse::kWriter, SessionUse::kControl}) {
    Session session(database.url(), use, "rowferry");
    std::map<std::string, std::string> found;
    for (const auto& row : session.Exec("SHOW ALL")) {
      found[row[0].as<std::string>()] = row[1].as<std::string>("");
    }
    CHECK(found["tcp_keepalives_idle"] == "30");
    CHECK(found["tcp_keepalives_interval"] == "10");
    CHECK(found["tcp_keepalives_count"] == "3");
    CHECK(found["tcp_user_timeout"] == "60000");
    CHECK(found["idle_in_transaction_session_timeout"] == "5min");
    if (found.contains("client_connection_check_interval")) {  // PostgreSQL 14 and later
      CHECK(found["client_connection_check_interval"] == "10s");
    }
  }
}

}  // namespace
}  // namespace rowferry::testing
