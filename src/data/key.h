// A key: the ordered values that position a row in its table. Opaque to all but the readers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/value.h"

namespace rowferry {

struct Key {
  std::vector<Value> parts;
  bool HoldsNull() const;
  bool operator==(const Key&) const = default;
};

// Lossless and plain ASCII, so that any ledger can keep it. Grammar:
//   key  = part *( "," part )
//   part = "n"                      NULL
//        | "i" decimal              integer
//        | "r" 16 hex digits        the bits of an IEEE 754 double
//        | "t" *( char | "%" 2hex ) text; all but [A-Za-z0-9_.:-] is escaped
//        | "b" *( 2hex )            blob
std::string EncodeKey(const Key& key);
// Nothing if `text` is not what EncodeKey wrote.
std::optional<Key> DecodeKey(std::string_view text);

// "(id, line) = (42, 'a')", for messages. `types` may be shorter than the key: plain values then.
std::string ShowKey(const Key& key, const std::vector<std::string>& names,
                    const std::vector<Type>& types);

}  // namespace rowferry
