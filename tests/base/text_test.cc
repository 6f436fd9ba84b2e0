#include "base/text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>

namespace rowferry {
namespace {

TEST_CASE("text is what PostgreSQL accepts as such") {
  for (const char* valid :
       {"", "ascii only, longer than a word", "é", "€", "🚢", "\xf4\x8f\xbf\xbf"}) {
    CAPTURE(std::string(valid));
    CHECK(IsText(valid));
  }
  for (const char* broken :
       {"\x80", "\xc0\xaf", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "12345678\xff", "1234567\xff", "caf\xe9 au lait",
        "12345678é12345678\xc3"}) {
    CAPTURE(std::string(broken));
    CHECK_FALSE(IsText(broken));
  }
}

TEST_CASE("UTF-16 is well-formed if every surrogate has its other half") {
  using namespace std::string_view_literals;
  for (const auto valid : {u""sv, u"a"sv, u"\xD83D\xDE00"sv, u"x\xD83D\xDE00\xDBFF\xDFFF"sv}) {
    CHECK(IsUtf16(valid));
  }
  for (const auto broken :
       {u"\xD83D"sv, u"\xDE00"sv, u"\xD83D\xD83D\xDE00"sv, u"a\xDE00\xD83D"sv, u"\xD83Dx"sv}) {
    CHECK_FALSE(IsUtf16(broken));
  }
}

TEST_CASE("a NUL is no text, wherever it stands") {
  const std::string text = "12345678é12345678901";
  for (size_t at = 0; at <= text.size(); ++at) {
    CAPTURE(at);
    if (at == 9) continue;  // inside of the é
    CHECK_FALSE(IsText(text.substr(0, at) + '\0' + text.substr(at)));
    CHECK(IsText(text.substr(0, at) + '\1' + text.substr(at)));
  }
}

// Unicode has so many characters (scalar values) in two, three and four bytes of UTF-8.
TEST_CASE("as many sequences of bytes are text as there are characters of their length") {
  const auto count = [](std::initializer_list<std::string> choices) {
    std::vector<std::string> texts = {""};
    for (const std::string& choice : choices) {
      std::vector<std::string> longer;
      for (const std::string& text : texts) {
        for (const char c : choice) longer.push_back(text + c);
      }
      texts = std::move(longer);
    }
    return std::count_if(texts.begin(), texts.end(), [](const auto& text) { return IsText(text); });
  };
  std::string any;
  for (int byte = 0; byte < 256; ++byte) any += static_cast<char>(byte);
  const std::string leads_of_two = any.substr(0x80, 0x60);
  const std::string leads_of_three = any.substr(0xE0, 0x10);
  const std::string leads_of_four = any.substr(0xF0, 0x10);
  const std::string edges = "\x7f\x80\xbf\xc0";  // of which two continue a sequence
  CHECK(count({any}) == 0x7F);
  CHECK(count({leads_of_two, any}) == 0x800 - 0x80);
  CHECK(count({leads_of_three, any, any}) == 0x10000 - 0x800 - 0x800);
  CHECK(count({leads_of_four, any, edges, edges}) == 0x100000 / 0x1000 * 2 * 2);
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
