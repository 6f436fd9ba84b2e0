#include "sqlite/wal_mover.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <optional>

#include "support/database.h"
#include "support/wal_lock.h"

namespace rowferry::testing {
namespace {

using sqlite::Session;
using sqlite::WalLimits;
using sqlite::WalMover;

constexpr WalLimits kSmall{4, 64};
constexpr int64_t kFrame = 4096 + 24;  // https://sqlite.org/fileformat2.html, chapter 4.1

// A database in WAL mode, its writer, and commits of a page or two each.
struct Writing {
  Writing() : session(Session::OpenForWriting(database.url())) {
    session->Run("PRAGMA journal_mode = wal");
    session->Run("CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)");
  }
  void Commit(int64_t times) {
    for (; times > 0; --times) session->Run("INSERT INTO t(body) VALUES (zeroblob(3000))");
  }
  int64_t frames() const {
    return static_cast<int64_t>(std::filesystem::file_size(database.url() + "-wal")) / kFrame;
  }
  int64_t file_pages() const {
    return static_cast<int64_t>(std::filesystem::file_size(database.url())) / 4096;
  }

  SqliteDatabase database;
  std::unique_ptr<Session> session;
};

TEST_CASE("pages reach the file while the writer goes on, and the WAL stays short") {
  Writing writing;
  const WalMover mover(*writing.session, kSmall);
  writing.Commit(1000);
  CHECK(writing.file_pages() > 500);
  CHECK(writing.frames() >= kSmall.worth_moving);
  CHECK(writing.frames() < 2 * kSmall.begin_anew);
  CHECK(writing.database.One("SELECT count(*) FROM t") == "1000");
  CHECK(writing.database.One("PRAGMA integrity_check") == "ok");
}

TEST_CASE("a reader of an old state holds up the move, not the writer") {
  Writing writing;
  writing.Commit(1);
  const auto reader = Session::OpenForReading(writing.database.url());
  reader->Run("BEGIN");
  CHECK(reader->Single("SELECT count(*) FROM t").integer == 1);
  const WalMover mover(*writing.session, kSmall);
  writing.Commit(300);
  CHECK(writing.frames() > 300);
  CHECK(reader->Single("SELECT count(*) FROM t").integer == 1);
  reader->Run("COMMIT");
  writing.Commit(300);
  CHECK(reader->Single("SELECT count(*) FROM t").integer == 601);
  CHECK(writing.file_pages() > 300);
}

TEST_CASE(
    "while others move the WAL ours are BUSY, also the writer's own, and are made good later") {
  Writing writing;
  writing.Commit(1);
  WalLock others(writing.database.url());
  REQUIRE(others.Take());
  const int64_t pages = writing.file_pages();
  const WalMover mover(*writing.session, kSmall);
  writing.Commit(300);
  CHECK(writing.frames() > 300);
  CHECK(writing.file_pages() == pages);
  others.Drop();
  writing.Commit(300);
  CHECK(writing.file_pages() > 300);
  CHECK(writing.database.One("SELECT count(*) FROM t") == "601");
}

TEST_CASE("without the mover the writer's commits move the pages again") {
  Writing writing;
  std::optional<WalMover> mover;
  mover.emplace(*writing.session, kSmall);
  writing.Commit(1);
  mover.reset();
  writing.Commit(100);
  CHECK(writing.file_pages() > 50);
  CHECK(writing.frames() < 100);
}

TEST_CASE("in another journal mode there is nothing to move") {
  SqliteDatabase database;
  const auto session = Session::OpenForWriting(database.url());
  const WalMover mover(*session, kSmall);
  session->Run("CREATE TABLE t(x)");
  for (int i = 0; i < 100; ++i) session->Run("INSERT INTO t VALUES (zeroblob(3000))");
  CHECK(session->Single("SELECT count(*) FROM t").integer == 100);
}

}  // namespace
}  // namespace rowferry::testing
