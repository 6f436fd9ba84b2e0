// Rows that the server cannot give, or gives in no form that we know: passed over, and kept.
#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <thread>

#include "base/text.h"
#include "data/kept_row.h"
#include "fixture.h"

namespace rowferry::testing {
namespace {

constexpr char kAscii[] = "ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0";
constexpr size_t kAnyBytes = 1U << 20U;

std::string Ids(const std::set<int>& ids) {
  std::string text = "0";
  for (const int id : ids) text += "," + std::to_string(id);
  return text;
}

// The first column of all rows in their order; that of a row that was passed over with a "!".
std::string ReadRows(Source& source, const ReadPlan& plan, const ChunkLimits& limits) {
  const auto reader = source.OpenReader(plan, limits);
  RowBatch batch(LayoutOf(plan));
  std::string text;
  while (reader->Read(batch)) {
    CHECK(batch.rows() + batch.unread().size() <= limits.rows);
    size_t unread = 0;
    for (size_t row = 0; row <= batch.rows(); ++row) {
      for (; unread < batch.unread().size() && batch.unread()[unread].before == row; ++unread) {
        const auto kept = DecodeRow(batch.unread()[unread].kept);
        text += std::to_string(kept.value().at(0).value.integer) + "! ";
      }
      if (row == batch.rows()) break;
      text += std::to_string(batch.columns()[0].integer(row)) + " ";
    }
    CHECK(unread == batch.unread().size());
  }
  return text;
}

std::string Expected(int rows, const std::set<int>& bad) {
  std::string text;
  for (int i = 1; i <= rows; ++i) text += std::to_string(i) + (bad.count(i) > 0 ? "! " : " ");
  return text;
}

std::set<int> UpTo(int last) {
  std::set<int> all;
  for (int i = 1; i <= last; ++i) all.insert(i);
  return all;
}

// The only row that a plan over the table passes over.
UnreadRow OnlyUnread(PostgresDatabase& database, const std::string& table) {
  const auto source = OpenSource(database);
  const ReadPlan plan = ReadAll(*source, {"public", table});
  RowBatch batch(LayoutOf(plan));
  source->OpenReader(plan, {})->Read(batch);
  REQUIRE(batch.unread().size() == 1);
  return batch.unread()[0];
}

KeptValue AsItIs(const std::string& column, const Value& value) {
  return {column, TypeOf(Kind::kAny), value};
}

TEST_CASE("rows of broken text are passed over wherever they stand, and no others") {
  constexpr int kRows = 40;
  PostgresDatabase database(kAscii);
  for (const std::set<int>& bad : {std::set<int>{},
                                   {1},
                                   {20},
                                   {kRows},
                                   {1, 2, 3},
                                   {19, 20, 22},
                                   {kRows - 1, kRows},
                                   UpTo(kRows)}) {
    CAPTURE(Ids(bad));
    database.Exec(
        "DROP TABLE IF EXISTS t, u, p; CREATE TABLE t (k int PRIMARY KEY, v text); INSERT INTO t "
        "SELECT i, CASE WHEN i IN (" +
        Ids(bad) +
        ") THEN 'e' || chr(233) ELSE 'x' END FROM "
        "generate_series(1, 40) i; CREATE TABLE u AS SELECT * FROM t; CREATE TABLE p (k int, v "
        "text) PARTITION BY RANGE (k); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (20); "
        "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (20) TO (100); INSERT INTO p TABLE t");
    const auto source = OpenSource(database);
    for (const char* table : {"t", "u", "p"}) {
      CAPTURE(std::string(table));
      const ReadPlan plan = ReadAll(*source, {"public", table});
      for (const size_t page : {1, 7, 25'000}) {
        CHECK(ReadRows(*source, plan, {page, kAnyBytes}) == Expected(kRows, bad));
      }
      CHECK(ReadRows(*source, plan, {25'000, 1}) == Expected(kRows, bad));
    }
  }
}

TEST_CASE("bad rows are found also where the server works out all rows before the first comes") {
  PostgresDatabase database(kAscii);
  database.Exec(
      "CREATE TABLE t (k int, v text[]); INSERT INTO t SELECT i, CASE WHEN i IN (2999, 3000) THEN "
      "ARRAY['e' || chr(233)] ELSE '{x}' END FROM generate_series(1, 4000) i; CREATE TABLE chosen "
      "(k "
      "int); INSERT INTO chosen SELECT generate_series(1, 4000); ANALYZE t, chosen");
  const auto source = OpenSource(database);
  ReadPlan plan = ReadAll(*source, {"public", "t"});
  plan.where = "k IN (SELECT k FROM public.chosen)";
  CHECK(ReadRows(*source, plan, {1000, kAnyBytes}) == Expected(4000, {2999, 3000}));
}

TEST_CASE(
    "a row that is passed over is kept: its bytes where they are no text, the rest as it is") {
  PostgresDatabase database(kAscii);
  database.Exec(
      "CREATE TABLE t (k int PRIMARY KEY, a numeric, v text, n text, c char(4), d date); INSERT "
      "INTO t VALUES (1, 1.50, 'a\\x' || chr(255), NULL, chr(254) || ' ', '2024-02-29')");
  const UnreadRow row = OnlyUnread(database, "t");
  CHECK(row.key == Key{{Value::Integer(1)}});
  CHECK(row.why.kind == RefusalKind::kUnreadable);
  CHECK(row.why.code == "22021");
  CHECK(row.why.column == "v");
  CHECK_MESSAGE(Holds(row.why.message, "0xff; mend the row in the source"), row.why.message);
  const KeptRow expected = {{"k", ParseType("integer"), Value::Integer(1)},
                            {"a", ParseType("numeric"), Value::Text("1.50")},
                            AsItIs("v", Value::Blob("a\\x\xff")),
                            {"n", ParseType("text"), Value::Null()},
                            AsItIs("c", Value::Blob("\xfe   ")),
                            {"d", ParseType("date"), Value::Integer(8825)}};
  CHECK(DecodeRow(row.kept) == expected);
}

TEST_CASE("a character that UTF-8 does not have is kept in the database's encoding") {
  PostgresDatabase database("ENCODING 'WIN1252' LOCALE 'C' TEMPLATE template0");
  database.Exec("CREATE TABLE t (v text); INSERT INTO t VALUES (chr(129)), (chr(128))");
  const UnreadRow row = OnlyUnread(database, "t");
  CHECK(row.why.code == "22P05");
  CHECK(DecodeRow(row.kept).value()[0] == AsItIs("v", Value::Blob("\x81")));
}

TEST_CASE("a value that no calendar has is kept as the server sends it") {
  PostgresDatabase database;
  database.Exec(
      "CREATE CAST (int AS date) WITHOUT FUNCTION; CREATE TABLE t (k int PRIMARY KEY, d date); "
      "INSERT INTO t SELECT i, CASE i WHEN 500 THEN 2147483646::date ELSE date '2000-01-01' + i "
      "END "
      "FROM generate_series(1, 1000) i");
  const UnreadRow row = OnlyUnread(database, "t");
  CHECK(row.why.column == "d");
  CHECK(row.before == 499);
  CHECK(DecodeRow(row.kept).value()[1] == AsItIs("d", Value::Blob("\x7f\xff\xff\xfe")));
}

TEST_CASE("columns at fault for several reasons are kept each in its own way, row after row") {
  PostgresDatabase database(kAscii);
  database.Exec(
      "CREATE CAST (int AS date) WITHOUT FUNCTION; CREATE TABLE t (k int PRIMARY KEY, d date, v "
      "text); INSERT INTO t VALUES (1, NULL, chr(255)), (2, 2147483646::date, 'x'), (3, "
      "2147483646::date, chr(255)), (4, NULL, chr(254)), (5, NULL, chr(253))");
  const auto source = OpenSource(database);
  const ReadPlan plan = ReadAll(*source, {"public", "t"});
  RowBatch batch(LayoutOf(plan));
  source->OpenReader(plan, {})->Read(batch);
  REQUIRE(batch.unread().size() == 5);
  std::string columns;
  std::vector<KeptRow> kept;
  for (const UnreadRow& row : batch.unread()) {
    columns += row.why.column;
    kept.push_back(DecodeRow(row.kept).value());
  }
  CHECK(columns == "vddvv");
  const Value moment = Value::Blob("\x7f\xff\xff\xfe");
  CHECK(kept[1][2].value == Value::Text("x"));
  CHECK(kept[2][1] == AsItIs("d", moment));
  CHECK(kept[2][2] == AsItIs("v", Value::Blob("\xff")));
  CHECK(kept[4][1] == KeptValue{"d", ParseType("date"), Value::Null()});
  CHECK(kept[4][2] == AsItIs("v", Value::Blob("\xfd")));
}

TEST_CASE("a value of which nothing can be read is no NULL, and its row is passed over") {
  PostgresDatabase database;
  database.Exec(
      "CREATE EXTENSION pg_surgery; CREATE TABLE t (k int PRIMARY KEY, v text); ALTER TABLE t "
      "ALTER "
      "v SET STORAGE EXTERNAL; INSERT INTO t SELECT i, repeat('x', 5000) FROM generate_series(1, "
      "5) "
      "i; DO $$ BEGIN EXECUTE format('SELECT heap_force_kill(%L, ARRAY[''(0,1)''::tid])', (SELECT "
      "reltoastrelid::regclass FROM pg_class WHERE oid = 't'::regclass)); END $$");
  const UnreadRow row = OnlyUnread(database, "t");
  CHECK(row.why.code == "XX001");
  CHECK(row.why.column == "v");
  KeptValue expected = AsItIs("v", Value::Null());
  expected.type.name = kUnreadValue;
  CHECK(DecodeRow(row.kept).value()[1] == expected);
}

TEST_CASE("a key that cannot be read ends the reading, and is told by the row before it") {
  PostgresDatabase database(kAscii);
  database.Exec(
      "CREATE TABLE t (k text PRIMARY KEY); INSERT INTO t VALUES ('a'), ('b'), (chr(233)), "
      "(chr(234))");
  const auto source = OpenSource(database);
  const ReadPlan plan = ReadAll(*source, {"public", "t"});
  RowBatch batch(LayoutOf(plan));
  const auto reader = source->OpenReader(plan, {2, kAnyBytes});
  CHECK(reader->Read(batch));
  const std::string thrown = Thrown([&] { reader->Read(batch); }, ErrorKind::kData);
  CHECK_MESSAGE(Holds(thrown, "the key of the row behind (k) = ('b')"), thrown);
}

TEST_CASE(
    "a condition that fails at a row ends the reading: whether the row is asked for is open") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE t (k int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 3000)");
  const auto source = OpenSource(database);
  ReadPlan plan = ReadAll(*source, {"public", "t"});
  plan.where = "1 / (2500 - k) < 2";
  const auto reader = source->OpenReader(plan, {2000, kAnyBytes});
  RowBatch batch(LayoutOf(plan));
  CHECK(reader->Read(batch));
  CHECK(batch.rows() == 2000);
  const std::string thrown = Thrown([&] { reader->Read(batch); }, ErrorKind::kData);
  CHECK_MESSAGE(Holds(thrown, "division by zero: the key of the row behind (k) = (2499)"), thrown);
}

TEST_CASE("single rows are read again by their keys beside those that still cannot be read") {
  PostgresDatabase database(kAscii);
  database.Exec(
      "CREATE TABLE t (k int PRIMARY KEY, v text); INSERT INTO t SELECT i, CASE WHEN i % 10 = 0 "
      "THEN chr(233) ELSE 'x' END FROM generate_series(1, 100) i; CREATE TABLE u AS TABLE t");
  const auto source = OpenSource(database);
  const ReadPlan by_key = ReadAll(*source, {"public", "t"});
  RowBatch batch(LayoutOf(by_key));
  std::vector<Key> keys;
  for (const int64_t k : {60, 7, 10, 11, 20, 99, 1000}) keys.push_back({{Value::Integer(k)}});
  source->OpenKeyReader(by_key)->Read(keys, batch);
  CHECK(batch.rows() == 3);
  REQUIRE(batch.unread().size() == 3);
  CHECK(batch.unread()[2].key == keys[0]);
  const ReadPlan by_position = ReadAll(*source, {"public", "u"});
  RowBatch positions(LayoutOf(by_position));
  source->OpenKeyReader(by_position)
      ->Read({{{Value::Text("(0,10)")}}, {{Value::Text("(0,9)")}}}, positions);
  CHECK(positions.rows() == 1);
  CHECK(positions.unread().size() == 1);
}

// Scans of the table's index by readers that are gone: their backends tell them on leaving.
int64_t IndexScans(PostgresDatabase& database) {
  const char* others =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
      "pg_backend_pid() AND backend_type = 'client backend' AND application_name = 'rowferry'";
  while (database.One(others) != "0") std::this_thread::yield();
  return std::stoll(database.One("SELECT idx_scan FROM pg_stat_user_tables WHERE relname = 't'"));
}

TEST_CASE("one bad row among 10,000 costs few queries, and many cost few each") {
  PostgresDatabase database(kAscii);
  database.Exec(
      "CREATE TABLE t (k int PRIMARY KEY, v text); INSERT INTO t SELECT i, 'x' FROM "
      "generate_series(1, 10000) i; UPDATE t SET v = chr(233) WHERE k = 7777; ANALYZE t");
  const auto scans_of = [&](const std::set<int>& bad) {
    const int64_t before = IndexScans(database);
    {
      const auto source = OpenSource(database);
      const ReadPlan plan = ReadAll(*source, {"public", "t"});
      CHECK(ReadRows(*source, plan, {25'000, kAnyBytes}) == Expected(10'000, bad));
    }
    return IndexScans(database) - before;
  };
  CHECK(scans_of({7777}) <= 30);
  std::set<int> many = UpTo(300);
  many.insert(7777);
  database.Exec("UPDATE t SET v = chr(233) WHERE k <= 300; ANALYZE t");
  CHECK(scans_of(many) <= 10 * 301);
}

}  // namespace
}  // namespace rowferry::testing
