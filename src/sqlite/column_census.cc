#include "sqlite/column_census.h"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/text.h"
#include "data/calendar.h"
#include "sqlite/number.h"
#include "sqlite/types.h"

namespace rowferry::sqlite {
namespace {

// Numbers are taken for moments only where all of them lie here: no years, no day counts. As
// milliseconds and as microseconds all but 0 lie after the latter as well, or as far before 1970:
// then no number but 0 is within the limits of two units. So neither is a column of mixed units
// read in one of them, nor a column that grew between two runs in another than before.
constexpr int64_t kFirstUnixSecond = -2'208'988'800;  // 1900-01-01
constexpr int64_t kLastUnixSecond = 7'258'118'400;    // 2200-01-01
constexpr int64_t kLeastNewestSecond = 100'000'000;   // 1973-03-03: the newest row is later
constexpr double kFirstJulianDay = 2'305'447.5;       // 1600-01-01
constexpr double kLastJulianDay = 2'816'787.5;        // 3000-01-01

bool IsDateKind(Kind kind) {
  return kind == Kind::kDate || kind == Kind::kTime || kind == Kind::kTimestamp ||
         kind == Kind::kTimestampTz;
}

int64_t Units(size_t encoding) {
  constexpr std::array<int64_t, 3> kPerSecond = {1, 1'000, 1'000'000};
  return kPerSecond[encoding];
}

uint64_t Magnitude(int64_t value) {
  return value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

bool IsSpecialNumber(std::string_view text) {
  return text == "NaN" || text == "Infinity" || text == "-Infinity";
}

bool DecimalFits(const DecimalShape& shape, const Type& type) {
  if (type.precision < 0) return true;
  return shape.fraction <= type.scale && shape.whole <= type.precision - type.scale;
}

bool RealFits(double value, const Type& type) {
  if (type.kind == Kind::kFloat) {
    return type.width == 8 || !std::isfinite(value) ||
           (std::fabs(value) <= std::numeric_limits<float>::max() &&
            static_cast<double>(static_cast<float>(value)) == value);
  }
  if (type.kind != Kind::kDecimal || type.precision < 0) return true;
  if (type.scale < 0 || type.scale > 15 || type.precision > 18) return false;
  const auto scaled = ScaledExactly(value, type.scale);
  return scaled && std::abs(*scaled) < PowerOfTen(type.precision);
}

// REQUIRES: 36 characters that ReadUuid takes. In ASCII a capital, unlike the rest of them, has the
// bit 0x40 without the bit 0x20.
bool HasCapital(std::string_view uuid) {
  constexpr uint64_t kLetter = 0x4040404040404040U;
  uint64_t capitals = 0;
  for (const size_t at : {0, 8, 16, 24, 28}) {
    uint64_t word = 0;
    std::memcpy(&word, uuid.data() + at, sizeof word);
    capitals |= word & ~(word << 1U) & kLetter;
  }
  return capitals != 0;
}

// As uuids are written: any other spelling would come back changed.
bool IsCanonicalUuid(std::string_view text) {
  std::array<char, 16> uuid;
  return ReadUuid(text, uuid.data()) && !HasCapital(text);
}

bool TextFits(std::string_view text, const Type& type) {
  switch (type.kind) {
    case Kind::kBool:
      return ReadBool(text).has_value();
    case Kind::kFloat:
      return IsSpecialNumber(text);
    case Kind::kUuid:
      return IsCanonicalUuid(text);
    case Kind::kText:
      return FitsLength(text, type.precision);
    case Kind::kJson:
    case Kind::kJsonb:
    case Kind::kOther:
      return true;
    default:
      return false;
  }
}

std::string_view ShowEncoding(Encoding encoding) {
  constexpr std::array<std::string_view, 6> kNames = {"",
                                                      "Unix time in seconds",
                                                      "Unix time in milliseconds",
                                                      "Unix time in microseconds",
                                                      "Julian days",
                                                      "mixed values, kept as bytes"};
  return kNames[static_cast<size_t>(encoding)];
}

}  // namespace

ColumnCensus::ColumnCensus(const ColumnInfo& column)
    : column_(column),
      known_(SuggestType(column.native, column.strict).known),
      is_date_(IsDateKind(column.type.kind)) {}

void ColumnCensus::Note(sqlite3_value* cell) {
  switch (sqlite3_value_type(cell)) {
    case SQLITE_INTEGER:
      return NoteInteger(sqlite3_value_int64(cell));
    case SQLITE_FLOAT:
      return NoteReal(sqlite3_value_double(cell));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(cell));
      const auto size = static_cast<size_t>(sqlite3_value_bytes(cell));
      return NoteText({text, text == nullptr ? 0 : size});
    }
    case SQLITE_BLOB: {
      const auto* blob = static_cast<const char*>(sqlite3_value_blob(cell));
      const auto size = static_cast<size_t>(sqlite3_value_bytes(cell));
      return NoteBlob({blob, blob == nullptr ? 0 : size});
    }
    default:
      return;
  }
}

void ColumnCensus::NoteInteger(int64_t value) {
  ++integers_;
  min_integer_ = std::min(min_integer_, value);
  max_integer_ = std::max(max_integer_, value);
  if (is_date_) NoteEpoch(value);
}

void ColumnCensus::NoteEpoch(int64_t value) {
  if (value != 0) least_magnitude_ = std::min(least_magnitude_, Magnitude(value));
  if (column_.type.kind != Kind::kDate) return;
  for (size_t i = 0; i < all_.unix_midnight.size(); ++i) {
    all_.unix_midnight[i] &= value % (86'400 * Units(i)) == 0;
  }
}

void ColumnCensus::NoteReal(double value) {
  ++reals_;
  min_real_ = std::min(min_real_, value);
  max_real_ = std::max(max_real_, value);
  if (all_.fits_type) all_.fits_type = RealFits(value, column_.type);
  if (!is_date_ || !all_.julian_days) return;
  const auto moment = MomentOfJulianDay(value);
  all_.julian_days = moment.has_value();
  all_.julian_midnight &= moment && *moment % kMicrosPerDay == 0;
}

void ColumnCensus::NoteText(std::string_view text) {
  ++texts_;
  if (is_date_ && NoteDateText(text)) return;  // a moment is clean text
  if (all_.clean_text) all_.clean_text = IsText(text);
  if (column_.type.kind == Kind::kDecimal) {
    const auto shape = ShapeOf(text);
    all_.decimal_text &= shape || IsSpecialNumber(text);
    all_.fits_type &= shape ? DecimalFits(*shape, column_.type) : text == "NaN";
  } else if (!is_date_) {
    if (all_.fits_type) all_.fits_type = TextFits(text, column_.type);
    const auto length = static_cast<size_t>(std::max(column_.type.precision, 0));
    all_.full_length &= text.size() >= length;
  }
}

bool ColumnCensus::NoteDateText(std::string_view text) {
  bool parsed = false;
  const auto try_as = [&](bool& all, std::optional<int64_t> (*parse)(std::string_view)) {
    if (!all) return;
    const auto value = parse(text);
    all = value.has_value();
    parsed |= all;
    if (all) all_.fits_precision &= FitsTimePrecision(*value, column_.type.precision);
  };
  if (column_.type.kind == Kind::kTime) {
    try_as(all_.time, ParseTime);
    return parsed;
  }
  if (column_.type.kind == Kind::kDate) try_as(all_.date, ParseDate);
  try_as(all_.timestamp, ParseTimestamp);
  try_as(all_.timestamp_tz, ParseTimestampTz);
  return parsed;
}

void ColumnCensus::NoteBlob(std::string_view blob) {
  ++blobs_;
  const Kind kind = column_.type.kind;
  const bool fits = kind == Kind::kBytes || (kind == Kind::kUuid && blob.size() == 16) ||
                    (kind == Kind::kFloat && blob == "-0.0");
  all_.fits_type &= fits;
}

Verdict ColumnCensus::Conclude() const {
  Verdict verdict{column_.type, Encoding::kPlain, {}};
  if (values() > 0) verdict = known_ ? ConcludeKnown() : ByStorage();
  AddWarnings(verdict);
  return verdict;
}

Verdict ColumnCensus::ConcludeKnown() const {
  const Kind kind = column_.type.kind;
  if (IsDateKind(kind)) return ConcludeDate();
  if (kind == Kind::kDecimal) return ConcludeDecimal();
  if (kind == Kind::kText) return ConcludeText();
  if (FitsDeclared()) return {column_.type, Encoding::kPlain, {}};
  const bool narrow_float = kind == Kind::kFloat && texts_ + blobs_ == 0;
  if (narrow_float && IntegersAreExactReals()) {
    return {ParseType("double precision"), Encoding::kPlain, {}};
  }
  return ByStorage();
}

bool ColumnCensus::IntegersFit() const {
  if (integers_ == 0) return true;
  const Type& type = column_.type;
  switch (type.kind) {
    case Kind::kBool:
      return min_integer_ >= 0 && max_integer_ <= 1;
    case Kind::kInt: {
      if (type.width == 8) return true;
      const int64_t limit = int64_t{1} << (type.width * 8 - 1);
      return min_integer_ >= -limit && max_integer_ < limit;
    }
    case Kind::kFloat: {
      const int64_t limit = int64_t{1} << (type.width == 4 ? 24 : 53);
      return min_integer_ >= -limit && max_integer_ <= limit;
    }
    case Kind::kDecimal: {
      const int digits = type.precision - type.scale;
      if (type.precision < 0 || digits > 18) return true;
      const int64_t limit = PowerOfTen(std::max(digits, 0));
      return min_integer_ > -limit && max_integer_ < limit;
    }
    default:
      return false;
  }
}

bool ColumnCensus::IntegersAreExactReals() const {
  constexpr int64_t kExact = int64_t{1} << 53;
  return integers_ == 0 || (min_integer_ >= -kExact && max_integer_ <= kExact);
}

bool ColumnCensus::FitsDeclared() const {
  const bool takes_reals = column_.type.kind == Kind::kFloat;
  return all_.fits_type && IntegersFit() && (reals_ == 0 || takes_reals);
}

Verdict ColumnCensus::ConcludeDecimal() const {
  if (blobs_ > 0 || !all_.decimal_text) return ByStorage();
  if (all_.fits_type && IntegersFit()) return {column_.type, Encoding::kPlain, {}};
  return {ParseType("numeric"), Encoding::kPlain, {}};
}

Verdict ColumnCensus::ConcludeText() const {
  if (blobs_ > 0) return ByStorage();
  const bool fits = integers_ + reals_ == 0 && all_.fits_type;
  // A char(n) pads what is shorter.
  const bool padded = column_.type.name.starts_with("char") && !all_.full_length;
  if (fits && !padded) return {column_.type, Encoding::kPlain, {}};
  if (fits) {
    return {
        ParseType("varchar(" + std::to_string(column_.type.precision) + ")"), Encoding::kPlain, {}};
  }
  return {ParseType("text"), Encoding::kPlain, {}};
}

Verdict ColumnCensus::ConcludeDate() const {
  if (blobs_ > 0 || (texts_ > 0 && integers_ + reals_ > 0)) return ByStorage();
  return texts_ > 0 ? ConcludeDateText() : ConcludeNumberedDate();
}

Verdict ColumnCensus::ConcludeDateText() const {
  const Kind declared = column_.type.kind;
  struct Choice {
    Kind kind;
    bool fits;
  };
  const bool has_zone_first = declared == Kind::kTimestampTz;
  const Choice zoned{Kind::kTimestampTz, declared != Kind::kTime && all_.timestamp_tz};
  const Choice zoneless{Kind::kTimestamp, declared != Kind::kTime && all_.timestamp};
  const std::array choices = {Choice{Kind::kDate, declared == Kind::kDate && all_.date},
                              Choice{Kind::kTime, declared == Kind::kTime && all_.time},
                              has_zone_first ? zoned : zoneless, has_zone_first ? zoneless : zoned};
  for (const Choice& choice : choices) {
    if (!choice.fits) continue;
    const bool keeps = choice.kind == declared && all_.fits_precision;
    return {keeps ? column_.type : TypeOf(choice.kind), Encoding::kPlain, {}};
  }
  return ByStorage();
}

bool ColumnCensus::IsClearOfSmallerUnits(int64_t unit) const {
  return unit == 1 || least_magnitude_ >= static_cast<uint64_t>(kLeastNewestSecond * unit);
}

Verdict ColumnCensus::ConcludeNumberedDate() const {
  const Kind declared = column_.type.kind;
  if (declared == Kind::kTime) return ByStorage();
  Type type = column_.type.precision >= 0 ? TypeOf(declared) : column_.type;
  const bool dated = declared == Kind::kDate;
  if (reals_ > 0) {
    const bool julian = all_.julian_days && min_real_ >= kFirstJulianDay &&
                        max_real_ <= kLastJulianDay &&
                        (integers_ == 0 || (static_cast<double>(min_integer_) >= kFirstJulianDay &&
                                            static_cast<double>(max_integer_) <= kLastJulianDay));
    if (!julian) return ByStorage();
    const bool midnight = all_.julian_midnight && integers_ == 0;
    return {dated && !midnight ? TypeOf(Kind::kTimestamp) : type, Encoding::kJulianDays, {}};
  }
  for (size_t i = 0; i < all_.unix_midnight.size(); ++i) {
    const int64_t unit = Units(i);
    if (min_integer_ < kFirstUnixSecond * unit || max_integer_ > kLastUnixSecond * unit) continue;
    if (max_integer_ < kLeastNewestSecond * unit || !IsClearOfSmallerUnits(unit)) break;
    const auto encoding = static_cast<Encoding>(static_cast<size_t>(Encoding::kUnixSeconds) + i);
    return {dated && !all_.unix_midnight[i] ? TypeOf(Kind::kTimestamp) : type, encoding, {}};
  }
  return ByStorage();
}

Verdict ColumnCensus::ByStorage() const {
  const auto plain = [](std::string_view type) {
    return Verdict{ParseType(type), Encoding::kPlain, {}};
  };
  if (blobs_ > 0) {
    const bool mixed = integers_ + reals_ + texts_ > 0;
    return {ParseType("bytea"), mixed ? Encoding::kMixed : Encoding::kPlain, {}};
  }
  if (texts_ > 0) return plain("text");
  if (reals_ == 0) return plain("bigint");
  return plain(IntegersAreExactReals() ? "double precision" : "numeric");
}

std::string ColumnCensus::ShowHoldings() const {
  struct Class {
    int64_t count;
    const char* name;
  };
  std::vector<std::string> parts;
  for (const Class& held : {Class{integers_, "integers"}, Class{reals_, "reals"},
                            Class{texts_, "texts"}, Class{blobs_, "blobs"}}) {
    if (held.count > 0) parts.push_back(std::to_string(held.count) + " " + held.name);
  }
  return Join(parts, ", ");
}

void ColumnCensus::AddWarnings(Verdict& verdict) const {
  const std::string declared =
      column_.native.empty() ? "has no declared type" : "is declared " + column_.native;
  const std::string column = "column " + column_.name + " ";
  if (verdict.encoding != Encoding::kPlain) {
    verdict.warnings.push_back(column + declared + " and holds " + ShowHoldings() + ": taken for " +
                               std::string(ShowEncoding(verdict.encoding)) + ", it becomes " +
                               verdict.type.name);
  } else if (verdict.type != column_.type) {
    verdict.warnings.push_back(column + declared + " and holds " + ShowHoldings() +
                               ": it becomes " + verdict.type.name);
  }
  const bool keeps_text = SameForm(verdict.type.kind, Kind::kText);
  if (texts_ > 0 && keeps_text && !all_.clean_text) {
    verdict.warnings.push_back(column + "holds text with NUL or invalid UTF-8, which " +
                               verdict.type.name + " cannot hold: mend these rows, or --drop " +
                               column_.name);
  }
}

}  // namespace rowferry::sqlite
