#include "app/signals.h"

#include <unistd.h>

#include <csignal>

#include "app/exit_code.h"

namespace rowferry {
namespace {

std::atomic<bool> stop_requested = false;
std::atomic<int> stop_signal = 0;
std::atomic<bool> ends_at_once = false;
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

// Async-signal-safe: lock-free atomics and _exit only. The number first: who sees the request must
// find it.
void OnSignal(int number) {
  int none = 0;
  const bool first = stop_signal.compare_exchange_strong(none, number);
  if (!first || ends_at_once) _exit(kExitSignal + number);
  stop_requested = true;
}

// nohup's way to say that a hangup is to be survived.
bool IgnoresHangup() {
  struct sigaction inherited {};
  return sigaction(SIGHUP, nullptr, &inherited) == 0 && inherited.sa_handler == SIG_IGN;
}

}  // namespace

void InstallSignals() {
  struct sigaction action {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM}) sigaction(number, &action, nullptr);
  if (!IgnoresHangup()) sigaction(SIGHUP, &action, nullptr);
  // A write that fails says why by itself: the reader is gone, or the file would be longer than the
  // process's limit (ulimit -f) permits.
  for (const int number : {SIGPIPE, SIGXFSZ}) std::signal(number, SIG_IGN);
}

void EndAtOnce() {
  ends_at_once = true;
  if (stop_signal != 0) _exit(kExitSignal + stop_signal);
}

void EndOnRequest() { ends_at_once = false; }

const std::atomic<bool>& StopRequested() { return stop_requested; }
int StopSignal() { return stop_signal; }

}  // namespace rowferry
