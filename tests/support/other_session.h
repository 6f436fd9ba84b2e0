// Another client's session, which keeps its transaction open; waiting for what others do.
#pragma once

#include <doctest/doctest.h>
#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>

namespace rowferry::testing {

class OtherSession {
 public:
  explicit OtherSession(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
    REQUIRE(PQstatus(connection_.get()) == CONNECTION_OK);
  }
  // Does not wait for the answer.
  void Send(const std::string& sql) { REQUIRE(PQsendQuery(connection_.get(), sql.c_str()) == 1); }
  void AwaitAnswers() {
    while (PGresult* result = PQgetResult(connection_.get())) PQclear(result);
  }
  void Exec(const std::string& sql) {
    Send(sql);
    AwaitAnswers();
  }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
};

// Waits until that is so on the server; fails the test if it never is.
template <typename Server>
void AwaitTrue(Server& server, const std::string& condition) {
  const auto given_up = std::chrono::steady_clock::now() + std::chrono::minutes(10);
  while (server.One("SELECT " + condition) != "t") {
    REQUIRE_MESSAGE(std::chrono::steady_clock::now() < given_up, condition);
  }
}

// Somebody waits for a lock of that table.
template <typename Server>
void AwaitWaitForTable(Server& server, const std::string& table) {
  AwaitTrue(server, "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = '" + table +
                        "'::regclass)");
}

// SQL after which the row 31 of the table items waits until nobody holds the advisory lock 7.
inline constexpr char kWaitAtGate[] =
    "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF NEW.id = 31 THEN PERFORM pg_advisory_xact_lock_shared(7); END IF; RETURN NEW; END $$; "
    "CREATE TRIGGER wait BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION wait()";

template <typename Server>
void AwaitWaitAtGate(Server& server) {
  AwaitTrue(server,
            "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND database "
            "= (SELECT oid FROM pg_database WHERE datname = current_database()))");
}

// Ends, or cancels, all that rowferry does in the database.
template <typename Server>
void ForAllOfOurs(Server& server, const std::string& function) {
  server.Exec("SELECT " + function +
              "(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
              "pg_backend_pid() AND application_name LIKE 'rowferry%'");
}

}  // namespace rowferry::testing
