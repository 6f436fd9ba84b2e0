#include "postgres/catalog.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "base/error.h"
#include "base/text.h"
#include "postgres/defaults.h"
#include "postgres/refusals.h"
#include "postgres/sequences.h"
#include "postgres/types.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

constexpr int kHasGenerated = 120000;
constexpr int kHasKeyAttributes = 110000;
constexpr int64_t kCountBelowBytes = 8LL << 20;  // smaller tables are counted, larger estimated

std::string TextOr(const pqxx::field& field) {
  return field.is_null() ? std::string() : std::string(field.c_str());
}

Identity IdentityOf(const std::string& attidentity) {
  if (attidentity == "a") return Identity::kAlways;
  return attidentity == "d" ? Identity::kByDefault : Identity::kNone;
}

bool IsSerial(const std::string& expression) { return expression.rfind("nextval(", 0) == 0; }

ColumnInfo ColumnOf(const pqxx::row& row) {
  ColumnInfo column;
  column.name = row["attname"].c_str();
  column.native = row["native"].c_str();
  column.type = ParseType(row["base"].c_str());
  column.not_null = IsTrue(row["attnotnull"]);
  column.generated = !TextOr(row["generated"]).empty();
  column.identity = IdentityOf(TextOr(row["attidentity"]));
  const std::string expression = TextOr(row["default_expression"]);
  column.has_default =
      !expression.empty() || IsTrue(row["type_has_default"]) || column.identity != Identity::kNone;
  if (expression.empty() || column.generated) return column;
  if (IsSerial(expression)) {
    if (column.type.kind == Kind::kInt) column.identity = Identity::kByDefault;
  } else {
    column.default_value = ParseDefault(expression, column.type);
  }
  return column;
}

void ReadColumns(Session& session, CatalogTable& out) {
  const bool generated = session.server_version() >= kHasGenerated;
  const auto rows = session.Exec(
      Fill(sql::postgres::columns, {{"generated", generated ? "a.attgenerated" : "''"}}),
      {{std::to_string(out.oid)}});
  for (const auto& row : rows) {
    ColumnInfo column = ColumnOf(row);
    const std::string collation = TextOr(row["collation"]);
    if (!collation.empty()) out.collations[column.name] = collation;
    if (IsTrue(row["own_collation"])) column.collation = collation;
    const bool lost = column.has_default && !column.default_value && !column.generated &&
                      column.identity == Identity::kNone;
    const std::string expression = TextOr(row["default_expression"]);
    if (lost && expression.empty()) {
      out.table.warnings.push_back("column " + column.name + ": the default of its type " +
                                   column.native + " comes with that type alone");
    } else if (lost) {
      out.table.warnings.push_back("column " + column.name + ": its default " + expression +
                                   " stays behind");
    }
    out.table.columns.push_back(column);
  }
}

void ReadLastValues(Session& session, CatalogTable& out) {
  std::vector<ColumnInfo>& columns = out.table.columns;
  const bool numbered = std::any_of(columns.begin(), columns.end(), [](const ColumnInfo& column) {
    return column.identity != Identity::kNone;
  });
  if (!numbered) return;
  for (const ColumnSequence& sequence : ReadSequences(session, out.table.name)) {
    for (ColumnInfo& column : columns) {
      if (column.name != sequence.column) continue;
      column.last_value = sequence.last_value;
      if (column.identity == Identity::kNone || sequence.increment == 1) continue;
      out.table.warnings.push_back("column " + column.name + ": its sequence's INCREMENT BY " +
                                   std::to_string(sequence.increment) + " stays behind");
    }
  }
}

void ReadUniqueKeys(Session& session, CatalogTable& out) {
  const bool key_attributes = session.server_version() >= kHasKeyAttributes;
  const auto rows =
      session.Exec(Fill(sql::postgres::unique_keys,
                        {{"key_columns", key_attributes ? "i.indnkeyatts" : "i.indnatts"}}),
                   {{std::to_string(out.oid)}});
  for (const auto& row : rows) {
    const std::string name = row["index_name"].c_str();
    auto& keys = out.table.unique_keys;
    if (keys.empty() || keys.back().name != name) {
      keys.push_back({name, IsTrue(row["indisprimary"]), false, {}});
      keys.back().deferrable = IsTrue(row["is_deferrable"]);
    }
    keys.back().columns.push_back({row["attname"].c_str(), TextOr(row["collation"]),
                                   IsTrue(row["descending"]), IsTrue(row["nulls_first"])});
  }
}

