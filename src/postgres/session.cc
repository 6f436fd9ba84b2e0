#include "postgres/session.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "postgres/driver.h"
#include "postgres/errors.h"
#include "postgres/url.h"
#include "sql/statements.h"

namespace rowferry {
namespace {

constexpr int kOldestServer = 100000;
constexpr std::chrono::seconds kAnswerTime{10};  // as for connecting

struct Setting {
  std::string_view name;
  std::string_view value;
};

// What every session needs so that values have one text form and names one meaning.
constexpr std::array kCommonSettings = {
    Setting{"TimeZone", "UTC"},
    Setting{"DateStyle", "ISO, YMD"},
    Setting{"IntervalStyle", "postgres"},
    Setting{"extra_float_digits", "3"},
    Setting{"bytea_output", "hex"},
    Setting{"lc_monetary", "C"},
    Setting{"xmloption", "content"},
    Setting{"array_nulls", "on"},
    Setting{"quote_all_identifiers", "off"},
    Setting{"statement_timeout", "0"},
    Setting{"standard_conforming_strings", "on"},
    Setting{"transaction_timeout", "0"},
    Setting{"idle_session_timeout", "0"},
    Setting{"jit", "off"},
};

// For catalog and source: names are spelled with their schemas. A writer's own statements name
// theirs, operators' too, and what a target's triggers and defaults call, they find by the path
// that their role has.
constexpr std::array kNoPath = {Setting{"search_path", ""}};

// row_security off: a policy that would hide rows is an error instead.
constexpr std::array kReaderSettings = {
    Setting{"row_security", "off"},
    Setting{"idle_in_transaction_session_timeout", "0"},
    Setting{"synchronize_seqscans", "off"},
    Setting{"max_parallel_workers_per_gather", "0"},
};

// The server notices within about a minute that its client is gone, and lets go of the locks.
constexpr std::array kTargetSettings = {
    Setting{"row_security", "on"},
    // What stood there before a lock was waited for is not what stands there now.
    Setting{"default_transaction_isolation", "read committed"},
    Setting{"idle_in_transaction_session_timeout", "300000"},
    Setting{"client_min_messages", "error"},  // nobody reads what triggers have to say
    Setting{"tcp_keepalives_idle", "30"},
    Setting{"tcp_keepalives_interval", "10"},
    Setting{"tcp_keepalives_count", "3"},
    Setting{"tcp_user_timeout", "60000"},
    Setting{"client_connection_check_interval", "10000"},
};

// As SQL rows ('name', 'value'), …
template <size_t n>
void AppendSettings(const std::array<Setting, n>& settings, std::string& out) {
  for (const Setting& setting : settings) {
    if (!out.empty()) out += ", ";
    out += "(" + QuoteLiteral(setting.name) + ", " + QuoteLiteral(setting.value) + ")";
  }
}

// Refers to its arguments.
struct ConnectOptions {
  ConnectOptions(const std::string& url, const char* application_name)
      : values{"10", application_name, "30", "10", "3", "60000", url.c_str(), "UTF8", nullptr} {
    if (std::getenv("PGCONNECT_TIMEOUT") == nullptr) return;
    names[0] = names[1];
    values[0] = values[1];
  }

