#include "sqlite/path.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "base/path.h"
#include "base/text.h"
#include "sqlite/driver.h"
#include "sqlite/lease.h"

namespace rowferry {
namespace sqlite {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kScheme = "sqlite:";

std::optional<struct stat> Stat(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return found;
}

std::string FolderOf(const std::string& path) { return fs::path(path).parent_path().string(); }

std::string WhyNoAccess(const std::string& path, int mode) {
  return ::access(path.c_str(), mode) == 0 ? "" : path + ": " + std::strerror(errno);
}

}  // namespace

std::string PathOf(std::string_view url) {
  if (url.starts_with(kScheme)) url.remove_prefix(kScheme.size());
  if (url.empty()) throw Error(ErrorKind::kUsage, "an SQLite database needs a path: sqlite:PATH");
  if (url.find('\0') != std::string_view::npos) {
    throw Error(ErrorKind::kUsage, "a path cannot hold a NUL byte");
  }
  std::error_code error;
  const fs::path path = fs::absolute(fs::path(url), error);
  if (!error) return ResolveLinks(path.string());
  throw Error(ErrorKind::kUsage, ShowPath(url) + " leads nowhere from here: " + error.message());
}

bool FileExists(const std::string& path) { return Stat(path).has_value(); }

bool IsEmptyFile(const std::string& path) { return FileSize(path) == 0; }

int64_t FileSize(const std::string& path) {
  const auto file = Stat(path);
  return file ? file->st_size : 0;
}

std::string ShowPath(std::string_view path) { return Printable(path, std::string::npos); }

std::string PlaceOf(const std::string& path) { return "sqlite:" + ShowPath(path); }

std::string FileIdentity(const std::string& path) {
  if (const auto file = Stat(path)) {
    return "sqlite:" + std::to_string(file->st_dev) + ":" + std::to_string(file->st_ino);
  }
  return PlaceOf(path);
}

std::string FileState(const std::string& path) {
  const auto file = Stat(path);
  if (!file) return "missing";
  std::string state = FileIdentity(path);
  for (const int64_t part : {static_cast<int64_t>(file->st_size), file->st_mtim.tv_sec,
                             static_cast<int64_t>(file->st_mtim.tv_nsec)}) {
    state += ":" + std::to_string(part);
  }
  return state;
}

std::string DatabaseState(const std::string& path) {
  const std::string wal = path + "-wal";
  return FileState(path) + (IsEmptyFile(wal) ? "" : " wal " + FileState(wal));
}

std::string WhyUnreadable(const std::string& path) {
  const auto file = Stat(path);
  if (!file) return path + ": " + std::strerror(errno);
  if (S_ISDIR(file->st_mode)) return path + " is a directory";
  return WhyNoAccess(path, R_OK);
}

std::string WhyUnwritable(const std::string& path) {
  const auto file = Stat(path);
  if (file && S_ISDIR(file->st_mode)) return path + " is a directory";
  if (file) {
    if (auto why = WhyNoAccess(path, R_OK | W_OK); !why.empty()) {
      return why + ": the target must be writable for this user, or another file";
    }
  }
  // The journal and the lock lie beside the database.
  if (auto why = WhyNoAccess(FolderOf(path), W_OK | X_OK); !why.empty()) {
    return why +
           ": the target's folder, where SQLite keeps its journal, must be there and writable "
           "for this user; or name a file in another";
  }
  const std::string lock = LeaseFile(path);
  if (::access(lock.c_str(), R_OK | W_OK) == 0 || errno == ENOENT) return "";
  return lock + ": " + std::strerror(errno) +
         ": it is the lock of another user's run: remove it once that run is over, or name another "
         "file";
}

std::string WhyOutOfSight(const std::string& path) {
  if (FileExists(path) || errno == ENOENT || errno == ENOTDIR) return "";
  return path + ": " + std::strerror(errno);
}

std::string ImmutableUri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    const bool special = c == '?' || c == '#' || c == '%';
    uri += special ? "%" + Hex({&c, 1}) : std::string(1, c);
  }
  return uri + "?immutable=1";
}

}  // namespace sqlite

bool IsSqliteUrl(std::string_view url) {
  return url.starts_with(sqlite::kScheme) || url.find("://") == std::string_view::npos;
}

std::vector<std::string> SqliteFiles(std::string_view url) {
  const std::string path = sqlite::PathOf(url);
  return {path, sqlite::LeaseFile(path), path + "-wal", path + "-shm", path + "-journal"};
}

}  // namespace rowferry
