#include "postgres/types.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

constexpr std::array<std::string_view, 8> kTextReceivers = {
    "textrecv", "varcharrecv", "bpcharrecv", "citextrecv",
    "namerecv", "enum_recv",   "json_recv",  "xml_recv"};

}  // namespace

bool TypeFacts::TakesText() const {
  return std::find(kTextReceivers.begin(), kTextReceivers.end(), receive) != kTextReceivers.end();
}

const TypeFacts* TypeCatalog::Find(const std::string& spelling) {
  const auto known = known_.find(spelling);
  if (known != known_.end()) return known->second ? &*known->second : nullptr;
  std::optional<TypeFacts>& facts = known_[spelling];
  try {
    const auto rows = session_.Exec(std::string(sql::postgres::type_facts), {{spelling}});
    for (const auto& row : rows) {
      facts = TypeFacts{row[0].as<uint32_t>(), row[1].c_str(), IsTrue(row[2]), IsTrue(row[3])};
    }
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kTransient) throw;  // else: no spelling of a type
  }
  return facts ? &*facts : nullptr;
}

std::string WithoutModifiers(std::string_view spelling) {
  const size_t open = spelling.find('(');
  const size_t close = spelling.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open ||
      spelling.find('"') < open) {
    return std::string(spelling);
  }
  return std::string(spelling.substr(0, open)) + std::string(spelling.substr(close + 1));
}

std::string SpellType(const Type& type) {
  const bool unlimited_char = type.kind == Kind::kText && type.name == "char";
  return unlimited_char ? "bpchar" : type.name;
}

}  // namespace rowferry
