// What befalls SQLite files in the middle of a copy: rights that are lost, readers in the way of a
// rollback journal, others in the way of the WAL.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "e2e/copies.h"
#include "e2e/outcomes.h"
#include "support/wal_lock.h"

namespace rowferry::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kGrant[] = "grant the right that is missing";
constexpr char kLetEnd[] =
    "let the transaction that holds the lock end, or raise --lock-timeout or --retries";
constexpr char kOthersLock[] = "COMMIT: database is locked";

std::string FolderOf(TestDatabase& database) { return fs::path(database.url()).parent_path(); }

// A right to a path that is taken away while this object lives.
class LostRight {
 public:
  LostRight(const std::string& path, fs::perms left)
      : path_(path), before_(fs::status(path).permissions()) {
    fs::permissions(path_, left);
  }
  ~LostRight() {
    std::error_code ignored;
    fs::permissions(path_, before_, ignored);
  }
  LostRight(const LostRight&) = delete;
  LostRight& operator=(const LostRight&) = delete;

 private:
  std::string path_;
  fs::perms before_;
};

constexpr fs::perms kNone = fs::perms::none;
constexpr fs::perms kReadable = fs::perms::owner_read | fs::perms::owner_exec;

// A copy by a user to whom the rights of files apply.
class UsersCopy {
 public:
  explicit UsersCopy(const Direction& direction) : copies_(direction) {
    for (TestDatabase* end : {&copies_.source(), &copies_.target()}) {
      if (!end->url().starts_with("postgresql")) HandToUnprivileged(FolderOf(*end));
    }
    user_.unprivileged = true;
  }
  Copies& copies() { return copies_; }
  const ProcessOptions& user() const { return user_; }
  std::unique_ptr<Process> Paused() const { return copies_.Paused(copies_.Slowly(), user_); }
  Finished Run() const { return Rowferry(copies_.Command(), user_); }
  void CheckCompletes() {
    const Finished next = Run();
    CHECK_MESSAGE(next.exit_code == 0, next.err);
    CHECK_MESSAGE(Holds(next.err, "resumed after"), next.err);
    copies_.CheckExact();
  }

 private:
  Copies copies_;
  ProcessOptions user_;
};

struct Taken {
  int direction;  // of kDirections
  bool at_source;
  bool folder;
  fs::perms left;
  const char* says;
};

const Taken kTaken[] = {
    {0, true, false, kNone, "Permission denied"},
    {1, true, false, kNone, "Permission denied"},
    {1, true, true, kNone, "Permission denied"},
    {0, false, false, kReadable, "the target must be writable for this user"},
    {3, false, false, kReadable, "the target must be writable for this user"},
    {0, false, true, kReadable, "the target's folder, where SQLite keeps its journal, must be"},
    {3, false, true, kReadable, "the target's folder, where SQLite keeps its journal, must be"},
    {3, false, true, kNone, "Permission denied"},
};

template <typename Test>
void ForAllTaken(const Test& test) {
  for (const Taken& taken : kTaken) {
    CAPTURE(taken.direction);
    CAPTURE(taken.at_source);
    CAPTURE(taken.folder);
    UsersCopy copy(kDirections[taken.direction]);
    TestDatabase& end = taken.at_source ? copy.copies().source() : copy.copies().target();
    test(copy, taken, taken.folder ? FolderOf(end) : end.url());
  }
}

TEST_CASE("rights to SQLite files that are lost between two runs refuse the resume" *
          doctest::test_suite("missing right")) {
  ForAllTaken([](UsersCopy& copy, const Taken& taken, const std::string& path) {
    const auto process = copy.Paused();
    process->Signal(SIGKILL);
    process->Wait();
    {
      const LostRight lost(path, taken.left);
      const Finished refused = copy.Run();
      CHECK_MESSAGE(refused.exit_code == 2, refused.err);
      CHECK_MESSAGE(Holds(refused.err, taken.says), refused.err);
    }
    copy.CheckCompletes();
  });
}

// Files that are open stay so. Only whether the target is still in its place must be seen.
TEST_CASE("a run goes on with its SQLite files, whatever becomes of the rights to them" *
          doctest::test_suite("missing right")) {
  ForAllTaken([](UsersCopy& copy, const Taken& taken, const std::string& path) {
    const auto process = copy.Paused();
    if (!taken.at_source && taken.left == kNone) {
      {
        const LostRight lost(path, taken.left);
        process->Signal(SIGCONT);
        CheckStopped(process->Wait(), "whether the rows are still there cannot be told", kGrant);
      }
      return copy.CheckCompletes();
    }
    {
      const LostRight lost(path, taken.left);
      process->Signal(SIGCONT);
      const Finished finished = process->Wait();
      CHECK_MESSAGE(finished.exit_code == 0, finished.err);
    }
    copy.copies().CheckExact();
    const Finished again = copy.Run();
    CHECK_MESSAGE(again.exit_code == 0, again.err);
  });
}

