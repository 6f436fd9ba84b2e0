#include "sqlite/census.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/text.h"
#include "data/kept_row.h"
#include "sqlite/copy.h"
#include "sqlite/meaning.h"

namespace rowferry::testing {
namespace {

struct CensusCase {
  const char* declared;
  const char* values;  // of an SQL VALUES list
  const char* type;    // that the census gives
};

std::string Row(const std::string& values) {
  return "INSERT INTO t SELECT * FROM (VALUES " + values + ")";
}

void Fill(SqliteDatabase& database, const CensusCase& c) {
  database.Exec("CREATE TABLE t(x " + std::string(c.declared) + ")");
  if (c.values[0] != '\0') database.Exec(Row(c.values));
}

void CheckTypes(const std::vector<CensusCase>& cases) {
  for (const CensusCase& c : cases) {
    CAPTURE(std::string(c.declared));
    CAPTURE(std::string(c.values));
    SqliteDatabase database;
    Fill(database, c);
    const auto source = SourceOf(database);
    CHECK(CensusOf(*source, "t").columns[0].type.name == c.type);
  }
}

TEST_CASE("numbers get the narrowest declared type that takes all rows") {
  CheckTypes({{"INTEGER", "(1),(NULL)", "bigint"},
              {"INT2", "(32767),(-32768)", "smallint"},
              {"INT2", "(32768)", "bigint"},
              {"INT4", "(2147483648)", "bigint"},
              {"INTEGER", "(1),('abc')", "text"},
              {"INTEGER", "(1),('')", "text"},
              {"INTEGER", "(1),(2.5)", "double precision"},
              {"INTEGER", "(9007199254740993),(2.5)", "numeric"},
              {"REAL", "(1),(2.5)", "double precision"},
              {"REAL", "(1.5),('NaN')", "double precision"},
              {"FLOAT4", "(0.5)", "real"},
              {"FLOAT4", "(0.1)", "double precision"},
              {"NUMERIC(5,2)", "(1.25),(100),(999.99)", "numeric(5,2)"},
              {"NUMERIC(5,2)", "(1.255)", "numeric"},
              {"NUMERIC(5,2)", "(1000)", "numeric"},
              {"NUMERIC(5,2)", "(0.1 + 0.2)", "numeric"},
              {"DECIMAL(10,4)", "('abc')", "text"},
              {"TEXT /* type: numeric(30,2) */", "('12345678901234567890.12')", "numeric(30,2)"},
              {"TEXT /* type: numeric(30,2) */", "('0.123')", "numeric"}});
}

TEST_CASE("an empty column keeps its declaration") {
  CheckTypes({{"INT2", "", "smallint"},
              {"DATE", "(NULL)", "date"},
              {"VARCHAR(7)", "", "varchar(7)"},
              {"MEDIUMINT", "", "bigint"},
              {"", "", "bytea"}});
}

TEST_CASE("declarations that nobody has heard of follow the rows, then the affinity") {
  CheckTypes({{"INTEGER_OR_TEXT", "(1),('abc')", "text"},
              {"INTEGER_OR_TEXT", "(1),(2)", "bigint"},
              {"STRING", "('abc')", "text"},
              {"", "(1),(2)", "bigint"},
              {"", "('a'),(1)", "text"},
              {"", "(x'00')", "bytea"},
              {"MONEY", "(1.5),(2)", "double precision"}});
}

TEST_CASE("text and blobs") {
  CheckTypes({{"TEXT", "('a')", "text"},
              {"VARCHAR(3)", "('äöü')", "varchar(3)"},
              {"VARCHAR(3)", "('abcd')", "text"},
              {"CHAR(3)", "('abc'),('xyz')", "char(3)"},
              {"CHAR(3)", "('abc'),('x')", "varchar(3)"},
              {"BLOB", "(x'00'),(NULL)", "bytea"},
              {"BLOB", "('only text')", "text"},
              {"BLOB", "('text'),(x'00')", "bytea"},
              {"UUID", "('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')", "uuid"},
              {"UUID", "('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),(x'00')", "bytea"},
              {"UUID", "('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11')", "text"},
              {"UUID", "('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1F')", "text"},
              {"UUID", "('none')", "text"}});
}

TEST_CASE("booleans are 0, 1, true and false, and nothing else") {
  CheckTypes({{"BOOLEAN", "(0),(1),(NULL)", "boolean"},
              {"BOOL", "('true'),('F'),(1)", "boolean"},
              {"BOOLEAN", "(0),(2)", "bigint"},
              {"BOOLEAN", "('yes')", "text"}});
}

TEST_CASE("dates are taken for dates only where all rows fit one encoding") {
  CheckTypes({{"DATE", "('2024-02-29'),('0044-03-15 BC')", "date"},
              {"DATE", "('2024-02-29'),('0000-00-00')", "text"},
              {"DATE", "('2010-00-08')", "text"},
              {"DATE", "('2024-02-29'),('2024-02-29 12:00:00')", "timestamp"},
              {"DATETIME", "('2024-02-29 12:00:00'),('2024-02-29T12:00')", "timestamp"},
              {"DATETIME", "('2024-02-29 12:00:00+00')", "timestamptz"},
              {"DATETIME", "('2024-02-29 12:00:00+00'),('2024-02-29 12:00:00')", "text"},
              {"TIMESTAMPTZ", "('2024-02-29 12:00:00')", "timestamp"},
              {"TIMESTAMP(3)", "('2024-02-29 12:00:00.123')", "timestamp(3)"},
              {"TIMESTAMP(3)", "('2024-02-29 12:00:00.1234')", "timestamp"},
              {"TIME", "('24:00:00'),('12:34')", "time"},
              {"TIME", "('25:00')", "text"},
              {"DATETIME", "(1709210096)", "timestamp"},
              {"DATETIME", "(1709210096123)", "timestamp"},
              {"DATETIME", "(1709210096123456)", "timestamp"},
              {"DATETIME", "(2460370.5),(2460371.25)", "timestamp"},
              {"DATE", "(1709164800)", "date"},
              {"DATE", "(1709210096)", "timestamp"},
              {"DATETIME", "(2010),(2011)", "bigint"},
              {"DATETIME", "(20240229)", "bigint"},
              {"DATETIME", "(1709210096),('2024-02-29 12:00:00')", "text"},
              {"INTEGER", "(1709210096)", "bigint"}});
}

// 1609459200 is in 2021 as seconds, and in January 1970 as milliseconds. So a resumed run reads no
// row in another unit than the first run did, whatever rows came meanwhile: they stop being dates.
TEST_CASE("epochs of unlike units are no dates, as some would be misread") {
  CheckTypes({{"DATETIME", "(1609459200),(1609459200123)", "bigint"},
              {"DATETIME", "(1609459200),(1609459200123456)", "bigint"},
              {"DATETIME", "(1609459200123),(1609459200123456)", "bigint"},
              {"DATE", "(1609459200),(1609459200000)", "bigint"},
              {"DATETIME", "(-1609459200),(1609459200123)", "bigint"},
              {"DATETIME", "(99999999999),(1609459200123)", "bigint"},
              {"DATETIME", "(100000000000),(1609459200123)", "timestamp"},
              {"DATETIME", "(0),(-100000000000),(1609459200123)", "timestamp"},
              {"DATETIME", "(5),(0),(-5),(1609459200)", "timestamp"}});
}

TEST_CASE("reals are Julian days only if they are whole milliseconds, as SQLite makes them") {
  CheckTypes(
      {{"DATETIME", "(julianday('2021-03-04 05:06:07.891')),(julianday('now'))", "timestamp"},
       {"DATETIME", "(2459000.123456789)", "double precision"},
       {"DATETIME", "(julianday('now')),(2459000.123456789)", "double precision"},
       {"DATE", "(julianday('2021-03-04')),(2459001)", "timestamp"},
       {"DATE", "(julianday('2021-03-04'))", "date"}});
  CHECK(sqlite::MomentOfJulianDay(2459000.123456789) == std::nullopt);
  constexpr int64_t kMillis = 210'866'760'000'000;  // from the first Julian day to 1970
  for (int64_t millis = 0; millis < 5'373'484 * int64_t{86'400'000}; millis += 46'116'860'187) {
    const double days = static_cast<double>(millis) / 86'400'000.0;
    REQUIRE(sqlite::MomentOfJulianDay(days) ==
            sqlite::MomentOf(sqlite::Encoding::kUnixMillis, millis - kMillis));
  }
}

TEST_CASE("numbers for dates are read by the encoding that the census found") {
  struct Case {
    const char* declared;
    const char* value;
    const char* read;  // microseconds or days since 2000-01-01
  };
  for (const Case& c : {Case{"DATETIME", "1709210096", "762525296000000"},
                        Case{"DATETIME", "1709210096123", "762525296123000"},
                        Case{"DATETIME", "1709210096123456", "762525296123456"},
                        Case{"DATETIME", "2460370.25", "762544800000000"},
                        Case{"DATE", "1709164800", "8825"}, Case{"DATE", "2460369.5", "8825"}}) {
    CAPTURE(std::string(c.declared));
    CAPTURE(std::string(c.value));
    SqliteDatabase database;
    database.Exec("CREATE TABLE t(x " + std::string(c.declared) + "); INSERT INTO t VALUES (" +
                  c.value + ")");
    CHECK(Values(database) == std::vector<std::string>{c.read});
  }
}

TEST_CASE("an existing target's dates are read by a census of that column alone") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE t(x DATETIME); INSERT INTO t VALUES (1709210096)");
  const auto source = SourceOf(database);
  const Table table = source->DescribeTable({"", "t"}).value();
  CHECK(ReadAll(*source, PlanOf(*source, table, false)) ==
        std::vector<std::string>{"762525296000000"});
}

TEST_CASE("a capital anywhere in a uuid makes its column text") {
  const std::string uuid = "abcdefab-cdef-abcd-efab-cdefabcdefab";
  for (size_t at = 0; at < uuid.size(); ++at) {
    CAPTURE(at);
    std::string text = uuid;
    if (text[at] != '-') text[at] = static_cast<char>(text[at] - 'a' + 'A');
    const std::string values = "('" + text + "'),('01234567-89ab-cdef-0123-456789abcdef')";
    CheckTypes({{"UUID", values.c_str(), text == uuid ? "uuid" : "text"}});
  }
}

TEST_CASE("an existing uuid column takes uuids in capitals, as the user wants them there") {
  SqliteDatabase database;
  database.Exec(
      "CREATE TABLE t(x UUID); INSERT INTO t VALUES ('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11')");
  const auto source = SourceOf(database);
  const Table table = source->DescribeTable({"", "t"}).value();
  CHECK(ReadAll(*source, PlanOf(*source, table, false)) ==
        std::vector<std::string>{"x'a0eebc999c0b4ef8bb6d6bb9bd380a11'"});
}

TEST_CASE("mixed columns become text, every value in its exact form") {
  SqliteDatabase database;
  database.Exec(
      "CREATE TABLE t(x INTEGER);"
      "INSERT INTO t VALUES (9223372036854775807),('abc'),(0.1),(''),(1e300),(NULL)");
  CHECK(Values(database) == std::vector<std::string>{"'9223372036854775807'", "'abc'", "'0.1'",
                                                     "''", "'1e+300'", "NULL"});
}

TEST_CASE("text and numbers among blobs become bytes, and the plan says so") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE t(x BLOB); INSERT INTO t VALUES (x'00ff'),('ab'),(12)");
  CHECK(Values(database) == std::vector<std::string>{"x'00ff'", "x'6162'", "x'3132'"});
  const auto source = SourceOf(database);
  CHECK(CensusOf(*source, "t").warnings.front() ==
        "column x is declared BLOB and holds 1 integers, 1 texts, 1 blobs: taken for mixed values, "
        "kept as bytes, it becomes bytea");
}