// The table and, if it is partitioned, all that is under it.
void ReadTree(Session& session, CatalogTable& out) {
  const auto rows =
      session.Exec(std::string(sql::postgres::partitions), {{std::to_string(out.oid)}});
  for (const auto& row : rows) {
    if (IsTrue(row["before_insert_row"])) out.table.swallows_rows = true;
    if (row["relkind"].c_str()[0] == 'f') out.foreign_parts = true;
    std::string refusal = WhyNoPart(row);
    if (refusal.empty() || !out.table.target_refusal.empty()) continue;
    if (out.partitioned())
      refusal = "has the partition " + TextOr(row["name"]) + ", which " + refusal;
    out.table.target_refusal = refusal;
  }
}

void ReadKin(Session& session, CatalogTable& out) {
  for (const auto& row :
       session.Exec(std::string(sql::postgres::kin), {{std::to_string(out.oid)}})) {
    out.table.kin.push_back({row[0].c_str(), row[1].c_str()});
  }
}

void ReadEstimate(Session& session, bool readable, CatalogTable& out) {
  const bool has_rows = out.relkind == 'r' || out.partitioned();
  if (!has_rows || !readable || out.row_security) return;
  if (!out.partitioned() && out.size_bytes < kCountBelowBytes) {
    out.table.estimated_rows =
        session.Exec("SELECT count(*) FROM " + out.From())[0][0].as<int64_t>();
    return;
  }
  // The planner's own figure: reltuples brought up to the table's present size.
  const std::string plan = session.Exec("EXPLAIN SELECT 1 FROM " + out.From())[0][0].c_str();
  constexpr std::string_view kMark = "rows=";
  const size_t at = plan.find(kMark);
  if (at == std::string::npos) return;
  std::from_chars(plan.data() + at + kMark.size(), plan.data() + plan.size(),
                  out.table.estimated_rows);
}

// What rows can be read from.
bool HasColumns(char relkind) {
  return std::string_view("rpfvm").find(relkind) != std::string::npos;
}

// Tables have no kind.
std::vector<NoTable> ListRelations(Session& session) {
  std::vector<NoTable> relations;
  for (const auto& row : session.Exec(std::string(sql::postgres::list_tables))) {
    relations.push_back({{row[0].c_str(), row[1].c_str()}, row[2].c_str()});
  }
  std::sort(relations.begin(), relations.end(), [](const NoTable& a, const NoTable& b) {
    return std::tie(a.name.schema, a.name.name) < std::tie(b.name.schema, b.name.name);
  });
  return relations;
}

}  // namespace

std::string CatalogTable::From() const {
  return (relkind == 'r' ? "ONLY " : "") + Qualified(table.name.schema, table.name.name);
}

std::vector<TableName> ListCatalogTables(Session& session) {
  std::vector<TableName> names;
  for (const NoTable& relation : ListRelations(session)) {
    if (relation.kind.empty()) names.push_back(relation.name);
  }
  return names;
}

std::vector<NoTable> ListCatalogOthers(Session& session) {
  std::vector<NoTable> others = ListRelations(session);
  std::erase_if(others, [](const NoTable& relation) { return relation.kind.empty(); });
  return others;
}

std::optional<CatalogTable> DescribeCatalogTable(Session& session, const TableName& name) {
  const auto rows = session.Exec(std::string(sql::postgres::table), {{name.schema}, {name.name}});
  if (rows.empty()) return std::nullopt;
  const auto& row = rows[0];
  CatalogTable out;
  out.table.name = name;
  out.oid = row["oid"].as<uint32_t>();
  out.relkind = row["relkind"].c_str()[0];
  out.size_bytes = row["size_bytes"].is_null() ? 0 : row["size_bytes"].as<int64_t>();
  out.row_security = IsTrue(row["row_security"]);
  out.table.has_rowid = out.relkind == 'r';
  out.table.target_refusal = WhyNoTarget(row, name);
  out.reachable = IsTrue(row["may_use_schema"]) && HasColumns(out.relkind);
  if (!out.reachable) return out;
  ReadColumns(session, out);
  ReadLastValues(session, out);
  ReadUniqueKeys(session, out);
  ReadTree(session, out);
  ReadKin(session, out);
  out.table.kin_share_rows = IsTrue(row["among_partitions"]);
  ReadEstimate(session, IsTrue(row["readable"]), out);
  return out;
}

LeftBehind CountLeftBehind(Session& session, const CatalogTable& table) {
  const auto rows =
      session.Exec(std::string(sql::postgres::left_behind), {{std::to_string(table.oid)}});
  const auto& row = rows[0];
  return {row[0].as<int64_t>(), row[1].as<int64_t>(), row[2].as<int64_t>(), IsTrue(row[3])};
}

}  // namespace rowferry
