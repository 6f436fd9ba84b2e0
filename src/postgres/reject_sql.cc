#include "postgres/reject_sql.h"

#include <array>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "postgres/copy_encode.h"
#include "postgres/errors.h"
#include "postgres/types.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

constexpr size_t kParameters = 13;

// Text, but for the kept row, which goes as it is.
class Parameters {
 public:
  void Add(std::string value, Oid type) {
    values_.at(count_) = std::move(value);
    types_.at(count_) = type;
    formats_.at(count_) = type == oid::kBytea ? 1 : 0;
    ++count_;
  }
  ResultPtr Exec(Session& session, const std::string& sql) const {
    const WaitMark mark = session.Waiting();
    std::array<const char*, kParameters> bytes{};
    std::array<int, kParameters> sizes{};
    for (size_t i = 0; i < count_; ++i) {
      bytes.at(i) = values_.at(i).data();
      sizes.at(i) = static_cast<int>(values_.at(i).size());
    }
    return ResultPtr(PQexecParams(session.raw(), sql.c_str(), static_cast<int>(count_),
                                  types_.data(), bytes.data(), sizes.data(), formats_.data(), 0));
  }

 private:
  std::array<std::string, kParameters> values_;
  std::array<Oid, kParameters> types_{};
  std::array<int, kParameters> formats_{};
  size_t count_ = 0;
};

std::string Statement(std::string_view sql, const std::string& schema) {
  return Fill(sql, {{"schema", QuoteIdentifier(schema)}});
}

Parameters ParametersFor(const SplitId& split) {
  Parameters parameters;
  parameters.Add(split.job, oid::kText);
  parameters.Add(std::to_string(split.split), oid::kInt4);
  return parameters;
}

// kind, code, column, constraint, message, at, tries, kept: in the order of the statements.
void AddReason(Session& session, const Reject& reject, Parameters& parameters) {
  const Refusal& why = reject.why;
  for (const std::string& text : {std::string(RefusalKindName(why.kind)), why.code, why.column,
                                  why.constraint, why.message}) {
    parameters.Add(Expressible(session, text), oid::kText);
  }
  parameters.Add(std::to_string(reject.at), oid::kInt8);
  parameters.Add(std::to_string(reject.tries), oid::kInt8);
  parameters.Add(reject.kept, oid::kBytea);
}

// Whatever it is, it is not the row's fault: no other piece of the chunk would fare better.
[[noreturn]] void ThrowFailure(Session& session, const PGresult* result, const std::string& what) {
  const Error error = LibpqError(session.raw(), result);
  const ErrorKind kind = error.kind() == ErrorKind::kData ? ErrorKind::kTarget : error.kind();
  throw Error(kind, what + ": " + error.what(), error.code());
}

int64_t RowsChanged(Session& session, PGresult* result, const std::string& what) {
  if (PQresultStatus(result) != PGRES_COMMAND_OK) ThrowFailure(session, result, what);
  return ParseInteger<int64_t>(PQcmdTuples(result)).value_or(0);
}

int64_t Change(Session& session, const std::string& sql, const Parameters& parameters,
               const std::string& what) {
  return RowsChanged(session, parameters.Exec(session, sql).get(), what);
}

// COPY's binary form of the columns of copy_rejects.sql.
class RejectRows {
 public:
  RejectRows(Session& session, const SplitId& split, CopyBuffer& out)
      : session_(session), split_(split), out_(out) {}

  void Put(const Reject& reject) {
    constexpr int16_t kColumns = 13;
    const Refusal& why = reject.why;
    out_.Put(kColumns);
    PutBytes(split_.job);
    PutNumber(int32_t{split_.split});
    PutBytes(RejectStateName(reject.state));
    for (const std::string& text :
         {EncodeKey(reject.key), reject.shown, std::string(RefusalKindName(why.kind)), why.code,
          why.column, why.constraint, why.message}) {
      PutBytes(Expressible(session_, text));
    }
    PutNumber(reject.at);
    PutNumber(reject.tries);
    PutBytes(reject.kept);
  }

 private:
  template <typename Integer>
  void PutNumber(Integer number) {
    out_.Put(static_cast<int32_t>(sizeof number));
    out_.Put(number);
  }
  void PutBytes(std::string_view bytes) {
    out_.Put(static_cast<int32_t>(bytes.size()));
    out_.Append(bytes);
  }

  Session& session_;
  const SplitId& split_;
  CopyBuffer& out_;
};

ResultPtr BeginCopy(Session& session, const std::string& sql) {
  const WaitMark mark = session.Waiting();
  return ResultPtr(PQexec(session.raw(), sql.c_str()));
}

