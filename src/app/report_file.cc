#include "app/report_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "base/path.h"

namespace rowferry {
namespace {

std::optional<struct stat> Stat(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return found;
}

bool IsSame(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool IsSameFile(const std::string& a, const std::string& b) {
  const auto found_a = Stat(a);
  const auto found_b = Stat(b);
  if (found_a && found_b) return IsSame(*found_a, *found_b);
  return ResolveLinks(a) == ResolveLinks(b);
}

// Our stdout or stderr, if the file is what it leads to: opened anew, it would be written from its
// beginning. -1: neither.
int StreamTo(const struct stat& file) {
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat found {};
    if (::fstat(stream, &found) == 0 && IsSame(file, found)) return stream;
  }
  return -1;
}

// Beside the file; the process's number keeps it from being anybody's file.
std::string PartOf(const std::string& file) {
  return file + "." + std::to_string(::getpid()) + ".part";
}

int CreatePart(const std::string& part) {
  return ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

[[noreturn]] void Fail(const std::string& path, const std::string& what) {
  throw Error(ErrorKind::kTarget,
              "the report " + path + " cannot be " + what + ": " + std::strerror(errno));
}

// Closes the descriptor. False, with errno: not all of it was written.
bool WriteAll(int descriptor, const std::string& text) {
  std::FILE* file = ::fdopen(descriptor, "w");
  if (file == nullptr) {
    ::close(descriptor);
    return false;
  }
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  return std::fclose(file) == 0 && written;
}

void WriteThrough(const std::string& path, int stream, const std::string& text) {
  const int file = stream >= 0 ? ::dup(stream) : ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) Fail(path, "opened");
  if (!WriteAll(file, text)) Fail(path, "written");
}

void Replace(const std::string& path, const std::string& text) {
  const std::string file = ResolveLinks(path);
  const std::string part = PartOf(file);
  const int descriptor = CreatePart(part);
  if (descriptor < 0) Fail(path, "created");
  const bool written = WriteAll(descriptor, text);
  if (written && std::rename(part.c_str(), file.c_str()) == 0) return;
  const int cause = errno;
  ::unlink(part.c_str());
  errno = cause;
  Fail(path, written ? "moved to its place" : "written");
}

// Empty: it can be written.
std::string WhyNotWritable(const std::string& path, const std::vector<std::string>& databases) {
  for (const std::string& file : databases) {
    if (!IsSameFile(path, file)) continue;
    return file + " belongs to the source or the target; name another file";
  }
  const auto found = Stat(path);
  if (!found && errno != ENOENT) return std::strerror(errno);
  if (found && S_ISDIR(found->st_mode)) return "it is a directory";
  if (found && StreamTo(*found) >= 0) return "";
  if (found && !S_ISREG(found->st_mode)) {
    return ::access(path.c_str(), W_OK) != 0 ? std::strerror(errno) : "";
  }
  const std::string part = PartOf(ResolveLinks(path));
  const int descriptor = CreatePart(part);
  if (descriptor < 0) return std::strerror(errno);
  ::close(descriptor);
  ::unlink(part.c_str());
  return "";
}

}  // namespace

void CheckReportPath(const std::string& path, const std::vector<std::string>& databases,
                     const std::string& option) {
  const std::string why = WhyNotWritable(path, databases);
  if (!why.empty()) {
    throw Error(ErrorKind::kUsage, option + " " + path + " cannot be written: " + why);
  }
}

void WriteReport(const nlohmann::json& report, const std::string& path) {
  const std::string text =
      report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  const auto found = Stat(path);
  const int stream = found ? StreamTo(*found) : -1;
  if (stream >= 0 || (found && !S_ISREG(found->st_mode))) return WriteThrough(path, stream, text);
  Replace(path, text);
}

}  // namespace rowferry