TEST_CASE("a change of type is said") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE t(x INTEGER DEFAULT 7); INSERT INTO t VALUES (1),('abc')");
  const auto source = SourceOf(database);
  const Table table = CensusOf(*source, "t");
  CHECK(table.warnings ==
        std::vector<std::string>{"column x is declared INTEGER and holds 1 integers, 1 texts: it "
                                 "becomes text"});
  CHECK(table.estimated_rows == 2);
  CHECK(table.columns[0].default_value->literal == "'7'");
}

TEST_CASE("a default that is no value of the column's type stays behind, and that is said") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE t(x INTEGER DEFAULT '', y BOOLEAN DEFAULT 0)");
  const auto source = SourceOf(database);
  const Table table = CensusOf(*source, "t");
  CHECK_FALSE(table.columns[0].default_value);
  CHECK(table.columns[1].default_value->literal == "'0'");
  CHECK(table.warnings == std::vector<std::string>{
                              "column x: its default is no value of type bigint and stays behind"});
}

TEST_CASE("a default that is a value of the column's type is taken over, quoted or not") {
  SqliteDatabase database;
  database.Exec(
      "CREATE TABLE t(a INTEGER DEFAULT '0', b BIGINT DEFAULT 9223372036854775807,"
      " c REAL DEFAULT '1.5', d BOOLEAN DEFAULT 'true', e TEXT /* type: jsonb */ DEFAULT '{}')");
  const auto source = SourceOf(database);
  const Table table = CensusOf(*source, "t");
  std::vector<std::string> defaults;
  for (const ColumnInfo& column : table.columns) {
    defaults.push_back(column.default_value ? column.default_value->literal : "none");
  }
  CHECK(defaults ==
        std::vector<std::string>{"'0'", "9223372036854775807", "'1.5'", "'true'", "'{}'"});
  CHECK(table.warnings.empty());
}

