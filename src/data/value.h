// One value outside a batch: a part of a key, or what an error message shows.
#pragma once

#include <cstdint>
#include <string>

#include "data/type.h"

namespace rowferry {

// The five storage classes; the names are SQLite's.
enum class StorageClass : uint8_t { kNull, kInteger, kReal, kText, kBlob };

struct Value {
  StorageClass storage = StorageClass::kNull;
  int64_t integer = 0;  // kInteger
  double real = 0;      // kReal
  std::string bytes;    // kText, kBlob

  static Value Null() { return {}; }
  static Value Integer(int64_t v) { return {StorageClass::kInteger, v, 0, {}}; }
  static Value Real(double v) { return {StorageClass::kReal, 0, v, {}}; }
  static Value Text(std::string v) { return {StorageClass::kText, 0, 0, std::move(v)}; }
  static Value Blob(std::string v) { return {StorageClass::kBlob, 0, 0, std::move(v)}; }

  // Bit for bit, class included: 1 and 1.0 differ, NaN equals itself.
  bool operator==(const Value& other) const;
};

// The value as the user would write it ("2024-02-29", "x'00ff'", "NULL"), cut to a line's length.
std::string ShowValue(const Value& value, const Type& type);

}  // namespace rowferry
