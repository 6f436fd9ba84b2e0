#include "sqlite/keyset.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace rowferry::sqlite {
namespace {

// One part of the key, as the query names it.
struct Part {
  std::string name;     // quoted
  std::string ordered;  // with its collation
  bool descending = false;
  bool nullable = false;
};

std::vector<Part> PartsOf(const KeyChoice& key, const std::string& rowid) {
  if (key.kind == KeyKind::kRowid) return {{rowid, rowid, false, false}};
  std::vector<Part> parts;
  for (const KeyColumn& column : key.columns) {
    Part part;
    part.name = column.is_rowid ? rowid : QuoteIdentifier(column.column.name);
    part.ordered = part.name;
    if (!column.column.collation.empty()) {
      part.ordered += " COLLATE " + QuoteIdentifier(column.column.collation);
    }
    part.descending = column.column.descending;
    part.nullable = column.nullable;
    parts.push_back(std::move(part));
  }
  return parts;
}

std::string SelectList(const ReadPlan& plan, const std::string& rowid) {
  const BatchLayout layout = LayoutOf(plan);
  std::vector<std::string> columns;
  for (const ReadPlan::Output& output : plan.outputs) {
    columns.push_back(QuoteIdentifier(output.name));
  }
  const std::vector<Part> parts = PartsOf(plan.key, rowid);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (layout.key[i] >= layout.data_columns) columns.push_back(parts[i].name);
  }
  return Join(columns, ", ");
}

// Of a key that may hold NULL, and does not: its columns tell the row apart by themselves, and what
// its rowid is by now says nothing.
bool IsUniqueWithoutRowid(const KeyChoice& key, const Key& at) {
  const bool has_rowid = !key.columns.empty() && key.columns.back().is_rowid;
  return has_rowid && !at.HoldsNull();
}

class Comparison {
 public:
  Comparison(const std::vector<Part>& parts, const Key& after) : parts_(parts), after_(after) {}

  std::string Compose() {
    for (const Value& value : after_.parts) {
      const bool null = value.storage == StorageClass::kNull;  // is compared by IS NULL
      if (!null) parameters_.push_back(value);
      marks_.push_back(null ? "NULL" : "?" + std::to_string(parameters_.size()));
    }
    return IsPlain() ? RowValue() : Bound() + "(" + Expanded() + ")";
  }
  Record TakeParameters() { return std::move(parameters_); }
  // The row with the key itself; its parameters follow `others`.
  std::string ComposeEqual(Record& others) {
    std::vector<std::string> conditions;
    for (size_t i = 0; i < parts_.size(); ++i) {
      if (!IsNull(i)) others.push_back(after_.parts[i]);
      marks_.push_back(IsNull(i) ? "NULL" : "?" + std::to_string(others.size()));
      conditions.push_back(Equal(i));
    }
    return "(" + Join(conditions, " AND ") + ")";
  }

 private:
  bool IsPlain() const {
    return std::none_of(parts_.begin(), parts_.end(),
                        [](const Part& part) { return part.descending || part.nullable; });
  }
  bool IsNull(size_t i) const { return after_.parts[i].storage == StorageClass::kNull; }

  // (a, b) > (?1, ?2): the index is used for all of it, unless a collation is named.
  std::string RowValue() const {
    if (parts_.size() == 1) return parts_[0].ordered + " > " + marks_[0];
    std::vector<std::string> columns;
    bool collated = false;
    for (const Part& part : parts_) {
      columns.push_back(part.ordered);
      collated = collated || part.ordered != part.name;
    }
    return (collated ? Bound() : "") + "(" + Join(columns, ", ") + ") > (" + Join(marks_, ", ") +
           ")";
  }

  // A condition that all rows after the key fulfil, so that the index is entered at the right
  // place.
  std::string Bound() const {
    const Part& first = parts_[0];
    if (IsNull(0)) return first.descending ? first.ordered + " IS NULL AND " : "";
    if (!first.descending) return first.ordered + " >= " + marks_[0] + " AND ";
    return first.nullable ? "" : first.ordered + " <= " + marks_[0] + " AND ";
  }

