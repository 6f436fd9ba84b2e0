#include "data/kept_row.h"

#include <bit>

#include "base/bytes.h"

namespace rowferry {
namespace {

constexpr char kFormat = 1;

template <typename Integer>
void Put(std::string& out, Integer value) {
  const size_t at = out.size();
  out.resize(at + sizeof value);
  StoreNetwork(out.data() + at, value);
}

void PutText(std::string& out, std::string_view text) {
  Put(out, uint64_t{text.size()});
  out += text;
}

void PutValue(std::string& out, const Value& value) {
  switch (value.storage) {
    case StorageClass::kNull:
      out += 'n';
      return;
    case StorageClass::kInteger:
      out += 'i';
      return Put(out, value.integer);
    case StorageClass::kReal:
      out += 'r';
      return Put(out, std::bit_cast<uint64_t>(value.real));
    case StorageClass::kText:
      out += 't';
      return PutText(out, value.bytes);
    case StorageClass::kBlob:
      out += 'b';
      return PutText(out, value.bytes);
  }
}

// Takes the grammar apart; after the first thing amiss `good` stays false, and what it gives is
// empty.
class Parser {
 public:
  explicit Parser(std::string_view bytes) : bytes_(bytes) {}

  template <typename Integer>
  Integer Number() {
    const auto number = good_ ? bytes_.Read<Integer>() : std::nullopt;
    good_ = number.has_value();
    return number.value_or(0);
  }
  std::string Text() {
    const auto size = Number<uint64_t>();
    const auto text = good_ ? bytes_.Take(size) : std::nullopt;
    good_ = text.has_value();
    return std::string(text.value_or(""));
  }
  Value TakeValue() {
    switch (static_cast<char>(Number<uint8_t>())) {
      case 'n':
        return Value::Null();
      case 'i':
        return Value::Integer(Number<int64_t>());
      case 'r':
        return Value::Real(std::bit_cast<double>(Number<uint64_t>()));
      case 't':
        return Value::Text(Text());
      case 'b':
        return Value::Blob(Text());
      default:
        good_ = false;
        return {};
    }
  }
  Kind TakeKind() {
    const auto kind = ParseKind(Text());
    good_ = good_ && kind.has_value();
    return kind.value_or(Kind::kAny);
  }
  bool good() const { return good_; }
  bool empty() const { return bytes_.empty(); }

 private:
  ByteReader bytes_;
  bool good_ = true;
};

}  // namespace

bool IsUtf16Text(const Type& type) { return type.kind == Kind::kAny && type.name == kUtf16Text; }

bool IsUnread(const Type& type) { return type.kind == Kind::kAny && type.name == kUnreadValue; }

KeptRow KeepRow(const RowBatch& batch, size_t row) {
  const BatchLayout& layout = batch.layout();
  KeptRow kept;
  for (size_t i = 0; i < layout.names.size(); ++i) {
    kept.push_back({layout.names[i], layout.types[i], batch.columns()[i].value(row)});
  }
  return kept;
}

std::string EncodeRow(const KeptRow& row) {
  std::string out(1, kFormat);
  for (const KeptValue& value : row) {
    PutText(out, value.column);
    PutText(out, KindName(value.type.kind));
    PutText(out, value.type.name);
    for (const int part : {value.type.width, value.type.precision, value.type.scale}) {
      Put(out, static_cast<int32_t>(part));
    }
    PutValue(out, value.value);
  }
  return out;
}

std::optional<KeptRow> DecodeRow(std::string_view bytes) {
  Parser parser(bytes);
  if (parser.Number<int8_t>() != kFormat) return std::nullopt;
  KeptRow row;
  while (parser.good() && !parser.empty()) {
    KeptValue& value = row.emplace_back();
    value.column = parser.Text();
    value.type.kind = parser.TakeKind();
    value.type.name = parser.Text();
    value.type.width = parser.Number<int32_t>();
    value.type.precision = parser.Number<int32_t>();
    value.type.scale = parser.Number<int32_t>();
    value.value = parser.TakeValue();
  }
  return parser.good() ? std::optional(std::move(row)) : std::nullopt;
}

}  // namespace rowferry
