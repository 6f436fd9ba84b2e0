#include "job/settings.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "job/plan.h"

namespace rowferry {
namespace {

TEST_CASE("the same command is the same job, another one is another") {
  Settings settings;
  settings.tables = {"orders"};
  const std::string name = JobName(settings, "shop.db", "postgresql://localhost/app");
  CHECK(name.starts_with("shop-to-app-"));
  CHECK(name == JobName(settings, "shop.db", "postgresql://localhost/app"));
  CHECK(name != JobName(settings, "shop2.db", "postgresql://localhost/app"));
  Settings other = settings;
  other.where = "id > 5";
  CHECK(name != JobName(other, "shop.db", "postgresql://localhost/app"));
  other = settings;
  other.limits.rows = 7;  // sizes are free to change
  other.existing = Existing::kAppend;
  CHECK(name == JobName(other, "shop.db", "postgresql://localhost/app"));
  other.job = "nightly";
  CHECK(JobName(other, "shop.db", "x") == "nightly");
}

TEST_CASE("lists of options do not run together into the same name") {
  Settings a;
  a.tables = {"a", "b"};
  Settings b;
  b.tables = {"a\ntable:1:b"};
  CHECK(JobName(a, "s", "t") != JobName(b, "s", "t"));
}

TEST_CASE("options for one table are refused for several") {
  Settings settings;
  settings.where = "id > 5";
  CHECK_THROWS_WITH_AS(CheckSettings(settings), "--where needs exactly one --table", Error);
  settings.tables = {"orders"};
  CHECK_NOTHROW(CheckSettings(settings));
  settings.tables = {"orders", "lines"};
  CHECK_THROWS_AS(CheckSettings(settings), Error);
}

TEST_CASE("a changed fingerprint is told line by line") {
  CHECK(FingerprintDifference("a\nb\nc", "a\nb\nc").empty());
  CHECK(FingerprintDifference("a\nb\nc", "a\nx\nc") == "  was: b\n  is:  x");
}

}  // namespace
}  // namespace rowferry
