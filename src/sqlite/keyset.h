// The page query: all rows after a key, in the key's order. The only place that composes it.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "data/key.h"
#include "flow/source.h"
#include "sqlite/session.h"

namespace rowferry::sqlite {

struct PageQuery {
  std::string sql;
  Record parameters;  // ?1, ?2 …
};

// Selects LayoutOf(plan)'s columns in its order. `rowid` is the rowid's name, where the key needs
// it. Order and comparison use the collations and directions of the key's columns. A key that
// SQLite lets hold NULL is compared part by part: NULL is less than all else, and equal to itself
// here. Throws Error(kInternal) for a key of another shape than the plan's.
PageQuery ComposePage(const ReadPlan& plan, const std::string& rowid,
                      const std::optional<Key>& after);

// The rows with one of these keys, by the collations of its columns; likewise with the columns of
// LayoutOf(plan). REQUIRES: keys is not empty, and not much longer than kKeysOfPick.
PageQuery ComposePick(const ReadPlan& plan, const std::string& rowid, std::span<const Key> keys);
inline constexpr size_t kKeysOfPick = 50;  // a condition may nest 1000 deep in SQLite

// A query in which the plan's condition stands inside CAST(… AS …): text that closes the brackets
// of the page query opens others there, so only one whole expression is SQL in both.
// REQUIRES: plan.where is not empty.
std::string ComposeCondition(const ReadPlan& plan);

}  // namespace rowferry::sqlite
