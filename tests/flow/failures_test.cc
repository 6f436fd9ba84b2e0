#include "flow/failures.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "job/drivers.h"

namespace rowferry::testing {
namespace {

std::string Failed(ErrorKind kind, const std::string& code) {
  return std::string(FailureRowOf(FailureOf(Error(kind, "it failed", code))).name);
}

TEST_CASE("every failure has one row of its own, and those that end a run for good a way out") {
  std::set<std::string_view> names;
  for (const FailureRow& row : FailureRows()) {
    CAPTURE(std::string(row.name));
    CHECK(names.insert(row.name).second);
    CHECK(&FailureRowOf(row.failure) == &row);
    const bool passes = MayPass(row.kind);
    CHECK((row.outcome == "ends the run at once") ==
          (!passes && row.kind != ErrorKind::kData && row.kind != ErrorKind::kPlan &&
           row.kind != ErrorKind::kOwned && row.failure != Failure::kReport));
    if (passes) CHECK_FALSE(row.way_out.empty());
  }
}

TEST_CASE("a code belongs to the first row that it begins like, whatever the database") {
  CHECK(Failed(ErrorKind::kTarget, "53100") == "full disk");
  CHECK(Failed(ErrorKind::kTarget, "SQLITE_FULL") == "full disk");
  CHECK(Failed(ErrorKind::kTarget, "SQLITE_IOERR_WRITE") == "disk error");
  CHECK(Failed(ErrorKind::kTransient, "SQLITE_IOERR_NOMEM") == "no memory");
  CHECK(Failed(ErrorKind::kTransient, "SQLITE_IOERR_RDLOCK") == "lock of others");
  CHECK(Failed(ErrorKind::kLost, "08006") == "lost connection");
  CHECK(Failed(ErrorKind::kTransient, "08007") == "commit in doubt");
  CHECK(Failed(ErrorKind::kTarget, "55000") == "anything else");
  CHECK(Failed(ErrorKind::kTarget, "") == "anything else");
  CHECK(Failed(ErrorKind::kOwned, "") == "job of another run");
  CHECK(Failed(ErrorKind::kInternal, "") == "fault of rowferry");
  CHECK(Failed(ErrorKind::kTarget, "42501") == "missing right");
  CHECK(Failed(ErrorKind::kTarget, "28P01") == "refused login");
  CHECK(Failed(ErrorKind::kTarget, "3D000") == "refused login");
  CHECK(Failed(ErrorKind::kData, "42501") == "bad row");           // a policy that refuses one
  CHECK(Failed(ErrorKind::kData, "XX001") == "damaged database");  // of which one row is unreadable
}

TEST_CASE("what was not tried again is not said to need more tries") {
  const Error lost(ErrorKind::kLost, "gone", "08006");
  const std::string mend = "see that the server runs and can be reached";
  CHECK(WayOut(lost, false) == mend);
  CHECK(WayOut(lost, true) == mend + ", or raise --retry-for");
  CHECK(WayOut(Error(ErrorKind::kTarget, "full", "53100"), true) ==
        "free space on the disk of the database that says so");
}

TEST_CASE("no code hides behind an earlier one that it begins like") {
  for (const Driver& driver : Drivers()) {
    const auto codes = driver.failure_codes();
    for (size_t later = 0; later < codes.size(); ++later) {
      for (size_t earlier = 0; earlier < later; ++earlier) {
        CAPTURE(std::string(codes[later].prefix));
        CHECK_FALSE(codes[later].prefix.starts_with(codes[earlier].prefix));
      }
    }
  }
}

}  // namespace
}  // namespace rowferry::testing
