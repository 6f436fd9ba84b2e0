#include "sqlite/ledger.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/error.h"
#include "data/kept_row.h"
#include "sqlite/copy.h"
#include "sqlite/lease.h"

namespace rowferry::testing {
namespace {

using sqlite::Connection;
using sqlite::MakeLedger;
using sqlite::Patience;

const Patience kImpatient{std::chrono::milliseconds(0), std::chrono::seconds(60)};

// Time that stands still unless somebody sleeps, but for the wall clock.
class SleepingClock final : public Clock {
 public:
  int64_t UnixMicros() const override { return SystemClock().UnixMicros(); }
  std::chrono::steady_clock::time_point Now() const override { return now_; }
  void Sleep(std::chrono::milliseconds duration) const override { now_ += duration; }
  std::chrono::milliseconds slept() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch());
  }

 private:
  mutable std::chrono::steady_clock::time_point now_{};
};

Table NewTable() {
  Table table;
  table.name.name = "t";
  ColumnInfo column;
  column.name = "x";
  column.native = "INTEGER";
  column.type = ParseType("bigint");
  column.not_null = true;
  table.columns = {column};
  return table;
}

// A target with job "job" begun, and its writer.
struct Owner {
  explicit Owner(const SqliteDatabase& database) : target(TargetOf(database)) {
    begun = BeginJob(*target, NewTable(), {ParseType("bigint")});
    writer = target->OpenWriter(begun.plan, begun.split);
    checkpoint = writer->Resume();
  }
  void Write(const std::vector<int64_t>& numbers) {
    std::vector<Value> values;
    for (const int64_t number : numbers) {
      values.push_back(number < 0 ? Value::Null() : Value::Integer(number));
    }
    checkpoint = WriteValues(*writer, ParseType("bigint"), values, checkpoint).committed;
  }

  std::unique_ptr<Target> target;
  Begun begun;
  std::unique_ptr<Writer> writer;
  Checkpoint checkpoint;
};

WritePlan BeginPlan() {
  const Table table = NewTable();
  WritePlan plan;
  plan.table = table.name;
  plan.inputs = {{"x", ParseType("bigint"), table.columns[0]}};
  return plan;
}

void AgeLease(const SqliteDatabase& database) {
  const std::array<timespec, 2> old = {timespec{1, 0}, timespec{1, 0}};
  utimensat(AT_FDCWD, (database.url() + "-rowferry.lock").c_str(), old.data(), 0);
}

TEST_CASE("rows, checkpoint and counts are committed together") {
  SqliteDatabase database;
  Owner owner(database);
  owner.Write({1, 2});
  owner.Write({3});
  CHECK(database.One("SELECT group_concat(x) FROM t") == "1,2,3");
  const auto splits = owner.target->ledger().Splits("job");
  REQUIRE(splits.size() == 1);
  CHECK(splits[0].checkpoint == owner.checkpoint);
  CHECK(owner.checkpoint.counts.read == 3);
  CHECK(owner.checkpoint.counts.inserted == 3);
  CHECK(owner.checkpoint.chunks == 2);
  CHECK(owner.checkpoint.last_key->parts[0] == Value::Integer(3));
}

TEST_CASE("a row that is refused takes its whole chunk with it, and the next chunk can follow") {
  SqliteDatabase database;
  Owner owner(database);
  owner.Write({1});
  CHECK_THROWS_WITH_AS(owner.Write({2, -1, 4}), doctest::Contains("NOT NULL constraint failed"),
                       Error);
  CHECK(database.One("SELECT group_concat(x) FROM t") == "1");
  owner.Write({2, 3});
  CHECK(database.One("SELECT group_concat(x) FROM t") == "1,2,3");
}

