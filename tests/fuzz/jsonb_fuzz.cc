// Input: JSON. nlohmann's parser says what it holds, wherever it takes it at all.
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "fuzz/fuzz.h"
#include "postgres/json.h"

namespace rowferry::testing {
namespace {

using Json = nlohmann::json;

// Sees whether any object has a key twice.
class KeysTwice final : public nlohmann::json_sax<Json> {
 public:
  bool found() const { return found_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override {
    keys_.emplace_back();
    return true;
  }
  bool key(string_t& key) override {
    found_ |= !keys_.back().insert(key).second;
    return true;
  }
  bool end_object() override {
    keys_.pop_back();
    return true;
  }
  bool start_array(size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  std::vector<std::set<std::string>> keys_;
  bool found_ = false;
};

std::string WithoutStrings(std::string_view json) {
  std::string rest;
  bool inside = false;
  for (size_t i = 0; i < json.size(); ++i) {
    if (inside && json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      inside = !inside;
    } else if (!inside) {
      rest += json[i];
    }
  }
  return rest;
}

// REQUIRES: valid JSON.
bool HoldsMinusZero(std::string_view json) {
  const std::string rest = WithoutStrings(json);
  for (size_t at = rest.find('-'); at != std::string::npos; at = rest.find('-', at + 1)) {
    const bool exponent = at > 0 && (rest[at - 1] == 'e' || rest[at - 1] == 'E');
    const size_t digit = rest.find_first_not_of("0.", at + 1);
    const bool zero = digit == std::string::npos || rest[digit] < '1' || rest[digit] > '9';
    if (!exponent && zero) return true;
  }
  return false;
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  const std::string_view json = TextOfInput(data, size);
  const bool loss = LossInJsonb(json).has_value();
  KeysTwice keys;
  // nlohmann's takes a byte order mark, and NUL for the end; no column of text holds one.
  if (json.starts_with("\xEF\xBB\xBF") || json.find('\0') != std::string_view::npos) return 0;
  if (!Json::sax_parse(json.begin(), json.end(), &keys)) return 0;
  Require(loss == (keys.found() || HoldsMinusZero(json)), "jsonb's losses are found, no others");
  return 0;
}
