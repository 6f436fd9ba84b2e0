// Input: taken as text, and as the number that stands for a moment.
#include "base/bytes.h"
#include "data/calendar.h"
#include "fuzz/fuzz.h"

namespace rowferry::testing {
namespace {

using Parse = std::optional<int64_t> (*)(std::string_view text);

struct Form {
  Parse parse;
  CalendarWriter write;
  int64_t first;
  int64_t last;
};

constexpr Form kForms[] = {
    {ParseDate, WriteDate, kFirstDate, kLastDate},
    {ParseTime, WriteTime, 0, kMicrosPerDay},
    {ParseTimestamp, WriteTimestamp, kFirstTimestamp, kLastTimestamp},
    {ParseTimestampTz, WriteTimestampTz, kFirstTimestamp, kLastTimestamp},
};

void RequireWritten(const Form& form, int64_t value) {
  std::string text;
  AppendCalendar(text, form.write, value);
  Require(form.parse(text) == value, "what is written is read as the same");
}

void RequireRead(const Form& form, std::string_view text) {
  const auto value = form.parse(text);
  if (value) RequireWritten(form, *value);
}

// The usual form has a way of its own through the parser, and T instead of the blank has not.
void RequireSameOnBothWays(const Form& form, std::string text) {
  const size_t at = text.find_first_of(" T");
  if (at == std::string::npos || at + 1 == text.size()) return;
  const bool before_digit = text[at + 1] >= '0' && text[at + 1] <= '9';
  if (!before_digit) return;
  text[at] = ' ';
  const auto usual = form.parse(text);
  text[at] = 'T';
  Require(form.parse(text) == usual, "T and a blank between date and time mean the same");
}

// The number of the input, brought into the form's range.
int64_t WithinRange(const Form& form, uint64_t number) {
  const auto first = static_cast<uint64_t>(form.first);
  const uint64_t span = static_cast<uint64_t>(form.last) - first + 1;
  return static_cast<int64_t>(first + number % span);
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  const std::string_view text = TextOfInput(data, size);
  const auto number = ByteReader(text).Read<uint64_t>();
  for (const Form& form : kForms) {
    RequireRead(form, text);
    RequireSameOnBothWays(form, std::string(text));
    if (number) RequireWritten(form, WithinRange(form, *number));
  }
  if (number) {
    const int64_t days = WithinRange(kForms[0], *number);
    Require(DaysOf(CivilOf(days)) == days, "a day has one date");
  }
  return 0;
}
