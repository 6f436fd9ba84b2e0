#include "flow/checkpoint.h"

#include <doctest/doctest.h>

namespace rowferry {
namespace {

TEST_CASE("the digest changes with everything that it protects") {
  Checkpoint base{Key{{Value::Integer(7)}}, {}, 3, false};
  base.counts.read = 10;
  const std::string digest = CheckpointDigest("f", 0, base);
  CHECK(digest == CheckpointDigest("f", 0, base));
  CHECK(digest != CheckpointDigest("g", 0, base));
  CHECK(digest != CheckpointDigest("f", 1, base));
  const auto changed = [&](auto change) {
    Checkpoint other = base;
    change(other);
    return CheckpointDigest("f", 0, other);
  };
  CHECK(digest != changed([](Checkpoint& c) { c.last_key = Key{{Value::Text("7")}}; }));
  CHECK(digest != changed([](Checkpoint& c) { c.last_key.reset(); }));
  CHECK(digest != changed([](Checkpoint& c) { c.counts.inserted = 1; }));
  CHECK(digest != changed([](Checkpoint& c) { c.counts.deleted = 1; }));
  CHECK(digest != changed([](Checkpoint& c) { c.chunks = 4; }));
  CHECK(digest != changed([](Checkpoint& c) { c.done = true; }));
}

TEST_CASE("counts balance only when every row that was read has one fate") {
  Counts counts{.read = 10, .inserted = 8, .suppressed = 1};
  CHECK_FALSE(counts.Balanced());
  counts.rejected = 1;
  CHECK(counts.Balanced());
  counts.deleted = 5;  // beside the equation
  CHECK(counts.Balanced());
}

}  // namespace
}  // namespace rowferry
