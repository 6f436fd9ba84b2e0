#include "app/ask.h"

#include <poll.h>
#include <unistd.h>

#include <iostream>
#include <string>

#include "app/signals.h"

namespace rowferry {
namespace {

// Waits for the user's answer; false if a signal comes first. A read would go on after it.
bool AwaitAnswer() {
  constexpr int kPollMs = 100;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  while (!StopRequested()) {
    if (poll(&input, 1, kPollMs) > 0) return true;
  }
  return false;
}

}  // namespace

bool AnswersYes() {
  std::string answer;
  if (AwaitAnswer()) std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace rowferry
