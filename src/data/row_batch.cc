#include "data/row_batch.h"

#include "base/error.h"

namespace rowferry {
namespace {

// A column's memory beyond this is given back by Clear: it came from a giant row.
constexpr size_t kKeptBytes = 16U << 20U;
constexpr uint64_t kMaxBytes = 0xffffffffU;

}  // namespace

void Column::AppendBytes(StorageClass storage, std::string_view bytes) {
  const uint64_t offset = bytes_.size();
  if (offset + bytes.size() > kMaxBytes) {
    throw Error(ErrorKind::kData, "a batch's column would hold more than 4 GiB");
  }
  bytes_.append(bytes);
  Append(storage, (offset << 32U) | bytes.size());
}

void Column::Append(const Value& value) {
  switch (value.storage) {
    case StorageClass::kNull:
      return AppendNull();
    case StorageClass::kInteger:
      return AppendInteger(value.integer);
    case StorageClass::kReal:
      return AppendReal(value.real);
    case StorageClass::kText:
    case StorageClass::kBlob:
      return AppendBytes(value.storage, value.bytes);
  }
}

Value Column::value(size_t row) const {
  switch (storage(row)) {
    case StorageClass::kNull:
      return Value::Null();
    case StorageClass::kInteger:
      return Value::Integer(integer(row));
    case StorageClass::kReal:
      return Value::Real(real(row));
    case StorageClass::kText:
      return Value::Text(std::string(bytes(row)));
    case StorageClass::kBlob:
      return Value::Blob(std::string(bytes(row)));
  }
  return {};
}

void Column::Clear() {
  classes_.clear();
  words_.clear();
  bytes_.clear();
  if (bytes_.capacity() > kKeptBytes) bytes_.shrink_to_fit();
}

void Column::Truncate(size_t rows) {
  classes_.resize(rows);
  words_.resize(rows);  // the bytes beyond stay unused until Clear
}

size_t RowBatch::size_bytes() const {
  size_t size = 0;
  for (const Column& column : columns_) size += column.size_bytes();
  return size;
}

void RowBatch::Clear() {
  for (Column& column : columns_) column.Clear();
}

Key RowBatch::KeyAt(size_t row) const {
  Key key;
  for (const size_t index : layout_.key) key.parts.push_back(columns_[index].value(row));
  return key;
}

std::string RowBatch::ShowKeyAt(size_t row) const {
  std::vector<std::string> names;
  std::vector<Type> types;
  for (const size_t index : layout_.key) {
    names.push_back(layout_.names[index]);
    types.push_back(layout_.types[index]);
  }
  return ShowKey(KeyAt(row), names, types);
}

}  // namespace rowferry
