// One session on a PostgreSQL server: connected, set up, and usable through libpqxx and libpq.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "postgres/pqxx_compat.h"
#include "postgres/session_roll.h"

namespace rowferry {

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultDeleter>;

// An open connection, not set up, within 10 seconds or what PGCONNECT_TIMEOUT says. Throws as
// Session does; the caller owns it.
PGconn* ConnectPostgres(const std::string& url, const std::string& application_name);
// Whether a server answers there that is up, be it that it has no connection left for us.
bool TakesConnections(const std::string& url);
// What the query gives: of several statements the last one's result, or the first one that failed.
// Null: no answer came within some seconds, or the connection is gone.
ResultPtr AskWithinSeconds(PGconn* connection, const std::string& sql);

enum class SessionUse {
  kReader,   // of a source: sees all rows or fails, waits for a slow target without a timeout
  kWriter,   // of a target: the server ends it soon after its client is gone
  kControl,  // the same, for ledger, catalog and DDL
};

struct SessionOptions {
  std::string url;
  SessionUse use = SessionUse::kControl;
  std::string application_name = "rowferry";
  std::chrono::milliseconds lock_timeout{0};    // 0: locks are waited for as long as it takes
  std::shared_ptr<SessionRoll> roll = nullptr;  // where it is watched; null: nowhere
  std::string who = "the control session";      // there
};

// Thread-safe for Exec, Transaction, IsAlive and Reconnect, by the session's mutex; raw() is not.
class Session {
 public:
  // Connects. Throws Error(kPlan) for a URL that libpq refuses, Error(kLost) where no connection
  // can be made, Error(kTarget) where the server refuses the login or knows no such database,
  // Error(kPlan) for a server older than 10.
  explicit Session(const SessionOptions& options);
  Session(const std::string& url, SessionUse use, const std::string& application_name)
      : Session(SessionOptions{url, use, application_name}) {}
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // One statement, or several without parameters. Throws Error.
  pqxx::result Exec(const std::string& sql);
  pqxx::result Exec(const std::string& sql, const Params& params);

  // Whether the server answers, within some seconds. REQUIRES: no COPY is under way.
  bool IsAlive() { return !WhyDead(); }
  // The same: nothing if it answers, else Error(kLost).
  std::optional<Error> WhyDead();
  // A new connection in place of this one, set up alike: locks, settings and transaction of the old
  // one are gone, and its backend is ended. Never done by itself. Throws as the constructor does;
  // the session then stays as it was.
  void Reconnect();
  const Backend& backend() const { return backend_; }
  // Ends the backend of a session of ours whose connection is lost, where it still lives: it may
  // wait for its client, with rows locked. Where that is not permitted, it is left alone.
  void EndFormer(const Backend& former);

  // libpq's handle, for COPY; until Reconnect. REQUIRES: nobody else uses the session meanwhile.
  PGconn* raw() { return raw_; }
  // By which the roll knows this connection: for Cancel. REQUIRES: there is a roll.
  int64_t id_on_roll() const { return entry_->id; }
  // While a thread waits in a call on raw().
  WaitMark Waiting() const { return WaitMark(entry_); }
  int server_version() const { return PQserverVersion(raw_); }  // 150018
  std::recursive_mutex& mutex() { return mutex_; }

 private:
  void SetUp();
  void RequireWrites();
  void Leave() noexcept;  // the roll
  Error Lost(std::string_view message) const;
  pqxx::result Guard(const std::function<pqxx::result()>& call);

  SessionOptions options_;
  std::recursive_mutex mutex_;
  PGconn* raw_;  // owned by connection_
  Backend backend_;
  std::unique_ptr<PqxxConnection> connection_;
  SessionRoll::EntryPtr entry_;  // null: not watched
};

// Rolls back unless committed. Holds the session's mutex.
class Transaction {
 public:
  explicit Transaction(Session& session, const std::string& begin = "BEGIN");
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void Commit();

 private:
  Session& session_;
  std::unique_lock<std::recursive_mutex> lock_;
  bool open_ = true;
};

using Replacements = std::vector<std::pair<std::string_view, std::string>>;
// A statement of sql/postgres with each {name} replaced.
std::string Fill(std::string_view sql, const Replacements& replacements);

// "schema"."name"
std::string Qualified(std::string_view schema, std::string_view name);

// PostgreSQL's text for a boolean in a result.
bool IsTrue(const pqxx::field& field);

}  // namespace rowferry
