// numeric between its decimal text and its binary form (src/backend/utils/adt/numeric.c,
// numeric_recv):
//   numeric = uint16 ndigits, int16 weight, uint16 sign, uint16 dscale, ndigits * int16 digit
// Digits are in base 10000; the first stands for digit * 10000^weight; dscale is the number of
// decimal digits shown after the point.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "postgres/copy_buffer.h"

namespace rowferry {

// A number's text, taken apart. The views point into that text.
struct DecimalText {
  enum class Special { kNone, kNaN, kInfinity };
  Special special = Special::kNone;
  bool negative = false;
  std::string_view whole;     // digits before the point, without leading zeros
  std::string_view fraction;  // digits after the point, all of them
};

// Takes "[+-]digits[.digits]", "NaN", "[-]Infinity". Nothing for all else, exponents included, and
// for more digits than numeric can hold.
std::optional<DecimalText> ParseDecimal(std::string_view text);

bool IsZero(const DecimalText& number);
// True if a numeric of that scale would change the value: it would be rounded. -1: no limit.
bool WouldRound(const DecimalText& number, int scale);
// True if the digits before the point exceed numeric(precision, scale). -1: no limits.
bool WouldOverflow(const DecimalText& number, int precision, int scale);

// Appends length and value as one field of a binary COPY, as numeric_send would write it.
void PutNumeric(CopyBuffer& out, const DecimalText& number);

// Appends the decimal text of a binary numeric to `out`. False if `wire` is none.
bool AppendNumericText(std::string_view wire, std::string& out);

}  // namespace rowferry