// The lock of a read transaction on an SQLite file that is not in WAL mode: on the bytes that
// SQLite's unixFile (os_unix.c) takes for it, of an open file and not of this process.
class ReadLock {
 public:
  explicit ReadLock(const std::string& path) : file_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    REQUIRE(file_ >= 0);
  }
  ~ReadLock() { close(file_); }
  ReadLock(const ReadLock&) = delete;
  ReadLock& operator=(const ReadLock&) = delete;

  // At once where nobody writes to the file, else as soon as the write is over.
  void Take() {
    struct flock lock = Shared(F_RDLCK);
    REQUIRE(fcntl(file_, F_OFD_SETLKW, &lock) == 0);
  }
  void Drop() {
    struct flock lock = Shared(F_UNLCK);
    REQUIRE(fcntl(file_, F_OFD_SETLK, &lock) == 0);
  }
  // Somebody else wants to commit, and waits for those who read.
  bool KeepsCommit() const { return IsTaken(Bytes(F_RDLCK, kPending, 1)); }
  bool IsWritten() const { return IsTaken(Shared(F_RDLCK)); }

 private:
  static constexpr off_t kPending = 0x40000000;

  static struct flock Bytes(short type, off_t start, off_t length) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = start;
    lock.l_len = length;
    return lock;
  }
  static struct flock Shared(short type) { return Bytes(type, kPending + 2, 510); }
  bool IsTaken(struct flock lock) const {
    return fcntl(file_, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  }

  int file_;
};

// A copy into a file that somebody reads just when it is to become WAL, so that it keeps its
// rollback journal: in the middle then, and the reader is still there.
class JournalCopy {
 public:
  explicit JournalCopy(const Direction& direction) : copy_(direction) {
    while (!Begin()) fs::remove(copies().target().url());
  }
  Copies& copies() { return copy_.copies(); }
  Process& process() { return *process_; }
  ReadLock& reader() { return *reader_; }
  void CheckCompletes() { copy_.CheckCompletes(); }
  // What is in the ledger is in the table.
  void CheckCommitted() {
    CHECK(copies().target().One("SELECT count(*) FROM items") ==
          std::to_string(copies().RowsCommitted()));
  }

 private:
  // False: it was quicker than the reader, and wrote to a WAL.
  bool Begin() {
    copies().target().Exec("CREATE TABLE other (n)");
    HandToUnprivileged(FolderOf(copies().target()));
    reader_ = std::make_unique<ReadLock>(copies().target().url());
    reader_->Take();
    process_ = std::make_unique<Process>(
        copies().Command({"--lock-timeout", "3s", "--retries", "2", "--log-level", "info"}),
        copy_.user());
    for (int i = 0; i < 2; ++i) LetCommit();  // the ledger, and the mode to go back to
    if (!process_->AwaitErr("stays in journal mode delete")) return false;
    for (int i = 0; i < 15; ++i) LetCommit();
    return process_->Running();
  }
  void LetCommit() {
    while (!reader_->KeepsCommit() && process_->Running()) continue;
    reader_->Drop();
    while (!reader_->IsWritten() && process_->Running()) continue;
    reader_->Take();
  }

  UsersCopy copy_;
  std::unique_ptr<ReadLock> reader_;
  std::unique_ptr<Process> process_;
};

TEST_CASE("a commit that a reader keeps from a rollback journal's file is tried again" *
          doctest::test_suite("lock of others")) {
  for (const int direction : {0, 3}) {
    CAPTURE(direction);
    JournalCopy copy(kDirections[direction]);
    CHECK(copy.process().AwaitErr(kOthersLock));
    copy.reader().Drop();
    const Finished finished = copy.process().Wait();
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
    copy.copies().CheckExact();
  }
}

TEST_CASE("a commit that a reader keeps from its file for too long stops the run, resumable" *
          doctest::test_suite("lock of others")) {
  JournalCopy copy(kDirections[0]);
  const Finished stopped = copy.process().Wait();
  CHECK_MESSAGE(Holds(stopped.err, kOthersLock), stopped.err);
  CheckStopped(stopped, "gave up after 2 tries in a row (--retries)", kLetEnd);
  copy.reader().Drop();
  copy.CheckCommitted();
  copy.CheckCompletes();
}

