// Column defaults: SQLite's expressions <-> what both databases understand.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/schema.h"

namespace rowferry::sqlite {

// `expression` as PRAGMA table_xinfo shows it. Nothing for what a ColumnDefault cannot say.
std::optional<ColumnDefault> ParseDefault(std::string_view expression);

// Nothing if the default is no value of the type: DEFAULT '' of an integer column. Booleans become
// '0' and '1', which both databases read as such.
std::optional<ColumnDefault> FitDefault(const ColumnDefault& value, const Type& type);

// Another database's current time as the column holds it: of now() a date keeps the day. Nothing
// where it cannot: CURRENT_DATE has no zone.
std::optional<ColumnDefault> FitMoment(ColumnDefault value, const Type& type);

// For a column of text, as long decimals have: a bare number would lose its digits on the way
// there.
ColumnDefault QuoteNumber(ColumnDefault value);

// What stands after DEFAULT.
std::string ShowDefault(const ColumnDefault& value, const Type& type);

}  // namespace rowferry::sqlite
