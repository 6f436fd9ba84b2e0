#include "app/format.h"

#include <doctest/doctest.h>

namespace rowferry {
namespace {

TEST_CASE("figures are readable at every size") {
  CHECK(ShowRows(0) == "0");
  CHECK(ShowRows(999) == "999");
  CHECK(ShowRows(1000) == "1,000");
  CHECK(ShowRows(1234567) == "1,234,567");
  CHECK(ShowRows(-1234) == "-1,234");
  CHECK(ShowDuration(0.421) == "0.42 s");
  CHECK(ShowDuration(12.34) == "12.3 s");
  CHECK(ShowDuration(185) == "3:05");
  CHECK(ShowDuration(3723) == "1:02:03");
}

TEST_CASE("a hundred per cent is said only at the end") {
  CHECK(Percent(999'999, 1'000'000) == 99);
  CHECK(Percent(1'000'000, 1'000'000) == 100);
  CHECK(Percent(0, 0) == 100);
  CHECK(Percent(0, 10) == 0);
}

TEST_CASE("sizes are read with their units and nothing else") {
  CHECK(ParseSize("32MiB") == 32ULL << 20U);
  CHECK(ParseSize("64k") == 65536);
  CHECK(ParseSize("1.5 GiB") == 3ULL << 29U);
  CHECK(ParseSize("4096") == 4096);
  for (const char* bad : {"", "MiB", "-1", "1TB", "1 2", "inf", "nan", "1e30G"}) {
    CAPTURE(std::string(bad));
    CHECK_FALSE(ParseSize(bad));
  }
}

TEST_CASE("text fits its columns, whatever its letters") {
  CHECK(Fit("größe", 7) == "größe  ");
  CHECK(Fit("größenwahn", 5) == "größ…");
  CHECK(DisplayWidth("日本") == 4);
  CHECK(DisplayWidth("ﾆﾎﾝ") == 3);
  CHECK(DisplayWidth("한국 😀") == 7);
  CHECK(Fit("日本語", 5) == "日本…");
  CHECK(Fit("日本語", 4) == "日… ");
  CHECK(Fit("日本", 5) == "日本 ");
  CHECK(PadLeft("7", 3) == "  7");
}

TEST_CASE("times are read in the units that people write") {
  using std::chrono::milliseconds;
  CHECK(ParseDuration("60s") == milliseconds(60'000));
  CHECK(ParseDuration("90") == milliseconds(90'000));
  CHECK(ParseDuration("5min") == milliseconds(300'000));
  CHECK(ParseDuration(" 1.5 H ") == milliseconds(5'400'000));
  CHECK(ParseDuration("500ms") == milliseconds(500));
  CHECK(ParseDuration("0") == milliseconds(0));
  for (const char* bad : {"", "s", "-1s", "5 weeks", "inf", "nan", "1s2", "25d"}) {
    CAPTURE(bad);
    CHECK_FALSE(ParseDuration(bad).has_value());
  }
}

}  // namespace
}  // namespace rowferry
