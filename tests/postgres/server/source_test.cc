#include <doctest/doctest.h>

#include <set>

#include "base/text.h"
#include "fixture.h"
#include "postgres/session.h"

namespace rowferry::testing {
namespace {

constexpr size_t kPage = 7;

// The first column of all rows as text, read in pages, with a new Seek before each.
std::vector<std::string> ReadInPages(Source& source, const ReadPlan& plan) {
  std::vector<std::string> values;
  std::optional<Key> after;
  RowBatch batch(LayoutOf(plan));
  for (;;) {
    const auto reader = source.OpenReader(plan, {kPage, 1U << 20U});
    reader->Seek(after);
    if (!reader->Read(batch)) return values;
    for (size_t row = 0; row < batch.rows(); ++row) {
      const Value value = batch.columns()[0].value(row);
      values.push_back(value.storage == StorageClass::kInteger ? std::to_string(value.integer)
                                                               : value.bytes);
    }
    after = batch.KeyAt(batch.rows() - 1);
  }
}

struct KeyCase {
  const char* definition;  // of the columns behind `n`
  const char* value;       // of the key, from i = 1 … 40
  const char* key;         // the index that proves it
  const char* order;       // in which the rows come
};

const KeyCase kKeys[] = {
    {"k bigint NOT NULL", "i - 20", "(k)", "k"},
    {"k bigint NOT NULL", "9223372036854775807 - i", "(k)", "k"},
    {"k integer NOT NULL", "i", "(k DESC)", "k DESC"},
    {"k integer NOT NULL", "i", "(k NULLS FIRST)", "k"},
    {"k text COLLATE \"C\" NOT NULL", "chr(60 + i) || 'x'", "(k)", "k"},
    {"k text NOT NULL", "chr(60 + i) || 'é'''", "(k COLLATE \"C\")", "k COLLATE \"C\""},
    {"k text COLLATE \"en-x-icu\" NOT NULL", "chr(60 + i) || 'x'", "(k)", "k"},
    {"k varchar(10) NOT NULL", "'v' || i", "(k)", "k"},
    {"k char(10) NOT NULL", "'c' || i", "(k)", "k"},
    {"k public.citext NOT NULL", "CASE WHEN i % 2 = 0 THEN 'A' ELSE 'a' END || i", "(k)", "k"},
    {"k uuid NOT NULL", "md5(i::text)::uuid", "(k)", "k"},
    {"k bytea NOT NULL", "decode(md5(i::text), 'hex')", "(k)", "k"},
    {"k date NOT NULL", "date '2000-02-28' + i", "(k)", "k"},
    {"k timestamp NOT NULL", "timestamp '1999-12-31' + i * interval '0.000001 s'", "(k)", "k"},
    {"k timestamptz NOT NULL", "timestamptz '2024-03-31 00:00+00' + i * interval '1 h'", "(k)",
     "k"},
    {"k time NOT NULL", "time '00:00' + i * interval '1 us'", "(k)", "k"},
    {"k numeric NOT NULL", "i / 7.0", "(k)", "k"},
    {"k numeric NOT NULL", "CASE i WHEN 1 THEN 'NaN'::numeric ELSE i END", "(k)", "k"},
    {"k float8 NOT NULL",
     "CASE i WHEN 1 THEN '-Infinity' WHEN 2 THEN 'NaN' ELSE i / 7.0::float8 "
     "END",
     "(k)", "k"},
    {"k real NOT NULL", "i / 7.0::float4", "(k)", "k"},
    {"k interval NOT NULL", "i * interval '1 day 1 us'", "(k)", "k"},
    {"k inet NOT NULL", "('10.0.0.' || i)::inet", "(k)", "k"},
    {"k public.mood NOT NULL, l int NOT NULL",
     "CASE WHEN i < 20 THEN 'sad' ELSE 'glad' END::public.mood, i", "(k, l)", "k, l"},
    {"k public.named_mood NOT NULL, l int NOT NULL",
     "CASE WHEN i < 20 THEN 'sad' ELSE 'glad' END::public.mood, i", "(k, l)", "k, l"},
    {"k public.named_mood NOT NULL, l int NOT NULL",
     "CASE WHEN i < 20 THEN 'sad' ELSE 'glad' END::public.mood, i", "(k DESC, l)", "k DESC, l"},
    {"k public.spans NOT NULL", "int4multirange(int4range(i, i + 1))", "(k)", "k"},
    {"k int NOT NULL, l text NOT NULL", "i % 3, i::text", "(k, l)", "k, l"},
    {"k int NOT NULL, l int NOT NULL", "i % 3, i", "(k, l DESC)", "k, l DESC"},
    {"k int NOT NULL, l int NOT NULL", "i % 3, i", "(k DESC, l DESC)", "k DESC, l DESC"},
};

TEST_CASE("every kind of key is paged in order, completely, without an OFFSET") {
  PostgresDatabase database;
  database.Exec(
      "CREATE EXTENSION citext SCHEMA public; CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE "
      "DOMAIN named_mood AS mood; CREATE DOMAIN spans AS int4multirange");
  for (const KeyCase& c : kKeys) {
    CAPTURE(std::string(c.definition));
    database.Exec("DROP TABLE IF EXISTS t; CREATE TABLE t (n int, " + std::string(c.definition) +
                  "); INSERT INTO t SELECT i, " + c.value +
                  " FROM generate_series(1, 40) i; CREATE UNIQUE INDEX ON t " + c.key);
    std::vector<std::string> expected;
    for (const TextRow& row : database.Rows("SELECT n FROM t ORDER BY " + std::string(c.order))) {
      expected.push_back(row[0]);
    }
    const auto source = OpenSource(database);
    const ReadPlan plan = ReadAll(*source, {"public", "t"});
    CHECK(Join(ReadInPages(*source, plan), " ") == Join(expected, " "));
  }
}

TEST_CASE("a key whose domain refuses what it holds is paged all the same") {
  PostgresDatabase database;
  database.Exec(
      "CREATE DOMAIN positive AS int; CREATE TABLE t (n positive PRIMARY KEY); INSERT INTO t "
      "SELECT generate_series(-20, 20); ALTER DOMAIN positive ADD CHECK (VALUE > 0) NOT VALID");
  const auto source = OpenSource(database);
  CHECK(ReadInPages(*source, ReadAll(*source, {"public", "t"})).size() == 41);
}

TEST_CASE("a key asked for tells apart what the index that proves it does") {
  PostgresDatabase database;
  database.Exec(
      "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
      "CREATE TABLE t (n int NOT NULL, k text COLLATE loose NOT NULL, l int NOT NULL);"
      "INSERT INTO t SELECT i, CASE WHEN i % 2 = 0 THEN 'A' ELSE 'a' END || i / 2, i / 20 FROM "
      "generate_series(1, 40) i; CREATE UNIQUE INDEX ON t (k COLLATE \"C\")");
  for (const std::vector<std::string>& key : {std::vector<std::string>{"k", "l"}, {"l"}}) {
    const auto source = OpenSource(database);
    CHECK(ReadInPages(*source, ReadAll(*source, {"public", "t"}, key)).size() == 40);
  }
}

TEST_CASE("a table without a key is paged by ctid, gaps included") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE t (n int, pad text); INSERT INTO t SELECT i, repeat('x', 500) FROM "
      "generate_series(1, 100) i; DELETE FROM t WHERE n % 3 = 0");
  const auto source = OpenSource(database);
  const ReadPlan plan = ReadAll(*source, {"public", "t"});
  CHECK(plan.key.kind == KeyKind::kCtid);
  CHECK(ReadInPages(*source, plan).size() == 67);
}

