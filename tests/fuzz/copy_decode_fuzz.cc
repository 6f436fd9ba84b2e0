// Input: a binary COPY stream. Every decoder in turn reads all of its columns.
#include <algorithm>
#include <optional>

#include "base/error.h"
#include "fuzz/fuzz.h"
#include "postgres/copy_decode.h"
#include "postgres/copy_encode.h"
#include "postgres/unit/golden.h"

namespace rowferry::testing {
namespace {

constexpr size_t kMaxFields = 16;

struct Target {
  const char* type;
  uint32_t oid;  // 0: there is no binary form to write it back in
  Kind kind;
};

constexpr Target kTargets[] = {
    {"boolean", oid::kBool, Kind::kBool},
    {"bigint", oid::kInt8, Kind::kInt},
    {"double precision", oid::kFloat8, Kind::kFloat},
    {"numeric", oid::kNumeric, Kind::kDecimal},
    {"text", 0, Kind::kText},
    {"bytea", oid::kBytea, Kind::kBytes},
    {"date", oid::kDate, Kind::kDate},
    {"time", oid::kTime, Kind::kTime},
    {"timestamp", oid::kTimestamp, Kind::kTimestamp},
    {"timestamptz", oid::kTimestampTz, Kind::kTimestampTz},
    {"uuid", oid::kUuid, Kind::kUuid},
    {"json", 0, Kind::kJson},
    {"jsonb", oid::kJsonb, Kind::kJsonb},
    {"interval", 0, Kind::kOther},
    {"interval", 0, Kind::kNative},
};

// The fields of the stream's first row: the stream is damaged where there are too many.
size_t FieldsOf(std::string_view stream) {
  constexpr size_t kHeaderBytes = 19;
  ByteReader reader(stream.substr(std::min(kHeaderBytes, stream.size())));
  const int fields = reader.Read<int16_t>().value_or(1);
  return std::clamp<size_t>(static_cast<size_t>(std::max(fields, 1)), 1, kMaxFields);
}

void RequireRows(const std::vector<Column>& columns, size_t rows) {
  for (const Column& column : columns) {
    Require(column.rows() == rows, "a message adds one row to every column, or none to any");
  }
}

std::vector<Column> DecodeAs(Kind kind, const std::vector<std::string>& messages, size_t fields) {
  CopyDecoder decoder(std::vector<DecodeCell>(fields, FindDecoder(kind)));
  std::vector<Column> columns(fields);
  size_t rows = 0;
  try {
    for (const std::string& message : messages) {
      const bool ended = decoder.ended();
      if (decoder.Decode(message, columns)) ++rows;
      Require(!ended, "nothing follows the trailer");
      RequireRows(columns, rows);
    }
  } catch (const Error& error) {
    const bool misfit = error.kind() == ErrorKind::kData && error.code() == kNoBinaryForm;
    Require(misfit || error.kind() == ErrorKind::kTarget, "a damaged stream is told as such");
    RequireRows(columns, rows);
  }
  return columns;
}

// The row as it would be written into a column of the same type; nothing if it is refused there.
std::optional<std::string> Encode(const CellEncoder& cell, const Column& column, size_t row) {
  std::string message;
  CopyBuffer out([&](std::string_view piece) { message += piece; });
  PutCopyHeader(out);
  out.Put(int16_t{1});
  try {
    cell.encode(cell, column, row, out);
  } catch (const BadCell&) {
    return std::nullopt;
  }
  out.Flush();
  return message;
}

void RequireRoundTrip(const Target& target, const Column& column, size_t row) {
  const Type type = ParseType(target.type);
  const auto cell = FindBinaryEncoder(type, type, {target.oid, "", true, false});
  Require(cell.has_value(), "what can be read can be written");
  const auto message = Encode(*cell, column, row);
  if (!message) return;
  const auto again = DecodeAs(target.kind, {*message}, 1);
  Require(again[0].rows() == 1 && again[0].value(0) == column.value(row),
          "what was read and written is read as the same");
}

void Look(const Target& target, const Column& column) {
  const Type type = ParseType(target.type);
  const bool has_text = target.kind != Kind::kBytes && target.kind != Kind::kNative;
  for (size_t row = 0; row < column.rows(); ++row) {
    if (column.is_null(row)) continue;
    TextRoom room;
    if (has_text) TextOf(type, column, row, room);
    ShowValue(column.value(row), type);
    if (target.oid != 0) RequireRoundTrip(target, column, row);
  }
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry::testing;
  const std::string stream(TextOfInput(data, size));
  const auto messages = Messages(stream);
  for (const Target& target : kTargets) {
    for (const auto& column : DecodeAs(target.kind, messages, FieldsOf(stream))) {
      Look(target, column);
    }
  }
  return 0;
}
