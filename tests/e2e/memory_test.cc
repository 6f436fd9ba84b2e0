// Memory does not grow with the rows that are set aside: all of them together are larger than the
// bound.
#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "e2e/copies.h"
#include "support/database.h"

namespace rowferry::testing {
namespace {

constexpr int kRows = 200;
constexpr int64_t kMiB = 1 << 20;

// About twice what is measured. A sanitizer adds to what is held what was given back, and more to
// each byte; ThreadSanitizer so much that nothing can be told.
#if defined(__SANITIZE_THREAD__)
constexpr int64_t kBound = std::numeric_limits<int64_t>::max();
#elif defined(__SANITIZE_ADDRESS__)
constexpr int64_t kBound = 300 * kMiB;
#else
constexpr int64_t kBound = 100 * kMiB;
#endif

// A row has a note of one MiB.
std::unique_ptr<TestDatabase> LargeRows(const std::string& kind) {
  auto source = MakeDatabase(kind);
  const std::string note =
      kind == "sqlite" ? "hex(zeroblob(524288))" : "repeat('0123456789abcdef', 65536)";
  source->Exec(
      "CREATE TABLE a_lines (id bigint NOT NULL PRIMARY KEY, item bigint, note text);"
      "CREATE TABLE b_items (id bigint NOT NULL PRIMARY KEY);"
      "INSERT INTO a_lines WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i "
      "< " +
      std::to_string(kRows) + ") SELECT i, i, " + note +
      " FROM n;"
      "INSERT INTO b_items SELECT id FROM a_lines");
  return source;
}

// Fails the test if the copy needs more than the bound, or ends otherwise.
void CopyWithin(TestDatabase& source, TestDatabase& target, int exit_code) {
  ProcessOptions options;
  options.environment = {
      {"ASAN_OPTIONS", "quarantine_size_mb=1:thread_local_quarantine_size_kb=64"}};
  const Finished finished = Rowferry(
      {"copy", source.url(), target.url(), "--report", "-", "--max-rejects", "100%"}, options);
  REQUIRE_MESSAGE(finished.exit_code == exit_code, finished.err);
  const auto report = nlohmann::json::parse(finished.out);
  CHECK(report.at("summary").at("processed") == 2 * kRows);
  const auto peak = report.at("summary").at("peak_memory_bytes").get<int64_t>();
  CHECK(peak < kBound);
}

TEST_CASE("large rows that are rejected are not kept in memory") {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    const auto source = LargeRows(direction.source);
    const auto target = MakeDatabase(direction.target);
    target->Exec(
        "CREATE TABLE a_lines (id bigint NOT NULL PRIMARY KEY, item bigint, note text CHECK "
        "(length(note) < 10))");
    CopyWithin(*source, *target, 3);
    CHECK(std::stoll(target->One("SELECT sum(length(kept)) FROM " +
                                 target->LedgerTable("reject"))) > kRows * kMiB);
  }
}

TEST_CASE("large rows that wait for others are not kept in memory") {
  for (const char* kind : {"sqlite", "postgres"}) {
    CAPTURE(std::string(kind));
    const auto source = LargeRows(kind);
    PostgresDatabase target;
    target.Exec(
        "CREATE TABLE b_items (id bigint NOT NULL PRIMARY KEY);"
        "CREATE TABLE a_lines (id bigint NOT NULL PRIMARY KEY, item bigint REFERENCES b_items, "
        "note text)");
    CopyWithin(*source, target, 0);
    CHECK(target.One("SELECT count(*) || ' ' || min(length(note)) FROM a_lines") ==
          std::to_string(kRows) + " 1048576");
  }
}

TEST_CASE("the report has the run's own peak of memory, not that of the program that started it") {
  const std::string ours(512 * kMiB, 'x');
  const auto source = LargeRows("sqlite");
  CopyWithin(*source, *MakeDatabase("sqlite"), 0);
}

}  // namespace
}  // namespace rowferry::testing
