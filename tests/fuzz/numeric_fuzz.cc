// Input: taken as a decimal number's text, and as a binary numeric.
#include <algorithm>

#include "fuzz/fuzz.h"
#include "postgres/numeric.h"

namespace rowferry::testing {
namespace {

constexpr size_t kLengthBytes = 4;

// The field's length and the numeric.
std::string Wire(const DecimalText& number) {
  std::string field;
  CopyBuffer out([&](std::string_view piece) { field += piece; });
  PutNumeric(out, number);
  out.Flush();
  return field;
}

std::string TextOfWire(std::string_view field) {
  const auto length = LoadNetwork<int32_t>(field.data());
  field.remove_prefix(kLengthBytes);
  Require(static_cast<size_t>(length) == field.size(), "the length is the field's");
  std::string text;
  Require(AppendNumericText(field, text), "what is written is a numeric");
  return text;
}

// The one text of a number, its scale included, made from the text alone.
std::string Canonical(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "NaN" || text == "Infinity") return (negative ? "-" : "") + std::string(text);
  const size_t point = std::min(text.find('.'), text.size());
  std::string_view whole = text.substr(0, point);
  while (whole.starts_with('0')) whole.remove_prefix(1);
  std::string_view fraction = text.substr(point);
  if (fraction == ".") fraction = {};
  const std::string digits = std::string(whole.empty() ? "0" : whole) + std::string(fraction);
  const bool zero = digits.find_first_not_of("0.") == std::string::npos;
  return (negative && !zero ? "-" : "") + digits;
}

void LookAtText(std::string_view text) {
  const auto number = ParseDecimal(text);
  if (!number) return;
  IsZero(*number);
  WouldRound(*number, 2);
  WouldOverflow(*number, 12, 2);
  Require(TextOfWire(Wire(*number)) == Canonical(text), "a number keeps its value and its scale");
}

void LookAtWire(std::string_view bytes) {
  std::string text = "before";
  if (!AppendNumericText(bytes, text)) return;
  Require(text.starts_with("before"), "text is appended");
  text.erase(0, std::string_view("before").size());
  const auto number = ParseDecimal(text);
  Require(number.has_value(), "a numeric's text is a number");
  Require(TextOfWire(Wire(*number)) == Canonical(text), "a number is read as it was written");
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry::testing;
  LookAtText(TextOfInput(data, size));
  LookAtWire(TextOfInput(data, size));
  return 0;
}