TEST_CASE("a table without a key is paged by ctid also where its condition becomes a join") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE t (n int); INSERT INTO t SELECT i * 7919 % 1000 FROM generate_series(1, 1000) "
      "i; CREATE TABLE kept (n int); INSERT INTO kept SELECT i * 31 % 300 FROM "
      "generate_series(1, 30000) i; ANALYZE t, kept");
  const auto source = OpenSource(database);
  ReadPlan plan = ReadAll(*source, {"public", "t"});
  plan.where = "n IN (SELECT n FROM public.kept)";
  CHECK(ReadInPages(*source, plan).size() == 300);
}

TEST_CASE("a table without a key is paged by ctid also where the role would rather use an index") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE t (n int, pad text); INSERT INTO t SELECT i # 3, repeat('x', 800) FROM "
      "generate_series(0, 9999) i; CREATE INDEX ON t (n); ANALYZE t; DO $$ BEGIN EXECUTE "
      "format('ALTER DATABASE %I SET enable_seqscan = off', current_database()); END $$");
  const auto source = OpenSource(database);
  ReadPlan plan = ReadAll(*source, {"public", "t"});
  plan.where = "n < 16";
  CHECK(Join(ReadInPages(*source, plan), " ") == "3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12");
}

TEST_CASE("a partitioned table without a key is paged by partition and ctid") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE t (n int) PARTITION BY HASH (n);"
      "CREATE TABLE odd PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
      "CREATE TABLE even PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
      "INSERT INTO t SELECT generate_series(1, 1000)");
  database.AwaitOpenTransactions();
  auto source = OpenSource(database);
  const ReadPlan plan = ReadAll(*source, {"public", "t"});
  const std::vector<std::string> rows = ReadInPages(*source, plan);
  CHECK(std::set<std::string>(rows.begin(), rows.end()).size() == 1000);
  CHECK(rows.size() == 1000);
  const std::string stamp = source->PositionStamp(plan);
  CHECK(source->StampHolds(plan, stamp));
  source.reset();
  database.Exec("TRUNCATE even");
  CHECK_FALSE(OpenSource(database)->StampHolds(plan, stamp));
}

