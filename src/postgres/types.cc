#include "postgres/types.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

// Not xml_recv: it reads the bytes in the encoding that the XML itself names.
constexpr std::array<std::string_view, 6> kTextReceivers = {
    "textrecv", "varcharrecv", "bpcharrecv", "citextrecv", "enum_recv", "json_recv"};

struct BuiltIn {
  std::string_view name;  // as ParseType spells it
  uint32_t oid;
  std::string_view receive;
};

// The common types, alike in every server: most tables have no others, and need not ask it.
constexpr std::array kBuiltIns = {
    BuiltIn{"boolean", oid::kBool, "boolrecv"},
    BuiltIn{"smallint", oid::kInt2, "int2recv"},
    BuiltIn{"integer", oid::kInt4, "int4recv"},
    BuiltIn{"bigint", oid::kInt8, "int8recv"},
    BuiltIn{"real", oid::kFloat4, "float4recv"},
    BuiltIn{"double precision", oid::kFloat8, "float8recv"},
    BuiltIn{"numeric", oid::kNumeric, "numeric_recv"},
    BuiltIn{"text", oid::kText, "textrecv"},
    BuiltIn{"varchar", oid::kVarchar, "varcharrecv"},
    BuiltIn{"bytea", oid::kBytea, "bytearecv"},
    BuiltIn{"date", oid::kDate, "date_recv"},
    BuiltIn{"time", oid::kTime, "time_recv"},
    BuiltIn{"timestamp", oid::kTimestamp, "timestamp_recv"},
    BuiltIn{"timestamptz", oid::kTimestampTz, "timestamptz_recv"},
    BuiltIn{"uuid", oid::kUuid, "uuid_recv"},
    BuiltIn{"json", oid::kJson, "json_recv"},
    BuiltIn{"jsonb", oid::kJsonb, "jsonb_recv"},
};

// Without modifiers only: whether those are good is the server's to say.
std::optional<TypeFacts> FindBuiltIn(const std::string& spelling) {
  const std::string name = ParseType(spelling).name;
  const auto found = std::find_if(kBuiltIns.begin(), kBuiltIns.end(),
                                  [&](const BuiltIn& type) { return type.name == name; });
  if (found == kBuiltIns.end()) return std::nullopt;
  return TypeFacts{found->oid, std::string(found->receive), true, false, name};
}

}  // namespace

bool TypeFacts::TakesText() const {
  return std::find(kTextReceivers.begin(), kTextReceivers.end(), receive) != kTextReceivers.end();
}

const TypeFacts* TypeCatalog::Find(const std::string& spelling) {
  const auto known = known_.find(spelling);
  if (known != known_.end()) return known->second ? &*known->second : nullptr;
  std::optional<TypeFacts>& facts = known_[spelling];
  facts = FindBuiltIn(spelling);
  if (facts) return &*facts;
  try {
    const auto rows = session_.Exec(std::string(sql::postgres::type_facts), {{spelling}});
    for (const auto& row : rows) {
      facts = TypeFacts{row[0].as<uint32_t>(), row[1].c_str(), IsTrue(row[2]),
                        IsTrue(row[3]),        row[4].c_str(), IsTrue(row[5])};
    }
    if (facts && facts->is_opaque) {
      const auto parts =
          session_.Exec(std::string(sql::postgres::type_definition), {{facts->underneath}});
      facts->definition = parts[0][0].c_str();
    }
  } catch (const Error& error) {
    if (MayPass(error.kind())) throw;  // else: no spelling of a type
  }
  return facts ? &*facts : nullptr;
}

void TypeCatalog::Define(Table& table) {
  for (ColumnInfo& column : table.columns) {
    const TypeFacts* facts = Find(column.native);
    if (facts != nullptr) column.definition = facts->definition;
  }
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
