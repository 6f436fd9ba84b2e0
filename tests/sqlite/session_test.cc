#include "sqlite/session.h"

#include <doctest/doctest.h>

#include <thread>

#include "base/error.h"
#include "support/database.h"

namespace rowferry::testing {
namespace {

using sqlite::Session;

constexpr char kForHours[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000000) "
    "SELECT count(*) FROM n";

struct Reading {
  Reading() {
    database.Exec("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
    session = Session::OpenForReading(database.url());
    session->Run("BEGIN");
    session->Run("SELECT count(*) FROM t");
  }
  void CheckCancelled() const {
    try {
      session->Single(kForHours);
      FAIL("it came to its end");
    } catch (const Error& error) {
      CHECK_MESSAGE(MayPass(error.kind()), error.what());
    }
  }

  SqliteDatabase database;
  std::unique_ptr<Session> session;
};

TEST_CASE("a statement that computes is cancelled from another thread, and so is every later one") {
  const Reading reading;
  std::thread other([&] { reading.session->Cancel(); });
  reading.CheckCancelled();
  other.join();
  reading.CheckCancelled();
}

TEST_CASE("what one reader is cancelled for leaves the snapshot to the next") {
  Reading reading;
  {
    const std::atomic<bool> cancelled = true;
    const Session::Cancellable cancellable(*reading.session, cancelled);
    reading.CheckCancelled();
  }
  CHECK(reading.session->in_transaction());
  CHECK(reading.session->Single("SELECT a FROM t").integer == 1);
}

}  // namespace
}  // namespace rowferry::testing
