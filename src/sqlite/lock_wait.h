// How a connection to a file waits for the locks of others, and what it tells of that meanwhile.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "flow/wait.h"

struct sqlite3;

namespace rowferry::sqlite {

// "process 4711 (sqlite3)": those whose locks on a database file keep others from writing, as the
// kernel lists them (/proc/locks, proc_locks(5)); "another process" where it does not say.
std::string LockHolders(const std::string& path);

// SQLite's busy handler. Waits and Cancel are for any thread, everything else for that of the
// connection. Must outlive the connection.
class LockWait final : public Watched {
 public:
  // Each lock is waited for as long as `patience`; 0: for ever.
  LockWait(std::string path, std::chrono::milliseconds patience);

  void Serve(sqlite3* connection);
  // From any thread, and for good: no lock is waited for any more.
  void Cancel() noexcept { cancelled_ = true; }
  // Until the next call. Returns what held before.
  std::chrono::milliseconds SetPatience(std::chrono::milliseconds patience);

  std::vector<Wait> Waits(std::chrono::milliseconds least) override;
  // A file does not fall silent: nothing to end.
  void Cut(int64_t) override {}

 private:
  // False: it was long enough.
  bool KeepsWaiting(int tries);

  const std::string path_;
  std::chrono::milliseconds patience_;
  std::atomic<bool> cancelled_ = false;
  // By the steady clock, in microseconds: SQLite tells when it is refused a lock, not when it gets
  // one.
  std::atomic<int64_t> first_refused_ = 0;
  std::atomic<int64_t> last_refused_ = 0;
};

}  // namespace rowferry::sqlite
