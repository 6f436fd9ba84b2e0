// Disks that are full: of the target, of its ledger, of the report.
#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "e2e/copies.h"
#include "e2e/outcomes.h"
#include "support/server.h"

namespace rowferry::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kFreeSpace[] =
    "free space on the disk of the database that says so; then the same command resumes";

// A folder with a disk of its own, where this user may mount one.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& size) {
    std::string path = fs::temp_directory_path() / "rowferry_disk_XXXXXX";
    REQUIRE(mkdtemp(path.data()) != nullptr);
    path_ = path;
    mounted_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  const std::string& path() const { return path_; }
  bool mounted() const { return mounted_; }
  void Grow() {
    if (!mounted_) return;
    REQUIRE(mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT, "size=64m") == 0);
  }

 private:
  std::string path_;
  bool mounted_ = false;
};

// Who may mount no disk meets a limit on the size of files, which SQLite does not call a full disk.
TEST_CASE("an SQLite target on a full disk ends the run, and the next one completes it" *
          doctest::test_suite("full disk")) {
  for (const char* kind : {"sqlite", "postgres"}) {
    CAPTURE(std::string(kind));
    Copies copies({kind, "sqlite"});
    SmallDisk disk("400k");
    const std::string target = disk.path() + "/copy.db";
    ProcessOptions options;
    options.file_limit = disk.mounted() ? 0 : 150'000;
    const std::vector<std::string> words = {"copy", copies.source().url(), target, "--chunk-rows",
                                            "100"};
    const Finished stopped = Rowferry(words, options);
    CHECK_MESSAGE(stopped.exit_code == 1, stopped.err);
    const std::string says = disk.mounted() ? "database or disk is full" : "disk I/O error";
    CHECK_MESSAGE(Holds(stopped.err, says), stopped.err);
    const std::string way_out = disk.mounted() ? kFreeSpace : "see to the disk of the database";
    CHECK_MESSAGE(Holds(stopped.err, way_out), stopped.err);
    disk.Grow();
    const Finished next = Rowferry(words);
    CHECK_MESSAGE(next.exit_code == 0, next.err);
    CHECK_MESSAGE(Holds(next.err, "resumed after"), next.err);
    const std::string contents = "SELECT id, batch, note FROM items ORDER BY id";
    CHECK(Rowferry({"copy", target, copies.target().url()}).exit_code == 0);
    CHECK(copies.target().Rows(contents) == copies.source().Rows(contents));
  }
}

// Of a table that holds no row yet: whatever is written to that device finds no space.
class FullTable {
 public:
  FullTable(const PostgresServer& server, const std::string& table)
      : path_(server.One("SHOW data_directory") + "/" +
              server.One("SELECT pg_relation_filepath('" + table + "')")) {
    fs::rename(path_, path_ + ".kept");
    fs::create_symlink("/dev/full", path_);
  }
  void MakeRoom() const { fs::rename(path_ + ".kept", path_); }

 private:
  std::string path_;
};

void CheckItems(TestDatabase& source, const PostgresServer& target, const std::string& more) {
  const std::string contents =
      "SELECT count(*) || ' ' || sum(id) || ' ' || sum(length(note)) FROM items" + more;
  CHECK(target.One(contents) == source.One(contents));
}

TEST_CASE("a PostgreSQL target on a full disk ends the run, and the next one completes it" *
          doctest::test_suite("full disk")) {
  for (const char* kind : {"sqlite", "postgres"}) {
    CAPTURE(std::string(kind));
    Copies copies({kind, "sqlite"});
    const PostgresServer server;
    server.Exec(
        "CREATE TABLE lines (code text NOT NULL, line bigint NOT NULL, amount bigint, PRIMARY KEY "
        "(code, line))");
    const FullTable lines(server, "lines");
    const std::vector<std::string> words = {"copy", copies.source().url(), server.url()};
    const Finished stopped = Rowferry(words);
    CHECK_MESSAGE(stopped.exit_code == 1, stopped.err);
    CHECK_MESSAGE(Holds(stopped.err, "No space left on device"), stopped.err);
    CHECK_MESSAGE(Holds(stopped.err, kFreeSpace), stopped.err);
    CheckItems(copies.source(), server, "");
    lines.MakeRoom();
    const Finished next = Rowferry(words);
    CHECK_MESSAGE(next.exit_code == 0, next.err);
    const std::string sums =
        "SELECT count(*) || ' ' || sum(line) || ' ' || sum(amount) || ' ' || count(amount) FROM "
        "lines";
    CHECK(server.One(sums) == copies.source().One(sums));
    CheckItems(copies.source(), server, "");
  }
}

TEST_CASE("a ledger that has no room for a reject stops the run before its row is given up" *
          doctest::test_suite("full disk")) {
  Copies copies(kDirections[1]);
  const PostgresServer server;
  server.Exec(
      "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY CHECK (id <> 2500), batch bigint, note "
      "text)");
  const std::vector<std::string> lines = {"copy", copies.source().url(), server.url(), "--table",
                                          "lines"};
  REQUIRE(Rowferry(lines).exit_code == 0);
  const FullTable rejects(server, "rowferry.reject");
  std::vector<std::string> words = lines;
  words.back() = "items";
  const Finished stopped = Rowferry(words);
  CHECK_MESSAGE(stopped.exit_code == 1, stopped.err);
  CHECK_MESSAGE(Holds(stopped.err, "No space left on device"), stopped.err);
  CHECK_MESSAGE(Holds(stopped.err, kFreeSpace), stopped.err);
  rejects.MakeRoom();
  const Finished next = Rowferry(words);
  CHECK_MESSAGE(next.exit_code == 3, next.err);
  CheckItems(copies.source(), server, " WHERE id <> 2500");
  CHECK(server.One("SELECT count(*) FROM rowferry.reject") == "1");
}

TEST_CASE("a report that finds no room fails the run, not the copy" *
          doctest::test_suite("unwritten report")) {
  Copies copies(kDirections[0]);
  const Finished finished = copies.Run({"--report", "/dev/full"});
  CHECK_MESSAGE(finished.exit_code == 1, finished.err);
  CHECK_MESSAGE(Holds(finished.err, "No space left on device"), finished.err);
  CHECK_MESSAGE(Holds(finished.err, "make room for it, or name another file"), finished.err);
  copies.CheckExact();
  const std::string path = copies.target().url() + ".json";
  CHECK(copies.Run({"--report", path}).exit_code == 0);
  CHECK(nlohmann::json::parse(std::ifstream(path)).at("status") == "completed");
}

}  // namespace
}  // namespace rowferry::testing
