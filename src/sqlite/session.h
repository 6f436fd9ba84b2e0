// One connection to an SQLite database, and how everything but the hot loops talks to it.
#pragma once

#include <SQLiteCpp/Database.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/value.h"
#include "sqlite/lock_wait.h"

struct sqlite3;
struct sqlite3_stmt;

namespace rowferry::sqlite {

struct StatementDeleter {
  void operator()(sqlite3_stmt* statement) const;
};
using Prepared = std::unique_ptr<sqlite3_stmt, StatementDeleter>;

using Record = std::vector<Value>;

// One thread at a time (opened NOMUTEX), which may change between calls. All methods throw Error,
// translated from SQLite's result code.
class Session {
 public:
  static constexpr std::chrono::milliseconds kPatience{5'000};  // with the locks of others

  // Read only, never creating or changing anything, but that SQLite rolls back what a killed writer
  // left behind. A WAL database that lies where its -shm file cannot be made is read as immutable
  // if there is neither WAL nor journal beside it; changed() then watches it. Throws Error(kPlan)
  // if the file is missing, is no database, is cut off or cannot be read. `lock_wait`, which others
  // may watch: how long locks are waited for; null: kPatience.
  static std::unique_ptr<Session> OpenForReading(const std::string& path,
                                                 const std::shared_ptr<LockWait>& lock_wait = {});
  // An empty database in memory, in the place of a file that does not exist yet.
  static std::unique_ptr<Session> OpenEmpty(const std::string& path);
  // Creates the file if it is missing. `lock_wait`: as above.
  static std::unique_ptr<Session> OpenForWriting(const std::string& path,
                                                 std::shared_ptr<LockWait> lock_wait = nullptr);

  const std::string& path() const { return path_; }
  sqlite3* handle() const { return database_.getHandle(); }
  bool in_memory() const { return in_memory_; }
  // True if the file was opened as immutable and somebody wrote to it since.
  bool changed() const;

  // One statement; rows that it returns are dropped.
  void Run(std::string_view sql, const Record& parameters = {});
  // All rows that the statement returns: for small answers.
  std::vector<Record> Rows(std::string_view sql, const Record& parameters = {});
  // The first column of the first row; NULL if there is no row.
  Value Single(std::string_view sql, const Record& parameters = {});
  // Rows changed by the last INSERT, UPDATE or DELETE.
  int64_t changes() const;
  // With the locks of others, from here on (0: without end). Returns what held before.
  std::chrono::milliseconds SetPatience(std::chrono::milliseconds patience) {
    return lock_wait_->SetPatience(patience);
  }
  bool in_transaction() const;

  // From any thread, and for good: statements that compute end with SQLITE_INTERRUPT, and locks are
  // not waited for. A read transaction that is open stays so.
  void Cancel() noexcept {
    cancelled_ = true;
    lock_wait_->Cancel();
  }
  // The same for as long as it lives, once `cancelled` is set. One at a time.
  class Cancellable {
   public:
    Cancellable(Session& session, const std::atomic<bool>& cancelled) : session_(session) {
      session_.also_cancelled_ = &cancelled;
    }
    ~Cancellable() { session_.also_cancelled_ = nullptr; }
    Cancellable(const Cancellable&) = delete;
    Cancellable& operator=(const Cancellable&) = delete;

   private:
    Session& session_;
  };

  // For the hot loops. The statement must not outlive the session.
  Prepared Prepare(const std::string& sql);

 private:
  static std::unique_ptr<Session> TryReading(const std::string& path, int flags,
                                             const std::shared_ptr<LockWait>& lock_wait);
  Session(std::string path, const std::string& name, int flags, bool in_memory,
          std::shared_ptr<LockWait> lock_wait = nullptr);
  void Probe();
  void RequireWhole();
  static int IsCancelled(void* session);

  std::string path_;
  std::shared_ptr<LockWait> lock_wait_;  // before what it serves
  SQLite::Database database_;
  bool in_memory_ = false;
  std::atomic<bool> cancelled_ = false;
  const std::atomic<bool>* also_cancelled_ = nullptr;  // of who reads, in its thread
  std::string immutable_state_;  // FileState when opened as immutable; else empty
};

// BEGIN IMMEDIATE; rolls back unless Commit was called. SQLite ends a transaction by itself on some
// errors (disk full), so it is asked before anything is rolled back.
class WriteTransaction {
 public:
  explicit WriteTransaction(Session& session);
  ~WriteTransaction();
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;

  void Commit();

 private:
  Session& session_;
};

}  // namespace rowferry::sqlite
