#include "app/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

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

class File {
 public:
  // Owns the descriptor.
  explicit File(int descriptor) : file_(::fdopen(descriptor, "w")) {
    if (file_ == nullptr) ::close(descriptor);
  }
  ~File() {
    if (file_ != nullptr) std::fclose(file_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool Write(std::string_view text) {
    good_ =
        good_ && file_ != nullptr && std::fwrite(text.data(), 1, text.size(), file_) == text.size();
    return good_;
  }
  // False, with errno: not all of it was written.
  bool Close() {
    if (file_ == nullptr) return false;
    return std::fclose(std::exchange(file_, nullptr)) == 0 && good_;
  }

 private:
  std::FILE* file_;
  bool good_ = true;
};

// One file that is to be written.
class Output {
 public:
  Output(const std::string& path, const std::string& what,
         const std::function<void(const Put&)>& write)
      : path_(path), what_(what), write_(write) {}

  void WriteThrough(int stream) const {
    const int file = stream >= 0 ? ::dup(stream) : ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) Fail("opened");
    if (!WriteAll(file)) Fail("written");
  }

  void Replace() const {
    const std::string file = ResolveLinks(path_);
    const std::string part = PartOf(file);
    const int descriptor = CreatePart(part);
    if (descriptor < 0) Fail("created");
    bool written = false;
    try {
      written = WriteAll(descriptor);
    } catch (...) {
      ::unlink(part.c_str());
      throw;
    }
    if (written && std::rename(part.c_str(), file.c_str()) == 0) return;
    const int cause = errno;
    ::unlink(part.c_str());
    errno = cause;
    Fail(written ? "moved to its place" : "written");
  }

 private:
  // False, with errno: not all of it was written.
  bool WriteAll(int descriptor) const {
    File file(descriptor);
    write_([&](std::string_view text) { return file.Write(text); });
    return file.Close();
  }
  [[noreturn]] void Fail(const std::string& done) const {
    throw Error(ErrorKind::kTarget,
                what_ + " " + path_ + " cannot be " + done + ": " + std::strerror(errno));
  }

  const std::string& path_;
  const std::string& what_;
  const std::function<void(const Put&)>& write_;
};

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

void CheckOutputPath(const std::string& path, const std::vector<std::string>& databases,
                     const std::string& option) {
  const std::string why = WhyNotWritable(path, databases);
  if (!why.empty()) {
    throw Error(ErrorKind::kUsage, option + " " + path + " cannot be written: " + why);
  }
}

void WriteOutput(const std::string& path, const std::string& what,
                 const std::function<void(const Put&)>& write) {
  const Output output(path, what, write);
  const auto found = Stat(path);
  const int stream = found ? StreamTo(*found) : -1;
  const bool is_file = !found || S_ISREG(found->st_mode);
  stream >= 0 || !is_file ? output.WriteThrough(stream) : output.Replace();
}

}  // namespace rowferry
