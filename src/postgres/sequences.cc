#include "postgres/sequences.h"

#include "base/text.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

void Advance(Session& session, const pqxx::row& row, const std::string& column,
             const std::string& from) {
  const std::string sequence = row["sequence"].c_str();
  const bool down = row["seqincrement"].as<int64_t>() < 0;
  session.Exec(Fill(sql::postgres::advance_sequence, {{"sequence", sequence},
                                                      {"sequence_literal", QuoteLiteral(sequence)},
                                                      {"extreme", down ? "min" : "max"},
                                                      {"column", QuoteIdentifier(column)},
                                                      {"table", from},
                                                      {"minimum", row["seqmin"].c_str()},
                                                      {"maximum", row["seqmax"].c_str()},
                                                      {"beyond", down ? "<" : ">"}}));
}

}  // namespace

void AdvanceTableSequences(Session& session, const WritePlan& plan, const std::string& from) {
  for (const WritePlan::Input& input : plan.inputs) {
    if (input.column.type.kind != Kind::kInt) continue;
    const auto rows = session.Exec(std::string(sql::postgres::sequences),
                                   {{Qualified(plan.table.schema, plan.table.name)}, {input.name}});
    for (const auto& row : rows) Advance(session, row, input.name, from);
  }
}

}  // namespace rowferry
