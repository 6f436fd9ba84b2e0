// A copy of random tables and settings, which a test may disturb as it likes: what must
// have become of every row is known beforehand.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "e2e/copies.h"
#include "e2e/mixed_table.h"
#include "support/proxy.h"
#include "support/server.h"

namespace rowferry::testing {

// Servers that may be crashed, one for each end, made when they are first asked for.
class CrashableServers {
 public:
  PostgresServer& source() { return Get(source_); }
  PostgresServer& target() { return Get(target_); }

 private:
  static PostgresServer& Get(std::unique_ptr<PostgresServer>& server);

  std::unique_ptr<PostgresServer> source_;
  std::unique_ptr<PostgresServer> target_;
};

// One end of the copy.
struct End {
  std::string kind;                  // "sqlite" or "postgres"
  PostgresServer* server = nullptr;  // PostgreSQL: the database's server,
  std::unique_ptr<TestDatabase> database;
  std::unique_ptr<Proxy> proxy;  // and the way that the copy takes there
  std::string address;           // as the copy is told
  Proxy::Mark before;            // what had come through the proxy when the run began its work

  void Mark();
  // Messages of that side that came through since then. REQUIRES: there is a proxy.
  int64_t Passed(Side side) const;
};

class MixedCopy {
 public:
  MixedCopy(CrashableServers& servers, const Direction& direction, Dice& dice);

  End& source() { return source_; }
  End& target() { return target_; }
  // Always the same job.
  const std::vector<std::string>& command() const { return command_; }
  int expected_exit() const;
  // So much goes into an SQLite file that pages of its WAL are moved while it does.
  bool moves_wal() const { return moves_wal_; }
  std::string Show() const;

  // What the ledger tells whoever looks from outside; nothing while it cannot be asked, or before
  // there is a job.
  struct Progress {
    int64_t settled = 0;  // rows that are read, and do not wait
    bool done = false;
  };
  std::optional<Progress> Look();
  // Between the first and the last checkpoint.
  bool Midway();
  int64_t rows() const;

  // What holds at any moment between two chunks. REQUIRES: the target answers.
  void CheckBalance();
  void CheckExact();

 private:
  void CheckTable(const MixedTable& table);
  std::string Split(const MixedTable& table) const;

  End source_;
  End target_;
  int64_t chunk_rows_ = 0;
  bool moves_wal_ = false;
  std::vector<MixedTable> tables_;
  std::vector<std::string> command_;
};

}  // namespace rowferry::testing
