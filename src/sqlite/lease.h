// Who writes to an SQLite file now: an OS lock on a file beside it, PATH-rowferry.lock.
//
// The lock is a courtesy: it tells a second run to stay away. What keeps a former owner from
// committing is the epoch in the ledger. The side file's time of change is the sign of life, as it
// can be set from any thread without a lock on the database.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace rowferry::sqlite {

struct LeaseOwner {
  std::string job;
  std::string host;
  int64_t pid = 0;
  int64_t since = 0;         // microseconds since 1970
  int64_t heartbeat_at = 0;  // the same
};

// The owner as the side file names it; nothing if there is no such file. Whatever was written into
// it, job and host are text that can be shown; a number that is none is 0.
std::optional<LeaseOwner> ReadLease(const std::string& database_path);

// The same of the file's bytes, but for heartbeat_at, which the bytes do not say.
LeaseOwner ParseLease(std::string_view text);

// The side file's path, whether it is there or not.
std::string LeaseFile(const std::string& database_path);

// Beat may come from another thread; the other methods are for one thread at a time.
class Lease {
 public:
  Lease(const std::string& database_path, const Clock& clock);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  // Tries for up to `wait`; false: somebody else holds the lock.
  bool Take(const std::string& job, std::chrono::milliseconds wait);
  // Goes on without the lock, whose owner shows no sign of life. Beat tries to get it later.
  void Usurp(const std::string& job);
  void Beat() noexcept;
  // Removes the side file if the lock is ours. Does nothing if there is no lease.
  void Release() noexcept;

 private:
  bool TryLock();
  bool IsStillThere() const;
  void Sign(const std::string& job);
  void Close();

  std::string path_;
  const Clock& clock_;
  std::mutex mutex_;  // guards what follows against Beat
  int file_ = -1;
  bool locked_ = false;
};

}  // namespace rowferry::sqlite
