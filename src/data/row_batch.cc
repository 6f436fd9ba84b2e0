#include "data/row_batch.h"

#include "base/error.h"

namespace rowferry {
namespace {

// A column's memory beyond this is given back by Clear: it came from a giant row.
constexpr size_t kKeptBytes = 16U << 20U;
constexpr size_t kMaxBytes = 0xffffffffU;
constexpr size_t kFirstRows = 64;
constexpr size_t kFirstBytes = 4096;

}  // namespace

void Column::MakeRowRoom() {
  const size_t room = std::max(kFirstRows, rows_ * 2);
  classes_.resize(room);
  words_.resize(room);
}

void Column::MakeRoom(size_t more_bytes) {
  const size_t needed = bytes_used_ + more_bytes;
  if (needed > kMaxBytes) {
    throw Error(ErrorKind::kData, "a batch's column would hold more than 4 GiB");
  }
  const size_t room = std::max({kFirstBytes, needed, std::min(bytes_room_ * 2, kMaxBytes)});
  std::unique_ptr<char[]> bytes(new char[room]);
  if (bytes_used_ > 0) std::memcpy(bytes.get(), bytes_.get(), bytes_used_);
  bytes_ = std::move(bytes);
  bytes_room_ = room;
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
  rows_ = 0;
  bytes_used_ = 0;
  if (bytes_room_ <= kKeptBytes) return;
  bytes_.reset();
  bytes_room_ = 0;
}

std::string BatchLayout::ShowKey(const Key& values) const {
  std::vector<std::string> key_names;
  std::vector<Type> key_types;
  for (const size_t index : key) {
    key_names.push_back(names[index]);
    key_types.push_back(types[index]);
  }
  return rowferry::ShowKey(values, key_names, key_types);
}

void RowBatch::Clear() {
  for (Column& column : columns_) column.Clear();
  unread_.clear();
}

void RowBatch::AppendRow(const RowBatch& from, size_t row) {
  for (size_t i = 0; i < columns_.size(); ++i) columns_[i].Append(from.columns_[i].value(row));
}

Key RowBatch::KeyAt(size_t row) const {
  Key key;
  for (const size_t index : layout_.key) key.parts.push_back(columns_[index].value(row));
  return key;
}

Key RowBatch::FirstKey() const {
  const bool unread = !unread_.empty() && unread_.front().before == 0;
  return unread ? unread_.front().key : KeyAt(0);
}

Key RowBatch::LastKey() const {
  const bool unread = !unread_.empty() && unread_.back().before == rows();
  return unread ? unread_.back().key : KeyAt(rows() - 1);
}

}  // namespace rowferry