TEST_CASE("a resumed run goes on from the last committed key") {
  SqliteDatabase database;
  int64_t epoch = 0;
  {
    Owner owner(database);
    owner.Write({1, 2});
    epoch = owner.begun.split.epoch;
  }
  const auto target = TargetOf(database);
  const auto job = target->ledger().Acquire("job");
  REQUIRE(job);
  CHECK(job->epoch == epoch + 1);
  target->ledger().Restarted("job");
  CHECK(target->ledger().Jobs()[0].runs == 2);
  const SplitId split{"job", "fingerprint", 0, job->epoch};
  const auto writer = target->OpenWriter({{"", "t"}, {}, false}, split);
  CHECK_THROWS_AS(target->OpenWriter({{"", "gone"}, {}, false}, split), Error);
  CHECK(writer->Resume().last_key->parts[0] == Value::Integer(2));
}

TEST_CASE("a former owner commits nothing once its epoch was raised") {
  SqliteDatabase database;
  Owner former(database);
  former.Write({1});
  AgeLease(database);
  database.Exec(
      "UPDATE rowferry_split SET heartbeat_at = 1; UPDATE rowferry_job SET heartbeat_at = 1");
  Connection connection(database.url(), false);
  const auto ledger = MakeLedger(connection, SystemClock(), kImpatient);
  CHECK(ledger->Acquire("job")->epoch == former.begun.split.epoch + 1);
  try {
    former.Write({2});
    FAIL("the former owner wrote");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kOwned);
  }
  CHECK(database.One("SELECT group_concat(x) FROM t") == "1");
  CHECK_THROWS_AS(former.writer->Resume(), Error);
  CHECK_THROWS_AS(former.target->ledger().Finish("job"), Error);
  former.target->ledger().Interrupt("job", JobState::kFailed, "too late");
  CHECK(ledger->Jobs()[0].state == JobState::kRunning);
}

TEST_CASE("a former owner takes a job that began anew with another fingerprint for no damage") {
  SqliteDatabase database;
  Owner former(database);
  former.Write({1});
  database.Exec("UPDATE rowferry_split SET epoch = epoch + 1, digest = 'of another fingerprint'");
  try {
    former.Write({2});
    FAIL("the former owner wrote");
  } catch (const Error& error) {
    CHECK_MESSAGE(error.kind() == ErrorKind::kOwned, error.what());
  }
}

TEST_CASE("a checkpoint that is not the one we left stops the writer") {
  SqliteDatabase database;
  Owner owner(database);
  const Checkpoint before = owner.checkpoint;
  owner.Write({1});
  const auto writer = owner.target->OpenWriter(owner.begun.plan, owner.begun.split);
  writer->Resume();
  owner.Write({2});
  CHECK_THROWS_AS(WriteValues(*writer, ParseType("bigint"), {Value::Integer(2)}, before), Error);
  CHECK(database.One("SELECT group_concat(x) FROM t") == "1,2");
}

TEST_CASE("a second run waits, then is told who owns the file since when") {
  SqliteDatabase database;
  Owner owner(database);
  Connection connection(database.url(), false);
  SleepingClock clock;
  const auto ledger = MakeLedger(connection, clock);
  CHECK_THROWS_WITH_AS(ledger->Acquire("job"), doctest::Contains("job job is being run on "),
                       Error);
  CHECK(clock.slept() >= std::chrono::seconds(10));
  CHECK_THROWS_AS(ledger->Forget("job"), Error);
}

TEST_CASE("a silent owner's sign of life comes from Beat") {
  SqliteDatabase database;
  Owner owner(database);
  AgeLease(database);
  database.Exec(
      "UPDATE rowferry_split SET heartbeat_at = 1; UPDATE rowferry_job SET heartbeat_at = 1");
  owner.target->ledger().Beat();
  Connection connection(database.url(), false);
  CHECK_THROWS_AS(MakeLedger(connection, SystemClock(), kImpatient)->Acquire("job"), Error);
}