TEST_CASE("a position by ctid holds until rows are written or the table is rewritten") {
  PostgresDatabase database;
  database.Exec("CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 100)");
  const auto stamp = [&] {
    database.AwaitOpenTransactions();
    const auto source = OpenSource(database);
    return source->PositionStamp(ReadAll(*source, {"public", "t"}));
  };
  const auto holds = [&](const std::string& before) {
    const auto source = OpenSource(database);
    return source->StampHolds(ReadAll(*source, {"public", "t"}), before);
  };
  const std::string first = stamp();
  CHECK(holds(first));
  database.Exec("UPDATE t SET n = 0 WHERE n = 5");
  CHECK_FALSE(holds(first));
  const std::string second = stamp();
  database.Exec("VACUUM FULL t");
  CHECK_FALSE(holds(second));
}

TEST_CASE("a position by ctid does not hold once a transaction ends that was open then") {
  PostgresDatabase database;
  database.Exec("CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 100)");
  database.AwaitOpenTransactions();
  Session writer(database.url(), SessionUse::kControl, "test");
  Transaction open(writer);
  writer.Exec("SAVEPOINT s; INSERT INTO public.t VALUES (101); RELEASE s");  // a number of its own
  database.One("SELECT txid_current()");                                     // newer, and over
  const std::string stamp = [&] {
    const auto source = OpenSource(database);
    return source->PositionStamp(ReadAll(*source, {"public", "t"}));
  }();
  open.Commit();
  const auto source = OpenSource(database);
  CHECK_FALSE(source->StampHolds(ReadAll(*source, {"public", "t"}), stamp));
}

TEST_CASE("all readers see the snapshot of the run's beginning") {
  PostgresDatabase database;
  database.Exec("CREATE TABLE t (n int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 10)");
  const auto source = OpenSource(database);
  const ReadPlan plan = ReadAll(*source, {"public", "t"});
  database.Exec("INSERT INTO t VALUES (11); DELETE FROM t WHERE n = 1");
  CHECK(ReadInPages(*source, plan).size() == 10);
  CHECK(ReadInPages(*source, plan)[0] == "1");
}

