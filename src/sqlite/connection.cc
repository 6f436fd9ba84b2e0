#include "sqlite/connection.h"

#include "base/error.h"
#include "sqlite/path.h"

namespace rowferry::sqlite {

Connection::Connection(const std::string& path, bool read_only,
                       std::chrono::milliseconds lock_timeout,
                       const std::shared_ptr<WatchList>& watch_list)
    : path_(path),
      read_only_(read_only),
      lock_wait_(std::make_shared<LockWait>(path, lock_timeout)) {
  if (watch_list != nullptr) watch_list->Add(lock_wait_);
  if (!read_only_) {
    if (const auto why = WhyUnwritable(path_); !why.empty()) throw Error(ErrorKind::kPlan, why);
  }
  if (!FileExists(path_)) {
    session_ = Session::OpenEmpty(path_);
  } else {
    session_ =
        read_only_ ? Session::OpenForReading(path_) : Session::OpenForWriting(path_, lock_wait_);
  }
}

Session& Connection::Writable() {
  if (read_only_) throw Error(ErrorKind::kInternal, path_ + " was opened for reading only");
  if (session_->in_memory()) session_ = Session::OpenForWriting(path_, lock_wait_);
  return *session_;
}

}  // namespace rowferry::sqlite
