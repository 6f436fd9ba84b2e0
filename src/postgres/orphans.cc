#include "postgres/orphans.h"

#include <map>
#include <set>

#include "base/text.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

namespace statements = sql::postgres;

// One reference of a row that the table cannot satisfy, and the chunk's rows that could. It is lost
// once none of these is left.
struct Reference {
  size_t row = 0;
  const ForeignKey* key = nullptr;
  std::set<size_t> parents;
};

Refusal WhyOf(const pqxx::row& row) {
  Refusal why{RefusalKind::kForeignKey, "23503", row["column_name"].c_str(), row["name"].c_str(),
              ""};
  const bool one = !why.column.empty();
  why.message = std::string(one ? "column " : "columns ") + row["columns"].c_str() +
                (one ? " refers" : " refer") + " to a row of " + row["parent"].c_str() +
                " that is not there";
  return why;
}

// What is not in the table, by row and in the order of the rows.
void Ask(Session& session, const ForeignKey& key, std::vector<Reference>& references) {
  std::optional<size_t> last;
  for (const auto& row : session.Exec(Fill(statements::orphans, key.question))) {
    const auto number = row["row"].as<size_t>();
    if (last != number) references.push_back({number, &key, {}});
    last = number;
    if (!row["parent"].is_null()) references.back().parents.insert(row["parent"].as<size_t>());
  }
}

// The rows that have a lost reference, each with the first of these; a row that is lost takes those
// that refer to it along.
std::map<size_t, const ForeignKey*> FindLost(std::vector<Reference>& references) {
  std::map<size_t, std::vector<Reference*>> children;
  std::map<size_t, const ForeignKey*> lost;
  std::vector<size_t> fresh;
  const auto lose = [&](const Reference& reference) {
    if (lost.emplace(reference.row, reference.key).second) fresh.push_back(reference.row);
  };
  for (Reference& reference : references) {
    for (const size_t parent : reference.parents) children[parent].push_back(&reference);
    if (reference.parents.empty()) lose(reference);
  }
  while (!fresh.empty()) {
    const size_t parent = fresh.back();
    fresh.pop_back();
    for (Reference* const child : children[parent]) {
      child->parents.erase(parent);
      if (child->parents.empty()) lose(*child);
    }
  }
  return lost;
}

}  // namespace

std::vector<ForeignKey> FindForeignKeys(Session& session, const WritePlan& plan) {
  std::vector<ForeignKey> keys;
  std::vector<std::string> columns;
  for (const WritePlan::Input& input : plan.inputs) columns.push_back(QuoteLiteral(input.name));
  const auto rows = session.Exec(Fill(statements::foreign_keys, {{"columns", Join(columns, ", ")}}),
                                 {{plan.table.schema}, {plan.table.name}});
  for (const auto& row : rows) {
    const bool own = !row["in_chunk"].is_null();
    const std::string with =
        own ? "LEFT JOIN chunk s ON " + std::string(row["in_chunk"].c_str()) : "";
    keys.push_back({WhyOf(row),
                    {{"parent_in_chunk", own ? "s.n" : "NULL::bigint"},
                     {"with_chunk", with},
                     {"refers", row["refers"].c_str()},
                     {"only", row["only"].c_str()},
                     {"parent", row["parent"].c_str()},
                     {"present", row["present"].c_str()}}});
  }
  return keys;
}

std::string ChunkTableStatement(const WritePlan& plan) {
  std::vector<std::string> columns;
  for (const WritePlan::Input& input : plan.inputs) columns.push_back(QuoteIdentifier(input.name));
  return Fill(statements::chunk_table, {{"columns", Join(columns, ", ")},
                                        {"table", Qualified(plan.table.schema, plan.table.name)}});
}

std::vector<RefusedRow> AskOrphans(Session& session, const std::vector<ForeignKey>& keys,
                                   size_t begin) {
  std::vector<Reference> references;
  for (const ForeignKey& key : keys) Ask(session, key, references);
  std::vector<RefusedRow> orphans;
  for (const auto& [row, key] : FindLost(references)) orphans.push_back({begin + row, key->why});
  return orphans;
}

}  // namespace rowferry
