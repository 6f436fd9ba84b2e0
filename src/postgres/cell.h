// One column of a COPY: how its values become bytes, found once, called for each value.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "data/row_batch.h"
#include "data/type.h"
#include "postgres/copy_buffer.h"

namespace rowferry {

struct CellEncoder;

// Appends one value that is not NULL. Throws BadCell, then with half a value in the buffer.
using EncodeCell = void (*)(const CellEncoder& cell, const Column& column, size_t row,
                            CopyBuffer& out);

struct CellEncoder {
  EncodeCell encode = nullptr;
  Type from;    // the form in the batch
  Type target;  // what the column holds
};

// Why a value cannot go into its column as it is: "would be rounded to numeric(12,2)".
struct BadCell {
  std::string reason;
};

// The checks without which PostgreSQL would round, cut or refuse. Each throws BadCell.
void CheckLength(std::string_view text, const CellEncoder& cell);  // varchar(n), char(n)
void CheckRange(int64_t value, const Type& target);                // smallint, integer
void CheckFraction(int64_t micros, const Type& target);            // time(n), timestamp(n)
void CheckExact(bool exact, const Type& target);                   // floating point
void CheckWhole(int64_t value, const Type& target);                // an integer in floating point
// The days or microseconds that ISO text means to a date, time or timestamp column: PostgreSQL
// would drop the time, the zone or the finest digits, or guess the zone.
int64_t CheckMoment(std::string_view text, const Type& target);
void CheckJsonb(std::string_view json);  // a key twice in one object, or -0
// The number, if numeric(p,s) holds it as it is.
struct DecimalText CheckDecimal(std::string_view text, const Type& target);

using TextRoom = std::array<char, 512>;
// The text form of a value, in `room` or in the column itself; NULs and encoding are not checked.
// REQUIRES: `from` is neither kBytes, kNative nor kAny; the value is not NULL.
std::string_view TextOf(const Type& from, const Column& column, size_t row, TextRoom& room);
// A floating point number without exponent: the shortest digits that read back as the same number.
std::string_view PlainDigits(const Type& from, double value, TextRoom& room);

}  // namespace rowferry