  // What stands before dbname, the URL may override.
  std::array<const char*, 9> names = {"connect_timeout",
                                      "fallback_application_name",
                                      "keepalives_idle",
                                      "keepalives_interval",
                                      "keepalives_count",
                                      "tcp_user_timeout",
                                      "dbname",
                                      "client_encoding",
                                      nullptr};
  std::array<const char*, 9> values;
};

// libpq tells a refused connection's SQLSTATE within the message alone, and there only if the
// handle asks for it, which there is none of before the first try. So a server that said anything
// ("FATAL: …") is tried once more.
void AskAgainWhyNot(PGconn* raw) {
  if (std::string_view(PQerrorMessage(raw)).find(":  ") == std::string_view::npos) return;
  PQsetErrorVerbosity(raw, PQERRORS_VERBOSE);
  PQreset(raw);
  PQsetErrorVerbosity(raw, PQERRORS_DEFAULT);
}

}  // namespace

PGconn* ConnectPostgres(const std::string& url, const std::string& application_name) {
  CheckPostgresUrl(url);
  const ConnectOptions options(url, application_name.c_str());
  PGconn* raw = PQconnectdbParams(options.names.data(), options.values.data(), 1);
  if (raw == nullptr) throw std::bad_alloc();
  PQsetNoticeProcessor(
      raw, [](void*, const char*) {}, nullptr);
  if (PQstatus(raw) == CONNECTION_OK) return raw;
  AskAgainWhyNot(raw);
  if (PQstatus(raw) == CONNECTION_OK) return raw;
  const Error error = NotConnected(ShowPostgresUrl(url), PQerrorMessage(raw));
  PQfinish(raw);
  throw error;
}

bool TakesConnections(const std::string& url) {
  const ConnectOptions options(url, "rowferry");
  return PQpingParams(options.names.data(), options.values.data(), 1) == PQPING_OK;
}

ResultPtr AskWithinSeconds(PGconn* connection, const std::string& sql) {
  const auto until = std::chrono::steady_clock::now() + kAnswerTime;
  if (PQstatus(connection) == CONNECTION_BAD) return nullptr;
  if (PQsendQuery(connection, sql.c_str()) != 1) return nullptr;
  ResultPtr last;
  while (true) {
    while (PQisBusy(connection) == 1) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      if (left.count() <= 0) return nullptr;
      pollfd answer{PQsocket(connection), POLLIN, 0};
      poll(&answer, 1, static_cast<int>(left.count()));
      if (PQconsumeInput(connection) != 1) return nullptr;
    }
    ResultPtr result(PQgetResult(connection));
    if (result == nullptr) return last;
    const bool failed = last != nullptr && PQresultStatus(last.get()) == PGRES_FATAL_ERROR;
    if (!failed) last = std::move(result);
  }
}

Session::Session(const SessionOptions& options)
    : options_(options),
      raw_(ConnectPostgres(options.url, options.application_name)),
      connection_(std::make_unique<PqxxConnection>(raw_)) {
  SetUp();
  if (options_.roll != nullptr) entry_ = options_.roll->Add(options_.who, raw_, backend_);
}

void Session::Leave() noexcept {
  if (entry_ != nullptr) options_.roll->Remove(entry_);
}

Session::~Session() { Leave(); }

// What an older server lacks is passed over.
void Session::SetUp() {
  if (server_version() < kOldestServer) {
    throw Error(ErrorKind::kPlan, ShowPostgresUrl(options_.url) + " is older than PostgreSQL 10");
  }
  const SessionUse use = options_.use;
  const std::string lock_timeout = std::to_string(options_.lock_timeout.count());
  std::string rows;
  AppendSettings(kCommonSettings, rows);
  AppendSettings(std::array{Setting{"lock_timeout", lock_timeout}}, rows);
  if (use != SessionUse::kWriter) AppendSettings(kNoPath, rows);
  if (use == SessionUse::kReader) AppendSettings(kReaderSettings, rows);
  const bool writes = use == SessionUse::kWriter || use == SessionUse::kControl;
  if (writes) AppendSettings(kTargetSettings, rows);
  const ResultPtr result = AskWithinSeconds(
      raw_, "SELECT pg_catalog.set_config(v.name, v.value, false) FROM (VALUES " + rows +
                ") v(name, value) WHERE pg_catalog.current_setting(v.name, true) IS NOT NULL; " +
                std::string(sql::postgres::own_backend));
  if (result == nullptr) throw LostConnection(raw_, "no answer to the first question");
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) throw LibpqError(raw_, result.get());
  if (PQntuples(result.get()) == 0) return;
  backend_ = {std::stoi(PQgetvalue(result.get(), 0, 0)), PQgetvalue(result.get(), 0, 1)};
}

