#include "app/report.h"

#include <doctest/doctest.h>

namespace rowferry {
namespace {

ReportFacts Facts() {
  ReportFacts facts;
  facts.status = "completed";
  facts.ended_at = 3'000'000;
  facts.progress.job = "j";
  facts.progress.started_at = 1'000'000;
  TableProgress table;
  table.name = "orders";
  table.before.counts = {.read = 10, .inserted = 10};
  table.now.counts = {.read = 30, .inserted = 28, .suppressed = 2};
  table.now.last_key = Key{{Value::Integer(30)}};
  table.now.done = true;
  table.times = {.read = 100, .encode = 1, .write = 500, .commit = 2, .waiting = 3};
  facts.progress.tables = {table};
  return facts;
}

TEST_CASE("the report counts over the job and for this run") {
  const auto report = MakeReport(Facts());
  CHECK(report["summary"]["total_items"] == 30);
  CHECK(report["summary"]["processed"] == 30);
  CHECK(report["summary"]["succeeded"] == 28);
  CHECK(report["summary"]["skipped"] == 2);
  CHECK(report["summary"]["failed"] == 0);
  CHECK(report["this_run"]["processed"] == 20);
  CHECK(report["summary"]["items_per_second"] == 10.0);
  CHECK(report["started_at"] == "1970-01-01T00:00:01.000000Z");
  CHECK(report["last_checkpoint"]["orders"] == "i30");
  CHECK(report["times"]["bottleneck"] == "write");
  CHECK(report["tables"][0]["this_run"]["succeeded"] == 18);
}

TEST_CASE("a table that holds more rows than were estimated has no fewer than were read") {
  ReportFacts facts = Facts();
  facts.progress.tables[0].now.done = false;
  facts.progress.tables[0].estimated_rows = 20;
  const auto report = MakeReport(facts);
  CHECK(report["tables"][0]["total_items"] == 30);
  CHECK(report["summary"]["total_items"] == 30);
}

TEST_CASE("a failed run's report says what and what to do") {
  ReportFacts facts = Facts();
  facts.status = "failed";
  facts.error = Error(ErrorKind::kTarget, "disk full", "53100");
  const auto report = MakeReport(facts);
  CHECK(report["errors"][0]["sqlstate"] == "53100");
  CHECK(report["error_categories"]["target"] == 1);
  CHECK(report["remediation"]["manual_intervention_required"] == true);
}

}  // namespace
}  // namespace rowferry
