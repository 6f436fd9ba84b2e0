#include "e2e/outcomes.h"

#include <doctest/doctest.h>

namespace rowferry::testing {

void CheckHolds(const std::string& text, const std::string& part) {
  CHECK_MESSAGE(Holds(text, part), text, " lacks ", part);
}

void CheckStopped(const Finished& stopped, const std::string& says, const std::string& way_out) {
  CHECK_MESSAGE(stopped.exit_code == 1, stopped.err);
  CHECK_MESSAGE(Holds(stopped.err, says), stopped.err);
  CHECK_MESSAGE(Holds(stopped.err, way_out + "; then the same command resumes"), stopped.err);
}

void CheckCompletes(Copies& copies, const std::vector<std::string>& words) {
  const Finished next = Rowferry(words);
  CHECK_MESSAGE(next.exit_code == 0, next.err);
  CHECK_MESSAGE(Holds(next.err, "resumed after"), next.err);
  copies.CheckExact();
}

}  // namespace rowferry::testing
