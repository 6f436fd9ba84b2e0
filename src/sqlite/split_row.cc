#include "sqlite/split_row.h"

#include "base/error.h"
#include "sql/statements.h"

namespace rowferry::sqlite {
namespace {

// digest, last key, chunks, done, counts: in the order of all statements.
void AddCheckpoint(Record& parameters, const SplitId& split, const Checkpoint& checkpoint) {
  parameters.push_back(Value::Text(CheckpointDigest(split.fingerprint, split.split, checkpoint)));
  parameters.push_back(checkpoint.last_key ? Value::Text(EncodeKey(*checkpoint.last_key))
                                           : Value::Null());
  parameters.push_back(Value::Integer(checkpoint.chunks));
  parameters.push_back(Value::Integer(checkpoint.done ? 1 : 0));
  for (const auto& [name, count] : kCounters) {
    parameters.push_back(Value::Integer(checkpoint.counts.*count));
  }
}

Checkpoint ReadCheckpoint(const Record& row, size_t at) {
  Checkpoint checkpoint;
  if (row[at].storage == StorageClass::kText) checkpoint.last_key = DecodeKey(row[at].bytes);
  checkpoint.chunks = row[at + 1].integer;
  checkpoint.done = row[at + 2].integer != 0;
  for (size_t i = 0; i < kCounters.size(); ++i) {
    checkpoint.counts.*kCounters[i].count = row[at + 3 + i].integer;
  }
  return checkpoint;
}

SplitRecord ReadStart(const Record& row) {
  SplitRecord start;
  start.id = static_cast<int>(row[0].integer);
  start.table.name = row[1].bytes;
  start.source_table = row[2].bytes;
  start.prepared = row[3].bytes;
  start.stamp = row[4].bytes;
  start.estimated_rows = row[5].integer;
  return start;
}

SplitRow ReadRow(const Record& row, const std::string& fingerprint) {
  SplitRow split;
  split.record = ReadStart(row);
  split.digest = row[7].bytes;
  split.record.checkpoint = ReadCheckpoint(row, 8);
  if (CheckpointDigest(fingerprint, split.record.id, split.record.checkpoint) != split.digest) {
    throw Error(ErrorKind::kTarget, "the ledger's checkpoint of table " + row[1].bytes +
                                        " does not match its digest: it was edited or is damaged; "
                                        "copy the table anew with --restart");
  }
  return split;
}

}  // namespace

std::vector<SplitRow> ReadSplits(Session& session, const std::string& job,
                                 const std::string& fingerprint) {
  std::vector<SplitRow> splits;
  for (const Record& row : session.Rows(sql::sqlite::splits, {Value::Text(job)})) {
    splits.push_back(ReadRow(row, fingerprint));
  }
  return splits;
}

std::vector<SplitRecord> ReadSplitStarts(Session& session, const std::string& job) {
  std::vector<SplitRecord> starts;
  for (const Record& row : session.Rows(sql::sqlite::splits, {Value::Text(job)})) {
    starts.push_back(ReadStart(row));
  }
  return starts;
}

std::optional<SplitRow> ReadSplit(Session& session, const SplitId& split) {
  const auto rows =
      session.Rows(sql::sqlite::find_split, {Value::Text(split.job), Value::Integer(split.split)});
  // Before the digest: another owner's may be that of another fingerprint.
  if (rows.empty() || rows[0][6].integer != split.epoch) return std::nullopt;
  return ReadRow(rows[0], split.fingerprint);
}

void InsertSplit(Session& session, const SplitId& split, const SplitRecord& record, int64_t now) {
  Record parameters = {Value::Text(split.job),
                       Value::Integer(split.split),
                       Value::Text(record.table.name),
                       Value::Text(record.source_table),
                       Value::Text(record.prepared),
                       Value::Text(record.stamp),
                       Value::Integer(record.estimated_rows),
                       Value::Integer(split.epoch),
                       Value::Integer(now)};
  AddCheckpoint(parameters, split, record.checkpoint);
  session.Run(sql::sqlite::put_split, parameters);
}

bool UpdateCheckpoint(Session& session, const SplitId& split, const Checkpoint& checkpoint,
                      int64_t now) {
  Record parameters = {Value::Text(split.job), Value::Integer(split.split),
                       Value::Integer(split.epoch), Value::Integer(now)};
  AddCheckpoint(parameters, split, checkpoint);
  session.Run(sql::sqlite::put_checkpoint, parameters);
  return session.changes() == 1;
}

}  // namespace rowferry::sqlite
