// Values into the text format of COPY: the way for tables with a type that has no binary form we
// can make. Columns are parted by tabs, rows end in a newline, NULL is \N, and in values
// backslash, tab, newline and the like are escaped by a backslash.
#pragma once

#include <optional>

#include "postgres/cell.h"
#include "postgres/types.h"

namespace rowferry {

// The encoder from the form `from` to a column of type `target`. Nothing if there is none, or if
// PostgreSQL's own input would round the value without a word.
std::optional<CellEncoder> FindTextEncoder(const Type& from, const Type& target,
                                           const TypeFacts& facts);

}  // namespace rowferry
