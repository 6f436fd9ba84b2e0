#include "postgres/session_roll.h"

#include <doctest/doctest.h>

#include <thread>

#include "postgres/session.h"
#include "support/database.h"
#include "support/proxy.h"
#include "support/server.h"

namespace rowferry::testing {
namespace {

// A session that is busy for as long as this object lives.
class BusySession {
 public:
  explicit BusySession(const std::string& url)
      : roll_(std::make_shared<SessionRoll>(url)), session_(Options(url)) {
    thread_ = std::thread([this] {
      try {
        session_.Exec("SELECT pg_catalog.pg_sleep(600)");
      } catch (const Error&) {
        return;  // it was cut
      }
    });
    while (PQtransactionStatus(session_.raw()) != PQTRANS_ACTIVE) std::this_thread::yield();
  }
  ~BusySession() {
    roll_->Cut(1);
    thread_.join();
  }
  BusySession(const BusySession&) = delete;
  BusySession& operator=(const BusySession&) = delete;

  Wait Only() const {
    const std::vector<Wait> waits = roll_->Waits(std::chrono::milliseconds(0));
    REQUIRE(waits.size() == 1);
    return waits[0];
  }

 private:
  SessionOptions Options(const std::string& url) const {
    SessionOptions options{url};
    options.roll = roll_;
    return options;
  }

  std::shared_ptr<SessionRoll> roll_;
  Session session_;
  std::thread thread_;
};

void CheckAtWork(const Wait& wait) {
  CAPTURE(wait.what);
  CHECK(wait.kind == Wait::Kind::kWorking);
  CHECK(wait.what == "waits for the server, which is at work: active (Timeout, PgSleep)");
}

TEST_CASE("a statement that takes long is at work") {
  const PostgresDatabase database;
  CheckAtWork(BusySession(database.url()).Only());
}

TEST_CASE("behind a pooler of sessions, whose process ids are its own, it is so, too") {
  const PostgresDatabase database;
  const Pooler pooler("session");
  CheckAtWork(BusySession(pooler.Through(database.url())).Only());
}

TEST_CASE("a server that has no connection left to be asked by is not dead") {
  const PostgresServer server("max_connections = 4\nsuperuser_reserved_connections = 0");
  const BusySession busy(server.url());
  std::vector<std::unique_ptr<Session>> others;
  for (int i = 0; i < 3; ++i) {
    others.push_back(std::make_unique<Session>(server.url(), SessionUse::kControl, "other"));
  }
  const Wait wait = busy.Only();
  CAPTURE(wait.what);
  CHECK(wait.kind == Wait::Kind::kWorking);
  CHECK(wait.what.find("cannot be asked") != std::string::npos);
  CHECK(wait.what.find("too many clients") != std::string::npos);
}

TEST_CASE("a server that answers nobody any more is dead") {
  const PostgresDatabase database;
  Proxy proxy(database.url());
  const BusySession busy(proxy.url() + "&connect_timeout=2");
  Fault fault;
  fault.kind = Fault::Kind::kStall;
  fault.side = Side::kClient;
  fault.stalls_new_ones = true;
  proxy.Arm(fault);
  const Wait wait = busy.Only();
  CHECK_MESSAGE(wait.kind == Wait::Kind::kDead, wait.what);
}

}  // namespace
}  // namespace rowferry::testing
