#include "sqlite/journal.h"

#include <spdlog/spdlog.h>

#include "base/error.h"
#include "sql/statements.h"

namespace rowferry::sqlite {
namespace {

const Value& FormerMode() {
  static const Value name = Value::Text("journal_mode");
  return name;
}

std::string Mode(Session& session) { return session.Single("PRAGMA journal_mode").bytes; }

// True if the database is in that mode now.
bool SwitchTo(Session& session, const std::string& mode) {
  const auto patience = session.SetPatience(std::chrono::milliseconds(200));
  bool switched = false;
  try {
    switched = session.Single("PRAGMA journal_mode = " + mode).bytes == mode;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kTransient) throw;
  }
  session.SetPatience(patience);
  return switched;
}

}  // namespace

void PrepareForWriting(Session& session) {
  session.Run("PRAGMA foreign_keys = OFF");
  session.Run("PRAGMA cache_size = -16000");  // KiB
  const std::string former = Mode(session);
  if (former != "wal") {
    session.Run(sql::sqlite::put_meta, {FormerMode(), Value::Text(former)});
    if (!SwitchTo(session, "wal")) {
      spdlog::info("{} stays in journal mode {}: it is in use by others", session.path(), former);
    }
  }
  WriteBehind(session);
}

void WriteThrough(Session& session) { session.Run("PRAGMA synchronous = FULL"); }

void WriteBehind(Session& session) {
  const bool wal = Mode(session) == "wal";
  session.Run(wal ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL");
}

void RestoreJournal(Session& session) {
  const Value former = session.Single(sql::sqlite::get_meta, {FormerMode()});
  if (former.storage != StorageClass::kText) return;
  if (Mode(session) != former.bytes && !SwitchTo(session, former.bytes)) {
    spdlog::info("{} stays in WAL mode, as others use it (it was: {})", session.path(),
                 former.bytes);
    return;
  }
  session.Run(sql::sqlite::delete_meta, {FormerMode()});
}

}  // namespace rowferry::sqlite
