// The census of one column: notes each value, then says which type takes all of them.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "data/schema.h"
#include "sqlite/meaning.h"

struct sqlite3_value;

namespace rowferry::sqlite {

struct Verdict {
  Type type;
  Encoding encoding = Encoding::kPlain;
  std::vector<std::string> warnings;
};

class ColumnCensus {
 public:
  explicit ColumnCensus(const ColumnInfo& column);

  const std::string& name() const { return column_.name; }

  // `cell` is the column in one row. Runs once a value: the census's hot loop.
  void Note(sqlite3_value* cell);
  Verdict Conclude() const;
  // Cells so far that were not NULL.
  int64_t values() const { return integers_ + reals_ + texts_ + blobs_; }

 private:
  // What all values so far have in common; every one begins as true.
  struct AllSoFar {
    bool clean_text = true;      // UTF-8 without NUL
    bool fits_type = true;       // texts, reals and blobs have the declared type's form
    bool decimal_text = true;    // texts are decimal numbers
    bool date = true;            // texts
    bool time = true;            // texts
    bool timestamp = true;       // texts
    bool timestamp_tz = true;    // texts
    bool fits_precision = true;  // fractional seconds of texts
    bool full_length = true;     // texts of char(n) have n characters
    bool julian_days = true;     // reals
    bool julian_midnight = true;
    std::array<bool, 3> unix_midnight = {true, true, true};  // as seconds, millis, micros
  };

  void NoteInteger(int64_t value);
  void NoteEpoch(int64_t value);  // maybe: an integer of a date or timestamp
  void NoteReal(double value);
  void NoteText(std::string_view text);
  void NoteBlob(std::string_view blob);
  bool NoteDateText(std::string_view text);  // whether it is a moment of some type

  bool IntegersFit() const;
  bool IntegersAreExactReals() const;
  bool FitsDeclared() const;
  Verdict ConcludeKnown() const;
  Verdict ConcludeDecimal() const;
  Verdict ConcludeText() const;
  Verdict ConcludeDate() const;
  Verdict ConcludeDateText() const;
  Verdict ConcludeNumberedDate() const;
  bool IsClearOfSmallerUnits(int64_t unit) const;  // `unit` in a second
  Verdict ByStorage() const;
  void AddWarnings(Verdict& verdict) const;
  std::string ShowHoldings() const;

  ColumnInfo column_;
  bool known_ = false;
  bool is_date_ = false;
  int64_t integers_ = 0;
  int64_t reals_ = 0;
  int64_t texts_ = 0;
  int64_t blobs_ = 0;
  int64_t min_integer_ = std::numeric_limits<int64_t>::max();
  int64_t max_integer_ = std::numeric_limits<int64_t>::min();
  // Of the integers of dates and timestamps other than 0.
  uint64_t least_magnitude_ = std::numeric_limits<uint64_t>::max();
  double min_real_ = std::numeric_limits<double>::infinity();
  double max_real_ = -std::numeric_limits<double>::infinity();
  AllSoFar all_;
};

}  // namespace rowferry::sqlite
