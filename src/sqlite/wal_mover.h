// Moves what was committed from the WAL into the database file while the writer goes on: else every
// so many commits would wait until the disk has both. (SQLite calls the move a checkpoint, which
// here is something else.) https://sqlite.org/wal.html, chapter 2.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "sqlite/session.h"

namespace rowferry::sqlite {

// In pages of the WAL. With pages of 4 KiB: a move for each 8 MiB, and a WAL of little more than
// 128 MiB at the most, unless a reader holds on to an old state of the database.
struct WalLimits {
  int worth_moving = 2'048;
  int begin_anew = 32'768;
};

// Works in a thread and over a connection of its own, woken by the writer's commits. What cannot be
// moved (a reader is in the way, the disk is full) stays in the WAL, where it is as safe. Made and
// destroyed by the thread that uses `writer`. Does nothing while the database is not in WAL mode.
class WalMover {
 public:
  // `writer` outlives this object.
  explicit WalMover(Session& writer, const WalLimits& limits = {});
  // Waits for the move at hand. From then on the writer's commits move the pages themselves.
  ~WalMover();
  WalMover(const WalMover&) = delete;
  WalMover& operator=(const WalMover&) = delete;

 private:
  void Committed(int pages);  // in the writer's thread: so many pages are in the WAL now
  void BeginAnew();
  void MoveWhenWoken();  // the thread

  Session& writer_;
  const WalLimits limits_;
  int seen_pages_ = 0;  // in the WAL when a move was last asked for; the writer's
  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;               // guarded by mutex_; stays true until the move is done
  bool ended_ = false;                // guarded by mutex_
  std::unique_ptr<Session> session_;  // the thread's
  std::thread thread_;                // last: it uses all of the above
};

}  // namespace rowferry::sqlite
