#include "postgres/copy_decode.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "base/bytes.h"
#include "base/error.h"
#include "data/calendar.h"
#include "postgres/numeric.h"

namespace rowferry {
namespace {

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr int32_t kHasOids = 1 << 16;  // flag bits 16 and up change the format
constexpr char kJsonbVersion = 1;

[[noreturn]] void Damaged(const std::string& what) {
  throw Error(ErrorKind::kTarget, "PostgreSQL sent a damaged COPY stream: " + what);
}

[[noreturn]] void Misfit() {
  throw Error(ErrorKind::kData, "PostgreSQL sent a value that does not have the form of its type",
              std::string(kNoBinaryForm));
}

bool DecodeInteger(std::string_view field, Column& out, std::string&) {
  if (field.size() == 8) {
    out.AppendInteger(LoadNetwork<int64_t>(field.data()));
  } else if (field.size() == 4) {
    out.AppendInteger(LoadNetwork<int32_t>(field.data()));
  } else if (field.size() == 2) {
    out.AppendInteger(LoadNetwork<int16_t>(field.data()));
  } else {
    return false;
  }
  return true;
}

bool DecodeBool(std::string_view field, Column& out, std::string&) {
  if (field.size() != 1) return false;
  out.AppendInteger(field[0] != 0 ? 1 : 0);
  return true;
}

bool DecodeFloat(std::string_view field, Column& out, std::string&) {
  if (field.size() == 8) {
    out.AppendReal(std::bit_cast<double>(LoadNetwork<uint64_t>(field.data())));
  } else if (field.size() == 4) {
    out.AppendReal(static_cast<double>(std::bit_cast<float>(LoadNetwork<uint32_t>(field.data()))));
  } else {
    return false;
  }
  return true;
}

bool DecodeNumeric(std::string_view field, Column& out, std::string& scratch) {
  scratch.clear();
  if (!AppendNumericText(field, scratch)) return false;
  out.AppendText(scratch);
  return true;
}

bool DecodeText(std::string_view field, Column& out, std::string&) {
  out.AppendText(field);
  return true;
}

bool DecodeJsonb(std::string_view field, Column& out, std::string&) {
  if (field.empty() || field[0] != kJsonbVersion) return false;
  out.AppendText(field.substr(1));
  return true;
}

bool DecodeBlob(std::string_view field, Column& out, std::string&) {
  out.AppendBlob(field);
  return true;
}

bool DecodeUuid(std::string_view field, Column& out, std::string&) {
  if (field.size() != 16) return false;
  out.AppendBlob(field);
  return true;
}

// Dates and times are written as text by arithmetic that asks for PostgreSQL's range.
template <typename Wire>
bool DecodeMoment(std::string_view field, Column& out, int64_t first, int64_t last) {
  using Limits = std::numeric_limits<Wire>;  // which stand for the infinities
  if (field.size() != sizeof(Wire)) return false;
  const auto value = LoadNetwork<Wire>(field.data());
  const bool infinite = value == Limits::min() || value == Limits::max();
  if (!infinite && (value < first || value > last)) return false;
  out.AppendInteger(value);
  return true;
}

bool DecodeDate(std::string_view field, Column& out, std::string&) {
  return DecodeMoment<int32_t>(field, out, kFirstDate, kLastDate);
}

bool DecodeTimestamp(std::string_view field, Column& out, std::string&) {
  return DecodeMoment<int64_t>(field, out, kFirstTimestamp, kLastTimestamp);
}

bool DecodeTime(std::string_view field, Column& out, std::string&) {
  if (field.size() != sizeof(int64_t)) return false;
  const auto micros = LoadNetwork<int64_t>(field.data());
  if (micros < 0 || micros > kMicrosPerDay) return false;
  out.AppendInteger(micros);
  return true;
}

struct Row {
  Kind kind;
  DecodeCell decode;
};

constexpr std::array kDecoders = {
    Row{Kind::kBool, DecodeBool},           Row{Kind::kInt, DecodeInteger},
    Row{Kind::kFloat, DecodeFloat},         Row{Kind::kDecimal, DecodeNumeric},
    Row{Kind::kText, DecodeText},           Row{Kind::kBytes, DecodeBlob},
    Row{Kind::kDate, DecodeDate},           Row{Kind::kTime, DecodeTime},
    Row{Kind::kTimestamp, DecodeTimestamp}, Row{Kind::kTimestampTz, DecodeTimestamp},
    Row{Kind::kUuid, DecodeUuid},           Row{Kind::kJson, DecodeText},
    Row{Kind::kJsonb, DecodeJsonb},         Row{Kind::kOther, DecodeText},
    Row{Kind::kNative, DecodeBlob},
};

void SkipHeader(ByteReader& reader) {
  const auto signature = reader.Take(kSignature.size());
  if (!signature || *signature != kSignature) Damaged("no signature");
  const auto flags = reader.Read<int32_t>();
  const auto length = reader.Read<int32_t>();
  if (!flags || !length || *length < 0) Damaged("the header is cut");
  if (*flags >= kHasOids || *flags < 0) Damaged("unknown flags");
  if (!reader.Take(static_cast<size_t>(*length))) Damaged("the header's extension is cut");
}

enum class FieldIs { kGood, kCut, kMisfit };

FieldIs DecodeField(ByteReader& reader, DecodeCell decode, Column& out, std::string& scratch) {
  const auto length = reader.Read<int32_t>();
  if (!length || *length < -1) return FieldIs::kCut;
  if (*length == -1) {
    out.AppendNull();
    return FieldIs::kGood;
  }
  const auto field = reader.Take(static_cast<size_t>(*length));
  if (!field) return FieldIs::kCut;
  return decode(*field, out, scratch) ? FieldIs::kGood : FieldIs::kMisfit;
}

}  // namespace

DecodeCell FindDecoder(Kind kind) {
  const auto row = std::find_if(kDecoders.begin(), kDecoders.end(),
                                [&](const Row& r) { return r.kind == kind; });
  return row == kDecoders.end() ? nullptr : row->decode;
}

bool CopyDecoder::Decode(std::string_view message, std::vector<Column>& out) {
  ByteReader reader(message);
  if (!started_) SkipHeader(reader);
  started_ = true;
  if (reader.empty()) return false;
  if (ended_) Damaged("bytes after its end");
  const auto fields = reader.Read<int16_t>();
  if (!fields) Damaged("a row is cut");
  if (*fields == -1) {
    if (!reader.empty()) Damaged("bytes after its end");
    ended_ = true;
    return false;
  }
  if (static_cast<size_t>(*fields) != cells_.size()) Damaged("another number of fields");
  return DecodeRow(reader, out);
}

bool CopyDecoder::DecodeRow(ByteReader& reader, std::vector<Column>& out) {
  const size_t rows = out.empty() ? 0 : out[0].rows();
  for (size_t i = 0; i < cells_.size(); ++i) {
    const FieldIs field = DecodeField(reader, cells_[i], out[i], scratch_);
    if (field == FieldIs::kGood) continue;
    for (Column& column : out) column.Truncate(rows);
    if (field == FieldIs::kMisfit) Misfit();
    Damaged("field " + std::to_string(i + 1) + " is cut");
  }
  if (!reader.empty()) {
    for (Column& column : out) column.Truncate(rows);
    Damaged("a row is too long");
  }
  return true;
}

}  // namespace rowferry
