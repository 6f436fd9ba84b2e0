#include "support/wal_lock.h"

#include <fcntl.h>
#include <unistd.h>

namespace rowferry::testing {
namespace {

// https://sqlite.org/walformat.html, chapter 2.3.1: the locks begin at byte 120 of the wal-index.
struct flock Bytes(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = 121;
  lock.l_len = 1;
  return lock;
}

}  // namespace

WalLock::WalLock(const std::string& database)
    : file_(open((database + "-shm").c_str(), O_RDWR | O_CLOEXEC)) {}

WalLock::~WalLock() {
  if (file_ >= 0) close(file_);
}

bool WalLock::Take() {
  struct flock lock = Bytes(F_WRLCK);
  return file_ >= 0 && fcntl(file_, F_OFD_SETLKW, &lock) == 0;
}

void WalLock::Drop() {
  struct flock lock = Bytes(F_UNLCK);
  fcntl(file_, F_OFD_SETLK, &lock);
}

}  // namespace rowferry::testing
