#include "postgres/numeric.h"

#include <doctest/doctest.h>

#include <random>

namespace rowferry::testing {
namespace {

std::string ThereAndBack(const std::string& text) {
  std::string wire;
  CopyBuffer buffer([&](std::string_view piece) { wire += piece; });
  const auto number = ParseDecimal(text);
  if (!number) return "not a number";
  PutNumeric(buffer, *number);
  buffer.Flush();
  std::string back;
  return AppendNumericText(std::string_view(wire).substr(4), back) ? back : "damaged";
}

TEST_CASE("a decimal keeps its digits there and back") {
  for (const char* text : {"0", "0.00", "1.10", "-0.001", "1000000", "99999.99999", "NaN",
                           "Infinity", "-Infinity", "12345678901234567890.000000000001"}) {
    CHECK(ThereAndBack(text) == text);
  }
}

TEST_CASE("the longest number that PostgreSQL holds keeps its digits there and back") {
  const std::string longest = std::string(131072, '9') + "." + std::string(16383, '9');
  CHECK((ThereAndBack(longest) == longest));
}

TEST_CASE("other spellings of a number become PostgreSQL's") {
  CHECK(ThereAndBack("+7") == "7");
  CHECK(ThereAndBack("007.50") == "7.50");
  CHECK(ThereAndBack(".5") == "0.5");
  CHECK(ThereAndBack("5.") == "5");
  CHECK(ThereAndBack("-0.00") == "0.00");
}

TEST_CASE("what is no plain decimal is refused") {
  for (const char* text :
       {"", "-", ".", "1e5", "1,5", "0x1", " 1", "nan", "-NaN", "1.2.3", "--1"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(ParseDecimal(text));
  }
  CHECK_FALSE(ParseDecimal("1." + std::string(16384, '1')));
  CHECK_FALSE(ParseDecimal(std::string(131073, '1')));
}

TEST_CASE("random digits of any length come back") {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    std::string text = random() % 2 == 0 ? "-" : "";
    text += static_cast<char>('1' + random() % 9);
    for (size_t n = random() % 40; n > 0; --n) text += static_cast<char>('0' + random() % 10);
    const size_t fraction = random() % 30;
    if (fraction > 0) text += '.';
    for (size_t n = fraction; n > 0; --n) text += static_cast<char>('0' + random() % 10);
    CHECK(ThereAndBack(text) == text);
  }
}

TEST_CASE("rounding and overflow are told from trailing zeros") {
  CHECK(WouldRound(*ParseDecimal("1.005"), 2));
  CHECK_FALSE(WouldRound(*ParseDecimal("1.500"), 2));
  CHECK_FALSE(WouldRound(*ParseDecimal("1.005"), -1));
  CHECK(WouldOverflow(*ParseDecimal("1000"), 5, 2));
  CHECK_FALSE(WouldOverflow(*ParseDecimal("0999"), 5, 2));
}

}  // namespace
}  // namespace rowferry::testing
