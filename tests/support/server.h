// Servers of a test's own, beside the one that ROWFERRY_TEST_PG names: a pooler, a standby.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

namespace rowferry::testing {

// A folder that belongs to the user as whom servers run: they refuse to be root.
class ServerFolder {
 public:
  ServerFolder();
  ~ServerFolder();
  ServerFolder(const ServerFolder&) = delete;
  ServerFolder& operator=(const ServerFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string LogPath() const { return path_ + "/log"; }
  // Starts a program as that user, with its output in the log.
  pid_t Start(const std::vector<std::string>& words) const;
  // The same, to its end; throws what it said if it fails.
  void Run(const std::vector<std::string>& words) const;

 private:
  std::string path_;
};

// pgbouncer before the server that ROWFERRY_TEST_PG names.
class Pooler {
 public:
  explicit Pooler(const std::string& mode);  // "session", "transaction" or "statement"
  ~Pooler();
  Pooler(const Pooler&) = delete;
  Pooler& operator=(const Pooler&) = delete;

  // The same database by way of the pooler.
  std::string Through(const std::string& database_url) const;

 private:
  bool TryToStart(const std::string& mode);

  ServerFolder folder_;
  int port_ = 0;
  pid_t pid_ = -1;
};

// A PostgreSQL server of its own, which the test may crash.
class PostgresServer {
 public:
  // Empty, with data checksums. `settings`: lines of postgresql.conf.
  explicit PostgresServer(const std::string& settings = "");
  // Follows the other one, from where that one is now.
  static std::unique_ptr<PostgresServer> StandbyOf(const PostgresServer& primary);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  std::string url() const;
  void Crash();  // pg_ctl stop -m immediate: as if the machine had lost its power
  void Start();  // again, at the same address
  // Starts in recovery, and takes no writes until pg_promote(). REQUIRES: it has crashed.
  void StartInRecovery();
  void Exec(const std::string& sql) const;
  std::string One(const std::string& sql) const;  // the first column of the only row

 private:
  struct Copied {
    std::string from;
  };
  explicit PostgresServer(const Copied& copied);
  void StartFirst();
  std::string Data() const { return folder_.path() + "/data"; }

  ServerFolder folder_;
  int port_ = 0;
};

}  // namespace rowferry::testing
