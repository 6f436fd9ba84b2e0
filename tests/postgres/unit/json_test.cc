#include "postgres/json.h"

#include <doctest/doctest.h>

namespace rowferry::testing {
namespace {

TEST_CASE("a key that jsonb would drop is found, however it is written and wherever it stands") {
  struct Case {
    const char* json;
    const char* key;
  };
  const Case cases[] = {
      {R"({"a": 1, "a": 2})", "a"},
      {R"([0, {"x": {"a": "a", "b": [1, {"a": 1}], "a": null}}])", "a"},
      {R"({"a\u0062": 1, "\u0061b": 2})", "ab"},
      {R"({"\ud83d\ude00": 1, "😀": 2})", "😀"},
      {R"({"é": 1, "\u00e9": 2, "\u8336": 3})", "é"},
      {R"({"q\"\\": 1, "b": 2, "q\"\u005c": 3})", "q\"\\"},
      {R"({"": 1, "": 2})", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.json));
    CHECK(LossInJsonb(c.json) ==
          "holds the key \"" + std::string(c.key) + "\" twice, and jsonb keeps but one");
  }
}

TEST_CASE("keys of several objects, and values, repeat as they like") {
  for (const char* json :
       {R"([{"a": 1}, {"a": 1}])", R"({"a": {"a": {"a": "a"}}, "b": ["a", "a"], "A": "a"})",
        R"({"a": "b", "b": "a", "c": "{\"a\": 1, \"a\": 2}"})", R"("a")", "1.5", "{}", "[]", ""}) {
    CAPTURE(std::string(json));
    CHECK(LossInJsonb(json) == std::nullopt);
  }
}

TEST_CASE("a zero with a sign that jsonb would drop is found, and nothing else taken for one") {
  for (const char* json : {"-0", "[1, -0.0]", R"({"a": -0e5})", "-0.00E-3"}) {
    CAPTURE(std::string(json));
    CHECK(LossInJsonb(json) == "holds -0, and jsonb keeps no sign of it");
  }
  for (const char* json : {"0", "-1", "-0.01", "1e-0", "[2E-00, 0.0]", R"("-0")", "-10"}) {
    CAPTURE(std::string(json));
    CHECK(LossInJsonb(json) == std::nullopt);
  }
}

TEST_CASE("text that is no JSON ends the search, whatever it is") {
  for (const char* text :
       {"\"", "\"\\", "{\"a\\", "{\"\\u", "{\"\\ud800\\u", "}}]]", "{\"a\":1", "\\"}) {
    CAPTURE(std::string(text));
    CHECK(LossInJsonb(text) == std::nullopt);
  }
}

}  // namespace
}  // namespace rowferry::testing
