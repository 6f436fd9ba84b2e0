#include "data/key.h"

#include <doctest/doctest.h>

#include <limits>

namespace rowferry {
namespace {

Key Roundtrip(const Key& key) {
  const auto decoded = DecodeKey(EncodeKey(key));
  REQUIRE(decoded);
  return *decoded;
}

TEST_CASE("a key comes back from the ledger bit for bit") {
  const std::vector<Value> values = {
      Value::Null(),
      Value::Integer(0),
      Value::Integer(std::numeric_limits<int64_t>::max()),
      Value::Integer(std::numeric_limits<int64_t>::min()),
      Value::Real(-0.0),
      Value::Real(0.1),
      Value::Real(std::numeric_limits<double>::quiet_NaN()),
      Value::Real(-std::numeric_limits<double>::infinity()),
      Value::Text(""),
      Value::Text("a,b%2C'\"\\ \n\t é 🚢"),
      Value::Text(std::string("nul\0inside", 10)),
      Value::Text("\xff\xfe broken"),
      Value::Blob(""),
      Value::Blob(std::string("\0\xff", 2)),
  };
  for (const Value& value : values) {
    CAPTURE(EncodeKey(Key{{value}}));
    CHECK(Roundtrip(Key{{value}}) == Key{{value}});
    CHECK(Roundtrip(Key{{value, Value::Integer(1), value}}) ==
          Key{{value, Value::Integer(1), value}});
  }
}

TEST_CASE("an integer and the text of the same digits stay different keys") {
  CHECK(EncodeKey(Key{{Value::Integer(9001)}}) != EncodeKey(Key{{Value::Text("9001")}}));
  CHECK(EncodeKey(Key{{Value::Integer(1), Value::Integer(11)}}) !=
        EncodeKey(Key{{Value::Integer(11), Value::Integer(1)}}));
}

TEST_CASE("a damaged key is recognised") {
  for (const char* text :
       {"", "x", "i", "i1x", "i99999999999999999999", "r00", "b0", "bzz", "t%4", "t%zz", "ta b",
        "n0", "i1,", ",i1", "i007", "i-0", "t%41", "t%2F", "b0A"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(DecodeKey(text));
  }
}

TEST_CASE("every prefix of an encoded key is a key or nothing, never a crash") {
  const std::string text = EncodeKey(
      Key{{Value::Text("é, x"), Value::Real(1.5), Value::Blob("ab"), Value::Integer(-5)}});
  for (size_t size = 0; size < text.size(); ++size) {
    const auto key = DecodeKey(text.substr(0, size));
    if (key) CHECK(EncodeKey(*key) == text.substr(0, size));
  }
}

}  // namespace
}  // namespace rowferry
