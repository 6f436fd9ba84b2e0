#include "job/fingerprint.h"

#include <doctest/doctest.h>

namespace rowferry {
namespace {

TEST_CASE("a changed fingerprint is told line by line") {
  CHECK(FingerprintDifference("a\nb\nc", "a\nb\nc").empty());
  CHECK(FingerprintDifference("a\nb\nc", "a\nx\nc") == "  was: b\n  is:  x");
}

}  // namespace
}  // namespace rowferry
