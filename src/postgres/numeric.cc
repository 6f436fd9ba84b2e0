#include "postgres/numeric.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace rowferry {
namespace {

constexpr uint16_t kPositive = 0x0000;
constexpr uint16_t kNegative = 0x4000;
constexpr uint16_t kNaN = 0xC000;
constexpr uint16_t kPlusInfinity = 0xD000;   // 14 and later
constexpr uint16_t kMinusInfinity = 0xF000;  // 14 and later
constexpr size_t kGroup = 4;                 // decimal digits in a digit of base 10000
constexpr size_t kMaxWhole = 131072;
constexpr size_t kMaxFraction = 16383;
constexpr size_t kHeaderBytes = 8;
constexpr size_t kInfinityScale = 32;  // what the server sends with them, without a meaning

// How many digits `text` begins with.
size_t CountDigits(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
  return count;
}

// The digits of a number in groups of four around the point, numbered from the left; those at
// either end that are 0 are left out.
class Groups {
 public:
  explicit Groups(const DecimalText& number)
      : number_(number), whole_((number.whole.size() + kGroup - 1) / kGroup) {
    const size_t fraction = number.fraction.find_last_not_of('0') + 1;  // npos + 1 is 0
    end_ = whole_ + (fraction + kGroup - 1) / kGroup;
    if (fraction == 0) {
      while (end_ > 0 && At(end_ - 1) == 0) --end_;
    }
    if (whole_ == 0) {  // else it begins with a digit that is not 0
      while (begin_ < end_ && At(begin_) == 0) ++begin_;
    }
  }
  size_t begin() const { return begin_; }
  size_t end() const { return end_; }
  int16_t weight() const {
    const auto first = static_cast<int64_t>(whole_) - 1 - static_cast<int64_t>(begin_);
    return static_cast<int16_t>(begin_ == end_ ? 0 : first);
  }
  int16_t At(size_t group) const {
    return group < whole_ ? Whole(group) : Fraction((group - whole_) * kGroup);
  }

 private:
  int16_t Whole(size_t group) const {  // filled up with zeros on the left
    const size_t stop = number_.whole.size() - (whole_ - 1 - group) * kGroup;
    return stop < kGroup ? Number(number_.whole.substr(0, stop))
                         : Number(number_.whole.substr(stop - kGroup, kGroup));
  }
  int16_t Fraction(size_t start) const {  // filled up with zeros on the right
    constexpr std::array<int16_t, kGroup + 1> kFill = {0, 1000, 100, 10, 1};
    const std::string_view digits = number_.fraction.substr(start, kGroup);
    return static_cast<int16_t>(Number(digits) * kFill[digits.size()]);
  }
  static int16_t Number(std::string_view digits) {
    int value = 0;
    for (const char digit : digits) value = value * 10 + (digit - '0');
    return static_cast<int16_t>(value);
  }

  const DecimalText& number_;
  size_t whole_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

uint16_t SignOf(const DecimalText& number) {
  if (number.special == DecimalText::Special::kNaN) return kNaN;
  if (number.special == DecimalText::Special::kInfinity) {
    return number.negative ? kMinusInfinity : kPlusInfinity;
  }
  return number.negative ? kNegative : kPositive;
}

void PutHeader(CopyBuffer& out, size_t digits, int16_t weight, uint16_t sign, size_t scale) {
  char* const room = out.Room(sizeof(int32_t) + kHeaderBytes);
  StoreNetwork(room, static_cast<int32_t>(kHeaderBytes + 2 * digits));
  StoreNetwork(room + 4, static_cast<uint16_t>(digits));
  StoreNetwork(room + 6, weight);
  StoreNetwork(room + 8, sign);
  StoreNetwork(room + 10, static_cast<uint16_t>(scale));
  out.Advance(sizeof(int32_t) + kHeaderBytes);
}

std::optional<DecimalText> ParseSpecial(std::string_view text, bool negative) {
  DecimalText number;
  number.negative = negative;
  if (text == "NaN" && !negative) {
    number.special = DecimalText::Special::kNaN;
  } else if (text == "Infinity") {
    number.special = DecimalText::Special::kInfinity;
  } else {
    return std::nullopt;
  }
  return number;
}

struct Wire {
  int digits = 0;
  int16_t weight = 0;
  uint16_t sign = 0;
  uint16_t scale = 0;
  std::string_view groups;

