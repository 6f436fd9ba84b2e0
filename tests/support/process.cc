#include "support/process.h"

#include <fcntl.h>
#include <grp.h>
#include <pty.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace rowferry::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Many times what a run takes on a slow machine under load.
constexpr std::chrono::minutes kHangs{10};

std::string TemporaryFile() {
  std::string path = std::filesystem::temp_directory_path() / "rowferry_test_XXXXXX";
  const int file = mkstemp(path.data());
  if (file < 0) throw std::runtime_error("no temporary file");
  close(file);
  return path;
}

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string ReadAndRemove(const std::string& path) {
  std::string text = ReadFile(path);
  unlink(path.c_str());
  return text;
}

void RedirectTo(const std::string& path, int descriptor) {
  const int file = open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  dup2(file, descriptor);
}

void LimitFiles(size_t bytes) {
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_FSIZE, &limit);
}

constexpr uid_t kNobody = 65'534;

void BecomeUnprivileged() {
  if (getuid() != 0) return;
  if (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0) _exit(126);
}

[[noreturn]] void Execute(const std::vector<std::string>& arguments,
                          const ProcessOptions& options) {
  for (const auto& [name, value] : options.environment) setenv(name.c_str(), value.c_str(), 1);
  std::signal(SIGHUP, options.ignores_hangup ? SIG_IGN : SIG_DFL);  // the tests may run under nohup
  if (options.file_limit > 0) LimitFiles(options.file_limit);
  for (int stream = 0; stream <= STDERR_FILENO && options.closes_streams; ++stream) close(stream);
  std::string path = ROWFERRY_BINARY;
  const int binary = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::vector<char*> argv = {path.data()};
  std::vector<std::string> copies = arguments;
  for (std::string& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  if (options.unprivileged) BecomeUnprivileged();
  fexecve(binary, argv.data(), environ);  // whose folders that user may not enter
  _exit(127);
}

// What the child writes to the terminal would block it: read it off until it is closed.
void Drain(int terminal, const std::string& path) {
  std::ofstream out(path, std::ios::binary);
  char bytes[4096];
  for (ssize_t size = 0; (size = read(terminal, bytes, sizeof bytes)) > 0;) {
    out.write(bytes, size);
    out.flush();
  }
}

}  // namespace

void HandToUnprivileged(const std::string& folder) {
  if (getuid() != 0) return;
  std::vector<std::string> paths = {folder};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  for (const std::string& path : paths) {
    if (chown(path.c_str(), kNobody, kNobody) != 0) throw std::runtime_error("chown " + path);
  }
}

Process::Process(const std::vector<std::string>& arguments, const ProcessOptions& options)
    : out_path_(TemporaryFile()), err_path_(TemporaryFile()) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(options.terminal_columns);
  size.ws_row = 24;
  const bool on_terminal = options.terminal_columns > 0;
  pid_ = on_terminal ? forkpty(&terminal_, nullptr, nullptr, &size) : fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    RedirectTo(options.out_path.empty() ? out_path_ : options.out_path, STDOUT_FILENO);
    if (!on_terminal) {
      RedirectTo(err_path_, STDERR_FILENO);
      dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    }
    if (!options.err_path.empty()) RedirectTo(options.err_path, STDERR_FILENO);
    Execute(arguments, options);
  }
  if (on_terminal) drain_ = std::thread(Drain, terminal_, err_path_);
}

Process::~Process() {
  if (!reaped_) {
    kill(pid_, SIGKILL);
    waitpid(pid_, &status_, 0);
  }
  if (drain_.joinable()) drain_.join();
  if (terminal_ >= 0) close(terminal_);
  unlink(out_path_.c_str());
  unlink(err_path_.c_str());
}

void Process::Signal(int number) const {
  if (!reaped_) kill(pid_, number);  // else the number may be another process's by now
}

bool Process::Stop() {
  Signal(SIGSTOP);
  int status = 0;
  if (!reaped_ && waitpid(pid_, &status, WUNTRACED) == pid_ && !WIFSTOPPED(status)) Reap(status);
  return !reaped_;
}

void Process::Type(const std::string& text) const {
  if (write(terminal_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error("the terminal takes no input");
  }
}

bool Process::AwaitErr(const std::string& text) {
  const auto end = steady_clock::now() + kHangs;
  while (ReadFile(err_path_).find(text) == std::string::npos) {
    if (!Running()) return false;
    if (steady_clock::now() > end) Signal(SIGKILL);
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

bool Process::Running() {
  if (reaped_) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) == pid_) Reap(status);
  return !reaped_;
}

void Process::Reap(int status) {
  status_ = status;
  reaped_ = true;
}

Finished Process::Wait() {
  const auto end = steady_clock::now() + kHangs;
  while (Running()) {
    if (steady_clock::now() > end) Signal(SIGKILL);
    std::this_thread::sleep_for(milliseconds(2));
  }
  if (drain_.joinable()) drain_.join();
  Finished finished;
  if (WIFEXITED(status_)) finished.exit_code = WEXITSTATUS(status_);
  if (WIFSIGNALED(status_)) finished.signal = WTERMSIG(status_);
  finished.out = ReadAndRemove(out_path_);
  finished.err = ReadAndRemove(err_path_);
  return finished;
}

Finished Rowferry(const std::vector<std::string>& arguments, const ProcessOptions& options) {
  return Process(arguments, options).Wait();
}

}  // namespace rowferry::testing
