#include "app/signals.h"

#include <unistd.h>

#include <csignal>

#include "app/exit_code.h"

namespace rowferry {
namespace {

std::atomic<bool> stop_requested = false;
std::atomic<int> stop_signal = 0;
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

// Async-signal-safe: lock-free atomics and _exit only.
void OnSignal(int number) {
  if (stop_requested.exchange(true)) _exit(kExitSignal + number);
  stop_signal = number;
}

}  // namespace

void InstallSignals() {
  struct sigaction action {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

const std::atomic<bool>& StopRequested() { return stop_requested; }
int StopSignal() { return stop_signal; }

}  // namespace rowferry
