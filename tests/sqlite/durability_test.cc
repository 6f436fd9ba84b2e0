// What is on the disk, and when: seen from SQLite's file system, as no crash of a process shows it.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <atomic>
#include <mutex>

#include "sqlite/copy.h"

namespace rowferry::testing {
namespace {

// While it lives, SQLite's own file system (VFS), but for that it counts how often a write-ahead
// log is brought to the disk. Files that were opened meanwhile are closed before it goes.
class WalSyncs {
 public:
  WalSyncs() {
    own_ = sqlite3_vfs_find(nullptr);
    counting_ = *own_;
    counting_.zName = "counting";
    counting_.xOpen = Open;
    syncs_ = 0;
    sqlite3_vfs_register(&counting_, 1);
  }
  ~WalSyncs() {
    sqlite3_vfs_unregister(&counting_);
    sqlite3_vfs_register(own_, 1);
  }
  WalSyncs(const WalSyncs&) = delete;
  WalSyncs& operator=(const WalSyncs&) = delete;

  template <typename Work>
  static int During(const Work& work) {
    const int before = syncs_;
    work();
    return syncs_ - before;
  }

 private:
  static int Open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* out) {
    const int result = own_->xOpen(own_, name, file, flags, out);
    if (result != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return result;
    const std::lock_guard lock(mutex_);  // threads open files as well
    if (sync_ == nullptr) {
      methods_ = *file->pMethods;
      sync_ = methods_.xSync;
      methods_.xSync = Sync;
    }
    file->pMethods = &methods_;
    return result;
  }
  static int Sync(sqlite3_file* file, int flags) {
    ++syncs_;
    return sync_(file, flags);
  }

  inline static sqlite3_vfs* own_ = nullptr;
  inline static sqlite3_vfs counting_;
  inline static std::mutex mutex_;
  inline static sqlite3_io_methods methods_;
  inline static int (*sync_)(sqlite3_file*, int) = nullptr;
  inline static std::atomic<int> syncs_ = 0;
};

Table NewTable() {
  Table table;
  table.name.name = "t";
  ColumnInfo column;
  column.name = "x";
  column.native = "INTEGER";
  column.type = ParseType("bigint");
  table.columns = {column};
  return table;
}

TEST_CASE("chunks are left to the system, and how a job ends is on the disk when it is told") {
  const WalSyncs syncs;
  SqliteDatabase database;
  const auto target = TargetOf(database);
  const Begun begun = BeginJob(*target, NewTable(), {ParseType("bigint")});
  const auto writer = target->OpenWriter(begun.plan, begun.split);
  Checkpoint at = writer->Resume();
  const auto write = [&](const std::vector<Value>& values) {
    at = WriteValues(*writer, ParseType("bigint"), values, at).committed;
  };
  Ledger& ledger = target->ledger();
  write({Value::Integer(1)});
  CHECK(WalSyncs::During([&] { write({Value::Integer(2)}); }) == 0);
  SUBCASE("done") {
    write({});
    CHECK(WalSyncs::During([&] { CHECK(ledger.Finish("job")); }) > 0);
  }
  SUBCASE("not done, as a split is not") {
    CHECK_FALSE(ledger.Finish("job"));
    CHECK(WalSyncs::During([&] { write({Value::Integer(3)}); }) == 0);
  }
  SUBCASE("stopped") {
    CHECK(WalSyncs::During([&] { ledger.Interrupt("job", JobState::kStopped, ""); }) > 0);
  }
  SUBCASE("rejects tried again") {
    CHECK(WalSyncs::During([&] { ledger.MakeDurable("job"); }) > 0);
    CHECK(WalSyncs::During([&] { write({Value::Integer(3)}); }) == 0);
  }
  SUBCASE("rejects thrown away") {
    database.Exec(
        "INSERT INTO rowferry_reject VALUES (1, 'job', 0, 'open', '', '', 'check', '', '', '', '', "
        "0, 0, x'')");
    CHECK(WalSyncs::During([&] { ledger.Purge("job", {}); }) > 0);
    CHECK(WalSyncs::During([&] { write({Value::Integer(3)}); }) == 0);
  }
}

}  // namespace
}  // namespace rowferry::testing
