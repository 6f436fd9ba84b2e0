// In which form a column's values travel.
#include "postgres/source.h"

namespace rowferry {
namespace {

// Canonical and native form cost the same here, and the canonical one serves the key as well.
bool PassesAsItIs(const Type& type) {
  return type.kind != Kind::kOther && type.kind != Kind::kDecimal && type.kind != Kind::kJson &&
         type.kind != Kind::kJsonb;
}

// The target's column holds every value of the source's, bit by bit: same type, and the same
// modifiers or none.
bool TakesAll(const Type& wanted, const Type& type) {
  return wanted.name == type.name || wanted.name == WithoutModifiers(type.name);
}

}  // namespace

Type CommonForm(const Type& type) {
  if (type.kind != Kind::kOther) return type;
  Type form;
  form.kind = Kind::kOther;
  form.name = type.name;
  return form;
}

std::optional<Type> FormOf(const ColumnInfo& column, const ColumnInfo& wanted,
                           const TypeFacts* facts, bool same_database) {
  const bool native = same_database && facts != nullptr && facts->portable &&
                      !PassesAsItIs(column.type) && TakesAll(wanted.type, column.type);
  if (!native) return CommonForm(column.type);
  Type form;
  form.kind = Kind::kNative;
  form.name = column.type.name;
  return form;
}

}  // namespace rowferry
