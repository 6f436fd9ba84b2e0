// Input: taken as a number's text, and as the bits of an integer or a double.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "fuzz/fuzz.h"
#include "fuzz/memory_database.h"
#include "postgres/numeric.h"
#include "sqlite/number.h"

namespace rowferry::sqlite {
namespace {

using testing::Require;
using Room = std::array<char, kMaxNumberText>;

std::string_view Until(const Room& room, const char* end) {
  return {room.data(), static_cast<size_t>(end - room.data())};
}

void LookAtInteger(int64_t value) {
  Room room;
  Require(ReadInteger(Until(room, WriteInteger(room.data(), value))) == value,
          "an integer is read as it was written");
}

bool SameBits(std::optional<double> a, double b) {
  return a && std::bit_cast<uint64_t>(*a) == std::bit_cast<uint64_t>(b);
}

void LookAtReal(double value) {
  Room room;
  const std::string_view plain = Until(room, WriteReal(room.data(), value));
  if (!std::isfinite(value)) return Require(!ReadReal(plain), "an infinity is no number");
  Require(SameBits(ReadReal(plain), value), "a double is read as it was written");
  const std::string_view fixed = Until(room, WriteRealFixed(room.data(), value));
  Require(fixed.find('e') == std::string_view::npos, "it is written without an exponent");
  Require(SameBits(ReadReal(fixed), value), "without an exponent too");
}

void LookAtScaled(int64_t scaled, int scale) {
  Room room;
  const std::string_view text = Until(room, WriteScaled(room.data(), scaled, scale));
  std::string digits(text);
  if (scale > 0) digits.erase(text.size() - static_cast<size_t>(scale) - 1, 1);
  const bool negative = digits.starts_with('-');
  digits.erase(0, negative ? 1 : 0);
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  Require((negative ? "-" : "") + digits == std::to_string(scaled), "a decimal keeps its digits");
}

void LookAtExact(double value, int scale) {
  const auto scaled = ScaledExactly(value, scale);
  if (!scaled) return;
  Room room;
  const auto again = ReadReal(Until(room, WriteScaled(room.data(), *scaled, scale)));
  Require(again && *again == value, "a double is the one nearest to its decimal");
}

// Two folders take decimals apart, each in its way.
void LookAtShape(std::string_view text) {
  const auto shape = ShapeOf(text);
  const auto number = shape ? ParseDecimal(text) : std::nullopt;
  if (!number) return;
  const size_t fraction = number->fraction.find_last_not_of('0') + 1;  // npos + 1 is 0
  Require(static_cast<size_t>(shape->whole) == number->whole.size(), "digits before the point");
  Require(static_cast<size_t>(shape->fraction) == fraction, "digits after the point");
}

// Whether SQLite itself makes a number of the text.
class NumericColumn {
 public:
  bool MakesNumber(std::string_view text) {
    sqlite3_bind_text(update_.get(), 1, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    Require(sqlite3_step(update_.get()) == SQLITE_DONE, "SQLite updates");
    sqlite3_reset(update_.get());
    Require(sqlite3_step(select_.get()) == SQLITE_ROW, "SQLite selects");
    const int type = sqlite3_column_type(select_.get(), 0);
    sqlite3_reset(select_.get());
    return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
  }

 private:
  using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

  static testing::MemoryDatabase Open() {
    auto database = testing::OpenInMemory();
    constexpr const char* kMake = "CREATE TABLE t (n NUMERIC); INSERT INTO t VALUES (0)";
    Require(sqlite3_exec(database.get(), kMake, nullptr, nullptr, nullptr) == SQLITE_OK, kMake);
    return database;
  }
  Statement Prepare(const char* sql) {
    sqlite3_stmt* raw = nullptr;
    Require(sqlite3_prepare_v2(database_.get(), sql, -1, &raw, nullptr) == SQLITE_OK, sql);
    return {raw, &sqlite3_finalize};
  }

  testing::MemoryDatabase database_ = Open();
  Statement update_ = Prepare("UPDATE t SET n = ?1");
  Statement select_ = Prepare("SELECT n FROM t");
};

void LookAtText(std::string_view text) {
  static NumericColumn column;
  if (const auto integer = ReadInteger(text)) {
    Require(std::to_string(*integer) == text, "an integer's text is the one that is written");
  }
  if (const auto real = ReadReal(text)) LookAtReal(*real);
  LookAtShape(text);
  if (text.empty()) return;  // a null pointer would bind NULL
  Require(LooksNumeric(text) == column.MakesNumber(text), "SQLite makes numbers of the same texts");
}

void LookAtBits(uint64_t bits, int scale) {
  LookAtInteger(static_cast<int64_t>(bits));
  LookAtReal(std::bit_cast<double>(bits));
  LookAtScaled(static_cast<int64_t>(bits), scale % 19);
  LookAtExact(std::bit_cast<double>(bits), scale % 16);
  LookAtExact(static_cast<double>(static_cast<int64_t>(bits) >> 16) / 1000, scale % 16);
}

}  // namespace
}  // namespace rowferry::sqlite

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  const std::string_view text = testing::TextOfInput(data, size);
  sqlite::LookAtText(text);
  ByteReader in(text);
  if (const auto bits = in.Read<uint64_t>()) {
    sqlite::LookAtBits(*bits, in.Read<uint8_t>().value_or(0));
  }
  return 0;
}
