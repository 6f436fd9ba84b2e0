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
    CAPTURE(c.json);
    CHECK(RepeatedKey(c.json) == c.key);
  }
}

TEST_CASE("keys of several objects, and values, repeat as they like") {
  for (const char* json :
       {R"([{"a": 1}, {"a": 1}])", R"({"a": {"a": {"a": "a"}}, "b": ["a", "a"], "A": "a"})",
        R"({"a": "b", "b": "a", "c": "{\"a\": 1, \"a\": 2}"})", R"("a")", "1.5", "{}", "[]", ""}) {
    CAPTURE(json);
    CHECK(RepeatedKey(json) == std::nullopt);
  }
}

TEST_CASE("text that is no JSON ends the search, whatever it is") {
  for (const char* text :
       {"\"", "\"\\", "{\"a\\", "{\"\\u", "{\"\\ud800\\u", "}}]]", "{\"a\":1", "\\"}) {
    CAPTURE(text);
    CHECK(RepeatedKey(text) == std::nullopt);
  }
}

}  // namespace
}  // namespace rowferry::testing
