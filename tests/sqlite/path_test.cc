#include "sqlite/path.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/error.h"
#include "sqlite/copy.h"
#include "sqlite/driver.h"

namespace rowferry::testing {
namespace {

namespace fs = std::filesystem;

// Runs `body` as a user to whom file permissions apply. False if it threw or returned false.
bool AsNobody(const std::function<bool()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65'534;
    const bool dropped = getuid() != 0 || (setgid(kNobody) == 0 && setuid(kNobody) == 0);
    bool passed = false;
    try {
      passed = dropped && body();
    } catch (const std::exception& exception) {
      std::fprintf(stderr, "%s\n", exception.what());
    }
    _exit(passed ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool ReadsOneRow(const SqliteDatabase& database) {
  const auto source = SourceOf(database);
  const Table table = source->DescribeTable({"", "t"}).value();
  return ReadAll(*source, PlanOf(*source, table, true)).size() == 1;
}

void Protect(const SqliteDatabase& database) {
  for (const auto& file : fs::directory_iterator(database.folder())) {
    chmod(file.path().c_str(), 0444);
  }
  chmod(database.folder().c_str(), 0555);
}

void Unprotect(const SqliteDatabase& database) { chmod(database.folder().c_str(), 0755); }

TEST_CASE("a relative path is refused where the working folder is gone, an absolute one is not") {
  const fs::path before = fs::current_path();
  std::string folder = fs::temp_directory_path() / "rowferry_test_XXXXXX";
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  fs::current_path(folder);
  fs::remove(folder);
  CHECK(sqlite::PathOf("/a.db") == "/a.db");
  CHECK_THROWS_WITH_AS(sqlite::PathOf("a.db"), doctest::Contains("a.db"), Error);
  fs::current_path(before);
}

TEST_CASE("paths with blanks, question marks, hashes, percents and colons are just paths") {
  for (const char* name : {"a b.db", "what?.db", "no#1.db", "50%20.db", "file:x.db",
                           ":memory:", "ünï.db", "'quoted\".db"}) {
    CAPTURE(std::string(name));
    SqliteDatabase database(name);
    database.Exec("CREATE TABLE t(x); INSERT INTO t VALUES (1)");
    CHECK(ReadsOneRow(database));
    { TargetOf(database)->ledger().Acquire("job"); }
    CHECK(database.One("SELECT count(*) FROM rowferry_job") == "0");
  }
}

TEST_CASE("sqlite: is a prefix, and other schemes are not SQLite's") {
  CHECK(IsSqliteUrl("sqlite:shop.db"));
  CHECK(IsSqliteUrl("/tmp/shop.db"));
  CHECK(IsSqliteUrl("a:b"));
  CHECK_FALSE(IsSqliteUrl("mysql://host/shop"));
  CHECK(sqlite::PathOf("sqlite:/tmp/x.db") == "/tmp/x.db");
  CHECK(sqlite::PathOf("file:x.db") == (fs::current_path() / "file:x.db").string());
  CHECK_THROWS_AS(sqlite::PathOf("sqlite:"), Error);
}

TEST_CASE("a source that is missing, a folder or no database is refused before anything happens") {
  SqliteDatabase database;
  const std::string missing = database.folder() + "/missing.db";
  CHECK_THROWS_WITH_AS(OpenSqliteSource({missing, true}), doctest::Contains("No such file"), Error);
  CHECK_FALSE(fs::exists(missing));
  CHECK_THROWS_WITH_AS(OpenSqliteSource({database.folder(), true}),
                       doctest::Contains("is a directory"), Error);
  CHECK_THROWS_WITH_AS(OpenSqliteSource({__FILE__, true}), doctest::Contains("not a database"),
                       Error);
}

TEST_CASE("a file that is cut off within its last page is no source and no target") {
  for (const char* mode : {"delete", "wal"}) {
    CAPTURE(std::string(mode));
    SqliteDatabase database;
    database.Exec("PRAGMA journal_mode = " + std::string(mode) +
                  "; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
    CHECK(ReadsOneRow(database));
    fs::resize_file(database.url(), fs::file_size(database.url()) - 1);
    const auto says = doctest::Contains("is cut off");
    CHECK_THROWS_WITH_AS(SourceOf(database), says, Error);
    CHECK_THROWS_WITH_AS(TargetOf(database), says, Error);
  }
}

TEST_CASE("one file is one database, whatever links lead to it") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE t(x)");
  const std::string hard = database.folder() + "/hard.db";
  const std::string soft = database.folder() + "/soft.db";
  fs::create_hard_link(database.url(), hard);
  fs::create_symlink(database.url(), soft);
  const std::string identity = SourceOf(database)->Identity();
  CHECK(OpenSqliteSource({hard, true})->Identity() == identity);
  CHECK(OpenSqliteSource({"sqlite:" + soft, true})->Identity() == identity);
  CHECK(TargetOf(database)->Identity() == identity);
  SqliteDatabase other;
  CHECK(TargetOf(other)->Identity() != identity);
}

TEST_CASE("a read-only file in a read-only folder is a source, in WAL mode or not") {
  for (const char* mode : {"delete", "wal"}) {
    CAPTURE(std::string(mode));
    SqliteDatabase database("a ?#% b.db");
    database.Exec("PRAGMA journal_mode = " + std::string(mode) +
                  "; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
    Protect(database);
    CHECK(AsNobody([&] { return ReadsOneRow(database); }));
    Unprotect(database);
  }
}

TEST_CASE("a read-only folder's WAL or journal that cannot be read is never passed over") {
  for (const char* suffix : {"-wal", "-journal"}) {
    CAPTURE(std::string(suffix));
    SqliteDatabase database;
    database.Exec("PRAGMA journal_mode = wal; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
    std::ofstream(database.url() + suffix) << "rows that are not in the file yet";
    Protect(database);
    CHECK_FALSE(AsNobody([&] { return ReadsOneRow(database); }));
    Unprotect(database);
  }
}

TEST_CASE("what lies beside the file itself counts, whatever link leads to it") {
  for (const char* suffix : {"-wal", "-journal"}) {
    CAPTURE(std::string(suffix));
    SqliteDatabase database;
    SqliteDatabase elsewhere;
    const std::string link = elsewhere.folder() + "/link.db";
    database.Exec("PRAGMA journal_mode = wal; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
    fs::create_symlink(database.url(), link);
    chmod(elsewhere.folder().c_str(), 0755);
    const auto is_read = [&] {
      return AsNobody([&] {
        OpenSqliteSource({link, true});
        return true;
      });
    };
    Protect(database);
    CHECK(is_read());
    Unprotect(database);
    std::ofstream(database.url() + suffix) << "rows that are not in the file yet";
    Protect(database);
    CHECK_FALSE(is_read());
    Unprotect(database);
  }
}

TEST_CASE("two runs that come to one file by different links see each other's lease") {
  SqliteDatabase database;
  const std::string link = database.folder() + "/link.db";
  fs::create_symlink(database.url(), link);
  TargetOptions options;
  options.url = link;
  const auto owner = OpenSqliteTarget(options);
  owner->ledger().Acquire("job");
  JobRecord job;
  job.name = "job";
  owner->ledger().Begin(job, {}, {});
  CHECK_THROWS_WITH_AS(TargetOf(database)->ledger().Forget("job"),
                       doctest::Contains("is being run on"), Error);
}

TEST_CASE("a target that cannot be written is refused, with what must be writable") {
  const auto refusal_holds = [](const SqliteDatabase& database, const std::string& words) {
    return AsNobody([&] {
      try {
        TargetOf(database);
      } catch (const Error& error) {
        const bool holds = std::string(error.what()).find(words) != std::string::npos;
        return error.kind() == ErrorKind::kPlan && holds;
      }
      return false;
    });
  };
  SqliteDatabase database;
  database.Exec("CREATE TABLE t(x)");
  Protect(database);
  CHECK(refusal_holds(database, "Permission denied: the target must be writable"));
  chmod(database.url().c_str(), 0666);
  CHECK(refusal_holds(database, "Permission denied: the target's folder"));
  Unprotect(database);
  chmod(database.folder().c_str(), 0777);
  chmod(database.url().c_str(), 0444);
  CHECK(refusal_holds(database, "Permission denied: the target must be writable"));
}

TEST_CASE("planning creates no file, neither read-only nor before the lease is taken") {
  SqliteDatabase database;
  TargetOptions options;
  options.url = database.folder() + "/new.db";
  {
    const auto writable = OpenSqliteTarget(options);
    CHECK_FALSE(writable->DescribeTable({"", "t"}));
    CHECK(writable->ledger().Jobs().empty());
  }
  options.read_only = true;
  CHECK(OpenSqliteTarget(options)->ledger().Jobs().empty());
  CHECK_FALSE(fs::exists(options.url));
}

TEST_CASE("the status of a running job can be read from another connection") {
  SqliteDatabase database;
  const auto owner = TargetOf(database);
  owner->ledger().Acquire("job");
  JobRecord job;
  job.name = "job";
  owner->ledger().Begin(job, {}, {});
  TargetOptions options;
  options.url = database.url();
  options.read_only = true;
  const auto jobs = OpenSqliteTarget(options)->ledger().Jobs();
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0].heartbeat_at > 0);
  CHECK(jobs[0].state == JobState::kRunning);
}

}  // namespace
}  // namespace rowferry::testing
