#include "postgres/sequences.h"

#include <functional>

#include "base/error.h"
#include "base/text.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

std::string LastValueSql(const std::optional<int64_t>& value) {
  return value ? "CAST('" + std::to_string(*value) + "' AS bigint)" : "NULL";
}

void Advance(Session& session, const ColumnSequence& sequence, const WritePlan::Input& input,
             const std::string& from) {
  session.Exec(
      Fill(sql::postgres::advance_sequence, {{"sequence", sequence.sequence},
                                             {"sequence_literal", QuoteLiteral(sequence.sequence)},
                                             {"extreme", sequence.counts_down() ? "min" : "max"},
                                             {"column", QuoteIdentifier(input.name)},
                                             {"table", from},
                                             {"last_value", LastValueSql(input.last_value)},
                                             {"minimum", sequence.minimum},
                                             {"maximum", sequence.maximum},
                                             {"beyond", sequence.counts_down() ? "<" : ">"}}));
}

using Visit = std::function<void(const ColumnSequence&, const WritePlan::Input&)>;

void EachSequence(Session& session, const WritePlan& plan, const Visit& visit) {
  for (const ColumnSequence& sequence : ReadSequences(session, plan.table)) {
    for (const WritePlan::Input& input : plan.inputs) {
      const Kind kind = input.column.type.kind;
      const bool numbered = kind == Kind::kInt || kind == Kind::kDecimal;
      if (numbered && input.name == sequence.column) visit(sequence, input);
    }
  }
}

}  // namespace

std::vector<ColumnSequence> ReadSequences(Session& session, const TableName& table) {
  std::vector<ColumnSequence> sequences;
  for (const auto& row : session.Exec(std::string(sql::postgres::sequences),
                                      {{Qualified(table.schema, table.name)}})) {
    ColumnSequence sequence;
    sequence.column = row["column_name"].c_str();
    sequence.sequence = row["sequence"].c_str();
    sequence.increment = row["seqincrement"].as<int64_t>();
    sequence.minimum = row["seqmin"].c_str();
    sequence.maximum = row["seqmax"].c_str();
    sequence.may_advance = IsTrue(row["may_advance"]);
    sequence.may_read_column = IsTrue(row["may_read_column"]);
    const pqxx::field last_value = row["last_value"];
    if (!last_value.is_null()) sequence.last_value = last_value.as<int64_t>();
    sequences.push_back(sequence);
  }
  return sequences;
}

void AdvanceTableSequences(Session& session, const WritePlan& plan, const std::string& from) {
  EachSequence(session, plan, [&](const ColumnSequence& sequence, const WritePlan::Input& input) {
    Advance(session, sequence, input, from);
  });
}

std::vector<std::string> WhyNoSequences(Session& session, const WritePlan& plan,
                                        const std::string& role) {
  std::vector<std::string> reasons;
  const std::string to = " TO " + QuoteIdentifier(role);
  EachSequence(session, plan, [&](const ColumnSequence& sequence, const WritePlan::Input& input) {
    const std::string column = plan.table.Show() + "." + input.name;
    if (!sequence.may_advance) {
      reasons.push_back("role " + role + " may not set the sequence " + sequence.sequence +
                        " behind " + column +
                        ", which must stand after the copied values: GRANT SELECT, UPDATE ON "
                        "SEQUENCE " +
                        sequence.sequence + to);
    }
    if (!sequence.may_read_column) {
      reasons.push_back("role " + role + " may not read " + column +
                        ", and the sequence behind it must stand after its values: GRANT SELECT (" +
                        QuoteIdentifier(input.name) + ") ON " +
                        Qualified(plan.table.schema, plan.table.name) + to);
    }
  });
  return reasons;
}

}  // namespace rowferry
