// Input: a size, or text for the terminal; its first byte is the width that the text gets.
#include "app/format.h"
#include "base/text.h"
#include "fuzz/fuzz.h"

namespace rowferry::testing {
namespace {

void LookAtSize(std::string_view text) {
  const auto size = ParseSize(text);
  if (!size) return;
  const auto number = ParseInteger<uint64_t>(text);
  constexpr uint64_t kExact = uint64_t{1} << 53U;
  Require(!number || *number > kExact || *size == *number, "a bare number is a number of bytes");
  const auto again = ParseSize(std::to_string(*size));
  Require(again && (*size > kExact || *again == *size), "a size in bytes is the same size");
}

void LookAtWidth(std::string_view text, size_t width) {
  if (!IsText(text)) return;
  Require(DisplayWidth(Fit(text, width)) == width, "a text is brought to the width");
  Require(DisplayWidth(PadLeft(std::string(text), width)) >= width, "a text is padded");
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry::testing;
  LookAtSize(TextOfInput(data, size));
  if (size > 0) LookAtWidth(TextOfInput(data + 1, size - 1), data[0]);
  return 0;
}
