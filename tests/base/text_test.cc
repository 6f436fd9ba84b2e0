#include "base/text.h"

#include <doctest/doctest.h>

namespace rowferry {
namespace {

TEST_CASE("UTF-8 is accepted as PostgreSQL accepts it") {
  for (const char* valid :
       {"", "ascii only, longer than a word", "é", "€", "🚢", "\xf4\x8f\xbf\xbf"}) {
    CAPTURE(valid);
    CHECK(IsUtf8(valid));
  }
  for (const char* broken :
       {"\x80", "\xc0\xaf", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "12345678\xff", "1234567\xff", "caf\xe9 au lait",
        "12345678é12345678\xc3"}) {
    CAPTURE(broken);
    CHECK_FALSE(IsUtf8(broken));
  }
}

TEST_CASE("globs match whole names") {
  CHECK(MatchesGlob("tmp_*", "tmp_orders"));
  CHECK(MatchesGlob("*", ""));
  CHECK(MatchesGlob("a*b*c?", "aXXbYYcZ"));
  CHECK_FALSE(MatchesGlob("tmp_*", "a_tmp_"));
  CHECK_FALSE(MatchesGlob("?", ""));
}

TEST_CASE("names become snake case without losing letters") {
  CHECK(Snake("CustomerId") == "customer_id");
  CHECK(Snake("HTTPServer") == "http_server");
  CHECK(Snake("Order Details") == "order_details");
  CHECK(Snake("already_snake") == "already_snake");
  CHECK(Snake("Größe") == "größe");
}

TEST_CASE("identifiers and literals are quoted whatever they hold") {
  CHECK(QuoteIdentifier("a\"; DROP TABLE x --") == "\"a\"\"; DROP TABLE x --\"");
  CHECK(QuoteLiteral("it's") == "'it''s'");
}

TEST_CASE("hex that is cut or foreign is refused") {
  CHECK(FromHex(Hex(std::string("\0\xff a", 4))) == std::string("\0\xff a", 4));
  CHECK_FALSE(FromHex("abc"));
  CHECK_FALSE(FromHex("0g"));
}

TEST_CASE("a message shows bytes that a terminal must not see as escapes") {
  CHECK(Printable("a\nb\x1b\xff é") == "a\\x0ab\\x1b\\xff é");
  CHECK(Printable("12345678", 4) == "1234…");
}

TEST_CASE("a slip of the finger finds the word that was meant") {
  const std::vector<std::string> words = {"--table", "--truncate", "--types"};
  CHECK(Nearest("--tabel", words) == "--table");
  CHECK_FALSE(Nearest("--zzzzzz", words));
}

}  // namespace
}  // namespace rowferry