TEST_CASE("who changes a table before it is read never waits for the run, which says so then") {
  const char* const changes[] = {
      "TRUNCATE t RESTART IDENTITY; INSERT INTO t (n) VALUES (100)",
      "ALTER TABLE t ALTER i TYPE bigint",
      "DROP TABLE t_0",
      "ALTER TABLE t DETACH PARTITION t_0",
      "ALTER TABLE t RENAME TO was; CREATE TABLE t (n int PRIMARY KEY); INSERT INTO t VALUES (1)",
  };
  for (const std::string change : changes) {
    CAPTURE(change);
    PostgresDatabase database;
    database.Exec(
        "CREATE TABLE t (n int PRIMARY KEY, i int GENERATED ALWAYS AS IDENTITY) PARTITION BY RANGE "
        "(n); CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (5) WITH (autovacuum_enabled "
        "= off); CREATE TABLE t_5 PARTITION OF t FOR VALUES FROM (5) TO (500) WITH "
        "(autovacuum_enabled = off); INSERT INTO t SELECT generate_series(1, 10)");
    const auto source = OpenSource(database);
    const ReadPlan plan = ReadAll(*source, {"public", "t"});
    CHECK(source->CheckQuery(plan).empty());
    source->PositionStamp(plan);
    database.Exec("SET lock_timeout = '60s'; " + change);
    CHECK(
        Holds(Thrown([&] { ReadInPages(*source, plan); }, ErrorKind::kTarget),
              "table public.t was truncated, rewritten or replaced while this run was under way"));
  }
}

TEST_CASE("a stream that loses its server is an error, never an end") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE t (n int PRIMARY KEY, pad text); INSERT INTO t SELECT i, repeat(md5(i::text), "
      "100) FROM generate_series(1, 20000) i");
  const auto source = OpenSource(database);
  const ReadPlan plan = ReadAll(*source, {"public", "t"});
  const auto reader = source->OpenReader(plan, {100, 1U << 20U});
  RowBatch batch(LayoutOf(plan));
  reader->Seek(std::nullopt);
  CHECK(reader->Read(batch));
  database.Exec(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY (%' AND "
      "datname "
      "= current_database()");
  const std::string thrown = Thrown(
      [&] {
        while (reader->Read(batch)) continue;
      },
      ErrorKind::kLost);
  CHECK(thrown.substr(0, 1) != "(");
  CHECK(thrown != "nothing");
}

TEST_CASE("a batch follows measured bytes, and a fat row passes alone") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE t (n int PRIMARY KEY, pad bytea); INSERT INTO t SELECT i, CASE WHEN i % 4 = 0 "
      "THEN convert_to(repeat('x', 9000000), 'UTF8') ELSE '' END FROM generate_series(1, 9) i");
  const auto source = OpenSource(database);
  const ReadPlan plan = ReadAll(*source, {"public", "t"});
  const auto reader = source->OpenReader(plan, {1000, 1U << 20U});
  RowBatch batch(LayoutOf(plan));
  reader->Seek(std::nullopt);
  std::vector<size_t> sizes;
  while (reader->Read(batch)) sizes.push_back(batch.rows());
  CHECK(sizes == std::vector<size_t>{4, 4, 1});
}

TEST_CASE("rows that a policy would hide are an error, not less rows") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE t (n int PRIMARY KEY); INSERT INTO t VALUES (1), (2); ALTER TABLE t ENABLE ROW "
      "LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (n = 1)");
  const PostgresRole reader(database);
  database.Exec("GRANT SELECT ON t TO " + reader.name());
  const auto source = OpenPostgresSource({reader.url(), true});
  const ReadPlan plan = ReadAll(*source, {"public", "t"});
  CHECK(Holds(Thrown([&] { source->CheckQuery(plan); }, ErrorKind::kPlan), "row-level security"));
}

TEST_CASE("tables are listed once: partitions, children, extensions and ledgers as they should") {
  PostgresDatabase database;
  database.Exec(
      "CREATE EXTENSION citext; CREATE TABLE b (n int) PARTITION BY RANGE (n); CREATE TABLE b1 "
      "PARTITION OF b FOR VALUES FROM (0) TO (9); CREATE TABLE a (n int); CREATE TABLE c () "
      "INHERITS (a); CREATE VIEW v AS SELECT 1; CREATE TEMP TABLE gone (n int)");
  OpenTarget(database)->ledger().Acquire("x");
  std::string names;
  for (const TableName& name : OpenSource(database)->ListTables()) names += name.Show() + " ";
  CHECK(names == "public.a public.b public.c ");
  const auto others = OpenSource(database)->ListOthers();
  REQUIRE(others.size() == 1);
  CHECK(others[0].kind + " " + others[0].name.Show() == "view public.v");
}

