#include "postgres/copy_out.h"

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "postgres/errors.h"

namespace rowferry {
namespace {

struct PqFree {
  void operator()(char* memory) const { PQfreemem(memory); }
};

}  // namespace

CopyOut::CopyOut(Session& session, const std::string& query, const std::vector<DecodeCell>& cells)
    : session_(session), decoder_(cells) {
  const std::string copy = "COPY (" + query + ") TO STDOUT (FORMAT binary)";
  PGconn* raw = session_.raw();
  const WaitMark mark = session_.Waiting();
  const ResultPtr result(PQexec(raw, copy.c_str()));
  if (PQresultStatus(result.get()) != PGRES_COPY_OUT) throw LibpqError(raw, result.get());
}

bool CopyOut::Next(std::vector<Column>& out) {
  for (;;) {
    char* raw_bytes = nullptr;
    const int size = PQgetCopyData(session_.raw(), &raw_bytes, 0);
    const std::unique_ptr<char, PqFree> bytes(raw_bytes);
    if (size < 0) {
      Finish();
      return false;
    }
    const auto row_bytes = static_cast<size_t>(size);
    largest_bytes_ = std::max(largest_bytes_, row_bytes);
    if (!decoder_.Decode({bytes.get(), row_bytes}, out)) continue;
    gave_rows_ = true;
    return true;
  }
}

void CopyOut::Finish() {
  PGconn* raw = session_.raw();
  const ResultPtr result(PQgetResult(raw));
  const bool proper = result != nullptr && PQresultStatus(result.get()) == PGRES_COMMAND_OK;
  if (!proper) throw LibpqError(raw, result.get());
  while (const ResultPtr rest{PQgetResult(raw)}) continue;
  if (decoder_.ended()) return;
  throw Error(ErrorKind::kTransient, "the stream ended without its proper end");
}

void CopyOut::Drain() {
  const WaitMark mark = session_.Waiting();
  char* bytes = nullptr;
  while (PQgetCopyData(session_.raw(), &bytes, 0) > 0) PQfreemem(bytes);
  while (const ResultPtr rest{PQgetResult(session_.raw())}) continue;
}

}  // namespace rowferry