void SendCopy(Session& session, std::string_view bytes) {
  const WaitMark mark = session.Waiting();
  const int sent = PQputCopyData(session.raw(), bytes.data(), static_cast<int>(bytes.size()));
  if (sent != 1) throw LibpqError(session.raw(), nullptr);
}

ResultPtr EndCopy(Session& session) {
  const WaitMark mark = session.Waiting();
  if (PQputCopyEnd(session.raw(), nullptr) != 1) throw LibpqError(session.raw(), nullptr);
  ResultPtr result(PQgetResult(session.raw()));
  while (const ResultPtr rest{PQgetResult(session.raw())}) continue;
  return result;
}

}  // namespace

int64_t InsertRejects(Session& session, const std::string& schema, const SplitId& split,
                      const std::vector<Reject>& rejects) {
  const std::string what = "keeping rows among the ledger's rejects";
  const std::string sql = Statement(sql::postgres::copy_rejects, schema);
  const ResultPtr begun = BeginCopy(session, sql);
  if (PQresultStatus(begun.get()) != PGRES_COPY_IN) ThrowFailure(session, begun.get(), what);
  CopyBuffer buffer([&](std::string_view bytes) { SendCopy(session, bytes); });
  RejectRows rows(session, split, buffer);
  PutCopyHeader(buffer);
  for (const Reject& reject : rejects) {
    if (reject.id == 0) rows.Put(reject);
  }
  PutCopyTrailer(buffer);
  buffer.Flush();
  return RowsChanged(session, EndCopy(session).get(), what);
}

int64_t UpdateReject(Session& session, const std::string& schema, const SplitId& split,
                     const Reject& reject, RejectState now) {
  Parameters parameters = ParametersFor(split);
  parameters.Add(std::string(RejectStateName(now)), oid::kText);
  parameters.Add(std::string(RejectStateName(reject.state)), oid::kText);
  AddReason(session, reject, parameters);
  parameters.Add(std::to_string(reject.id), oid::kInt8);
  return Change(session, Statement(sql::postgres::update_reject, schema), parameters,
                "keeping row " + reject.shown + " among the ledger's rejects");
}

int64_t SettleRejects(Session& session, const std::string& schema, const SplitId& split,
                      const std::vector<int64_t>& ids, RejectState now) {
  std::vector<std::string> numbers;
  for (const int64_t id : ids) numbers.push_back(std::to_string(id));
  Parameters parameters = ParametersFor(split);
  parameters.Add(std::string(RejectStateName(now)), oid::kText);
  parameters.Add("{" + Join(numbers, ",") + "}", oid::kInt8Array);
  return Change(session, Statement(sql::postgres::settle_rejects, schema), parameters,
                "taking rows from the ledger's rejects");
}

Params FilterParams(const std::string& job, const RejectFilter& filter) {
  Params params = {
      job, std::to_string(filter.after), std::nullopt, std::nullopt, std::nullopt, std::nullopt};
  if (filter.split) params[2] = std::to_string(*filter.split);
  if (filter.kind) params[3] = RefusalKindName(*filter.kind);
  if (!filter.code.empty()) params[4] = filter.code;
  if (filter.id) params[5] = std::to_string(*filter.id);
  return params;
}

Reject RejectFrom(const pqxx::row& row, std::string kept) {
  Reject reject;
  reject.id = row["id"].as<int64_t>();
  reject.split = row["split"].as<int>();
  const auto state = ParseRejectState(row["state"].c_str());
  const auto key = DecodeKey(row["key"].c_str());
  const auto kind = ParseRefusalKind(row["kind"].c_str());
  if (!state || !key || !kind) {
    throw Error(ErrorKind::kTarget, "the ledger's reject " + std::to_string(reject.id) +
                                        " was changed by something else than rowferry");
  }
  reject.state = *state;
  reject.key = *key;
  reject.shown = row["shown"].c_str();
  reject.why = {*kind, row["code"].c_str(), row["column_name"].c_str(),
                row["constraint_name"].c_str(), row["message"].c_str()};
  reject.at = row["at"].as<int64_t>();
  reject.tries = row["tries"].as<int64_t>();
  reject.kept = std::move(kept);
  return reject;
}

std::string Expressible(Session& session, const std::string& text) {
  const char* encoding = PQparameterStatus(session.raw(), "server_encoding");
  if (encoding != nullptr && std::string_view(encoding) == "UTF8") return text;
  std::string ascii;
  for (const char c : text) {
    const bool plain = (static_cast<unsigned char>(c) & 0x80U) == 0;
    ascii += plain ? std::string(1, c) : "\\x" + Hex({&c, 1});
  }
  return ascii;
}

}  // namespace rowferry
