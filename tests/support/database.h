// Throwaway databases that tests fill, and look into, by the databases' own libraries.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace rowferry::testing {

using TextRow = std::vector<std::string>;  // NULL is "(null)"

class TestDatabase {
 public:
  virtual ~TestDatabase() = default;  // drops the database
  virtual std::string url() const = 0;
  virtual void Exec(const std::string& sql) = 0;  // one or more statements
  virtual std::vector<TextRow> Rows(const std::string& sql) = 0;
  // The ledger's table of that name, as SQL wants it.
  virtual std::string LedgerTable(const std::string& name) const = 0;
  // Waits until all transactions that are open on the server now, those of other tests too, are
  // over: a position by ctid holds only if none is older than the rows.
  virtual void AwaitOpenTransactions() {}

  std::string One(const std::string& sql);  // the first column of the only row
};

// A folder of its own under /tmp, with one file in it.
class SqliteDatabase final : public TestDatabase {
 public:
  explicit SqliteDatabase(const std::string& file_name = "test.db");
  ~SqliteDatabase() override;
  std::string url() const override { return path_; }
  void Exec(const std::string& sql) override;
  std::vector<TextRow> Rows(const std::string& sql) override;
  std::string LedgerTable(const std::string& name) const override { return "rowferry_" + name; }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  std::string path_;
};

// A database of its own on the server of that URL, or, where that is empty, on the one that
// ROWFERRY_TEST_PG names; a missing server throws.
class PostgresDatabase final : public TestDatabase {
 public:
  // `options`: of CREATE DATABASE.
  explicit PostgresDatabase(const std::string& options = "", const std::string& server_url = "");
  ~PostgresDatabase() override;
  std::string url() const override { return url_; }
  void Exec(const std::string& sql) override;
  std::vector<TextRow> Rows(const std::string& sql) override;
  std::string LedgerTable(const std::string& name) const override { return "rowferry." + name; }
  void AwaitOpenTransactions() override;

 private:
  std::string server_url_;
  std::string name_;
  std::string url_;
};

// A role that may log in, with rights in one database of the server's. Roles are the whole
// server's, where other tests run as well: it has the database's name.
class PostgresRole final {
 public:
  explicit PostgresRole(TestDatabase& database, const std::string& options = "");  // of CREATE ROLE
  ~PostgresRole();  // drops it and its rights
  PostgresRole(const PostgresRole&) = delete;
  PostgresRole& operator=(const PostgresRole&) = delete;

  const std::string& name() const { return name_; }
  std::string url() const;  // the database's, as that role

 private:
  TestDatabase& database_;
  std::string name_;
};

// "sqlite" or "postgres".
std::unique_ptr<TestDatabase> MakeDatabase(const std::string& kind);

}  // namespace rowferry::testing