TEST_CASE("says what it leaves behind of a table") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, a int REFERENCES p,"
      " b int UNIQUE CHECK (b > 0), c int NOT NULL); CREATE INDEX ON t (lower(c::text));"
      "CREATE TRIGGER noisy AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION"
      " suppress_redundant_updates_trigger()");
  const auto source = OpenSource(database);
  CHECK(source->DescribeTable({"public", "t"})->warnings ==
        std::vector<std::string>{
            "left behind: 2 indexes, 1 foreign key, 1 trigger, CHECK constraints"});
  CHECK(source->DescribeTable({"public", "p"})->warnings.empty());
}

TEST_CASE("a default that is no literal is named, and that of a domain as the domain's") {
  PostgresDatabase database;
  database.Exec(
      "CREATE DOMAIN five AS int DEFAULT 5;"
      "CREATE TABLE t (a uuid DEFAULT gen_random_uuid(), b five, c int DEFAULT 7)");
  CHECK(OpenSource(database)->DescribeTable({"public", "t"})->warnings ==
        std::vector<std::string>{
            "column a: its default gen_random_uuid() stays behind",
            "column b: the default of its type public.five comes with that type alone"});
}

TEST_CASE("a parent is read without its children, a partitioned table with its partitions") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE a (n int PRIMARY KEY); CREATE TABLE c () INHERITS (a); INSERT INTO a VALUES "
      "(1); INSERT INTO c VALUES (2); CREATE TABLE p (n int PRIMARY KEY) PARTITION BY RANGE (n); "
      "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (5); CREATE TABLE p2 PARTITION OF p "
      "FOR VALUES FROM (5) TO (100); INSERT INTO p SELECT generate_series(0, 20)");
  const auto source = OpenSource(database);
  CHECK(ReadInPages(*source, ReadAll(*source, {"public", "a"})).size() == 1);
  CHECK(ReadInPages(*source, ReadAll(*source, {"public", "p"})).size() == 21);
}

TEST_CASE("a key that is asked for is proven, made unique by the primary key, or refused") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b int); CREATE TABLE u (a int NOT "
      "NULL); "
      "CREATE VIEW v AS SELECT 1 AS a");
  const auto source = OpenSource(database);
  const auto choose = [&](const char* table, const std::vector<std::string>& key) {
    return source->ChooseKey(source->DescribeTable({"public", table}).value(), key);
  };
  CHECK(choose("t", {"id"}).proof == "primary key t_pkey");
  CHECK(choose("t", {"a", "id"}).columns.size() == 2);
  CHECK(choose("t", {"a"}).columns.size() == 2);
  CHECK(Holds(Thrown([&] { choose("t", {"b"}); }, ErrorKind::kPlan), "may be NULL"));
  CHECK(Holds(Thrown([&] { choose("t", {"z"}); }, ErrorKind::kPlan), "not there"));
  CHECK(Holds(Thrown([&] { choose("u", {"a"}); }, ErrorKind::kPlan), "not proven unique"));
  CHECK(Holds(Thrown([&] { choose("v", {}); }, ErrorKind::kPlan), "--exclude v"));
}

TEST_CASE("a partial, invalid, deferrable or nullable index proves nothing") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE t (a int NOT NULL, b int NOT NULL UNIQUE DEFERRABLE, c int UNIQUE); CREATE "
      "UNIQUE INDEX ON t (a) WHERE a > 0; CREATE UNIQUE INDEX ON t ((a + 1))");
  const auto source = OpenSource(database);
  const Table table = source->DescribeTable({"public", "t"}).value();
  CHECK(source->ChooseKey(table, {}).kind == KeyKind::kCtid);
  CHECK(Holds(Thrown([&] { source->ChooseKey(table, {"b"}); }, ErrorKind::kPlan), "not proven"));
}

TEST_CASE("an index proves a key only if it takes for equal what the comparison of keys does") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TYPE pair AS (a numeric, b int); CREATE TABLE t (k pair NOT NULL, l text NOT NULL);"
      "CREATE UNIQUE INDEX ON t (k record_image_ops); INSERT INTO t VALUES (ROW(1.0, 1), 'a'), "
      "(ROW(1.00, 1), 'b')");
  const auto key = [&] {
    const auto source = OpenSource(database);
    return source->ChooseKey(source->DescribeTable({"public", "t"}).value(), {});
  };
  CHECK(key().kind == KeyKind::kCtid);
  database.Exec("CREATE UNIQUE INDEX ON t (l text_pattern_ops)");
  CHECK(key().columns[0].column.name == "l");
}

