// Input: taken as the text of a key, and as the bytes that a key is made from.
#include <algorithm>
#include <bit>

#include "base/bytes.h"
#include "data/key.h"
#include "fuzz/fuzz.h"

namespace rowferry::testing {
namespace {

// A part of a key: its storage class, then a number, or a length and that many bytes.
Value TakeValue(ByteReader& in) {
  const auto number = [&] { return in.Read<uint64_t>().value_or(0); };
  const auto bytes = [&] {
    const size_t wanted = in.Read<uint8_t>().value_or(0);
    return std::string(in.Take(wanted).value_or("cut"));
  };
  switch (static_cast<StorageClass>(in.Read<uint8_t>().value_or(0) % 5)) {
    case StorageClass::kNull:
      return Value::Null();
    case StorageClass::kInteger:
      return Value::Integer(static_cast<int64_t>(number()));
    case StorageClass::kReal:
      return Value::Real(std::bit_cast<double>(number()));
    case StorageClass::kText:
      return Value::Text(bytes());
    case StorageClass::kBlob:
      return Value::Blob(bytes());
  }
  return {};
}

Key TakeKey(std::string_view bytes) {
  ByteReader in(bytes);
  Key key;
  do {
    key.parts.push_back(TakeValue(in));
  } while (!in.empty());
  return key;
}

bool IsPlainAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  const std::string_view text = TextOfInput(data, size);
  if (const auto key = DecodeKey(text)) {
    Require(EncodeKey(*key) == text, "only what EncodeKey writes is a key");
    ShowKey(*key, {"id"}, {});
  }
  const Key key = TakeKey(text);
  const std::string encoded = EncodeKey(key);
  Require(IsPlainAscii(encoded), "a key is plain ASCII");
  Require(DecodeKey(encoded) == key, "a key is read as it was written");
  return 0;
}
