#include "postgres/copy_encode.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "postgres/numeric.h"

namespace rowferry {
namespace {

constexpr std::string_view kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr int16_t kTrailer = -1;
constexpr char kJsonbVersion = 1;

template <typename Integer>
void PutFixed(CopyBuffer& out, Integer value) {
  char* room = out.Room(sizeof(int32_t) + sizeof value);
  StoreNetwork(room, static_cast<int32_t>(sizeof value));
  StoreNetwork(room + sizeof(int32_t), value);
  out.Advance(sizeof(int32_t) + sizeof value);
}

void PutBytes(CopyBuffer& out, std::string_view bytes) {
  if (bytes.size() > 0x3fffffff) throw BadCell{"is larger than PostgreSQL's 1 GB for a value"};
  out.Put(static_cast<int32_t>(bytes.size()));
  out.Append(bytes);
}

template <typename Integer>
void PutInteger(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  const int64_t value = column.integer(row);
  if constexpr (sizeof(Integer) < 8) CheckRange(value, cell.target);
  PutFixed(out, static_cast<Integer>(value));
}

void PutBool(const CellEncoder&, const Column& column, size_t row, CopyBuffer& out) {
  PutFixed(out, static_cast<int8_t>(column.integer(row) != 0));
}

void PutIntegerAsNumeric(const CellEncoder& cell, const Column& column, size_t row,
                         CopyBuffer& out) {
  TextRoom room;
  PutNumeric(out, CheckDecimal(TextOf(cell.from, column, row, room), cell.target));
}

void PutIntegerAsDouble(const CellEncoder& cell, const Column& column, size_t row,
                        CopyBuffer& out) {
  CheckWhole(column.integer(row), cell.target);
  PutFixed(out, std::bit_cast<uint64_t>(static_cast<double>(column.integer(row))));
}

void PutIntegerAsFloat(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  CheckWhole(column.integer(row), cell.target);
  PutFixed(out, std::bit_cast<uint32_t>(static_cast<float>(column.integer(row))));
}

void PutDouble(const CellEncoder&, const Column& column, size_t row, CopyBuffer& out) {
  PutFixed(out, std::bit_cast<uint64_t>(column.real(row)));
}

void PutFloat(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  const double value = column.real(row);
  if (std::isfinite(value) && std::fabs(value) > std::numeric_limits<float>::max()) {
    throw BadCell{"does not fit " + cell.target.name};
  }
  const auto narrow = static_cast<float>(value);
  CheckExact(std::isnan(value) || static_cast<double>(narrow) == value, cell.target);
  PutFixed(out, std::bit_cast<uint32_t>(narrow));
}

void PutRealAsNumeric(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  TextRoom room;
  const std::string_view digits = PlainDigits(cell.from, column.real(row), room);
  PutNumeric(out, CheckDecimal(digits, cell.target));
}

void PutDecimal(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  PutNumeric(out, CheckDecimal(column.bytes(row), cell.target));
}

template <typename Integer>
void PutDecimalAsInteger(const CellEncoder& cell, const Column& column, size_t row,
                         CopyBuffer& out) {
  const DecimalText number = CheckDecimal(column.bytes(row), cell.target);
  if (number.special != DecimalText::Special::kNone) {
    throw BadCell{"does not fit " + cell.target.name};
  }
  CheckExact(!WouldRound(number, 0), cell.target);
  TextRoom room;
  if (number.whole.size() > 19) throw BadCell{"does not fit " + cell.target.name};
  char* end = room.data();
  if (number.negative) *end++ = '-';
  end = std::copy(number.whole.begin(), number.whole.end(), end);
  if (number.whole.empty()) *end++ = '0';
  int64_t value = 0;
  const auto parsed = std::from_chars(room.data(), end, value);
  if (parsed.ec != std::errc{}) throw BadCell{"does not fit " + cell.target.name};
  CheckRange(value, cell.target);
  PutFixed(out, static_cast<Integer>(value));
}

void PutText(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  const std::string_view text = column.bytes(row);
  CheckLength(text, cell);
  PutBytes(out, text);
}

void PutRendered(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  TextRoom room;
  const std::string_view text = TextOf(cell.from, column, row, room);
  CheckLength(text, cell);
  PutBytes(out, text);
}

void PutJsonb(const CellEncoder&, const Column& column, size_t row, CopyBuffer& out) {
  const std::string_view text = column.bytes(row);
  if (text.size() > 0x3ffffffe) throw BadCell{"is larger than PostgreSQL's 1 GB for a value"};
  CheckJsonb(text);
  out.Put(static_cast<int32_t>(text.size() + 1));
  out.Append(kJsonbVersion);
  out.Append(text);
}

void PutBlob(const CellEncoder&, const Column& column, size_t row, CopyBuffer& out) {
  PutBytes(out, column.bytes(row));
}

void PutUuid(const CellEncoder&, const Column& column, size_t row, CopyBuffer& out) {
  const std::string_view bytes = column.bytes(row);
  if (bytes.size() != 16) throw BadCell{"is not a uuid of 16 bytes"};
  PutBytes(out, bytes);
}

void PutDate(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  const int64_t days = column.integer(row);
  const bool fits =
      days >= std::numeric_limits<int32_t>::min() && days <= std::numeric_limits<int32_t>::max();
  if (!fits) throw BadCell{"does not fit " + cell.target.name};
  PutFixed(out, static_cast<int32_t>(days));
}

void PutMicros(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  CheckFraction(column.integer(row), cell.target);
  PutFixed(out, column.integer(row));
}

void PutTextAsDate(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  PutFixed(out, static_cast<int32_t>(CheckMoment(column.bytes(row), cell.target)));
}

void PutTextAsMicros(const CellEncoder& cell, const Column& column, size_t row, CopyBuffer& out) {
  PutFixed(out, CheckMoment(column.bytes(row), cell.target));
}

struct Row {
  Kind from;
  uint32_t target;  // OID
  EncodeCell encode;
};

constexpr std::array kEncoders = {
    Row{Kind::kBool, oid::kBool, PutBool},
    Row{Kind::kInt, oid::kInt2, PutInteger<int16_t>},
    Row{Kind::kInt, oid::kInt4, PutInteger<int32_t>},
    Row{Kind::kInt, oid::kInt8, PutInteger<int64_t>},
    Row{Kind::kInt, oid::kNumeric, PutIntegerAsNumeric},
    Row{Kind::kInt, oid::kFloat8, PutIntegerAsDouble},
    Row{Kind::kInt, oid::kFloat4, PutIntegerAsFloat},
    Row{Kind::kFloat, oid::kFloat8, PutDouble},
    Row{Kind::kFloat, oid::kFloat4, PutFloat},
    Row{Kind::kFloat, oid::kNumeric, PutRealAsNumeric},
    Row{Kind::kDecimal, oid::kNumeric, PutDecimal},
    Row{Kind::kDecimal, oid::kInt2, PutDecimalAsInteger<int16_t>},
    Row{Kind::kDecimal, oid::kInt4, PutDecimalAsInteger<int32_t>},
    Row{Kind::kDecimal, oid::kInt8, PutDecimalAsInteger<int64_t>},
    Row{Kind::kText, oid::kNumeric, PutDecimal},
    Row{Kind::kBytes, oid::kBytea, PutBlob},
    Row{Kind::kDate, oid::kDate, PutDate},
    Row{Kind::kTime, oid::kTime, PutMicros},
    Row{Kind::kTimestamp, oid::kTimestamp, PutMicros},
    Row{Kind::kTimestampTz, oid::kTimestampTz, PutMicros},
    Row{Kind::kUuid, oid::kUuid, PutUuid},
    Row{Kind::kText, oid::kDate, PutTextAsDate},
    Row{Kind::kText, oid::kTime, PutTextAsMicros},
    Row{Kind::kText, oid::kTimestamp, PutTextAsMicros},
    Row{Kind::kText, oid::kTimestampTz, PutTextAsMicros},
    Row{Kind::kText, oid::kJsonb, PutJsonb},
    Row{Kind::kOther, oid::kJsonb, PutJsonb},
    Row{Kind::kJson, oid::kJsonb, PutJsonb},
    Row{Kind::kJsonb, oid::kJsonb, PutJsonb},
};

EncodeCell TextEncoder(Kind from, const Type& target) {
  if (IsTextForm(from)) return PutText;
  const bool opaque = from == Kind::kBytes || from == Kind::kNative || from == Kind::kAny;
  return opaque || target.kind != Kind::kText ? nullptr : PutRendered;
}

EncodeCell Find(Kind from, const Type& target, const TypeFacts& facts) {
  if (from == Kind::kNative) return PutBlob;
  if (facts.TakesText()) return TextEncoder(from, target);
  // numeric(5,-2) rounds before the point, which no check of ours foresees.
  if (facts.base == oid::kNumeric && target.kind != Kind::kDecimal) return nullptr;
  const auto row = std::find_if(kEncoders.begin(), kEncoders.end(), [&](const Row& r) {
    return r.from == from && r.target == facts.base;
  });
  return row == kEncoders.end() ? nullptr : row->encode;
}

}  // namespace

bool IsTextForm(Kind kind) {
  return kind == Kind::kText || kind == Kind::kOther || kind == Kind::kJson ||
         kind == Kind::kJsonb || kind == Kind::kDecimal;
}

std::optional<CellEncoder> FindBinaryEncoder(const Type& from, const Type& target,
                                             const TypeFacts& facts) {
  const EncodeCell encode = Find(from.kind, target, facts);
  if (encode == nullptr) return std::nullopt;
  return CellEncoder{encode, from, target};
}

void PutCopyHeader(CopyBuffer& out) { out.Append(kHeader); }

void PutCopyTrailer(CopyBuffer& out) { out.Put(kTrailer); }

}  // namespace rowferry
