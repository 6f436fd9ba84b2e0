#include <string>
#include <vector>

#include "app/command.h"
#include "app/secrets.h"
#include "app/signals.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  rowferry::HidePasswords({argv + 1, argv + argc});
  rowferry::InstallSignals();
  return rowferry::RunCommandLine(arguments);
}
