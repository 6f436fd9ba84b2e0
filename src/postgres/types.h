// PostgreSQL's types, as far as their binary forms are known here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "data/schema.h"
#include "postgres/session.h"

namespace rowferry {

// OIDs of built-in types, the same in every server (src/include/catalog/pg_type.dat).
namespace oid {
inline constexpr uint32_t kBool = 16;
inline constexpr uint32_t kBytea = 17;
inline constexpr uint32_t kInt8 = 20;
inline constexpr uint32_t kInt2 = 21;
inline constexpr uint32_t kInt8Array = 1016;
inline constexpr uint32_t kInt4 = 23;
inline constexpr uint32_t kText = 25;
inline constexpr uint32_t kJson = 114;
inline constexpr uint32_t kFloat4 = 700;
inline constexpr uint32_t kFloat8 = 701;
inline constexpr uint32_t kVarchar = 1043;
inline constexpr uint32_t kDate = 1082;
inline constexpr uint32_t kTime = 1083;
inline constexpr uint32_t kTimestamp = 1114;
inline constexpr uint32_t kTimestampTz = 1184;
inline constexpr uint32_t kNumeric = 1700;
inline constexpr uint32_t kUuid = 2950;
inline constexpr uint32_t kJsonb = 3802;
}  // namespace oid

// What the catalog says of a type; of a domain, what it says of the type underneath.
struct TypeFacts {
  uint32_t base = 0;      // OID of the type, domains resolved
  std::string receive;    // name of its receive function; empty or "-": there is none
  bool portable = false;  // built in, and its binary form means the same in every database
  bool is_domain = false;
  std::string underneath = {};  // the type; of a domain, the one under it, with its modifiers
  // A composite, a range of the user's own, a type of an extension, or an array of such or of a
  // domain: what its input, or that of its parts, rounds or drops is not known here.
  bool is_opaque = false;
  std::string definition = {};  // the types of an opaque type's parts, with modifiers

  // The receive function takes the text form as it is: text, varchar, enums, citext, json …
  bool TakesText() const;
};

// Types by their spelling; the server is asked at most once for each, and for the common ones
// never. Not thread-safe.
class TypeCatalog {
 public:
  // The session outlives the catalog.
  explicit TypeCatalog(Session& session) : session_(session) {}

  // Null if the database has no such type. `spelling` is what format_type prints, or what a user
  // writes; modifiers do not matter.
  const TypeFacts* Find(const std::string& spelling);

  // Looks up the types of all columns, and fills in their definitions.
  void Define(Table& table);

 private:
  Session& session_;
  std::map<std::string, std::optional<TypeFacts>> known_;
};

// The type without its modifiers: "numeric(12,2)[]" -> "numeric[]".
std::string WithoutModifiers(std::string_view spelling);

// How PostgreSQL spells the type in DDL and casts.
std::string SpellType(const Type& type);

}  // namespace rowferry
