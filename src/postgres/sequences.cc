#include "postgres/sequences.h"

#include <functional>

#include "base/error.h"
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

using Visit = std::function<void(const pqxx::row& sequence, const std::string& column)>;

void EachSequence(Session& session, const WritePlan& plan, const Visit& visit) {
  for (const WritePlan::Input& input : plan.inputs) {
    if (input.column.type.kind != Kind::kInt) continue;
    const auto rows = session.Exec(std::string(sql::postgres::sequences),
                                   {{Qualified(plan.table.schema, plan.table.name)}, {input.name}});
    for (const auto& row : rows) visit(row, input.name);
  }
}

}  // namespace

void AdvanceTableSequences(Session& session, const WritePlan& plan, const std::string& from) {
  EachSequence(session, plan, [&](const pqxx::row& sequence, const std::string& column) {
    Advance(session, sequence, column, from);
  });
}

void CheckTableSequences(Session& session, const WritePlan& plan, const std::string& role) {
  EachSequence(session, plan, [&](const pqxx::row& sequence, const std::string& column) {
    if (IsTrue(sequence["may_advance"])) return;
    const std::string name = sequence["sequence"].c_str();
    throw Error(ErrorKind::kPlan,
                "role " + role + " may not set the sequence " + name + " behind " +
                    plan.table.Show() + "." + column +
                    ", which must stand after the copied values: GRANT SELECT, UPDATE ON "
                    "SEQUENCE " +
                    name + " TO " + QuoteIdentifier(role));
  });
}

}  // namespace rowferry
