#include "flow/source.h"

namespace rowferry {
namespace {

// Where the output stands that holds the key column's values losslessly; nothing if there is none.
std::optional<size_t> SharedOutput(const ReadPlan& plan, const KeyColumn& key) {
  if (key.is_rowid) return std::nullopt;
  for (size_t i = 0; i < plan.outputs.size(); ++i) {
    const ReadPlan::Output& output = plan.outputs[i];
    const bool lossless = output.as.kind == key.type.kind || output.as.kind == Kind::kAny;
    if (output.name == key.column.name && lossless) return i;
  }
  return std::nullopt;
}

void AddKeyColumn(BatchLayout& layout, const std::string& name, const Type& type) {
  layout.key.push_back(layout.names.size());
  layout.names.push_back(name);
  layout.types.push_back(type);
}

}  // namespace

BatchLayout LayoutOf(const ReadPlan& plan) {
  BatchLayout layout;
  for (const ReadPlan::Output& output : plan.outputs) {
    layout.names.push_back(output.name);
    layout.types.push_back(output.as);
  }
  layout.data_columns = plan.outputs.size();
  if (plan.key.kind == KeyKind::kRowid) AddKeyColumn(layout, "rowid", ParseType("bigint"));
  if (plan.key.kind == KeyKind::kCtid) AddKeyColumn(layout, "ctid", TypeOf(Kind::kText));
  for (const KeyColumn& key : plan.key.columns) {
    if (const auto shared = SharedOutput(plan, key)) {
      layout.key.push_back(*shared);
    } else {
      AddKeyColumn(layout, key.column.name, key.type);
    }
  }
  return layout;
}

}  // namespace rowferry