TEST_CASE("a finished run restores the journal mode and leaves no side file") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE other(x)");
  {
    Owner owner(database);
    owner.Write({1});
    CHECK(database.One("PRAGMA journal_mode") == "wal");
    CHECK_FALSE(owner.target->ledger().Finish("job"));
    owner.Write({});
    CHECK(owner.target->ledger().Finish("job"));
    CHECK(owner.target->ledger().Jobs()[0].state == JobState::kDone);
    owner.writer.reset();
    owner.target->ledger().Release();
  }
  CHECK(database.One("PRAGMA journal_mode") == "delete");
  CHECK(database.One("SELECT count(*) FROM rowferry_meta WHERE key = 'journal_mode'") == "0");
  size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(database.folder())) {
    static_cast<void>(file);
    ++files;
  }
  CHECK(files == 1);
}

TEST_CASE("a job is not done in a file that was removed meanwhile") {
  SqliteDatabase database;
  Owner owner(database);
  owner.Write({1});
  owner.Write({});
  std::filesystem::rename(database.url(), database.url() + ".moved");
  CHECK_THROWS_WITH_AS(owner.target->ledger().Finish("job"), doctest::Contains("was removed"),
                       Error);
  std::filesystem::rename(database.url() + ".moved", database.url());
  CHECK(owner.target->ledger().Finish("job"));
}

TEST_CASE("a database that was in WAL mode stays there") {
  SqliteDatabase database;
  database.Exec("PRAGMA journal_mode = wal; CREATE TABLE other(x)");
  { Owner owner(database); }
  CHECK(database.One("PRAGMA journal_mode") == "wal");
}

TEST_CASE("the journal mode is restored once nobody else has the file open") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE other(x)");
  {
    Owner owner(database);
    const auto reader = SourceOf(database);
    reader->DescribeTable({"", "other"});
    owner.target->ledger().Release();
  }
  CHECK(database.One("PRAGMA journal_mode") == "wal");
  CHECK(database.One("SELECT value FROM rowferry_meta WHERE key = 'journal_mode'") == "delete");
  { TargetOf(database)->ledger().Acquire("job"); }
  CHECK(database.One("PRAGMA journal_mode") == "delete");
}

TEST_CASE("the tables of a job are made together with its ledger rows, or not at all") {
  SqliteDatabase database;
  const auto target = TargetOf(database);
  target->ledger().Acquire("job");
  JobRecord job;
  job.name = "job";
  TableStart start;
  start.split.table.name = "t";
  start.statements = {"CREATE TABLE t(x)", "CREATE nonsense"};
  CHECK_THROWS_AS(target->ledger().Begin(job, {start}, {}), Error);
  CHECK(target->ledger().Jobs().empty());
  CHECK_FALSE(target->DescribeTable({"", "t"}));
  start.statements.pop_back();
  const int64_t first = target->ledger().Begin(job, {start}, {});
  CHECK(target->ledger().Begin(job, {}, {}) > first);
}

TEST_CASE("an edited checkpoint is found out") {
  SqliteDatabase database;
  Owner owner(database);
  owner.Write({1, 2});
  database.Exec("UPDATE rowferry_split SET last_key = 'i1'");
  CHECK_THROWS_WITH_AS(owner.target->ledger().Splits("job"), doctest::Contains("digest"), Error);
  CHECK_THROWS_AS(owner.Write({3}), Error);
}

TEST_CASE("a ledger of a newer format is refused") {
  SqliteDatabase database;
  { Owner owner(database); }
  database.Exec("UPDATE rowferry_meta SET value = '3' WHERE key = 'version'");
  CHECK_THROWS_WITH_AS(TargetOf(database)->ledger().Jobs(), doctest::Contains("format 3"), Error);
}

// Back to what the first version made.
constexpr const char* kFormat1 =
    "DROP TABLE rowferry_reject; ALTER TABLE rowferry_split DROP COLUMN pending;"
    "ALTER TABLE rowferry_job DROP COLUMN settings;"
    "UPDATE rowferry_meta SET value = '1' WHERE key = 'version'";

