// Input: a size, a time, or text for the terminal; its first byte is the width that the text gets.
#include <chrono>

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

void LookAtDuration(std::string_view text) {
  const auto time = ParseDuration(text);
  if (!time) return;
  constexpr std::chrono::hours kLongest{24 * 24};
  Require(time->count() >= 0 && *time <= kLongest, "a time is one that databases take");
  Require(ParseDuration(std::to_string(time->count()) + "ms") == time,
          "a time in milliseconds is the same time");
  const auto number = ParseInteger<uint32_t>(text);
  Require(!number || *time == std::chrono::seconds(*number), "a bare number is one of seconds");
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
  LookAtDuration(TextOfInput(data, size));
  if (size > 0) LookAtWidth(TextOfInput(data + 1, size - 1), data[0]);
  return 0;
}