std::optional<Error> Session::WhyDead() {
  const std::lock_guard lock(mutex_);
  const ResultPtr result = AskWithinSeconds(raw_, "SELECT 1");
  const bool connected = PQstatus(raw_) == CONNECTION_OK;
  if (connected && PQresultStatus(result.get()) == PGRES_TUPLES_OK) return std::nullopt;
  return Lost(connected && result == nullptr ? "it does not answer" : PQerrorMessage(raw_));
}

void Session::Reconnect() {
  const std::lock_guard lock(mutex_);
  Session fresh(options_);
  if (options_.use == SessionUse::kControl) fresh.RequireWrites();
  fresh.EndFormer(backend_);
  std::swap(raw_, fresh.raw_);
  std::swap(backend_, fresh.backend_);
  std::swap(connection_, fresh.connection_);
  std::swap(entry_, fresh.entry_);
}

void Session::EndFormer(const Backend& former) {
  if (former.pid == 0) return;
  try {
    Exec(EndStatement(former));
  } catch (const Error& error) {
    if (MayPass(error.kind())) throw;
  }
}

// A session keeps the default that it was opened with, also when the server takes writes again.
void Session::RequireWrites() {
  if (Exec("SHOW transaction_read_only")[0][0].c_str() != std::string("on")) return;
  throw SinceConnecting(Error(ErrorKind::kTarget,
                              ShowPostgresUrl(options_.url) + " takes no writes: its transactions "
                                                              "are read-only",
                              "25006"));
}

pqxx::result Session::Guard(const std::function<pqxx::result()>& call) {
  const std::lock_guard lock(mutex_);
  const WaitMark mark(entry_);
  try {
    return call();
  } catch (const pqxx::sql_error& error) {
    if (PQstatus(raw_) == CONNECTION_BAD) throw Lost(error.what());
    throw PqxxError(error);
  } catch (const pqxx::failure& error) {
    throw Lost(error.what());
  }
}

// A socket that we shut down looks as if the server had closed it.
Error Session::Lost(std::string_view message) const {
  const char* const why = entry_ == nullptr ? nullptr : entry_->why_cut.load();
  return LostConnection(raw_, why != nullptr ? why : message);
}

pqxx::result Session::Exec(const std::string& sql) {
  return Guard([&] { return connection_->Exec(sql); });
}

pqxx::result Session::Exec(const std::string& sql, const Params& params) {
  return Guard([&] { return connection_->Exec(sql, params); });
}

Transaction::Transaction(Session& session, const std::string& begin)
    : session_(session), lock_(session.mutex()) {
  session_.Exec(begin);
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    session_.Exec("ROLLBACK");
  } catch (const std::exception&) {
    open_ = false;  // the connection is gone, and the transaction with it
  }
}

void Transaction::Commit() {
  open_ = false;
  session_.Exec("COMMIT");
}

// In one pass: what a value brings in is never taken for a mark.
std::string Fill(std::string_view sql, const Replacements& replacements) {
  std::string text;
  while (!sql.empty()) {
    const size_t open = std::min(sql.find('{'), sql.size());
    text += sql.substr(0, open);
    sql.remove_prefix(open);
    if (sql.empty()) break;
    const size_t close = sql.find('}');
    const std::string_view name = sql.substr(1, close == std::string_view::npos ? 0 : close - 1);
    const auto found = std::find_if(replacements.begin(), replacements.end(),
                                    [&](const auto& r) { return r.first == name; });
    if (found == replacements.end()) {
      throw Error(ErrorKind::kInternal, "a statement has an unknown mark: " + std::string(name));
    }
    text += found->second;
    sql.remove_prefix(close + 1);
  }
  return text;
}

std::string Qualified(std::string_view schema, std::string_view name) {
  return QuoteIdentifier(schema) + "." + QuoteIdentifier(name);
}

bool IsTrue(const pqxx::field& field) { return !field.is_null() && field.c_str()[0] == 't'; }

}  // namespace rowferry