TEST_CASE("a bare number as the default of text is taken over where SQLite keeps its digits") {
  SqliteDatabase database;
  database.Exec(
      "CREATE TABLE t(a TEXT DEFAULT 7, b TEXT DEFAULT 007, c TEXT DEFAULT 1.50,"
      " d TEXT DEFAULT '1.50')");
  const auto source = SourceOf(database);
  const Table table = CensusOf(*source, "t");
  CHECK(table.columns[0].default_value->literal == "'7'");
  CHECK_FALSE(table.columns[1].default_value);
  CHECK_FALSE(table.columns[2].default_value);
  CHECK(table.columns[3].default_value->literal == "'1.50'");
}

TEST_CASE("a primary key that holds NULL is announced, and still orders the rows") {
  struct Case {
    const char* sql;
    const char* warning;
    const char* proof;
  };
  for (const Case& c : {
           Case{"CREATE TABLE t(a, b, PRIMARY KEY(a, b)); INSERT INTO t VALUES (1, 2), (NULL, 2)",
                "the primary key (a, b) stays behind: a holds NULL",
                "primary key (a, b), then rowid, as it may hold NULL"},
           Case{"CREATE TABLE t(a, b, PRIMARY KEY(b, a)); INSERT INTO t VALUES (NULL, NULL)",
                "the primary key (b, a) stays behind: b and a hold NULL",
                "primary key (b, a), then rowid, as it may hold NULL"},
           Case{"CREATE TABLE t(a, b, PRIMARY KEY(a)); INSERT INTO t VALUES (1, NULL)", "",
                "primary key (a), then rowid, as it may hold NULL"},
           Case{"CREATE TABLE t(a INTEGER PRIMARY KEY, b); INSERT INTO t VALUES (NULL, NULL)", "",
                "primary key (a)"},
       }) {
    CAPTURE(std::string(c.sql));
    SqliteDatabase database;
    database.Exec(c.sql);
    const auto source = SourceOf(database);
    const Table table = CensusOf(*source, "t");
    const std::string warning = c.warning;
    CHECK(table.unique_keys[0].holds_null == !warning.empty());
    CHECK((warning.empty() || table.warnings.back() == warning));
    CHECK(source->ChooseKey(table, {}).proof == c.proof);
  }
}

