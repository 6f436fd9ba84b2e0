#include "postgres/pqxx_compat.h"

#include <pqxx/pqxx>
#include <utility>

namespace rowferry {

#if PQXX_VERSION_MAJOR < 7

namespace {

// Hands the connection to libpqxx once; to reconnect is not its business.
class HandOver final : public pqxx::connectionpolicy {
 public:
  explicit HandOver(PGconn* raw) : connectionpolicy(""), raw_(raw) {}

  handle do_startconnect(handle current) override {
    if (current != nullptr) return current;
    if (raw_ == nullptr) throw pqxx::broken_connection("the connection was lost");
    return std::exchange(raw_, nullptr);
  }
  handle do_completeconnect(handle current) override { return current; }

 private:
  PGconn* raw_;
};

}  // namespace

class PqxxConnection::Connection final : public pqxx::connection_base {
 public:
  explicit Connection(PGconn* raw) : connection_base(policy_), policy_(raw) {
    init();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    inhibit_reactivation(true);  // deprecated because 7 never reconnects: what we want
#pragma GCC diagnostic pop
  }
  ~Connection() noexcept { close(); }

 private:
  HandOver policy_;
};

pqxx::result PqxxConnection::Exec(const std::string& sql, const Params& params) {
  std::vector<const char*> texts;
  texts.reserve(params.size());
  for (const auto& param : params) texts.push_back(param ? param->c_str() : nullptr);
  pqxx::nontransaction transaction(*connection_);
  return transaction.exec_params(sql, pqxx::prepare::make_dynamic_params(texts));
}

#else

class PqxxConnection::Connection {
 public:
  explicit Connection(PGconn* raw) : connection_(pqxx::connection::seize_raw_connection(raw)) {}
  operator pqxx::connection&() { return connection_; }

 private:
  pqxx::connection connection_;
};

pqxx::result PqxxConnection::Exec(const std::string& sql, const Params& params) {
  pqxx::params list;
  for (const auto& param : params) {
    if (param) {
      list.append(*param);
    } else {
      list.append();
    }
  }
  pqxx::nontransaction transaction(*connection_);
#if PQXX_VERSION_MAJOR == 7 && PQXX_VERSION_MINOR < 10
  return transaction.exec_params(sql, list);
#else
  return transaction.exec(sql, list);
#endif
}

#endif

PqxxConnection::PqxxConnection(PGconn* raw) : connection_(std::make_unique<Connection>(raw)) {}

PqxxConnection::~PqxxConnection() = default;

pqxx::result PqxxConnection::Exec(const std::string& sql) {
  pqxx::nontransaction transaction(*connection_);
  return transaction.exec(sql);
}

std::string PqxxVersion() { return PQXX_VERSION; }

}  // namespace rowferry
