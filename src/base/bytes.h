// Bytes in network order (big endian), and a reader that never leaves its buffer.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>

namespace rowferry {

static_assert(std::endian::native == std::endian::little, "byte order is swapped below");

template <typename Integer>
Integer SwapBytes(Integer value) {
  static_assert(std::is_integral_v<Integer>);
  if constexpr (sizeof(Integer) == 1) {
    return value;
  } else if constexpr (sizeof(Integer) == 2) {
    return static_cast<Integer>(__builtin_bswap16(static_cast<uint16_t>(value)));
  } else if constexpr (sizeof(Integer) == 4) {
    return static_cast<Integer>(__builtin_bswap32(static_cast<uint32_t>(value)));
  } else {
    return static_cast<Integer>(__builtin_bswap64(static_cast<uint64_t>(value)));
  }
}

// Writes `value` in network order to `out`. REQUIRES: sizeof(Integer) bytes at `out`.
template <typename Integer>
void StoreNetwork(char* out, Integer value) {
  const Integer swapped = SwapBytes(value);
  std::memcpy(out, &swapped, sizeof swapped);
}

// REQUIRES: sizeof(Integer) bytes at `in`.
template <typename Integer>
Integer LoadNetwork(const char* in) {
  Integer value;
  std::memcpy(&value, in, sizeof value);
  return SwapBytes(value);
}

// Reads a byte string from front to back; every read is checked, none throws.
// The bytes must outlive the reader and every view that it returns.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  // The next number in network order; nothing if fewer bytes are left.
  template <typename Integer>
  std::optional<Integer> Read() {
    if (rest_.size() < sizeof(Integer)) return std::nullopt;
    const auto value = LoadNetwork<Integer>(rest_.data());
    rest_.remove_prefix(sizeof(Integer));
    return value;
  }
  // The next `size` bytes; nothing if fewer are left.
  std::optional<std::string_view> Take(size_t size) {
    if (rest_.size() < size) return std::nullopt;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace rowferry