TEST_CASE("the query of a key walks its index, and a filter without one is a plain error") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL); INSERT INTO t SELECT i, i FROM "
      "generate_series(1, 200000) i; ANALYZE t");
  {
    const auto source = OpenSource(database);
    CHECK(source->CheckQuery(ReadAll(*source, {"public", "t"})).empty());
    CHECK_FALSE(source->CheckQuery(ReadAll(*source, {"public", "t"}, {"b", "a"})).empty());
  }
  const auto source = OpenSource(database);
  ReadPlan plan = ReadAll(*source, {"public", "t"});
  for (const char* where : {"nonsense", "a = 1) OR (true", "a = 1; SELECT 1", "true LIMIT 1",
                            "true) ; COMMIT; DROP TABLE t; SELECT (true",
                            "true AS bool); COMMIT; DROP TABLE t; SELECT CAST(true"}) {
    CAPTURE(std::string(where));
    plan.where = where;
    CHECK(Holds(Thrown([&] { source->CheckQuery(plan); }, ErrorKind::kPlan), where));
  }
  plan.where = "a = 1 OR b = 2 -- both";
  CHECK(source->CheckQuery(plan).empty());
  CHECK(database.One("SELECT count(*) FROM t") == "200000");
}

TEST_CASE("a sequence that counts otherwise than by 1 is named as left behind") {
  PostgresDatabase database;
  database.Exec("CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY (INCREMENT BY -2), b serial)");
  CHECK(OpenSource(database)->DescribeTable({"public", "t"})->warnings ==
        std::vector<std::string>{"column a: its sequence's INCREMENT BY -2 stays behind"});
}

TEST_CASE("a snapshot whose session was ended is a failure that another run gets over") {
  PostgresDatabase database;
  database.Exec("CREATE TABLE t (a int PRIMARY KEY)");
  const auto source = OpenSource(database);
  const ReadPlan plan = ReadAll(*source, {"public", "t"});
  const auto reader = source->OpenReader(plan, {kPage, 1U << 20U});
  database.Exec(
      "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = "
      "current_database() AND state = 'idle in transaction'");
  RowBatch batch(LayoutOf(plan));
  CHECK(Holds(Thrown([&] { reader->Read(batch); }, ErrorKind::kLost),
              "the session that kept this run's snapshot of the source has ended"));
}

TEST_CASE("a connection that is lost says to which database") {
  PostgresDatabase database;
  const auto source = OpenSource(database);
  database.Exec(
      "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = "
      "current_database() AND pid <> pg_backend_pid()");
  const std::string thrown = Thrown([&] { source->ListTables(); }, ErrorKind::kLost);
  CHECK(Holds(thrown, "database " + database.One("SELECT current_database()") + " at "));
}

TEST_CASE("one database has one identity, whatever the spelling of its URL") {
  PostgresDatabase one;
  PostgresDatabase two;
  const auto source = OpenPostgresSource({one.url() + "?application_name=other", true});
  CHECK(source->Identity() == OpenTarget(one)->Identity());
  CHECK(source->Identity() != OpenTarget(two)->Identity());
}

TEST_CASE("a server that is not there is a lost connection without the password") {
  const std::string url = "postgresql://ann:secret@127.0.0.1:1/shop";
  const std::string thrown = Thrown([&] { OpenPostgresSource({url, true}); }, ErrorKind::kLost);
  CHECK(Holds(thrown, "postgresql://ann@127.0.0.1:1/shop"));
  CHECK_FALSE(Holds(thrown, "secret"));
  const std::string broken = Thrown(
      [] {
        OpenPostgresSource({"postgresql://ann:sec@ret@db:x/shop", true});
      },
      ErrorKind::kPlan);
  CHECK_FALSE(Holds(broken, "sec@"));
}

}  // namespace
}  // namespace rowferry::testing
