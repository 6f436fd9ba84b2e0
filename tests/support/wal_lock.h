// Who else moves the WAL of an SQLite file into it, as any program may: PRAGMA wal_checkpoint.
#pragma once

#include <string>

namespace rowferry::testing {

// The lock that is held for a move (WAL_CKPT_LOCK), of an open file and not of this process. While
// it is held every other move, a passive one too, is SQLITE_BUSY; those who read and write are not
// in its way.
class WalLock {
 public:
  explicit WalLock(const std::string& database);  // its path
  ~WalLock();                                     // drops the lock
  WalLock(const WalLock&) = delete;
  WalLock& operator=(const WalLock&) = delete;

  // Waits for the move at hand. False: the database is not in WAL mode.
  bool Take();
  void Drop();

 private:
  int file_;
};

}  // namespace rowferry::testing
