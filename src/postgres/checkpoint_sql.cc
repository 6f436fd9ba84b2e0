#include "postgres/checkpoint_sql.h"

#include "base/error.h"
#include "base/text.h"

namespace rowferry {
namespace {

std::string KeyAsSql(const Checkpoint& checkpoint) {
  return checkpoint.last_key ? QuoteLiteral(EncodeKey(*checkpoint.last_key)) : "NULL";
}

[[noreturn]] void Damaged(const SplitRecord& split) {
  throw Error(ErrorKind::kTarget, "the ledger's checkpoint of table " + split.table.Show() +
                                      " is damaged: it was changed by something else than "
                                      "rowferry; begin anew with --restart");
}

}  // namespace

SplitRecord SplitStartFrom(const pqxx::row& row) {
  SplitRecord split;
  split.id = row["id"].as<int>();
  split.table = {row["table_schema"].c_str(), row["table_name"].c_str()};
  split.source_table = row["source_table"].c_str();
  split.prepared = row["prepared"].c_str();
  split.stamp = row["stamp"].c_str();
  split.estimated_rows = row["estimated_rows"].as<int64_t>();
  return split;
}

SplitRecord SplitFrom(const pqxx::row& row) {
  SplitRecord split = SplitStartFrom(row);
  Checkpoint& checkpoint = split.checkpoint;
  for (const auto& [name, count] : kCounters) {
    checkpoint.counts.*count = row[std::string(name)].as<int64_t>();
  }
  checkpoint.chunks = row["chunks"].as<int64_t>();
  checkpoint.done = IsTrue(row["done"]);
  if (!row["last_key"].is_null()) {
    checkpoint.last_key = DecodeKey(row["last_key"].c_str());
    if (!checkpoint.last_key) Damaged(split);
  }
  const std::string digest = row["digest"].c_str();
  if (digest != CheckpointDigest(row["fingerprint"].c_str(), split.id, checkpoint)) Damaged(split);
  return split;
}

Replacements BeliefMarks(const std::string& schema, const SplitId& split,
                         const Checkpoint& believed) {
  return {{"schema", QuoteIdentifier(schema)},         {"job", QuoteLiteral(split.job)},
          {"id", std::to_string(split.split)},         {"epoch", std::to_string(split.epoch)},
          {"chunks", std::to_string(believed.chunks)}, {"key", KeyAsSql(believed)}};
}

Replacements CheckpointMarks(const std::string& schema, const SplitId& split,
                             const Checkpoint& next) {
  Replacements marks = BeliefMarks(schema, split, next);
  for (const auto& [name, count] : kCounters) {
    marks.emplace_back(name, std::to_string(next.counts.*count));
  }
  marks.emplace_back("done", next.done ? "true" : "false");
  marks.emplace_back("digest",
                     QuoteLiteral(CheckpointDigest(split.fingerprint, split.split, next)));
  return marks;
}

}  // namespace rowferry
