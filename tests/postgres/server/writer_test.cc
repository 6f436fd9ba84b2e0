#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "fixture.h"
#include "postgres/session.h"

namespace rowferry::testing {
namespace {

// A target with a job whose only split is the table t, and a writer on it.
class WriterFixture {
 public:
  explicit WriterFixture(const std::string& sql) {
    database.Exec(sql);
    target = OpenTarget(database);
    plan = WriteAll(*target, {"public", "t"});
    target->ledger().Acquire("job");
    split = {"job", "fingerprint", 0, Begin(target->ledger())};
    writer = target->OpenWriter(plan, split);
    layout.data_columns = plan.inputs.size();
    for (const auto& input : plan.inputs) {
      layout.names.push_back(input.name);
      layout.types.push_back(input.from);
    }
    layout.key = {0};
    checkpoint = writer->Resume();
  }

  static int64_t Begin(Ledger& ledger) {
    JobRecord job;
    job.name = "job";
    job.fingerprint = "fingerprint";
    TableStart start;
    start.split.table = {"public", "t"};
    return ledger.Begin(job, {start}, {});
  }

  // Writes rows of (bigint, second) as the next chunk.
  void Write(const std::vector<std::pair<int64_t, Value>>& rows, bool done = false) {
    RowBatch batch(layout);
    for (const auto& [id, value] : rows) {
      batch.columns()[0].AppendInteger(id);
      batch.columns()[1].Append(value);
    }
    Checkpoint next = checkpoint;
    if (!rows.empty()) next.last_key = batch.KeyAt(batch.rows() - 1);
    next.counts.read += static_cast<int64_t>(rows.size());
    ++next.chunks;
    next.done = done;
    checkpoint = writer->Write({batch, 0, batch.rows(), {}, next}).committed;
  }

