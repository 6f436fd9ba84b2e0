#include "support/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace rowferry::testing {
namespace {

namespace fs = std::filesystem;

constexpr int kTries = 5;  // another program may take the port first

const passwd* ServerUser() {
  const passwd* user = getpwnam("postgres");
  return user != nullptr ? user : getpwnam("nobody");
}

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Nobody listens there at this moment.
int FreePort() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound =
      bind(descriptor, generic, size) == 0 && getsockname(descriptor, generic, &size) == 0;
  close(descriptor);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

bool Answers(const std::string& url) {
  PGconn* connection = PQconnectdb(url.c_str());
  const bool answers = PQstatus(connection) == CONNECTION_OK;
  PQfinish(connection);
  return answers;
}

// Debian keeps the server's programs out of PATH; the newest are taken.
std::string ServerProgram(const std::string& name) {
  std::vector<int> versions;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    if (fs::exists(entry.path() / "bin" / name)) {
      versions.push_back(std::atoi(entry.path().filename().c_str()));
    }
  }
  if (versions.empty()) return name;
  const int newest = *std::max_element(versions.begin(), versions.end());
  return "/usr/lib/postgresql/" + std::to_string(newest) + "/bin/" + name;
}

std::string Option(const std::string& url, const std::string& keyword) {
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(url.c_str(), nullptr), PQconninfoFree);
  for (auto* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
    if (keyword == option->keyword && option->val != nullptr) return option->val;
  }
  return {};
}

}  // namespace

ServerFolder::ServerFolder() {
  std::string path = fs::temp_directory_path() / "rowferry_server_XXXXXX";
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = path;
  const passwd* user = ServerUser();
  if (getuid() == 0 && user != nullptr && chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error("chown " + path);
  }
}

ServerFolder::~ServerFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

pid_t ServerFolder::Start(const std::vector<std::string>& words) const {
  const passwd* user = ServerUser();
  const std::string log = LogPath();
  std::vector<std::string> copies = words;
  std::vector<char*> argv;
  for (std::string& word : copies) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid > 0) return pid;
  const bool as_user = getuid() != 0 || (user != nullptr && setgroups(0, nullptr) == 0 &&
                                         setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0);
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  if (as_user && chdir(path_.c_str()) == 0) execvp(argv[0], argv.data());
  dprintf(STDERR_FILENO, "cannot start %s\n", argv[0]);
  _exit(127);
}

void ServerFolder::Run(const std::vector<std::string>& words) const {
  int status = 0;
  waitpid(Start(words), &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  throw std::runtime_error(words[0] + ": " + ReadFile(LogPath()));
}

Pooler::Pooler(const std::string& mode) {
  for (int i = 0; i < kTries; ++i) {
    if (TryToStart(mode)) return;
  }
  throw std::runtime_error("pgbouncer does not start: " + ReadFile(folder_.LogPath()));
}

Pooler::~Pooler() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool Pooler::TryToStart(const std::string& mode) {
  const std::string server = std::getenv("ROWFERRY_TEST_PG");
  const std::string settings = folder_.path() + "/pgbouncer.ini";
  const std::string users = folder_.path() + "/users";
  port_ = FreePort();
  std::ofstream(settings) << "[databases]\n* = host=" << Option(server, "host")
                          << " port=" << Option(server, "port")
                          << "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " << port_
                          << "\nunix_socket_dir =\nauth_type = trust\nauth_file = " << users
                          << "\npool_mode = " << mode << "\n";
  std::ofstream(users) << '"' << Option(server, "user") << "\" \"" << Option(server, "password")
                       << "\"\n";
  fs::permissions(settings, fs::perms::others_read, fs::perm_options::add);
  fs::permissions(users, fs::perms::others_read, fs::perm_options::add);
  pid_ = folder_.Start({"pgbouncer", settings});
  while (waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (Answers(Through(server))) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  pid_ = -1;
  return false;
}

std::string Pooler::Through(const std::string& database_url) const {
  return "postgresql://" + Option(database_url, "user") + "@127.0.0.1:" + std::to_string(port_) +
         "/" + Option(database_url, "dbname");
}

PostgresServer::PostgresServer(const std::string& settings) {
  folder_.Run({ServerProgram("initdb"), "-D", Data(), "-U", "postgres", "-A", "trust", "-E", "UTF8",
               "--locale=C.UTF-8", "--data-checksums", "--no-sync"});
  std::ofstream(Data() + "/postgresql.conf", std::ios::app) << settings << "\n";
  StartFirst();
}

PostgresServer::PostgresServer(const Copied& copied) {
  folder_.Run({ServerProgram("pg_basebackup"), "-D", Data(), "-R", "-c", "fast", "--no-sync", "-d",
               copied.from});
  StartFirst();
}

std::unique_ptr<PostgresServer> PostgresServer::StandbyOf(const PostgresServer& primary) {
  return std::unique_ptr<PostgresServer>(new PostgresServer(Copied{primary.url()}));
}

PostgresServer::~PostgresServer() {
  try {
    Crash();
  } catch (const std::exception&) {
    // Its folder goes in any case.
  }
}

void PostgresServer::Crash() {
  folder_.Run({ServerProgram("pg_ctl"), "stop", "-w", "-m", "immediate", "-D", Data()});
}

void PostgresServer::Start() {
  folder_.Run({ServerProgram("pg_ctl"), "start", "-w", "-t", "600", "-D", Data(), "-o",
               "-p " + std::to_string(port_) +
                   " -c listen_addresses=127.0.0.1 -c unix_socket_directories="});
}

void PostgresServer::StartInRecovery() {
  folder_.Run({"touch", Data() + "/standby.signal"});
  Start();
}

void PostgresServer::StartFirst() {
  for (int i = 1; i <= kTries; ++i) {
    port_ = FreePort();
    try {
      return Start();
    } catch (const std::exception&) {
      if (i == kTries) throw;
    }
  }
}

std::string PostgresServer::url() const {
  return "postgresql://postgres@127.0.0.1:" + std::to_string(port_) + "/postgres";
}

void PostgresServer::Exec(const std::string& sql) const {
  pqxx::connection connection(url());
  pqxx::nontransaction(connection).exec(sql);
}

std::string PostgresServer::One(const std::string& sql) const {
  pqxx::connection connection(url());
  return pqxx::nontransaction(connection).exec(sql)[0][0].c_str();
}

}  // namespace rowferry::testing
