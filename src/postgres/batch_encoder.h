// A batch of rows into COPY's format, binary where every column permits it, else text.
#pragma once

#include <string>
#include <vector>

#include "flow/target.h"
#include "postgres/cell.h"
#include "postgres/types.h"

namespace rowferry {

// Constant after construction.
class BatchEncoder {
 public:
  // REQUIRES: WhyNot said nothing against any of the plan's inputs. Throws Error(kPlan) else.
  BatchEncoder(const WritePlan& plan, TypeCatalog& types);

  // "COPY table (columns) FROM STDIN (FORMAT …)"
  const std::string& statement() const { return statement_; }
  // The same for another table, quoted, with columns of these names and types.
  std::string StatementFor(const std::string& table) const;

  void Begin(CopyBuffer& out) const;
  // Appends the chunk's rows. Throws RowError, naming table, column, row, value and reason, for a
  // value that its column cannot hold as it is.
  void Encode(const Chunk& chunk, CopyBuffer& out) const;
  void End(CopyBuffer& out) const;

 private:
  void EncodeBinary(const Chunk& chunk, CopyBuffer& out, struct Position& at) const;
  void EncodeText(const Chunk& chunk, CopyBuffer& out, struct Position& at) const;

  const TableName table_;
  const std::vector<std::string> names_;  // of the columns
  const bool binary_;
  const std::string statement_;
  std::vector<CellEncoder> cells_;
};

// Why values of the form `from` cannot go into `column`; nothing if they can.
std::optional<std::string> WhyNotInto(const Type& from, const ColumnInfo& column,
                                      TypeCatalog& types);
// True if the plan's table can be written by binary COPY.
bool TakesBinary(const WritePlan& plan, TypeCatalog& types);

}  // namespace rowferry