TEST_CASE("text that is no text is announced, and its rows are passed over, kept as they are") {
  SqliteDatabase database;
  database.Exec(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT);"
      "INSERT INTO t VALUES (1, 'fine'), (7, 'a' || char(0) || 'b'), (8, CAST(x'ff' AS TEXT))");
  const auto source = SourceOf(database);
  const Table table = CensusOf(*source, "t");
  CHECK(table.warnings.size() == 1);
  const ReadPlan plan = PlanOf(*source, table, false);
  const auto reader = source->OpenReader(plan, {});
  RowBatch batch(LayoutOf(plan));
  CHECK(reader->Read(batch));
  CHECK(batch.rows() == 1);
  REQUIRE(batch.unread().size() == 2);
  const UnreadRow& unread = batch.unread()[0];
  CHECK(unread.before == 1);
  CHECK(unread.key.parts[0] == Value::Integer(7));
  CHECK(unread.why.kind == RefusalKind::kUnreadable);
  CHECK(unread.why.column == "x");
  const auto kept = DecodeRow(unread.kept);
  REQUIRE(kept.has_value());
  CHECK(kept->at(1).value == Value::Text(std::string("a\0b", 3)));
  CHECK(DecodeRow(batch.unread()[1].kept)->at(1).value == Value::Text("\xff"));
  CHECK_FALSE(reader->Read(batch));
}

TEST_CASE("with --types declared a row that does not fit is an error that names it") {
  SqliteDatabase database;
  database.Exec("CREATE TABLE t(x INTEGER PRIMARY KEY, y INT2); INSERT INTO t VALUES (4, 'abc')");
  const auto source = SourceOf(database, false);
  const Table table = source->DescribeTable({"", "t"}).value();
  CHECK(table.columns[1].type.name == "smallint");
  CHECK_THROWS_WITH_AS(ReadAll(*source, PlanOf(*source, table, false)),
                       doctest::Contains("column y, row (x) = (4): 'abc' is no value of type "
                                         "smallint"),
                       Error);
}

TEST_CASE("a blob is said to need bytea, and text that no column holds to be mended") {
  const std::pair<std::string, const char*> cases[] = {
      {"CAST(x'610062' AS TEXT)", "; mend the row, or leave the column out with --drop x"},
      {"CAST(x'ff' AS TEXT)", "; mend the row, or leave the column out with --drop x"},
      {"x'ff'", "(such as bytea)"},
  };
  for (const auto& [value, way_out] : cases) {
    CAPTURE(value);
    SqliteDatabase database;
    database.Exec("CREATE TABLE t(id INTEGER PRIMARY KEY, x VARCHAR(3));INSERT INTO t VALUES (1, " +
                  value + ")");
    const auto source = SourceOf(database, false);
    const Table table = source->DescribeTable({"", "t"}).value();
    CHECK_THROWS_WITH_AS(ReadAll(*source, PlanOf(*source, table, false)),
                         doctest::Contains(way_out), Error);
  }
}

}  // namespace
}  // namespace rowferry::testing