TEST_CASE("a ledger of format 1 is read as it is, and upgraded by the next run") {
  SqliteDatabase database;
  {
    Owner owner(database);
    owner.Write({1, 2});
  }
  database.Exec(kFormat1);
  const auto target = TargetOf(database);
  Ledger& ledger = target->ledger();
  const auto before = ledger.Splits("job");
  REQUIRE(before.size() == 1);
  CHECK(before[0].checkpoint.counts.inserted == 2);
  CHECK(ledger.CountRejects("job").empty());
  CHECK(database.One("SELECT value FROM rowferry_meta WHERE key = 'version'") == "1");
  const auto job = ledger.Acquire("job");
  REQUIRE(job.has_value());
  CHECK(database.One("SELECT value FROM rowferry_meta WHERE key = 'version'") == "2");
  CHECK(database.One("SELECT count(*) FROM rowferry_reject") == "0");
  const auto writer = target->OpenWriter(BeginPlan(), {"job", "fingerprint", 0, job->epoch});
  CHECK(writer->Resume() == before[0].checkpoint);
  WriteValues(*writer, ParseType("bigint"), {Value::Integer(3)}, before[0].checkpoint);
  CHECK(database.One("SELECT group_concat(x) FROM t") == "1,2,3");
}

TEST_CASE("a job of a ledger of format 1 can be forgotten") {
  SqliteDatabase database;
  { Owner owner(database); }
  database.Exec(kFormat1);
  CHECK(TargetOf(database)->ledger().Forget("job"));
  CHECK(database.One("SELECT count(*) FROM rowferry_split") == "0");
}

Reject OddReject(int64_t key) {
  Reject reject;
  reject.key = Key{{Value::Integer(key)}};
  reject.shown = "(x) = (" + std::to_string(key) + ")";
  reject.why = {RefusalKind::kCheck, "SQLITE_CONSTRAINT_CHECK", "x", "c", "it's \"odd\""};
  reject.at = 12345;
  reject.kept = EncodeRow({{"x", ParseType("bigint"), Value::Integer(key)},
                           {"b", TypeOf(Kind::kAny), Value::Text(std::string("\0\xff", 2))}});
  return reject;
}

TEST_CASE("rejects are kept with the chunk's checkpoint, and found again whole") {
  SqliteDatabase database;
  Owner owner(database);
  RowBatch batch(BatchLayout{{"x"}, {ParseType("bigint")}, 1, {0}});
  Checkpoint next = owner.checkpoint;
  next.counts.read += 2;
  ++next.chunks;
  next.last_key = Key{{Value::Integer(9)}};
  const Checkpoint committed =
      owner.writer->Write({batch, 0, 0, {OddReject(8), OddReject(9)}, next}).committed;
  CHECK(committed.counts.rejected == 2);
  CHECK(committed.counts.Balanced());
  Ledger& ledger = owner.target->ledger();
  CHECK(ledger.Splits("job")[0].checkpoint == committed);
  const auto counts = ledger.CountRejects("job");
  REQUIRE(counts.size() == 1);
  CHECK(counts[0].rows == 2);
  CHECK(CountOf(counts, RejectState::kOpen) == 2);
  CHECK(CountOf(counts, RejectState::kPending) == 0);
  std::vector<Reject> found;
  ledger.EachReject("job", {}, [&](const Reject& reject) {
    found.push_back(reject);
    return true;
  });
  REQUIRE(found.size() == 2);
  const Reject expected = OddReject(8);
  CHECK(found[0].key == expected.key);
  CHECK(found[0].shown == expected.shown);
  CHECK(found[0].why == expected.why);
  CHECK(found[0].kept == expected.kept);
  CHECK(found[0].at == expected.at);
  CHECK(found[0].id < found[1].id);
  RejectFilter none;
  none.kind = RefusalKind::kUnique;
  ledger.EachReject("job", none, [](const Reject&) {
    FAIL("filtered");
    return true;
  });
}

TEST_CASE("forgetting a job removes all that belongs to it") {
  SqliteDatabase database;
  {
    Owner owner(database);
    RowBatch batch(BatchLayout{{"x"}, {ParseType("bigint")}, 1, {0}});
    Checkpoint next = owner.checkpoint;
    next.last_key = Key{{Value::Integer(9)}};
    owner.writer->Write({batch, 0, 0, {OddReject(9)}, next});
  }
  const auto target = TargetOf(database);
  CHECK(target->ledger().Forget("job"));
  CHECK_FALSE(target->ledger().Forget("job"));
  for (const char* table : {"job", "run", "split", "reject"}) {
    CAPTURE(std::string(table));
    CHECK(database.One("SELECT count(*) FROM rowferry_" + std::string(table)) == "0");
  }
}