  int At(int index) const {  // 0 outside of what is stored
    if (index < 0 || index >= digits) return 0;
    return LoadNetwork<int16_t>(groups.data() + static_cast<size_t>(index) * 2);
  }
};

std::optional<Wire> ReadWire(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto digits = reader.Read<uint16_t>();
  const auto weight = reader.Read<int16_t>();
  const auto sign = reader.Read<uint16_t>();
  const auto scale = reader.Read<uint16_t>();
  if (!digits || !weight || !sign || !scale) return std::nullopt;
  const auto groups = reader.Take(size_t{*digits} * 2);
  if (!groups || !reader.empty() || *scale > kMaxFraction) return std::nullopt;
  const Wire wire{*digits, *weight, *sign, *scale, *groups};
  for (int i = 0; i < wire.digits; ++i) {
    if (wire.At(i) < 0 || wire.At(i) > 9999) return std::nullopt;
  }
  return wire;
}

void AppendGroup(int group, std::string& out) {
  const char text[] = {
      static_cast<char>('0' + group / 1000), static_cast<char>('0' + group / 100 % 10),
      static_cast<char>('0' + group / 10 % 10), static_cast<char>('0' + group % 10)};
  out.append(text, kGroup);
}

void AppendWhole(const Wire& wire, std::string& out) {
  const size_t start = out.size();
  for (int i = 0; i <= wire.weight; ++i) AppendGroup(wire.At(i), out);
  const size_t digit = out.find_first_not_of('0', start);
  const size_t zeros = (digit == std::string::npos ? out.size() : digit) - start;
  out.erase(start, zeros);
  if (out.size() == start) out += '0';
}

void AppendFraction(const Wire& wire, std::string& out) {
  if (wire.scale == 0) return;
  out += '.';
  const size_t end = out.size() + wire.scale;
  for (int i = wire.weight + 1; out.size() < end; ++i) AppendGroup(wire.At(i), out);
  out.resize(end);
}

}  // namespace

std::optional<DecimalText> ParseDecimal(std::string_view text) {
  DecimalText number;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    number.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  number.whole = text.substr(0, CountDigits(text));
  std::string_view rest = text.substr(number.whole.size());
  if (rest.starts_with('.')) {
    number.fraction = rest.substr(1, CountDigits(rest.substr(1)));
    rest.remove_prefix(1 + number.fraction.size());
  }
  if (!rest.empty()) return ParseSpecial(text, number.negative);
  if (number.whole.empty() && number.fraction.empty()) return std::nullopt;
  number.whole.remove_prefix(std::min(number.whole.find_first_not_of('0'), number.whole.size()));
  if (number.whole.size() > kMaxWhole || number.fraction.size() > kMaxFraction) return std::nullopt;
  return number;
}

bool IsZero(const DecimalText& number) {
  return number.special == DecimalText::Special::kNone && number.whole.empty() &&
         number.fraction.find_first_not_of('0') == std::string_view::npos;
}

bool WouldRound(const DecimalText& number, int scale) {
  if (scale < 0 || number.fraction.size() <= static_cast<size_t>(scale)) return false;
  const std::string_view cut = number.fraction.substr(static_cast<size_t>(scale));
  return cut.find_first_not_of('0') != std::string_view::npos;
}

bool WouldOverflow(const DecimalText& number, int precision, int scale) {
  if (precision < 0) return false;
  if (number.special == DecimalText::Special::kInfinity) return true;
  return number.whole.size() > static_cast<size_t>(std::max(precision - std::max(scale, 0), 0));
}

void PutNumeric(CopyBuffer& out, const DecimalText& number) {
  if (number.special != DecimalText::Special::kNone) {
    const bool nan = number.special == DecimalText::Special::kNaN;
    return PutHeader(out, 0, 0, SignOf(number), nan ? 0 : kInfinityScale);
  }
  const Groups groups(number);
  const bool zero = groups.begin() == groups.end();
  PutHeader(out, groups.end() - groups.begin(), groups.weight(), zero ? kPositive : SignOf(number),
            number.fraction.size());
  for (size_t i = groups.begin(); i < groups.end(); ++i) out.Put(groups.At(i));
}

bool AppendNumericText(std::string_view bytes, std::string& out) {
  const auto wire = ReadWire(bytes);
  if (!wire) return false;
  switch (wire->sign) {
    case kNaN:
      out += "NaN";
      return true;
    case kPlusInfinity:
      out += "Infinity";
      return true;
    case kMinusInfinity:
      out += "-Infinity";
      return true;
    case kNegative:
      out += '-';
      break;
    case kPositive:
      break;
    default:
      return false;
  }
  AppendWhole(*wire, out);
  AppendFraction(*wire, out);
  return true;
}

}  // namespace rowferry
