#include "support/database.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <pqxx/pqxx>
#include <random>
#include <stdexcept>
#include <thread>

namespace rowferry::testing {
namespace {

constexpr char kNull[] = "(null)";

std::string ServerUrl() {
  const char* url = std::getenv("ROWFERRY_TEST_PG");
  if (url == nullptr || *url == '\0') {
    throw std::runtime_error(
        "ROWFERRY_TEST_PG is not set: run scripts/test, which starts a server");
  }
  return url;
}

// postgresql://user@host:port/postgres -> …/name
std::string WithDatabase(const std::string& url, const std::string& name) {
  return url.substr(0, url.rfind('/') + 1) + name;
}

void ExecOutsideTransaction(const std::string& url, const std::string& sql) {
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  work.exec(sql);
}

}  // namespace

std::string TestDatabase::One(const std::string& sql) {
  const auto rows = Rows(sql);
  if (rows.size() != 1) throw std::runtime_error("not one row: " + sql);
  return rows[0].at(0);
}

SqliteDatabase::SqliteDatabase(const std::string& file_name) {
  std::string folder = std::filesystem::temp_directory_path() / "rowferry_test_XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = folder;
  path_ = folder + "/" + file_name;
}

SqliteDatabase::~SqliteDatabase() {
  std::error_code ignored;
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, ignored);
  std::filesystem::remove_all(folder_, ignored);
}

void SqliteDatabase::Exec(const std::string& sql) {
  SQLite::Database database(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 500);
  database.exec(sql);
}

std::vector<TextRow> SqliteDatabase::Rows(const std::string& sql) {
  SQLite::Database database(path_, SQLite::OPEN_READONLY, 5000);
  SQLite::Statement statement(database, sql);
  std::vector<TextRow> rows;
  while (statement.executeStep()) {
    TextRow row;
    for (int i = 0; i < statement.getColumnCount(); ++i) {
      const SQLite::Column column = statement.getColumn(i);
      row.push_back(column.isNull() ? kNull : column.getString());
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

PostgresDatabase::PostgresDatabase(const std::string& options, const std::string& server_url)
    : server_url_(server_url.empty() ? ServerUrl() : server_url) {
  static const unsigned run = std::random_device()();  // a pid is another's elsewhere, or later
  static std::atomic<int> count = 0;
  name_ = "rowferry_test_" + std::to_string(run) + "_" + std::to_string(++count);
  ExecOutsideTransaction(server_url_, "CREATE DATABASE " + name_ + " " + options);
  url_ = WithDatabase(server_url_, name_);
}

PostgresDatabase::~PostgresDatabase() {
  try {
    ExecOutsideTransaction(
        server_url_,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name_ + "'");
    ExecOutsideTransaction(server_url_, "DROP DATABASE " + name_);
  } catch (const std::exception&) {
    // The server goes with the test run; a database that is left is no failure of the test.
  }
}

void PostgresDatabase::Exec(const std::string& sql) { ExecOutsideTransaction(url_, sql); }

std::vector<TextRow> PostgresDatabase::Rows(const std::string& sql) {
  pqxx::connection connection(url_);
  pqxx::nontransaction work(connection);
  std::vector<TextRow> rows;
  for (const auto& row : work.exec(sql)) {
    TextRow texts;
    for (const auto& field : row) texts.push_back(field.is_null() ? kNull : field.c_str());
    rows.push_back(std::move(texts));
  }
  return rows;
}

void PostgresDatabase::AwaitOpenTransactions() {
  const std::string newest = One("SELECT txid_current()");
  const std::string over = "SELECT txid_snapshot_xmin(txid_current_snapshot()) > " + newest;
  while (One(over) != "t") std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

PostgresRole::PostgresRole(TestDatabase& database, const std::string& options)
    : database_(database), name_(database.One("SELECT current_database()")) {
  database_.Exec("CREATE ROLE " + name_ + " LOGIN " + options);
}

PostgresRole::~PostgresRole() {
  try {
    database_.Exec("DROP OWNED BY " + name_ + "; DROP ROLE " + name_);
  } catch (const std::exception&) {
    // As a database that is left.
  }
}

std::string PostgresRole::url() const {
  std::string url = database_.url();
  const size_t user = url.find("//") + 2;
  return url.replace(user, url.find('@') - user, name_);
}

std::unique_ptr<TestDatabase> MakeDatabase(const std::string& kind) {
  if (kind == "sqlite") return std::make_unique<SqliteDatabase>();
  return std::make_unique<PostgresDatabase>();
}

}  // namespace rowferry::testing
