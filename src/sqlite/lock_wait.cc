#include "sqlite/lock_wait.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>
#include <utility>

#include "base/text.h"

namespace rowferry::sqlite {
namespace {

constexpr std::chrono::milliseconds kLongestNap{100};
constexpr int64_t kStillWaits = 1'000'000;  // µs since it was last refused: several naps

int64_t SteadyMicros() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

// As /proc/locks names a file; empty if there is none.
std::string KernelsName(const std::string& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) return "";
  char name[64];
  std::snprintf(name, sizeof name, "%02x:%02x:%lu", major(file.st_dev), minor(file.st_dev),
                static_cast<unsigned long>(file.st_ino));
  return name;
}

std::string ShowProcess(const std::string& pid) {
  std::string name;
  std::getline(std::ifstream("/proc/" + pid + "/comm"), name);
  return "process " + pid + (name.empty() ? "" : " (" + Printable(name) + ")");
}

// Of other processes: "1: POSIX  ADVISORY  WRITE 4711 fe:00:1234 120 120". A line with "->" behind
// its number is one that waits.
std::set<std::string> HoldersOf(const std::string& file, std::string_view mode) {
  std::set<std::string> holders;
  if (file.empty()) return holders;
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, advisory, held, pid, name;
    words >> number >> kind >> advisory >> held >> pid >> name;
    const bool known = pid != std::to_string(getpid()) && !pid.starts_with('-') && pid != "0";
    if (name == file && held == mode && known) holders.insert(ShowProcess(pid));
  }
  return holders;
}

}  // namespace

// In WAL mode who writes has locks on the -shm file, and all have shared ones on the database.
std::string LockHolders(const std::string& path) {
  std::set<std::string> holders = HoldersOf(KernelsName(path), "WRITE");
  holders.merge(HoldersOf(KernelsName(path + "-shm"), "WRITE"));
  if (holders.empty()) holders = HoldersOf(KernelsName(path), "READ");
  if (holders.empty()) return "another process";
  return Join({holders.begin(), holders.end()}, ", ");
}

LockWait::LockWait(std::string path, std::chrono::milliseconds patience)
    : path_(std::move(path)), patience_(patience) {}

void LockWait::Serve(sqlite3* connection) {
  const auto refused = [](void* self, int tries) {
    return static_cast<LockWait*>(self)->KeepsWaiting(tries) ? 1 : 0;
  };
  sqlite3_busy_handler(connection, refused, this);
}

std::chrono::milliseconds LockWait::SetPatience(std::chrono::milliseconds patience) {
  return std::exchange(patience_, patience);
}

bool LockWait::KeepsWaiting(int tries) {
  const int64_t now = SteadyMicros();
  if (tries == 0) first_refused_ = now;
  last_refused_ = now;
  const std::chrono::microseconds waited(now - first_refused_);
  if (cancelled_ || (patience_.count() != 0 && waited >= patience_)) return false;
  const std::chrono::milliseconds nap(1 << std::min(tries, 10));
  std::this_thread::sleep_for(std::min(nap, kLongestNap));
  return true;
}

std::vector<Wait> LockWait::Waits(std::chrono::milliseconds least) {
  const int64_t last = last_refused_;
  const std::chrono::microseconds waited(last - first_refused_);
  if (last == 0 || SteadyMicros() - last > kStillWaits || waited < least) return {};
  Wait wait;
  wait.kind = Wait::Kind::kLock;
  wait.who = "the connection to " + path_;
  wait.what = "waits for a lock of " + LockHolders(path_);
  wait.seconds = waited.count() / 1'000'000;
  return {wait};
}

}  // namespace rowferry::sqlite
