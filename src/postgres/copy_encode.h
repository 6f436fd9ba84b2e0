// Values into the fields of a binary COPY (copy_decode.h has the format).
#pragma once

#include <optional>

#include "postgres/cell.h"
#include "postgres/types.h"

namespace rowferry {

// The encoder from the form `from` to a column of type `target`. Nothing if there is none.
// The encoder writes length and bytes, and refuses what the column would round or cut.
std::optional<CellEncoder> FindBinaryEncoder(const Type& from, const Type& target,
                                             const TypeFacts& facts);

// True for the kinds whose values stand in a batch as text that any type's input may read.
bool IsTextForm(Kind kind);

// What comes before the first row, and after the last.
void PutCopyHeader(CopyBuffer& out);
void PutCopyTrailer(CopyBuffer& out);

}  // namespace rowferry