  // What the writer says to such a chunk.
  std::string Refusal(const std::vector<std::pair<int64_t, Value>>& rows) {
    try {
      Write(rows);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing";
  }

  std::string Count() { return database.One("SELECT count(*) FROM t"); }

  PostgresDatabase database;
  std::unique_ptr<Target> target;
  WritePlan plan;
  SplitId split;
  std::unique_ptr<Writer> writer;
  BatchLayout layout;
  Checkpoint checkpoint;
};

TEST_CASE("rows and checkpoint are committed together, and a new writer goes on from there") {
  WriterFixture f("CREATE TABLE t (id bigint PRIMARY KEY, v text)");
  f.Write({{1, Value::Text("a")}, {2, Value::Null()}});
  f.Write({{3, Value::Text("c")}}, true);
  const Checkpoint resumed = f.target->OpenWriter(f.plan, f.split)->Resume();
  CHECK(resumed == f.checkpoint);
  CHECK(resumed.counts.inserted == 3);
  CHECK(resumed.counts.Balanced());
  CHECK(f.Count() == "3");
}

TEST_CASE("an empty batch writes the checkpoint alone") {
  WriterFixture f("CREATE TABLE t (id bigint PRIMARY KEY, v text)");
  f.Write({}, true);
  CHECK(f.target->OpenWriter(f.plan, f.split)->Resume().done);
}

TEST_CASE("a former owner cannot commit once another run has taken over") {
  WriterFixture f("CREATE TABLE t (id bigint PRIMARY KEY, v text)");
  f.Write({{1, Value::Text("a")}});
  f.target->ledger().Release();
  const auto other = OpenTarget(f.database);
  other->ledger().Acquire("job");
  CHECK(Holds(Thrown(
                  [&] {
                    f.Write({{2, Value::Text("b")}});
                  },
                  ErrorKind::kOwned),
              "another run owns job job"));
  CHECK(f.Count() == "1");
}

// Nothing else tells the two jobs apart: both stand before their first row.
TEST_CASE("the first chunk of a forgotten job does not enter its successor") {
  WriterFixture f("CREATE TABLE t (id bigint PRIMARY KEY, v text)");
  f.target->ledger().Forget("job");
  f.target->ledger().Acquire("job");
  WriterFixture::Begin(f.target->ledger());
  CHECK(Holds(Thrown(
                  [&] {
                    f.Write({{1, Value::Text("a")}});
                  },
                  ErrorKind::kOwned),
              "another run owns job job"));
  CHECK(f.Count() == "0");
}

TEST_CASE("the chunk of a writer that was given up is refused once its split has another one") {
  WriterFixture f("CREATE TABLE t (id bigint, v text)");
  const auto other_target = OpenTarget(f.database);  // which ends no backend of this one's
  other_target->OpenWriter(f.plan, f.split)->Resume();
  CHECK(Holds(Thrown(
                  [&] {
                    f.Write({{1, Value::Text("a")}});
                  },
                  ErrorKind::kOwned),
              "another run owns"));
  CHECK(f.Count() == "0");
}

TEST_CASE("a chunk is refused where the ledger's checkpoint is not the one that it follows") {
  WriterFixture f("CREATE TABLE t (id bigint, v text)");
  const auto writer = f.target->OpenWriter(f.plan, f.split);
  const Checkpoint at = writer->Resume();
  f.database.Exec("UPDATE rowferry.split SET chunks = chunks + 1");
  Checkpoint next = at;
  next.done = true;
  const RowBatch none(f.layout);
  CHECK(Holds(Thrown(
                  [&] {
                    writer->Write({none, 0, 0, {}, next});
                  },
                  ErrorKind::kOwned),
              "checkpoint"));
}

TEST_CASE("a new writer ends its predecessor, which may hold the split's row for a dead client") {
  WriterFixture f("CREATE TABLE t (id bigint, v text)");
  const auto former = f.target->OpenWriter(f.plan, f.split);
  former->Resume();
  const auto next = f.target->OpenWriter(f.plan, f.split);
  next->Resume();
  const char* alive =
      "SELECT count(*) FROM pg_stat_activity a JOIN rowferry.backend b ON a.pid = b.pid AND "
      "a.backend_start = b.started_at";
  while (f.database.One(alive) != "2") continue;  // the other one is the control session
}

TEST_CASE("a run that takes over stands above every epoch that the former owner's splits reached") {
  WriterFixture f("CREATE TABLE t (id bigint, v text)");
  const auto former = f.target->OpenWriter(f.plan, f.split);
  for (int i = 0; i < 5; ++i) former->Resume();
  const std::string reached = f.database.One("SELECT epoch FROM rowferry.split");
  f.target->ledger().Release();
  const auto other = OpenTarget(f.database);
  const auto job = other->ledger().Acquire("job");
  CHECK(std::to_string(job->epoch) > reached);
  CHECK(f.database.One("SELECT epoch FROM rowferry.split") == std::to_string(job->epoch));
  CHECK(Holds(Thrown([&] { former->Resume(); }, ErrorKind::kOwned), "another run owns"));
}

TEST_CASE("a value that its column would change stops the chunk and names its row") {
  WriterFixture f("CREATE TABLE t (id bigint PRIMARY KEY, v numeric(12,2))");
  f.plan.inputs[1].from = ParseType("numeric");
  const std::string thrown = Thrown(
      [&] {
        f.Write({{1, Value::Text("1.5")}, {2, Value::Text("12.3456")}});
      },
      ErrorKind::kData);
  CHECK(Holds(thrown, "table public.t, column v, row (id) = (2)"));
  CHECK(Holds(thrown, "would be rounded to numeric(12,2)"));
  CHECK(f.Count() == "0");
  f.Write({{1, Value::Text("1.5")}});
  CHECK(f.Count() == "1");
}

struct Refusal {
  const char* table;
  const char* part;
};

TEST_CASE("a row that the server refuses is named by its key") {
  const Refusal refusals[] = {
      {"CREATE TABLE t (id bigint PRIMARY KEY, v text CHECK (v <> 'b'))", "constraint t_v_check"},
      {"CREATE TABLE t (id bigint PRIMARY KEY, v text NOT NULL DEFAULT 'x')", "column v"},
      {"CREATE TABLE t (id bigint PRIMARY KEY, v jsonb)", "column v: the value '"},
      {"CREATE TABLE t (id bigint PRIMARY KEY, v text UNIQUE)", "constraint t_v_key"},
  };
  const Value bad[] = {Value::Text("b"), Value::Null(), Value::Text("{\"a\": \"\\u0000\"}"),
                       Value::Text("a")};
  for (size_t i = 0; i < std::size(refusals); ++i) {
    WriterFixture f(refusals[i].table);
    const Value good = i == 2 ? Value::Text("{}") : Value::Text("a");
    const Value last = i == 2 ? Value::Text("[]") : Value::Text("c");
    const std::string thrown = Thrown(
        [&] {
          f.Write({{1, good}, {2, bad[i]}, {3, last}});
        },
        ErrorKind::kData);
    CAPTURE(thrown);
    CHECK(Holds(thrown, "row (id) = (2)"));
    CHECK(Holds(thrown, refusals[i].part));
    CHECK(f.Count() == "0");
  }
}

TEST_CASE("a deferred constraint fails before the checkpoint is written") {
  WriterFixture f(
      "CREATE TABLE t (id bigint PRIMARY KEY, v bigint REFERENCES t DEFERRABLE INITIALLY "
      "DEFERRED)");
  CHECK(Holds(Thrown([&] { f.Write({{1, Value::Integer(7)}}); }, ErrorKind::kData), "t_v_fkey"));
  CHECK(f.Count() == "0");
  f.Write({{1, Value::Integer(2)}, {2, Value::Null()}});
  CHECK(f.Count() == "2");
}

constexpr const char* kSwallow =
    "CREATE TABLE t (id bigint PRIMARY KEY, v text); CREATE FUNCTION odd() RETURNS trigger "
    "LANGUAGE "
    "plpgsql AS $$ BEGIN IF NEW.id % 2 = 1 THEN RETURN NEW; END IF; RETURN NULL; END $$; CREATE "
    "TRIGGER odd BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION odd()";

TEST_CASE("rows that a trigger swallows are counted as suppressed") {
  WriterFixture f(kSwallow);
  CHECK(f.plan.swallows_rows);
  f.Write({{1, Value::Null()}, {2, Value::Null()}, {3, Value::Null()}});
  CHECK(f.checkpoint.counts.inserted == 2);
  CHECK(f.checkpoint.counts.suppressed == 1);
  CHECK(f.checkpoint.counts.Balanced());
}

TEST_CASE("which triggers swallow rows is a matter of the session's replication role") {
  const std::string swallow = kSwallow;
  CHECK_FALSE(
      WriterFixture(swallow + "; ALTER TABLE t ENABLE REPLICA TRIGGER odd").plan.swallows_rows);
  const std::string as_replica =
      "; DO $$ BEGIN EXECUTE pg_catalog.format('ALTER DATABASE %I SET session_replication_role = "
      "replica', current_database()); END $$";
  CHECK_FALSE(WriterFixture(swallow + as_replica).plan.swallows_rows);
  WriterFixture f(swallow + as_replica + "; ALTER TABLE t ENABLE REPLICA TRIGGER odd");
  CHECK(f.plan.swallows_rows);
  f.Write({{1, Value::Null()}, {2, Value::Null()}});
  CHECK(f.checkpoint.counts.suppressed == 1);
}

TEST_CASE("a type without a binary form makes the table's COPY text") {
  WriterFixture f("CREATE TYPE pair AS (a int, b text); CREATE TABLE t (id bigint, v pair)");
  f.Write({{1, Value::Text("(1,\"a\tb\")")}, {2, Value::Null()}});
  CHECK(f.database.One("SELECT (v).b FROM t WHERE id = 1") == "a\tb");
}

TEST_CASE("sequences stand behind the copied values, never back, and not for an empty table") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE \"T one\" (\"Id\" serial, b int GENERATED ALWAYS AS IDENTITY, c int DEFAULT 1);"
      "CREATE SEQUENCE own; CREATE TABLE u (id int DEFAULT nextval('own')); CREATE TABLE e (id "
      "serial); INSERT INTO \"T one\" (\"Id\") VALUES (500), (7); SELECT setval('own', 900); "
      "INSERT INTO u VALUES (5)");
  const auto target = OpenTarget(database);
  for (const char* name : {"T one", "u", "e"}) {
    target->AdvanceSequences(WriteAll(*target, {"public", name}));
  }
  CHECK(database.One("SELECT nextval(pg_get_serial_sequence('\"T one\"', 'Id'))") == "501");
  CHECK(database.One("SELECT nextval(pg_get_serial_sequence('\"T one\"', 'b'))") == "3");
  CHECK(database.One("SELECT nextval('own')") == "901");
  CHECK(database.One("SELECT nextval('e_id_seq')") == "1");
}

TEST_CASE("a run gives signs of life also while a sequence takes long to set") {
  WriterFixture f("CREATE TABLE t (id serial)");
  Session other(f.database.url(), SessionUse::kControl, "test");
  Transaction lock(other);
  other.Exec("LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE");
  std::thread advances([&] { f.target->AdvanceSequences(f.plan); });
  const auto wait_while = [&](const std::string& condition) {
    for (int i = 0; i < 2000 && f.database.One("SELECT " + condition) == "t"; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  };
  wait_while(
      "count(*) = 0 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database "
      "WHERE datname = current_database())");
  const std::string heartbeat = f.database.One("SELECT heartbeat_at FROM rowferry.job");
  std::thread beats([&] { f.target->ledger().Beat(); });
  wait_while("heartbeat_at = " + heartbeat + " FROM rowferry.job");
  CHECK(f.database.One("SELECT heartbeat_at FROM rowferry.job") != heartbeat);
  lock.Commit();
  beats.join();
  advances.join();
}

TEST_CASE("sequences take over what the source's gave out last, as far as they reach") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY); CREATE TABLE s (id smallserial);"
      "CREATE TABLE d (id int GENERATED ALWAYS AS IDENTITY (INCREMENT -1));"
      "INSERT INTO s VALUES (12); INSERT INTO d OVERRIDING SYSTEM VALUE VALUES (-3)");
  const auto target = OpenTarget(database);
  const auto advance = [&](const std::string& table, int64_t last_value) {
    WritePlan plan = WriteAll(*target, {"public", table});
    plan.inputs[0].last_value = last_value;
    target->AdvanceSequences(plan);
  };
  advance("t", 100);
  advance("t", 50);
  advance("s", 100'000);
  advance("d", -9);
  CHECK(database.One("SELECT nextval('t_id_seq')") == "101");
  CHECK(database.One("SELECT nextval('s_id_seq')") == "13");
  CHECK(database.One("SELECT nextval('d_id_seq')") == "-10");
}

TEST_CASE("rows that refer to a table that is not there yet are told so, also at the commit") {
  for (const char* when : {"", " DEFERRABLE INITIALLY DEFERRED"}) {
    CAPTURE(std::string(when));
    WriterFixture f(
        "CREATE TABLE parent (id bigint PRIMARY KEY); CREATE TABLE t (id bigint, parent "
        "bigint REFERENCES parent" +
        std::string(when) + ")");
    const std::string said = f.Refusal({{1, Value::Integer(5)}});
    CHECK(Holds(said, "violates foreign key constraint"));
    CHECK(Holds(said, "drop the foreign key until all tables are copied"));
    CHECK_FALSE(Holds(said, "mend the row"));
  }
}

}  // namespace
}  // namespace rowferry::testing
