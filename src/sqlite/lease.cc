#include "sqlite/lease.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"

namespace rowferry::sqlite {
namespace {

constexpr std::chrono::milliseconds kPause{100};
constexpr size_t kMaxName = 1000;  // bytes of a job's or a host's
constexpr size_t kMaxFile = 4096;  // bytes that are read of the side file

// Of a full disk the way out is known by SQLite's code.
Error CannotWrite(const std::string& path) {
  const int why = errno;
  const bool full = why == ENOSPC || why == EDQUOT || why == EFBIG;
  return Error(full ? ErrorKind::kTarget : ErrorKind::kPlan, path + ": " + std::strerror(why),
               full ? "SQLITE_FULL" : "");
}

int64_t MicrosOf(const timespec& time) { return time.tv_sec * 1'000'000 + time.tv_nsec / 1000; }

}  // namespace

std::string LeaseFile(const std::string& database_path) { return database_path + "-rowferry.lock"; }

std::optional<LeaseOwner> ReadLease(const std::string& database_path) {
  const std::string path = LeaseFile(database_path);
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return std::nullopt;
  std::string text(kMaxFile, '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  LeaseOwner owner = ParseLease(text);
  owner.heartbeat_at = MicrosOf(file.st_mtim);
  return owner;
}

LeaseOwner ParseLease(std::string_view text) {
  std::vector<std::string> lines = Split(text, '\n');
  lines.resize(4);
  LeaseOwner owner;
  owner.job = Printable(lines[0], kMaxName);
  owner.host = Printable(lines[1], kMaxName);
  owner.pid = ParseInteger<int64_t>(lines[2]).value_or(0);
  owner.since = ParseInteger<int64_t>(lines[3]).value_or(0);
  return owner;
}

Lease::Lease(const std::string& database_path, const Clock& clock)
    : path_(LeaseFile(database_path)), clock_(clock) {}

Lease::~Lease() { Release(); }

bool Lease::Take(const std::string& job, std::chrono::milliseconds wait) {
  const auto deadline = clock_.Now() + wait;
  while (!TryLock()) {
    if (clock_.Now() >= deadline) return false;
    clock_.Sleep(kPause);
  }
  Sign(job);
  return true;
}

void Lease::Usurp(const std::string& job) {
  const std::lock_guard guard(mutex_);
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_ >= 0) Sign(job);
}

void Lease::Beat() noexcept {
  const std::lock_guard guard(mutex_);
  if (file_ < 0) return;
  if (!locked_) locked_ = ::flock(file_, LOCK_EX | LOCK_NB) == 0;
  ::futimens(file_, nullptr);
}

void Lease::Release() noexcept {
  const std::lock_guard guard(mutex_);
  // Removed while the lock is held: who waits for it finds another file, or none, and tries anew.
  if (file_ >= 0 && locked_ && IsStillThere()) ::unlink(path_.c_str());
  Close();
}

bool Lease::TryLock() {
  const std::lock_guard guard(mutex_);
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_ < 0) throw CannotWrite(path_);
  locked_ = ::flock(file_, LOCK_EX | LOCK_NB) == 0;
  if (locked_ && IsStillThere()) return true;
  Close();
  return false;
}

// The file that is open is the one that the path names: nobody removed it in between.
bool Lease::IsStillThere() const {
  struct stat open_file {};
  struct stat named_file {};
  return ::fstat(file_, &open_file) == 0 && ::stat(path_.c_str(), &named_file) == 0 &&
         open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

void Lease::Sign(const std::string& job) {
  const std::string text = Printable(job, kMaxName) + "\n" + HostName() + "\n" +
                           std::to_string(::getpid()) + "\n" + std::to_string(clock_.UnixMicros()) +
                           "\n";
  const bool written = ::ftruncate(file_, 0) == 0 && ::pwrite(file_, text.data(), text.size(), 0) ==
                                                         static_cast<ssize_t>(text.size());
  if (!written) throw CannotWrite(path_);
}

void Lease::Close() {
  if (file_ >= 0) ::close(file_);  // drops the lock
  file_ = -1;
  locked_ = false;
}

}  // namespace rowferry::sqlite
