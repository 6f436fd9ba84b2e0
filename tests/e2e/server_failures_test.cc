// Failures of whole servers, which need servers of the test's own.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>

#include "e2e/copies.h"
#include "e2e/outcomes.h"
#include "support/other_session.h"
#include "support/server.h"

namespace rowferry::testing {
namespace {

constexpr char kMakeItems[] =
    "CREATE TABLE items AS SELECT i AS id, repeat(md5(i::text), 16) AS note FROM "
    "generate_series(1, 100000) i; ALTER TABLE items ADD PRIMARY KEY (id)";

// The row with id 5000 waits for the gate; most of the rows are not even sent by the source then.
constexpr char kMakeGated[] =
    "CREATE TABLE items (id integer PRIMARY KEY, note text); CREATE FUNCTION wait() RETURNS "
    "trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NEW; "
    "END $$; CREATE TRIGGER wait BEFORE INSERT ON items FOR EACH ROW WHEN (NEW.id = 5000) EXECUTE "
    "FUNCTION wait()";

// A copy of items into a table with a gate.
class GatedCopy {
 public:
  GatedCopy(const std::string& source, const std::string& target)
      : source_(source), target_(target) {
    OtherSession(target_).Exec(kMakeGated);
    gate_ = std::make_unique<OtherSession>(target_);
    gate_->Exec("SELECT pg_advisory_lock(7)");
  }
  std::vector<std::string> Command() const {
    return {"copy",  source_,       target_, "--chunk-rows", "1000",  "--lock-timeout",
            "10min", "--retry-for", "10min", "--retries",    "100000"};
  }
  template <typename Server>
  void AwaitGate(Server& target) const {
    AwaitTrue(target,
              "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory' "
              "AND classid = 0 AND objid = 7)");
  }
  void Open() { gate_->Exec("SELECT pg_advisory_unlock(7)"); }

  template <typename Source, typename Target>
  static void CheckExact(Source& source, Target& target) {
    const char* contents =
        "SELECT count(*) || ' ' || sum(id) || ' ' || md5(string_agg(id || note, ',' ORDER BY id)) "
        "FROM items";
    CHECK(target.One(contents) == source.One(contents));
    CHECK(target.One("SELECT read || ' ' || inserted || ' ' || done FROM rowferry.split") ==
          "100000 100000 true");
  }

