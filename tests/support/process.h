// The real binary as a child process: started, watched, stopped, killed.
#pragma once

#include <sys/types.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace rowferry::testing {

struct Finished {
  int exit_code = -1;  // -1: it died by a signal
  int signal = 0;
  std::string out;
  std::string err;
};

struct ProcessOptions {
  std::vector<std::pair<std::string, std::string>> environment;  // added to the test's own
  int terminal_columns = 0;     // above 0: stderr (and stdin) are a pseudo-terminal of that width
  std::string out_path;         // not empty: where stdout goes, instead of Finished::out
  std::string err_path = {};    // likewise
  bool ignores_hangup = false;  // SIGHUP is ignored from the start, as under nohup
  bool closes_streams = false;  // stdin, stdout and stderr are closed from the start
  size_t file_limit = 0;        // above 0: files may not grow beyond as many bytes (ulimit -f)
  bool unprivileged = false;    // as nobody, where the tests run as root: rights of files apply
};

// Gives a folder and all that is in it to the user as whom unprivileged processes run.
void HandToUnprivileged(const std::string& folder);

// One run of the rowferry binary. Killed and reaped by the destructor if it still runs.
class Process {
 public:
  explicit Process(const std::vector<std::string>& arguments, const ProcessOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int number) const;
  // Has it stand still (SIGSTOP), and returns when it does. False: it ended before.
  bool Stop();
  // As the user at the terminal. REQUIRES: there is one.
  void Type(const std::string& text) const;
  // Waits until `text` was written to stderr. False: the process ended without it.
  bool AwaitErr(const std::string& text);
  // Waits for the end. As in AwaitErr, what hangs is killed, and the test fails by the exit code.
  Finished Wait();
  bool Running();

 private:
  void Reap(int status);

  pid_t pid_ = -1;
  int terminal_ = -1;  // our side of the pseudo-terminal
  std::thread drain_;  // reads the terminal off
  std::string out_path_;
  std::string err_path_;
  bool reaped_ = false;
  int status_ = 0;
};

// Runs the binary to its end.
Finished Rowferry(const std::vector<std::string>& arguments, const ProcessOptions& options = {});

}  // namespace rowferry::testing