  // a > ?1 OR (a = ?1 AND b > ?2) …
  std::string Expanded() const {
    std::vector<std::string> cases;
    std::string equal;
    for (size_t i = 0; i < parts_.size(); ++i) {
      const std::string beyond = Beyond(i);
      if (!beyond.empty()) cases.push_back("(" + equal + beyond + ")");
      equal += Equal(i) + " AND ";
    }
    return cases.empty() ? "0" : Join(cases, " OR ");
  }
  std::string Equal(size_t i) const {
    return IsNull(i) ? parts_[i].ordered + " IS NULL" : parts_[i].ordered + " = " + marks_[i];
  }
  // Empty: nothing comes after NULL in descending order.
  std::string Beyond(size_t i) const {
    const Part& part = parts_[i];
    if (IsNull(i)) return part.descending ? "" : part.ordered + " IS NOT NULL";
    if (!part.descending) return part.ordered + " > " + marks_[i];
    const std::string below = part.ordered + " < " + marks_[i];
    return part.nullable ? "(" + below + " OR " + part.ordered + " IS NULL)" : below;
  }

  const std::vector<Part>& parts_;
  const Key& after_;
  std::vector<std::string> marks_;
  Record parameters_;
};

std::string OrderOf(const std::vector<Part>& parts) {
  std::vector<std::string> columns;
  for (const Part& part : parts) columns.push_back(part.ordered + (part.descending ? " DESC" : ""));
  return Join(columns, ", ");
}

std::string SelectFrom(const ReadPlan& plan, const std::string& rowid) {
  return "SELECT " + SelectList(plan, rowid) + " FROM " + QuoteIdentifier(plan.table.name);
}

// The key to compare by, and its parts: without a rowid that says nothing.
struct Compared {
  std::vector<Part> parts;
  Key key;
};

Compared ComparedOf(const ReadPlan& plan, const std::vector<Part>& parts, const Key& key) {
  if (key.parts.size() != parts.size()) {
    throw Error(ErrorKind::kInternal, plan.table.Show() + ": a key of another shape");
  }
  Compared compared{parts, key};
  if (IsUniqueWithoutRowid(plan.key, key)) {
    compared.parts.pop_back();
    compared.key.parts.pop_back();
  }
  return compared;
}

}  // namespace

PageQuery ComposePage(const ReadPlan& plan, const std::string& rowid,
                      const std::optional<Key>& after) {
  const std::vector<Part> parts = PartsOf(plan.key, rowid);
  PageQuery query;
  query.sql = SelectFrom(plan, rowid);
  std::vector<std::string> conditions;
  // The line break ends a comment that the user's condition may end in.
  if (!plan.where.empty()) conditions.push_back("(" + plan.where + "\n)");
  if (after) {
    const Compared compared = ComparedOf(plan, parts, *after);
    Comparison comparison(compared.parts, compared.key);
    conditions.push_back("(" + comparison.Compose() + ")");
    query.parameters = comparison.TakeParameters();
  }
  if (!conditions.empty()) query.sql += " WHERE " + Join(conditions, " AND ");
  query.sql += " ORDER BY " + OrderOf(parts);
  return query;
}

PageQuery ComposePick(const ReadPlan& plan, const std::string& rowid, std::span<const Key> keys) {
  const std::vector<Part> parts = PartsOf(plan.key, rowid);
  PageQuery query;
  std::vector<std::string> rows;
  for (const Key& key : keys) {
    const Compared compared = ComparedOf(plan, parts, key);
    rows.push_back(Comparison(compared.parts, compared.key).ComposeEqual(query.parameters));
  }
  query.sql = SelectFrom(plan, rowid) + " WHERE " +
              (plan.where.empty() ? "" : "(" + plan.where + "\n) AND ") + "(" + Join(rows, " OR ") +
              ")";
  return query;
}

std::string ComposeCondition(const ReadPlan& plan) {
  return "SELECT CAST(" + plan.where + "\n AS INTEGER) FROM " + QuoteIdentifier(plan.table.name);
}

}  // namespace rowferry::sqlite