// It can make no journal, or cannot remove one, which is what commits: the next run rolls it back.
TEST_CASE("a folder that takes no rollback journal any more stops the run, resumable" *
          doctest::test_suite("missing right")) {
  for (const bool has_journal : {false, true}) {
    CAPTURE(has_journal);
    JournalCopy copy(kDirections[3]);
    const std::string journal = copy.copies().target().url() + "-journal";
    if (has_journal) {
      // A journal first: the commit before it, whose journal is gone, drops its locks one by one.
      while (!fs::exists(journal) || !copy.reader().KeepsCommit()) {
        REQUIRE(copy.process().Running());
      }
    }
    copy.reader().Drop();
    while (!has_journal) {
      REQUIRE(copy.process().Stop());
      if (!fs::exists(journal)) break;
      copy.process().Signal(SIGCONT);
    }
    {
      const LostRight lost(FolderOf(copy.copies().target()), kReadable);
      copy.process().Signal(SIGCONT);
      const char* says = has_journal ? "disk I/O error" : "attempt to write a readonly database";
      CheckStopped(copy.process().Wait(), says, kGrant);
    }
    copy.CheckCommitted();
    copy.CheckCompletes();
  }
}

// 48 MiB into a file in WAL mode that somebody has open, so that no connection of the run's is the
// last one: pages reach the file only where the run moves them while it goes on.
class LargeCopy {
 public:
  LargeCopy() {
    source_.Exec(
        "CREATE TABLE items (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO items WITH RECURSIVE "
        "n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) SELECT i, "
        "hex(zeroblob(2000)) || i FROM n");
    REQUIRE(sqlite3_open(target_.url().c_str(), &other_) == SQLITE_OK);
    REQUIRE(sqlite3_exec(other_, "PRAGMA journal_mode = wal; CREATE TABLE other (n)", nullptr,
                         nullptr, nullptr) == SQLITE_OK);
  }
  ~LargeCopy() { sqlite3_close(other_); }
  LargeCopy(const LargeCopy&) = delete;
  LargeCopy& operator=(const LargeCopy&) = delete;

  std::vector<std::string> Command() const {
    return {"copy", source_.url(), target_.url(), "--chunk-rows", "100"};
  }
  // Stands still (SIGSTOP) when that much is in the WAL. False: the copy was too fast for us.
  bool StopWithWalOf(uintmax_t bytes, Process& process) const {
    while (wal_bytes() < bytes) {
      if (!process.Running()) return false;
    }
    return process.Stop();
  }
  const std::string& path() const { return path_; }
  uintmax_t file_bytes() const { return fs::file_size(path_); }
  uintmax_t wal_bytes() const { return fs::file_size(path_ + "-wal"); }
  void CheckExact() {
    const char* contents = "SELECT count(*), sum(id), sum(length(body)) FROM items";
    CHECK(target_.Rows(contents) == source_.Rows(contents));
    CHECK(target_.One("PRAGMA integrity_check") == "ok");
    CHECK(target_.One("SELECT \"read\" || ' ' || inserted FROM rowferry_split") == "12000 12000");
  }

 private:
  SqliteDatabase source_;
  SqliteDatabase target_;
  const std::string path_ = target_.url();
  sqlite3* other_ = nullptr;
};

// False: the copy was over before the lock was dropped, and nothing was left to be moved.
bool MovesOnceFree(LargeCopy& copy) {
  constexpr uintmax_t kMoved = 24 << 20;  // three moves would have come
  WalLock others(copy.path());
  REQUIRE(others.Take());
  const uintmax_t before = copy.file_bytes();
  Process process(copy.Command());
  const bool midway = copy.StopWithWalOf(kMoved, process);
  CHECK(copy.wal_bytes() >= kMoved);
  CHECK(copy.file_bytes() == before);
  others.Drop();
  process.Signal(SIGCONT);
  const Finished finished = process.Wait();
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  copy.CheckExact();
  if (midway) CHECK(copy.file_bytes() > kMoved);
  return midway;
}

TEST_CASE("a WAL that another process keeps from being moved grows, and is moved once it is free" *
          doctest::test_suite("lock of others")) {
  while (!MovesOnceFree(*std::make_unique<LargeCopy>())) continue;
}

TEST_CASE("a copy ends while another process keeps its WAL from being moved, and all is in it" *
          doctest::test_suite("lock of others")) {
  LargeCopy copy;
  WalLock others(copy.path());
  REQUIRE(others.Take());
  const uintmax_t before = copy.file_bytes();
  const Finished finished = Rowferry(copy.Command());
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  CHECK(copy.file_bytes() == before);
  copy.CheckExact();
}

}  // namespace
}  // namespace rowferry::testing
