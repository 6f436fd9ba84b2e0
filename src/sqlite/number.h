// Numbers as text, exactly: between SQLite's integers and doubles and decimal text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rowferry::sqlite {

// Room for whatever the Write functions write: the longest double in fixed notation has 1 + 309
// digits before the point, or 2 + 1074 after it shortened to at most 17 that matter.
inline constexpr size_t kMaxNumberText = 400;

// Each writes at `out`, without a NUL, and returns the end. REQUIRES: kMaxNumberText bytes at
// `out`.
char* WriteInteger(char* out, int64_t value);
// The shortest text that gives the same double again; Infinity, -Infinity, NaN.
char* WriteReal(char* out, double value);
// The same without an exponent.
char* WriteRealFixed(char* out, double value);
// 1250, 2 -> "12.50". REQUIRES: 0 <= scale <= 18.
char* WriteScaled(char* out, int64_t scaled, int scale);

// value * 10^scale, if the double is the one nearest to that decimal. REQUIRES: 0 <= scale <= 15.
std::optional<int64_t> ScaledExactly(double value, int scale);
int64_t PowerOfTen(int exponent);  // REQUIRES: 0 <= exponent <= 18

// The integer, if WriteInteger would write the same text again: '42', not '042' or '+42'.
std::optional<int64_t> ReadInteger(std::string_view text);
// The nearest double, correctly rounded. Nothing if `text` is not
// [-]digits[.digits][e[sign]digits].
std::optional<double> ReadReal(std::string_view text);

// A decimal number taken apart; the zeros that say nothing are counted nowhere.
struct DecimalShape {
  int whole = 0;     // digits before the point
  int fraction = 0;  // digits after it
};
// Nothing if `text` is not [-]digits[.digits].
std::optional<DecimalShape> ShapeOf(std::string_view text);

// A column of numeric affinity would store the text as a number: https://sqlite.org/datatype3.html.
bool LooksNumeric(std::string_view text);

}  // namespace rowferry::sqlite
