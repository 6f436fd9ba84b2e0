// The bytes of a COPY on their way to the server, handed on in pieces of at most 64 KiB.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace rowferry {

// Values larger than the buffer go through it in pieces: libpq would keep a buffer of the largest
// piece that it ever got.
class CopyBuffer {
 public:
  static constexpr size_t kSize = 64U << 10U;
  using Sink = std::function<void(std::string_view)>;

  explicit CopyBuffer(Sink sink) : sink_(std::move(sink)), bytes_(new char[kSize]) {}

  // Room for `size` bytes, of which Advance then keeps some. REQUIRES: size <= kSize.
  char* Room(size_t size) {
    if (kSize - used_ < size) Flush();
    return bytes_.get() + used_;
  }
  void Advance(size_t size) { used_ += size; }

  template <typename Integer>
  void Put(Integer value) {  // in network order
    StoreNetwork(Room(sizeof value), value);
    Advance(sizeof value);
  }
  void Append(std::string_view bytes) {
    while (bytes.size() > kSize - used_) {
      const size_t piece = kSize - used_;
      Copy(bytes.substr(0, piece));
      bytes.remove_prefix(piece);
      Flush();
    }
    Copy(bytes);
  }
  void Append(char c) {
    *Room(1) = c;
    Advance(1);
  }
  // Hands on what is there. The sink may throw; the buffer is empty then.
  void Flush() {
    const size_t used = used_;
    used_ = 0;
    if (used > 0) sink_({bytes_.get(), used});
  }
  void Clear() { used_ = 0; }

 private:
  void Copy(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(bytes_.get() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
  }

  Sink sink_;
  std::unique_ptr<char[]> bytes_;
  size_t used_ = 0;
};

}  // namespace rowferry
