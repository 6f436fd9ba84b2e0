#include "base/error.h"

#include <doctest/doctest.h>

#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

namespace rowferry::testing {
namespace {

TEST_CASE("what the system does not give is no fault of ours, and can be tried again") {
  const Error memory = Unforeseen(std::bad_alloc());
  CHECK(memory.kind() == ErrorKind::kTransient);
  CHECK_MESSAGE(std::string(memory.what()).find("memory") != std::string::npos, memory.what());
  const Error thread =
      Unforeseen(std::system_error(EAGAIN, std::generic_category(), "thread constructor"));
  CHECK(thread.kind() == ErrorKind::kTransient);
  CHECK_MESSAGE(std::string(thread.what()).find("threads") != std::string::npos, thread.what());
  const Error fault = Unforeseen(std::logic_error("odd"));
  CHECK(fault.kind() == ErrorKind::kInternal);
  CHECK(std::string(fault.what()) == "internal error: odd");
}

}  // namespace
}  // namespace rowferry::testing
