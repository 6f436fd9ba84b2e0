#include "postgres/batch_encoder.h"

#include "base/error.h"
#include "base/text.h"
#include "postgres/copy_encode.h"
#include "postgres/copy_text.h"

namespace rowferry {

struct Position {
  size_t row = 0;
  size_t column = 0;
};

namespace {

using FindEncoder = std::optional<CellEncoder> (*)(const Type&, const Type&, const TypeFacts&);

std::optional<CellEncoder> Look(FindEncoder find, const Type& from, const ColumnInfo& column,
                                TypeCatalog& types) {
  const TypeFacts* facts = types.Find(column.native);
  return facts == nullptr ? std::nullopt : find(from, column.type, *facts);
}

std::vector<std::string> NamesOf(const WritePlan& plan) {
  std::vector<std::string> names;
  for (const WritePlan::Input& input : plan.inputs) names.push_back(input.name);
  return names;
}

}  // namespace

bool TakesBinary(const WritePlan& plan, TypeCatalog& types) {
  for (const WritePlan::Input& input : plan.inputs) {
    if (!Look(FindBinaryEncoder, input.from, input.column, types)) return false;
  }
  return true;
}

std::optional<std::string> WhyNotInto(const Type& from, const ColumnInfo& column,
                                      TypeCatalog& types) {
  if (Look(FindBinaryEncoder, from, column, types)) return std::nullopt;
  if (Look(FindTextEncoder, from, column, types)) return std::nullopt;
  if (types.Find(column.native) == nullptr) return "the target has no type " + column.native;
  const bool zones = (from.kind == Kind::kTimestamp && column.type.kind == Kind::kTimestampTz) ||
                     (from.kind == Kind::kTimestampTz && column.type.kind == Kind::kTimestamp);
  if (zones) return "between times with and without a zone the value would be guessed";
  return "values of the form " + std::string(KindName(from.kind)) + " (" + from.name +
         ") cannot become " + column.type.name + " without a guess or a loss";
}

BatchEncoder::BatchEncoder(const WritePlan& plan, TypeCatalog& types)
    : table_(plan.table),
      names_(NamesOf(plan)),
      binary_(TakesBinary(plan, types)),
      statement_(StatementFor(Qualified(table_.schema, table_.name))) {
  const FindEncoder find = binary_ ? FindBinaryEncoder : FindTextEncoder;
  for (const WritePlan::Input& input : plan.inputs) {
    auto cell = Look(find, input.from, input.column, types);
    if (!cell) {
      throw Error(
          ErrorKind::kPlan,
          "table " + table_.Show() + ", column " + input.name + ": " +
              WhyNotInto(input.from, input.column, types).value_or("no text form for this column"));
    }
    cells_.push_back(*cell);
  }
}

std::string BatchEncoder::StatementFor(const std::string& table) const {
  std::vector<std::string> columns;
  for (const std::string& name : names_) columns.push_back(QuoteIdentifier(name));
  return "COPY " + table + " (" + Join(columns, ", ") + ") FROM STDIN (FORMAT " +
         (binary_ ? "binary" : "text") + ")";
}

void BatchEncoder::Begin(CopyBuffer& out) const {
  if (binary_) PutCopyHeader(out);
}

void BatchEncoder::End(CopyBuffer& out) const {
  if (binary_) PutCopyTrailer(out);
}

void BatchEncoder::Encode(const Chunk& chunk, CopyBuffer& out) const {
  Position at;
  try {
    binary_ ? EncodeBinary(chunk, out, at) : EncodeText(chunk, out, at);
  } catch (const BadCell& bad) {
    const Column& column = chunk.batch.columns()[at.column];
    const std::string row = chunk.batch.ShowKeyAt(at.row);
    const std::string& name = names_[at.column];
    const std::string why =
        "the value " + ShowValue(column.value(at.row), cells_[at.column].from) + " " + bad.reason;
    throw RowError("table " + table_.Show() + ", column " + name + ", row " + row + ": " + why +
                       "; mend the row, widen the target's column, or leave it out with --drop " +
                       name,
                   {RefusalKind::kValue, "", name, "", why}, at.row, row);
  }
}

void BatchEncoder::EncodeBinary(const Chunk& chunk, CopyBuffer& out, Position& at) const {
  const auto fields = static_cast<int16_t>(cells_.size());
  const std::vector<Column>& columns = chunk.batch.columns();
  for (at.row = chunk.begin; at.row < chunk.end; ++at.row) {
    out.Put(fields);
    for (at.column = 0; at.column < cells_.size(); ++at.column) {
      const CellEncoder& cell = cells_[at.column];
      const Column& column = columns[at.column];
      if (column.is_null(at.row)) {
        out.Put(int32_t{-1});
      } else {
        cell.encode(cell, column, at.row, out);
      }
    }
  }
}

void BatchEncoder::EncodeText(const Chunk& chunk, CopyBuffer& out, Position& at) const {
  const std::vector<Column>& columns = chunk.batch.columns();
  for (at.row = chunk.begin; at.row < chunk.end; ++at.row) {
    for (at.column = 0; at.column < cells_.size(); ++at.column) {
      if (at.column > 0) out.Append('\t');
      const CellEncoder& cell = cells_[at.column];
      if (columns[at.column].is_null(at.row)) {
        out.Append("\\N");
      } else {
        cell.encode(cell, columns[at.column], at.row, out);
      }
    }
    out.Append('\n');
  }
}

}  // namespace rowferry
