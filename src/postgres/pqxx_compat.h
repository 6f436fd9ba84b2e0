// All that differs between libpqxx 6.4 (Debian 12) and 7.7 and later (Debian 13, Ubuntu 24.04).
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <pqxx/result>
#include <string>
#include <vector>

namespace rowferry {

// A statement's parameters as text; nothing is NULL.
using Params = std::vector<std::optional<std::string>>;

// A libpqxx connection over a PGconn that we opened, so that libpq and libpqxx talk through the
// same session. Never reconnects by itself: settings, locks and transaction would be gone silently.
class PqxxConnection {
 public:
  // Takes `raw` over, also when it throws. REQUIRES: `raw` is connected.
  explicit PqxxConnection(PGconn* raw);
  ~PqxxConnection();
  PqxxConnection(const PqxxConnection&) = delete;
  PqxxConnection& operator=(const PqxxConnection&) = delete;

  // Outside of any transaction of libpqxx's: BEGIN and COMMIT are statements like others.
  // Throws what libpqxx throws.
  pqxx::result Exec(const std::string& sql);
  pqxx::result Exec(const std::string& sql, const Params& params);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

// "6.4.5"
std::string PqxxVersion();

}  // namespace rowferry
