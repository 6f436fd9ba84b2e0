#include "sqlite/wal_mover.h"

#include <sqlite3.h>

namespace rowferry::sqlite {
namespace {

// As far as nobody is in the way. An error is left to whoever meets it next, as by SQLite's own
// automatic checkpoints: nothing is lost by it.
void Move(Session& session) {
  sqlite3_wal_checkpoint_v2(session.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

}  // namespace

WalMover::WalMover(Session& writer, const WalLimits& limits)
    : writer_(writer), limits_(limits), session_(Session::OpenForWriting(writer.path())) {
  thread_ = std::thread([this] { MoveWhenWoken(); });
  // Last: what throws above leaves no hook behind that leads here.
  const auto committed = [](void* mover, sqlite3*, const char*, int pages) {
    static_cast<WalMover*>(mover)->Committed(pages);
    return SQLITE_OK;
  };
  sqlite3_wal_hook(writer_.handle(), committed, this);
}

WalMover::~WalMover() {
  sqlite3_wal_autocheckpoint(writer_.handle(), limits_.worth_moving);  // takes the hook's place
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void WalMover::Committed(int pages) {
  if (pages < seen_pages_) seen_pages_ = 0;  // it began anew
  if (pages - seen_pages_ < limits_.worth_moving) return;
  if (pages >= limits_.begin_anew) {
    BeginAnew();
  } else {
    const std::lock_guard lock(mutex_);
    if (wanted_) return;
    wanted_ = true;
    changed_.notify_all();
  }
  seen_pages_ = pages;
}

// A WAL begins anew with the first commit that finds all of it moved, which a writer that goes on
// never does: so it stops here, once, and moves the rest itself.
void WalMover::BeginAnew() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !wanted_; });
  }
  Move(writer_);
}

void WalMover::MoveWhenWoken() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return wanted_ || ended_; });
    if (ended_) return;
    lock.unlock();
    Move(*session_);
    lock.lock();
    wanted_ = false;
    changed_.notify_all();
  }
}

}  // namespace rowferry::sqlite
