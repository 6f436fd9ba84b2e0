#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "app/command.h"
#include "app/exit_code.h"
#include "app/secrets.h"
#include "app/signals.h"

namespace {

// What the caller closed would become the descriptor of a connection or a file, and what is printed
// would be written into it. Opened the wrong way round, it fails as if it were closed.
void HoldStandardStreams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (fcntl(stream, F_GETFD) != -1) continue;
    const int held = open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (held != stream) _exit(rowferry::kExitRefused);  // no /dev/null
  }
}

}  // namespace

int main(int argc, char** argv) {
  HoldStandardStreams();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  rowferry::HidePasswords({argv + 1, argv + argc});
  rowferry::InstallSignals();
  return rowferry::RunCommandLine(arguments);
}
