// Rows on their way from reader to writer: columns side by side, reused from chunk to chunk.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/key.h"
#include "data/refusal.h"
#include "data/type.h"
#include "data/value.h"

namespace rowferry {

// One column: a storage class and an 8-byte word a row. The word is the number itself, or a span
// (offset and length, 32 bits each) in the bytes that the column keeps end to end.
class Column {
 public:
  void AppendNull() { Append(StorageClass::kNull, 0); }
  void AppendInteger(int64_t value) {
    Append(StorageClass::kInteger, static_cast<uint64_t>(value));
  }
  void AppendReal(double value) { Append(StorageClass::kReal, std::bit_cast<uint64_t>(value)); }
  void AppendText(std::string_view text) { AppendBytes(StorageClass::kText, text); }
  void AppendBlob(std::string_view blob) { AppendBytes(StorageClass::kBlob, blob); }
  // The bytes of a column stay under 4 GiB: throws Error(kData) else.
  void AppendBytes(StorageClass storage, std::string_view bytes) {
    if (bytes.size() > bytes_room_ - bytes_used_) MakeRoom(bytes.size());
    if (!bytes.empty()) std::memcpy(bytes_.get() + bytes_used_, bytes.data(), bytes.size());
    Append(storage, (uint64_t{bytes_used_} << 32U) | bytes.size());
    bytes_used_ += bytes.size();
  }
  void Append(const Value& value);

  size_t rows() const { return rows_; }
  StorageClass storage(size_t row) const { return classes_[row]; }
  bool is_null(size_t row) const { return classes_[row] == StorageClass::kNull; }
  // REQUIRES for each of the three: the row's storage class is the one asked for.
  int64_t integer(size_t row) const { return static_cast<int64_t>(words_[row]); }
  double real(size_t row) const { return std::bit_cast<double>(words_[row]); }
  std::string_view bytes(size_t row) const {  // valid until the next Append or Clear
    const uint64_t word = words_[row];
    return {bytes_.get() + (word >> 32U), word & 0xffffffffU};
  }
  Value value(size_t row) const;

  size_t size_bytes() const { return bytes_used_ + rows_ * kRowBytes; }
  // Removes all rows; keeps the memory, unless a giant row had blown it up.
  void Clear();
  // Removes the rows from `rows` on: a row whose later columns could not be read. Their bytes stay
  // until Clear.
  void Truncate(size_t rows) { rows_ = std::min(rows, rows_); }

  static constexpr size_t kRowBytes = sizeof(StorageClass) + sizeof(uint64_t);  // besides bytes

 private:
  void Append(StorageClass storage, uint64_t word) {
    if (rows_ == classes_.size()) MakeRowRoom();
    classes_[rows_] = storage;
    words_[rows_] = word;
    ++rows_;
  }
  void MakeRowRoom();
  void MakeRoom(size_t more_bytes);

  // Room and what is used of it are kept apart: nothing is initialised or checked twice a value.
  size_t rows_ = 0;
  std::vector<StorageClass> classes_;
  std::vector<uint64_t> words_;
  size_t bytes_used_ = 0;
  size_t bytes_room_ = 0;
  std::unique_ptr<char[]> bytes_;
};

// What the columns of a batch are. The first `data_columns` go to the target; the ones after them
// are there for the key alone (a dropped key column, rowid, ctid).
struct BatchLayout {
  std::vector<std::string> names;
  std::vector<Type> types;
  size_t data_columns = 0;
  std::vector<size_t> key;  // indexes of the key's columns, in key order

  // "(id) = (42)", for messages. REQUIRES: a key of this layout's columns.
  std::string ShowKey(const Key& values) const;
  bool operator==(const BatchLayout&) const = default;
};

// When a batch is full: with the row that reaches either limit. So a row larger than `bytes` is the
// last of its batch, and a batch exceeds `bytes` by less than one row.
//
// In a profile of PostgreSQL 15 each COPY of 1,000 rows or more took some 1.4 ms to make and drop
// the slots of its rows, besides the transaction's turns between client and server. So 25,000 rows
// rather than 10,000: 10 % less time from PostgreSQL to PostgreSQL (medians of 5), 8 MiB more
// memory.
struct ChunkLimits {
  size_t rows = 25'000;
  size_t bytes = 4U << 20U;
};

// A row that is passed over: it cannot be read in the form that the layout asks for, or refers to a
// row that is not there.
struct UnreadRow {
  size_t before = 0;  // so many of the batch's rows stand before it in key order
  Key key;
  Refusal why;
  std::string kept;  // EncodeRow (data/kept_row.h)
};

// Not thread-safe: owned by the reader, then handed over to the writer, then back.
class RowBatch {
 public:
  explicit RowBatch(const BatchLayout& layout) : layout_(layout), columns_(layout.names.size()) {}

  const BatchLayout& layout() const { return layout_; }
  std::vector<Column>& columns() { return columns_; }
  const std::vector<Column>& columns() const { return columns_; }
  size_t rows() const { return columns_.empty() ? 0 : columns_.back().rows(); }
  // Those that were passed over, in key order.
  const std::vector<UnreadRow>& unread() const { return unread_; }
  void AddUnread(UnreadRow row) { unread_.push_back(std::move(row)); }
  // REQUIRES: another batch of this layout; row < from.rows().
  void AppendRow(const RowBatch& from, size_t row);
  bool empty() const { return rows() == 0 && unread_.empty(); }
  size_t size_bytes() const {
    size_t size = 0;
    for (const Column& column : columns_) size += column.size_bytes();
    for (const UnreadRow& row : unread_) size += row.kept.size();
    return size;
  }
  bool IsFull(const ChunkLimits& limits) const {
    return rows() + unread_.size() >= limits.rows || size_bytes() >= limits.bytes;
  }
  void Clear();

  // REQUIRES: row < rows().
  Key KeyAt(size_t row) const;
  std::string ShowKeyAt(size_t row) const { return layout_.ShowKey(KeyAt(row)); }
  // Of all rows, unread ones included. REQUIRES: !empty().
  Key FirstKey() const;
  Key LastKey() const;

 private:
  BatchLayout layout_;
  std::vector<Column> columns_;
  std::vector<UnreadRow> unread_;
};

}  // namespace rowferry
