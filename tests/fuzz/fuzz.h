// What every fuzz target shares. A target is one file NAME_fuzz.cc with the function that libFuzzer
// calls; it feeds the input to what parses bytes from outside and states what must then hold. Its
// corpus is fixtures/fuzz/NAME: seeds, and every input that ever failed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace rowferry::testing {

inline std::string_view TextOfInput(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the process, which libFuzzer and ctest take for a failure, unless the property holds.
inline void Require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", property);
  std::abort();
}

}  // namespace rowferry::testing
