#include "data/calendar.h"

#include <cstring>

#include "base/bytes.h"

namespace rowferry {
namespace {

// Eras of 400 years, years that begin in March: Howard Hinnant, "chrono-Compatible Low-Level Date
// Algorithms". The shift counts from 0000-03-01 to 2000-01-01.
constexpr int64_t kShiftDays = 730'425;
constexpr int64_t kDaysPerEra = 146'097;

constexpr int64_t FloorDivide(int64_t value, int64_t by) {
  return value / by - static_cast<int64_t>(value % by < 0);
}

bool IsLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysInMonth(int64_t year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[static_cast<size_t>(month - 1)];
}

char* WriteTwo(char* out, int64_t value) {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
  return out + 2;
}

char* WriteWord(char* out, std::string_view word) {
  std::memcpy(out, word.data(), word.size());
  return out + word.size();
}

// At least four digits.
char* WriteYear(char* out, int64_t year) {
  if (year < 10'000) return WriteTwo(WriteTwo(out, year / 100), year % 100);
  std::array<char, 20> digits;
  char* at = digits.data() + digits.size();
  for (; year > 0; year /= 10) *--at = static_cast<char>('0' + year % 10);
  return WriteWord(out, {at, static_cast<size_t>(digits.data() + digits.size() - at)});
}

char* WriteCivil(char* out, const CivilDate& date) {
  out = WriteYear(out, date.year > 0 ? date.year : 1 - date.year);
  *out++ = '-';
  out = WriteTwo(out, date.month);
  *out++ = '-';
  return WriteTwo(out, date.day);
}

char* WriteEra(char* out, const CivilDate& date) {
  return date.year > 0 ? out : WriteWord(out, " BC");
}

// ".123456" without the zeros at its end; nothing for 0.
char* WriteFraction(char* out, int64_t micros) {
  if (micros == 0) return out;
  *out++ = '.';
  out = WriteTwo(out, micros / 10'000);
  out = WriteTwo(out, micros / 100 % 100);
  out = WriteTwo(out, micros % 100);
  while (out[-1] == '0') --out;
  return out;
}

char* WriteMoment(char* out, int64_t micros, std::string_view zone) {
  if (micros == kTimestampInfinity) return WriteWord(out, "infinity");
  if (micros == kTimestampMinusInfinity) return WriteWord(out, "-infinity");
  const int64_t days = FloorDivide(micros, kMicrosPerDay);
  const CivilDate date = CivilOf(days);
  out = WriteCivil(out, date);
  *out++ = ' ';
  out = WriteTime(out, micros - days * kMicrosPerDay);
  return WriteEra(WriteWord(out, zone), date);
}

// Walks over a text; every method that returns false leaves the text unusable.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  bool done() const { return at_ == end_; }
  char peek() const { return done() ? '\0' : *at_; }
  bool Skip(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  bool SkipSpaceBeforeDigit() {
    if (end_ - at_ < 2 || *at_ != ' ' || !IsDigit(at_[1])) return false;
    ++at_;
    return true;
  }
  bool SkipWord(std::string_view word) {
    if (std::string_view(at_, static_cast<size_t>(end_ - at_)).substr(0, word.size()) != word) {
      return false;
    }
    at_ += word.size();
    return true;
  }
  bool TwoDigits(int64_t& value) {
    if (end_ - at_ < 2 || !IsDigit(at_[0]) || !IsDigit(at_[1])) return false;
    value = (at_[0] - '0') * 10 + (at_[1] - '0');
    at_ += 2;
    return true;
  }
  bool Year(int64_t& year) {
    const char* const begin = at_;
    for (year = 0; !done() && IsDigit(*at_) && at_ - begin < 8; ++at_) {
      year = year * 10 + (*at_ - '0');
    }
    return at_ - begin >= 4 && year > 0;
  }
  // The digits after the point, as microseconds; finer ones must be zero.
  bool Fraction(int64_t& micros) {
    if (!IsDigit(peek())) return false;
    int64_t unit = kMicrosPerSecond / 10;
    for (micros = 0; !done() && IsDigit(*at_); ++at_, unit /= 10) {
      if (unit == 0 && *at_ != '0') return false;
      micros += (*at_ - '0') * unit;
    }
    return true;
  }

 private:
  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }

  const char* at_;
  const char* end_;
};

struct WrittenDate {
  int64_t year = 0;
  int64_t month = 0;
  int64_t day = 0;
};

bool ReadDate(Cursor& in, WrittenDate& date) {
  return in.Year(date.year) && in.Skip('-') && in.TwoDigits(date.month) && in.Skip('-') &&
         in.TwoDigits(date.day);
}

bool ToDays(const WrittenDate& date, bool before_christ, int64_t& days) {
  const int64_t year = before_christ ? 1 - date.year : date.year;
  if (date.month < 1 || date.month > 12 || date.day < 1) return false;
  const int month = static_cast<int>(date.month);
  if (date.day > DaysInMonth(year, month)) return false;
  days = DaysOf({year, month, static_cast<int>(date.day)});
  return true;
}

// HH:MM[:SS[.ffffff]]; 24:00:00 is the end of the day.
bool ReadClock(Cursor& in, int64_t& micros) {
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  int64_t fraction = 0;
  if (!in.TwoDigits(hour) || !in.Skip(':') || !in.TwoDigits(minute)) return false;
  if (in.Skip(':')) {
    if (!in.TwoDigits(second)) return false;
    if (in.Skip('.') && !in.Fraction(fraction)) return false;
  }
  micros = ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond + fraction;
  return minute < 60 && second < 60 && micros <= kMicrosPerDay;
}

// Z or a signed offset, as microseconds east of UTC.
bool ReadZone(Cursor& in, int64_t& offset) {
  offset = 0;
  if (in.Skip('Z')) return true;
  const bool west = in.peek() == '-';
  if (!in.Skip('+') && !in.Skip('-')) return false;
  int64_t hours = 0;
  int64_t minutes = 0;
  int64_t seconds = 0;
  if (!in.TwoDigits(hours)) return false;
  const bool colon = in.Skip(':');
  if ((colon || (in.peek() >= '0' && in.peek() <= '9')) && !in.TwoDigits(minutes)) return false;
  if (colon && in.Skip(':') && !in.TwoDigits(seconds)) return false;
  if (hours > 15 || minutes > 59 || seconds > 59) return false;
  offset = ((hours * 60 + minutes) * 60 + seconds) * kMicrosPerSecond * (west ? -1 : 1);
  return true;
}

// What eight characters should be: digits where `text` has zeros, else its own characters.
struct Shape {
  explicit constexpr Shape(std::string_view text) {
    for (size_t i = 0; i < 8; ++i) {
      characters = characters << 8U | static_cast<unsigned char>(text[i]);
      headroom = headroom << 8U | (text[i] == '0' ? 0x7FU - 9 : 0x7FU);
    }
  }
  uint64_t characters = 0;  // the first one in the highest byte
  uint64_t headroom = 0;    // what must not lift the difference from `characters` above 0x7F
};

// Eight characters at once, the first one in the highest byte.
class Word {
 public:
  Word(uint64_t characters, const Shape& shape)
      : digits_(characters ^ shape.characters),
        has_shape_(((digits_ | (digits_ + shape.headroom)) & 0x8080808080808080U) == 0) {}

  bool has_shape() const { return has_shape_; }
  // The number that the digits at `at` and behind it write. REQUIRES: has_shape().
  int TwoDigits(unsigned at) const {
    const uint64_t pairs = digits_ + (digits_ * 10 >> 8U);  // each byte with the one before it
    return static_cast<int>(pairs >> (48 - 8 * at) & 0xFFU);
  }
  int Digit(unsigned at) const { return static_cast<int>(digits_ >> (56 - 8 * at) & 0xFU); }

 private:
  uint64_t digits_;
  bool has_shape_;
};

// "2024-02-29 23:59:59" with or without up to six digits of a second's fraction: how nearly all are
// written. Nothing for all else, valid or not.
std::optional<int64_t> ParseUsualMoment(std::string_view text) {
  constexpr Shape kYearMonth("0000-00-"), kDayMinute("00 00:00"), kSecond("0.000000");
  constexpr size_t kLongest = 26;
  if (text.size() < 19 || text.size() == 20 || text.size() > kLongest) return std::nullopt;
  const auto missing = 8 * static_cast<unsigned>(kLongest - text.size());  // bits
  const uint64_t fill = kSecond.characters & ((uint64_t{1} << missing) - 1);
  const auto characters = [&](size_t at) { return LoadNetwork<uint64_t>(text.data() + at); };
  const Word year_month(characters(0), kYearMonth);
  const Word day_minute(characters(8), kDayMinute);
  const Word second(characters(text.size() - 8) << missing | fill, kSecond);
  const auto tens = static_cast<unsigned>(text[17]) - unsigned{'0'};
  const bool has_shape = year_month.has_shape() && day_minute.has_shape() && text[16] == ':' &&
                         second.has_shape() && tens < 6;
  const CivilDate date{year_month.TwoDigits(0) * 100 + year_month.TwoDigits(2),
                       year_month.TwoDigits(5), day_minute.TwoDigits(0)};
  const bool is_date = date.year > 0 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
                       (date.day <= 28 || date.day <= DaysInMonth(date.year, date.month));
  const int hour = day_minute.TwoDigits(3);
  const int minute = day_minute.TwoDigits(6);
  if (!has_shape || !is_date || hour > 23 || minute > 59) return std::nullopt;
  const int seconds = (hour * 60 + minute) * 60 + static_cast<int>(tens) * 10 + second.Digit(0);
  const int micros = (second.TwoDigits(2) * 100 + second.TwoDigits(4)) * 100 + second.TwoDigits(6);
  return DaysOf(date) * kMicrosPerDay + seconds * kMicrosPerSecond + micros;
}

std::optional<int64_t> ParseMoment(std::string_view text, bool zoned) {
  if (text == "infinity") return kTimestampInfinity;
  if (text == "-infinity") return kTimestampMinusInfinity;
  Cursor in(text);
  WrittenDate date;
  int64_t micros = 0;
  int64_t offset = 0;
  if (!ReadDate(in, date)) return std::nullopt;
  const bool clock = in.Skip('T') || in.SkipSpaceBeforeDigit();
  if (clock && (!ReadClock(in, micros) || micros == kMicrosPerDay)) return std::nullopt;
  if (zoned) {
    if (clock) in.Skip(' ');
    if (!ReadZone(in, offset)) return std::nullopt;
  }
  const bool before_christ = in.SkipWord(" BC");
  int64_t days = 0;
  if (!in.done() || !ToDays(date, before_christ, days)) return std::nullopt;
  if (days < kFirstDate - 1 || days > kLastTimestamp / kMicrosPerDay + 1) return std::nullopt;
  int64_t moment = 0;
  if (__builtin_mul_overflow(days, kMicrosPerDay, &moment) ||
      __builtin_add_overflow(moment, micros - offset, &moment)) {
    return std::nullopt;
  }
  if (moment < kFirstTimestamp || moment > kLastTimestamp) return std::nullopt;
  return moment;
}

}  // namespace

int64_t DaysOf(const CivilDate& date) {
  constexpr int64_t kEras = 20;  // so that no year of PostgreSQL's is negative
  const int64_t year = date.year - (date.month <= 2 ? 1 : 0) + kEras * 400;
  const int64_t month = date.month + (date.month > 2 ? -3 : 9);
  const int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
  const int64_t leap_days = year / 4 - year / 100 + year / 400;
  return year * 365 + leap_days + day_of_year - kShiftDays - kEras * kDaysPerEra;
}

CivilDate CivilOf(int64_t days) {
  const int64_t shifted = days + kShiftDays;
  const int64_t era = FloorDivide(shifted, kDaysPerEra);
  const int64_t day_of_era = shifted - era * kDaysPerEra;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  const auto civil_month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  return {year_of_era + era * 400 + (civil_month <= 2 ? 1 : 0), civil_month, day};
}

char* WriteDate(char* out, int64_t days) {
  if (days == kDateInfinity) return WriteWord(out, "infinity");
  if (days == kDateMinusInfinity) return WriteWord(out, "-infinity");
  const CivilDate date = CivilOf(days);
  return WriteEra(WriteCivil(out, date), date);
}

char* WriteTime(char* out, int64_t micros) {
  const int64_t seconds = micros / kMicrosPerSecond;
  out = WriteTwo(out, seconds / 3600);
  *out++ = ':';
  out = WriteTwo(out, seconds / 60 % 60);
  *out++ = ':';
  out = WriteTwo(out, seconds % 60);
  return WriteFraction(out, micros % kMicrosPerSecond);
}

char* WriteTimestamp(char* out, int64_t micros) { return WriteMoment(out, micros, ""); }

char* WriteTimestampTz(char* out, int64_t micros) { return WriteMoment(out, micros, "+00"); }

std::optional<int64_t> ParseDate(std::string_view text) {
  if (text == "infinity") return kDateInfinity;
  if (text == "-infinity") return kDateMinusInfinity;
  Cursor in(text);
  WrittenDate date;
  int64_t days = 0;
  if (!ReadDate(in, date)) return std::nullopt;
  const bool before_christ = in.SkipWord(" BC");
  if (!in.done() || !ToDays(date, before_christ, days)) return std::nullopt;
  if (days < kFirstDate || days > kLastDate) return std::nullopt;
  return days;
}

std::optional<int64_t> ParseTime(std::string_view text) {
  Cursor in(text);
  int64_t micros = 0;
  if (!ReadClock(in, micros) || !in.done()) return std::nullopt;
  return micros;
}

std::optional<int64_t> ParseTimestamp(std::string_view text) {
  const auto usual = ParseUsualMoment(text);
  return usual ? usual : ParseMoment(text, false);
}

std::optional<int64_t> ParseTimestampTz(std::string_view text) {
  constexpr std::string_view kUtc = "+00";
  if (text.ends_with(kUtc)) {
    const auto usual = ParseUsualMoment(text.substr(0, text.size() - kUtc.size()));
    if (usual) return usual;
  }
  return ParseMoment(text, true);
}

}  // namespace rowferry
