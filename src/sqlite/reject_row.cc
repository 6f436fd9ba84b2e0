#include "sqlite/reject_row.h"

#include "base/error.h"
#include "sql/statements.h"

namespace rowferry::sqlite {
namespace {

Value TextOf(std::string_view text) { return Value::Text(std::string(text)); }

Reject ReadReject(const Record& row) {
  Reject reject;
  reject.id = row[0].integer;
  reject.split = static_cast<int>(row[1].integer);
  const auto state = ParseRejectState(row[2].bytes);
  const auto key = DecodeKey(row[3].bytes);
  const auto kind = ParseRefusalKind(row[5].bytes);
  if (!state || !key || !kind) {
    throw Error(ErrorKind::kTarget, "the ledger's reject " + std::to_string(reject.id) +
                                        " was changed by something else than rowferry");
  }
  reject.state = *state;
  reject.key = *key;
  reject.shown = row[4].bytes;
  reject.why = {*kind, row[6].bytes, row[7].bytes, row[8].bytes, row[9].bytes};
  reject.at = row[10].integer;
  reject.tries = row[11].integer;
  reject.kept = row[12].bytes;
  return reject;
}

Record FilterParameters(const std::string& job, int64_t last, const RejectFilter& filter) {
  return {Value::Text(job),
          Value::Integer(last),
          filter.state ? TextOf(RejectStateName(*filter.state)) : Value::Null(),
          filter.split ? Value::Integer(*filter.split) : Value::Null(),
          filter.kind ? TextOf(RefusalKindName(*filter.kind)) : Value::Null(),
          filter.code.empty() ? Value::Null() : Value::Text(filter.code),
          filter.id ? Value::Integer(*filter.id) : Value::Null()};
}

}  // namespace

// Ids are counted by hand: AUTOINCREMENT would leave a table of SQLite's own in the user's
// database, and without it the id of a reject that is gone would come again.
int64_t InsertReject(Session& session, const SplitId& split, const Reject& reject) {
  session.Run(sql::sqlite::count_reject_id);
  session.Run(sql::sqlite::put_reject,
              {Value::Text(split.job), Value::Integer(split.split),
               TextOf(RejectStateName(reject.state)), Value::Text(EncodeKey(reject.key)),
               Value::Text(reject.shown), TextOf(RefusalKindName(reject.why.kind)),
               Value::Text(reject.why.code), Value::Text(reject.why.column),
               Value::Text(reject.why.constraint), Value::Text(reject.why.message),
               Value::Integer(reject.at), Value::Integer(reject.tries), Value::Blob(reject.kept)});
  return session.changes();
}

int64_t UpdateReject(Session& session, const SplitId& split, const Reject& reject,
                     RejectState now) {
  session.Run(sql::sqlite::update_reject,
              {Value::Text(split.job), Value::Integer(split.split), TextOf(RejectStateName(now)),
               Value::Integer(reject.id), TextOf(RejectStateName(reject.state)),
               TextOf(RefusalKindName(reject.why.kind)), Value::Text(reject.why.code),
               Value::Text(reject.why.column), Value::Text(reject.why.constraint),
               Value::Text(reject.why.message), Value::Integer(reject.at),
               Value::Integer(reject.tries), Value::Blob(reject.kept)});
  return session.changes();
}

int64_t SettleRejects(Session& session, const SplitId& split, const std::vector<int64_t>& ids,
                      RejectState now) {
  int64_t settled = 0;
  for (const int64_t id : ids) {
    session.Run(sql::sqlite::settle_reject, {Value::Text(split.job), Value::Integer(split.split),
                                             TextOf(RejectStateName(now)), Value::Integer(id)});
    settled += session.changes();
  }
  return settled;
}

int64_t PurgeRejects(Session& session, const std::string& job, const RejectFilter& filter) {
  session.Run(sql::sqlite::purge_rejects, FilterParameters(job, filter.after, filter));
  return session.changes();
}

std::vector<RejectCount> CountRejects(Session& session, const std::string& job) {
  std::vector<RejectCount> counts;
  for (const Record& row : session.Rows(sql::sqlite::count_rejects, {Value::Text(job)})) {
    counts.push_back({static_cast<int>(row[0].integer),
                      ParseRejectState(row[1].bytes).value_or(RejectState::kOpen),
                      ParseRefusalKind(row[2].bytes).value_or(RefusalKind::kOther), row[3].bytes,
                      row[4].integer});
  }
  return counts;
}

void EachReject(Session& session, const std::string& job, const RejectFilter& filter,
                const std::function<bool(const Reject&)>& each) {
  int64_t last = filter.after;
  for (;;) {
    const auto rows = session.Rows(sql::sqlite::next_reject, FilterParameters(job, last, filter));
    if (rows.empty()) return;
    const Reject reject = ReadReject(rows[0]);
    last = reject.id;
    if (!each(reject)) return;
  }
}

}  // namespace rowferry::sqlite
