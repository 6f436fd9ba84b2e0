#include "app/render.h"

#include <doctest/doctest.h>

#include "app/format.h"

namespace rowferry {
namespace {

TableProgress AtWork(const std::string& name, int64_t done, int64_t total) {
  TableProgress table;
  table.name = name;
  table.estimated_rows = total;
  table.now.counts.read = done;
  table.now.counts.inserted = done;
  table.at_work = true;
  table.started_at = 1'000'000;
  return table;
}

RunProgress HalfDone() {
  RunProgress progress;
  progress.job = "shop-to-app-1";
  progress.began = true;
  progress.started_at = 1'000'000;
  TableProgress done = AtWork("customers", 1000, 900);
  done.now.done = true;
  done.at_work = false;
  done.finished_at = 2'000'000;
  progress.tables = {done, AtWork("orders", 500'000, 1'000'000)};
  return progress;
}

const Pace kPace{250'000, 2.0};

TEST_CASE("the live display shows each table at work and the whole") {
  const auto lines = RenderLive(HalfDone(), kPace, 200, false);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("orders"));
  CHECK(lines[0].find(" 50 %") != std::string::npos);
  CHECK(lines[0].find("500,000 of 1,000,000 rows") != std::string::npos);
  CHECK(lines[1] == " 50 %  1/2 tables, 501,000 of 1,001,000 rows, 250,000 rows/s, 2.00 s left");
}

TEST_CASE("no line of the live display is wider than the terminal") {
  RunProgress progress = HalfDone();
  progress.tables.push_back(AtWork(std::string(100, 'x'), 1, -1));
  progress.tables.push_back(
      AtWork("Größenordnungen der Bestellpositionen", 123'456'789, 987'654'321));
  progress.tables.push_back(AtWork("注文明細の履歴", 1, 2));
  for (size_t width = 10; width <= 200; ++width) {
    CAPTURE(width);
    for (const std::string& line : RenderLive(progress, kPace, width, false)) {
      CAPTURE(line);
      CHECK(DisplayWidth(line) <= width);
    }
  }
}

TEST_CASE("whose lock a run waits for is shown") {
  RunProgress progress = HalfDone();
  progress.waits =
      "the writer of public.orders waits for a lock (relation) of process 4711 (psql, user ann, "
      "in a transaction since 2026-01-01 00:00:00 UTC: LOCK TABLE orders)";
  const auto lines = RenderLive(progress, kPace, 200, false);
  REQUIRE(lines.size() == 3);
  CHECK(lines[1] == progress.waits);
  CHECK(RenderLive(progress, kPace, 40, false)[1].starts_with("the writer of public.orders waits"));
  CHECK(RenderPlain(progress, kPace).ends_with("left; " + progress.waits));
}

TEST_CASE("a narrow terminal still shows percentage, rate and time left") {
  CHECK(RenderLive(HalfDone(), kPace, 40, false).back() == " 50 %, 250,000 rows/s, 2.00 s left");
}

TEST_CASE("a table whose size is not known is shown without a percentage") {
  RunProgress progress = HalfDone();
  progress.tables[1].estimated_rows = -1;
  CHECK(RenderPlain(progress, kPace).starts_with("501,000 rows"));
  CHECK(RenderLive(progress, kPace, 80, false)[0].find("500,000 rows") != std::string::npos);
}

TEST_CASE("a resumed job says where it goes on") {
  RunProgress progress = HalfDone();
  progress.resumed = true;
  CHECK(RenderStart(progress) == "job shop-to-app-1: 2 tables, resumed after 501,000 rows");
}

TEST_CASE("the summary counts this run's rows, and those of all runs where there were several") {
  RunProgress progress = HalfDone();
  progress.resumed = true;
  progress.tables[1].before.counts.read = 400'000;
  const std::string text = RenderSummary(progress, 3'000'000);
  CHECK(text.find("orders     100,000  2.00 s  50,000\n") != std::string::npos);
  CHECK(text.find("501,000 rows over all runs of the job\n") != std::string::npos);
}

TEST_CASE("rows that triggers swallowed are said") {
  RunProgress progress = HalfDone();
  progress.tables[0].now.counts.suppressed = 3;
  CHECK(RenderSummary(progress, 3'000'000).find("3 rows were swallowed") != std::string::npos);
  progress.tables[0].now.counts.suppressed = 1;
  CHECK(RenderSummary(progress, 3'000'000)
            .find("\n1 row was swallowed by triggers of the target\n") != std::string::npos);
}

TEST_CASE("the rate forgets what is older than its window") {
  using namespace std::chrono_literals;
  Rate rate;
  const Rate::Time start{};
  rate.Add(start, 0);
  CHECK(rate.RowsPerSecond() == 0);
  CHECK_FALSE(rate.SecondsFor(10));
  rate.Add(start + 1s, 1'000'000);
  CHECK(rate.RowsPerSecond() == doctest::Approx(1'000'000));
  for (int second = 2; second <= 10; ++second) {
    rate.Add(start + std::chrono::seconds(second), 1'000'000 + second * 100);
  }
  CHECK(rate.RowsPerSecond() == doctest::Approx(100));
  CHECK(rate.SecondsFor(50).value() == doctest::Approx(0.5));
}

}  // namespace
}  // namespace rowferry