 private:
  std::string source_;
  std::string target_;
  std::unique_ptr<OtherSession> gate_;
};

TEST_CASE("a standby that cancels a reader for its recovery is read on in a new snapshot" *
          doctest::test_suite("deadlock or conflict")) {
  const PostgresServer primary("max_standby_streaming_delay = 0\nautovacuum = off");
  primary.Exec(kMakeItems);
  const auto standby = PostgresServer::StandbyOf(primary);
  const PostgresServer target;
  GatedCopy copy(standby->url(), target.url());
  Process process(copy.Command());
  copy.AwaitGate(target);
  primary.Exec("UPDATE items SET note = note WHERE id > 90000");
  const std::string before = primary.One("SELECT pg_current_wal_flush_lsn()");
  primary.Exec("VACUUM items");
  const std::string behind = primary.One("SELECT pg_current_wal_flush_lsn()");
  // It has all of it, and comes to the first row that the vacuum took from the reader.
  AwaitTrue(*standby, "pg_last_wal_receive_lsn() >= '" + behind + "'::pg_lsn");
  AwaitTrue(*standby, "pg_last_wal_replay_lsn() >= '" + before + "'::pg_lsn");
  copy.Open();
  const Finished finished = process.Wait();
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  // The reader's end is a lost connection where the server's last word did not come through.
  AwaitTrue(*standby, "(SELECT sum(confl_snapshot) FROM pg_stat_database_conflicts) > 0");
  CHECK_MESSAGE(Holds(finished.err, "in a new snapshot"), finished.err);
  GatedCopy::CheckExact(primary, target);
}

TEST_CASE("a server that has no memory left for locks is tried again" *
          doctest::test_suite("no memory")) {
  const PostgresServer server("max_connections = 12\nmax_locks_per_transaction = 64");
  PostgresDatabase source;
  source.Exec(kMakeItems);
  GatedCopy copy(source.url(), server.url());
  server.Exec(
      "CREATE FUNCTION lock() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM "
      "pg_advisory_xact_lock(-NEW.id); RETURN NEW; END $$; CREATE TRIGGER lock BEFORE INSERT ON "
      "items FOR EACH ROW WHEN (NEW.id > 6000 AND NEW.id % 10 = 0) EXECUTE FUNCTION lock()");
  Process process(copy.Command());
  copy.AwaitGate(server);
  OtherSession other(server.url());
  other.Exec("SELECT pg_advisory_lock(1000 + i) FROM generate_series(1, 1000000) i");
  copy.Open();
  CHECK(process.AwaitErr("out of shared memory"));
  other.Exec("SELECT pg_advisory_unlock_all()");
  const Finished finished = process.Wait();
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  GatedCopy::CheckExact(source, server);
}

TEST_CASE("a server that is made read-only ends the run until it takes writes again" *
          doctest::test_suite("server that takes no writes")) {
  const PostgresServer server;
  PostgresDatabase source;
  source.Exec(kMakeItems);
  GatedCopy copy(source.url(), server.url());
  Process process(copy.Command());
  copy.AwaitGate(server);
  server.Exec("ALTER SYSTEM SET default_transaction_read_only = on");
  server.Exec("SELECT pg_reload_conf()");
  while (server.One("SHOW default_transaction_read_only") != "on") continue;
  copy.Open();
  const Finished stopped = process.Wait();
  CHECK_MESSAGE(stopped.exit_code == 1, stopped.err);
  CHECK_MESSAGE(Holds(stopped.err, "in a read-only transaction"), stopped.err);
  CHECK_MESSAGE(Holds(stopped.err, "have the server take writes again"), stopped.err);
  server.Exec("ALTER SYSTEM RESET default_transaction_read_only");
  server.Exec("SELECT pg_reload_conf()");
  while (server.One("SHOW default_transaction_read_only") != "off") continue;
  const Finished next = Rowferry(copy.Command());
  CHECK_MESSAGE(next.exit_code == 0, next.err);
  GatedCopy::CheckExact(source, server);
}

TEST_CASE("a server that comes back in recovery is waited for until it is promoted" *
          doctest::test_suite("server that takes no writes yet")) {
  PostgresServer server;
  PostgresDatabase source;
  source.Exec(kMakeItems);
  GatedCopy copy(source.url(), server.url());
  Process process(copy.Command());
  copy.AwaitGate(server);
  server.Crash();  // which opens the gate as well
  server.StartInRecovery();
  CHECK(process.AwaitErr("takes no writes: its transactions are read-only; try "));
  CHECK(server.One("SELECT pg_is_in_recovery()") == "t");
  SUBCASE("by the run that met it") {
    server.One("SELECT pg_promote()");
    const Finished finished = process.Wait();
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  }
  SUBCASE("by nobody: the same command is refused, and completes the copy afterwards") {
    process.Signal(SIGTERM);
    CHECK(process.Wait().exit_code == 143);
    const Finished refused = Rowferry(copy.Command());
    CHECK_MESSAGE(refused.exit_code == 2, refused.err);
    CHECK_MESSAGE(Holds(refused.err, "takes no writes"), refused.err);
    server.One("SELECT pg_promote()");
    const Finished next = Rowferry(copy.Command());
    CHECK_MESSAGE(next.exit_code == 0, next.err);
  }
  GatedCopy::CheckExact(source, server);
}

// The file of a table whose pages' checksums do not fit any more.
class DamagedTable {
 public:
  DamagedTable(PostgresServer& server, const std::string& table)
      : server_(server),
        path_(server.One("SHOW data_directory") + "/" +
              server.One("SELECT pg_relation_filepath('" + table + "')")) {}

