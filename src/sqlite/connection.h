// The target's one connection, which the ledger and the writer share: SQLite has a single writer.
#pragma once

#include <memory>
#include <string>

#include "sqlite/session.h"

namespace rowferry::sqlite {

// A missing file is an empty database until something is to be written: a plan that is refused
// leaves no file behind. One thread at a time, which may change between calls.
class Connection {
 public:
  // Throws Error(kPlan) if the file is no database, or cannot be written and `read_only` is false.
  // What it waits for stands on `watch_list` from then on; null: nobody watches.
  Connection(const std::string& path, bool read_only,
             std::chrono::milliseconds lock_timeout = Session::kPatience,
             const std::shared_ptr<WatchList>& watch_list = nullptr);

  const std::string& path() const { return path_; }
  // From any thread, and for good: locks are not waited for any more.
  void Cancel() noexcept { lock_wait_->Cancel(); }
  // Valid until Writable() is called for the first time.
  Session& session() { return *session_; }
  // Creates the file if it is missing. REQUIRES: not read_only.
  Session& Writable();

 private:
  std::string path_;
  bool read_only_;
  std::shared_ptr<LockWait> lock_wait_;
  std::unique_ptr<Session> session_;
};

}  // namespace rowferry::sqlite