TEST_CASE("forgetting a job whose run was killed restores the journal mode") {
  SqliteDatabase database;
  { Owner owner(database); }
  database.Exec(
      "PRAGMA journal_mode = wal; INSERT INTO rowferry_meta VALUES ('journal_mode', 'delete')");
  CHECK(TargetOf(database)->ledger().Forget("job"));
  CHECK(database.One("PRAGMA journal_mode") == "delete");
}

TEST_CASE("a trigger that swallows a row is counted, never overlooked") {
  SqliteDatabase database;
  Owner owner(database);
  database.Exec(
      "CREATE TRIGGER swallow BEFORE INSERT ON t WHEN new.x = 2 "
      "BEGIN SELECT RAISE(IGNORE); END");
  owner.writer = owner.target->OpenWriter(owner.begun.plan, owner.begun.split);
  owner.writer->Resume();
  owner.Write({1, 2, 3});
  CHECK(owner.checkpoint.counts.inserted == 2);
  CHECK(owner.checkpoint.counts.suppressed == 1);
  CHECK(owner.checkpoint.counts.Balanced());
}

TEST_CASE("a trigger's own conflict clauses hold") {
  SqliteDatabase database;
  Owner owner(database);
  database.Exec(
      "CREATE TABLE seen (day TEXT PRIMARY KEY, count INT); CREATE TRIGGER note AFTER INSERT ON t "
      "BEGIN INSERT OR IGNORE INTO seen VALUES ('today', 0); "
      "UPDATE seen SET count = count + 1; END");
  owner.Write({1, 2, 3});
  CHECK(database.One("SELECT count FROM seen") == "3");
  CHECK(owner.checkpoint.counts.Balanced());
}

TEST_CASE("a trigger that comes while a run writes costs no row: its chunk is written anew") {
  SqliteDatabase database;
  Owner owner(database);
  owner.Write({1});
  database.Exec(
      "CREATE TRIGGER swallow BEFORE INSERT ON t WHEN new.x = 2 "
      "BEGIN SELECT RAISE(IGNORE); END");
  CHECK_THROWS_WITH_AS(owner.Write({2, 3}), doctest::Contains("nothing of this chunk"), Error);
  database.Exec("DROP TRIGGER swallow");
  owner.Write({2, 3});
  CHECK(database.One("SELECT group_concat(x) FROM t") == "1,2,3");
  CHECK(owner.checkpoint.counts.Balanced());
}

TEST_CASE("a conflict clause of the table drops and overwrites nothing") {
  for (const char* clause : {"IGNORE", "REPLACE", "ROLLBACK"}) {
    CAPTURE(std::string(clause));
    SqliteDatabase database;
    Owner owner(database);
    database.Exec("DROP TABLE t; CREATE TABLE t(x INTEGER UNIQUE ON CONFLICT " +
                  std::string(clause) + ")");
    owner.Write({1});
    CHECK_THROWS_WITH_AS(owner.Write({2, 1}), doctest::Contains("UNIQUE constraint failed"), Error);
    CHECK(database.One("SELECT group_concat(x) FROM t") == "1");
  }
}

TEST_CASE("NULL for an INTEGER PRIMARY KEY is refused, as SQLite would number it") {
  SqliteDatabase database;
  Owner owner(database);
  database.Exec("DROP TABLE t; CREATE TABLE t(x INTEGER PRIMARY KEY)");
  owner.writer = owner.target->OpenWriter(owner.begun.plan, owner.begun.split);
  owner.writer->Resume();
  CHECK_THROWS_WITH_AS(owner.Write({1, -1}), doctest::Contains("number of its own"), Error);
}

}  // namespace
}  // namespace rowferry::testing