  void Damage() { FlipBehindServer(); }
  void Mend() { FlipBehindServer(); }

 private:
  // All pages are on the disk before, so that nothing of the log is written over the damage.
  void FlipBehindServer() {
    server_.Exec("CHECKPOINT");
    server_.Crash();
    FlipPages();
    server_.Start();
  }
  // A byte in the middle of each page; a second time, it is as it was.
  void FlipPages() const {
    constexpr size_t kPage = 8192;
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    REQUIRE(bytes.size() >= kPage);
    for (size_t at = kPage / 2; at < bytes.size(); at += kPage) bytes[at] ^= 1;
    file.seekp(0);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    REQUIRE(file.flush());
  }

  PostgresServer& server_;
  std::string path_;
};

constexpr char kRepair[] = "repair the database that says so, or restore its backup";

TEST_CASE("a damaged table of a server ends the run, and its repair completes the copy" *
          doctest::test_suite("damaged database")) {
  for (const bool at_source : {true, false}) {
    CAPTURE(at_source);
    PostgresServer source("autovacuum = off");
    PostgresServer target("autovacuum = off");
    source.Exec(kMakeItems);
    source.Exec("VACUUM items");  // then reading changes no page
    GatedCopy copy(source.url(), target.url());
    Process process(copy.Command());
    copy.AwaitGate(target);
    DamagedTable table(at_source ? source : target, "items");
    table.Damage();
    if (at_source) copy.Open();  // the target's crash ended who held it
    CheckStopped(process.Wait(), "invalid page in block", kRepair);
    table.Mend();
    CHECK(target.One("SELECT count(*) FROM items") ==
          target.One("SELECT read FROM rowferry.split"));
    const Finished next = Rowferry(copy.Command());
    CHECK_MESSAGE(next.exit_code == 0, next.err);
    CHECK_MESSAGE(Holds(next.err, "resumed after"), next.err);
    GatedCopy::CheckExact(source, target);
  }
}

// All sessions at the source are ended in the middle of a table without a key, of which the source
// has not yet sent all: sockets hold less.
void LoseSource(Copies& copies, const std::string& meanwhile, const char* says, bool anew) {
  copies.source().Exec(
      "DROP TABLE lines; CREATE TABLE loose (n bigint, pad text);"
      "INSERT INTO loose SELECT id, repeat(note, 2000) FROM items; DROP TABLE items");
  copies.source().AwaitOpenTransactions();
  const auto process = copies.Paused(copies.Slowly());
  const std::string ours =
      " FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rowferry'";
  copies.source().Exec("SELECT pg_terminate_backend(pid)" + ours);
  AwaitTrue(copies.source(), "NOT EXISTS (SELECT" + ours + ")");
  if (!meanwhile.empty()) copies.source().Exec(meanwhile);
  process->Signal(SIGCONT);
  const Finished finished = process->Wait();
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  CHECK_MESSAGE(Holds(finished.err, says), finished.err);
  CHECK_MESSAGE(Holds(finished.err, "is emptied, and copied anew") == anew, finished.err);
  const std::string contents = "SELECT n, length(pad), substr(pad, 1, 30) FROM loose ORDER BY n";
  CHECK(copies.target().Rows(contents) == copies.source().Rows(contents));
}

TEST_CASE("a table without a key is read on in a new snapshot, or copied anew if its rows moved" *
          doctest::test_suite("lost snapshot")) {
  for (const Direction& direction : {kDirections[2], kDirections[3]}) {
    CAPTURE(direction.target);
    Copies still(direction);
    LoseSource(still, "", "in a new snapshot", false);
    Copies moved(direction);
    LoseSource(moved, "UPDATE loose SET pad = 'moved' WHERE n < 100", "in a new snapshot", true);
  }
}

}  // namespace
}  // namespace rowferry::testing
