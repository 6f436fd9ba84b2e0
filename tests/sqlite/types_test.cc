#include "sqlite/types.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/text.h"
#include "data/calendar.h"
#include "sqlite/copy.h"
#include "sqlite/encode.h"
#include "sqlite/number.h"

namespace rowferry::testing {
namespace {

using sqlite::Affinity;

TEST_CASE("a type is declared by a name that keeps its values, else by a comment") {
  struct Case {
    const char* type;
    const char* declared;
  };
  for (const Case& c : {
           Case{"boolean", "boolean"},
           Case{"smallint", "smallint"},
           Case{"integer", "INT4"},
           Case{"bigint", "bigint"},
           Case{"real", "FLOAT4"},
           Case{"double precision", "DOUBLE PRECISION"},
           Case{"numeric(12,2)", "numeric(12,2)"},
           Case{"numeric(15,15)", "numeric(15,15)"},
           Case{"numeric(16,2)", "TEXT /* type: numeric(16,2) */"},
           Case{"numeric", "TEXT /* type: numeric */"},
           Case{"numeric(5,-2)", "TEXT /* type: numeric(5,-2) */"},
           Case{"text", "text"},
           Case{"varchar(20)", "varchar(20)"},
           Case{"char(5)", "char(5)"},
           Case{"bpchar", "TEXT /* type: bpchar */"},
           Case{"bytea", "BLOB"},
           Case{"date", "date"},
           Case{"time(3)", "time(3)"},
           Case{"timestamp", "timestamp"},
           Case{"timestamptz(3)", "timestamptz(3)"},
           Case{"uuid", "uuid"},
           Case{"json", "TEXT /* type: json */"},
           Case{"jsonb", "TEXT /* type: jsonb */"},
           Case{"inet", "inet"},
           Case{"interval", "TEXT /* type: interval */"},
           Case{"integer[]", "TEXT /* type: integer[] */"},
           Case{"bit(8)", "TEXT /* type: bit(8) */"},
           Case{"public.mood", "TEXT /* type: public.mood */"},
       }) {
    CAPTURE(std::string(c.type));
    const Type type = ParseType(c.type);
    CHECK(sqlite::Declare(type, {}, false) == c.declared);
    CHECK(sqlite::SuggestType(c.declared).type == type);
  }
}

TEST_CASE("a name that its comment could not tell from its parts is told in none") {
  const Type odd = ParseType("public.\"a; parts: b\"");
  CHECK(sqlite::Declare(odd, ".1 integer", false) == "TEXT");
}

TEST_CASE("an integer that is the whole primary key becomes the rowid, of whatever width") {
  CHECK(sqlite::Declare(ParseType("bigint"), {}, true) == "INTEGER");
  CHECK(sqlite::Declare(ParseType("integer"), {}, true) == "INTEGER /* type: integer */");
  CHECK(sqlite::SuggestType("INTEGER /* type: integer */").type == ParseType("integer"));
  CHECK(sqlite::IsRowidAlias("INTEGER /* type: integer */"));
}

TEST_CASE("a declared timetz, whose values may lack their zone, is as unknown as any other word") {
  CHECK(!sqlite::SuggestType("timetz").known);
}

TEST_CASE("affinities are SQLite's") {
  CHECK(sqlite::AffinityOf("CHARINT", false) == Affinity::kInteger);
  CHECK(sqlite::AffinityOf("TEXT /* type: interval */", false) == Affinity::kText);
  CHECK(sqlite::AffinityOf("", false) == Affinity::kNone);
  CHECK(sqlite::AffinityOf("ANY", false) == Affinity::kNumeric);
  CHECK(sqlite::AffinityOf("ANY", true) == Affinity::kNone);
  CHECK(sqlite::AffinityOf("zipcode", false) == Affinity::kNumeric);
}

TEST_CASE("a column of a STRICT table takes what SQLite lets it hold, and ANY takes everything") {
  struct Case {
    const char* from;
    const char* fits;  // of INT, REAL, TEXT, BLOB, ANY
  };
  for (const Case& c :
       {Case{"bigint", "INT ANY"}, Case{"double precision", "REAL ANY"}, Case{"text", "TEXT ANY"},
        Case{"bytea", "BLOB ANY"}, Case{"timestamp", "TEXT ANY"}, Case{"numeric", "TEXT ANY"}}) {
    CAPTURE(c.from);
    std::vector<std::string> fits;
    for (const char* declared : {"INT", "REAL", "TEXT", "BLOB", "ANY"}) {
      ColumnInfo column;
      column.native = declared;
      column.strict = true;
      column.type = sqlite::SuggestType(declared, true).type;
      if (!sqlite::WhyNotEncode(ParseType(c.from), column)) fits.emplace_back(declared);
    }
    CHECK(Join(fits, " ") == c.fits);
  }
}

TEST_CASE("numbers become text and back without losing a digit") {
  CHECK(sqlite::ScaledExactly(12.34, 2) == 1234);
  CHECK(sqlite::ScaledExactly(0.1 + 0.2, 2) == std::nullopt);
  CHECK(sqlite::ScaledExactly(-0.07, 2) == -7);
  CHECK(sqlite::ScaledExactly(9007199254740991.0, 0) == 9007199254740991);
  CHECK(sqlite::ScaledExactly(9007199254740992.0, 0) == std::nullopt);  // 2^53
  for (int64_t odd = (int64_t{1} << 52) - 99; odd < (int64_t{1} << 52) + 99; odd += 2) {
    REQUIRE(sqlite::ScaledExactly(static_cast<double>(-odd), 0) == -odd);
    REQUIRE(sqlite::ScaledExactly(static_cast<double>(odd) / 100, 2) == odd);
  }
  std::array<char, sqlite::kMaxNumberText> room;
  const char* const end = sqlite::WriteScaled(room.data(), std::numeric_limits<int64_t>::min(), 2);
  CHECK(std::string_view(room.data(), end) == "-92233720368547758.08");
  CHECK(sqlite::ReadInteger("-42") == -42);
  CHECK(sqlite::ReadInteger("042") == std::nullopt);
  CHECK(sqlite::ReadInteger("9223372036854775808") == std::nullopt);
  for (const char* text : {"1", " 1 ", "1.", ".5", "1e5", "+1", "-1.5E-3", "007"}) {
    CHECK_MESSAGE(sqlite::LooksNumeric(text), text);
  }
  for (const char* text : {"", ".", "1x", "0x10", "1e", "e5", "--1", "1 2", "NaN", "2024-01-01"}) {
    CHECK_MESSAGE(!sqlite::LooksNumeric(text), text);
  }
  CHECK_FALSE(sqlite::LooksNumeric({"12\0", 3}));  // SQLite keeps it as text
}

// Writes the values in the form of the type into a new table, and reads them back by its census.
struct ThereAndBack {
  explicit ThereAndBack(const std::string& type_name) : type(ParseType(type_name)) {
    Table foreign;
    foreign.name.name = "t";
    ColumnInfo column;
    column.name = "x";
    column.type = type;
    foreign.columns = {column};
    target = TargetOf(database);
    const Table table = target->Translate(foreign, {"", "t"});
    const Begun begun = BeginJob(*target, table, {type});
    writer = target->OpenWriter(begun.plan, begun.split);
    writer->Resume();
  }
  std::vector<Value> Bring(const std::vector<Value>& values) {
    WriteValues(*writer, type, values);
    target->ledger().Release();
    const auto source = SourceOf(database);
    const Table table = CensusOf(*source, "t");
    CHECK(table.columns[0].type == type);
    CHECK(table.warnings.empty());
    const ReadPlan plan = PlanOf(*source, table, false);
    RowBatch batch(LayoutOf(plan));
    source->OpenReader(plan, {})->Read(batch);
    std::vector<Value> brought;
    for (size_t row = 0; row < batch.rows(); ++row) {
      brought.push_back(batch.columns()[0].value(row));
    }
    return brought;
  }

  SqliteDatabase database;
  Type type;
  std::unique_ptr<Target> target;
  std::unique_ptr<Writer> writer;
};

std::vector<Value> Integers(const std::vector<int64_t>& numbers) {
  std::vector<Value> values = {Value::Null()};
  for (const int64_t number : numbers) values.push_back(Value::Integer(number));
  return values;
}

std::vector<Value> Texts(const std::vector<std::string>& texts) {
  std::vector<Value> values = {Value::Null()};
  for (const std::string& text : texts) values.push_back(Value::Text(text));
  return values;
}

struct TypeCase {
  const char* type;
  std::vector<Value> values;
};

TEST_CASE("every type and value comes back as it went in") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const std::string huge = "-" + std::string(68, '7') + "." + std::string(10, '3');
  const std::vector<TypeCase> cases = {
      {"boolean", Integers({0, 1})},
      {"smallint", Integers({-32768, 32767})},
      {"integer", Integers({-2147483648LL, 2147483647})},
      {"bigint", Integers({-kMax - 1, kMax, 0})},
      {"real", {Value::Real(0.1F), Value::Real(-0.0), Value::Real(kInfinity)}},
      {"double precision",
       {Value::Real(0.1), Value::Real(-0.0), Value::Real(0.0), Value::Real(5e-324),
        Value::Real(1e300), Value::Real(3.0), Value::Real(kInfinity), Value::Real(-kInfinity),
        Value::Real(std::numeric_limits<double>::quiet_NaN()), Value::Null()}},
      {"numeric(12,2)", Texts({"0.10", "-9999999999.99", "3.00", "NaN"})},
      {"numeric(15,0)", Texts({"999999999999999", "-1"})},
      {"numeric", Texts({"12.50", "0.000000000000000000069", huge, "NaN", "Infinity"})},
      {"numeric(30,10)", Texts({"12345678901234567890.0123456789", "1.1000000000"})},
      {"numeric(3,8)", Texts({"0.00000999", "0.00000000", "-0.00000001"})},
      {"numeric(5,-2)", Texts({"1234600", "-100", "NaN"})},
      {"text", Texts({"", "007", "1.10", "ünï", "NULL", " x "})},
      {"varchar(3)", Texts({"abc", "äöü"})},
      {"char(3)", Texts({"a  ", "abc"})},
      {"bytea", {Value::Blob(""), Value::Blob(std::string("\0\xff", 2)), Value::Null()}},
      {"date", Integers({0, kFirstDate, kLastDate, kDateInfinity, kDateMinusInfinity})},
      {"time", Integers({0, 1, kMicrosPerDay})},
      {"timestamp", Integers({-1, kFirstTimestamp, kLastTimestamp, kTimestampInfinity})},
      {"timestamptz", Integers({-1, kFirstTimestamp, kLastTimestamp, kTimestampMinusInfinity})},
      {"uuid", {Value::Blob("0123456789abcdef"), Value::Null()}},
      {"json", Texts({"1.10", "{\"a\": 1}", "\"007\""})},
      {"interval", Texts({"1 day", "00:00:00"})},
      {"integer[]", Texts({"{1,2}", "{}"})},
      {"bit(8)", Texts({"00000101"})},
      {"inet", Texts({"10.0.0.1", "::1"})},
      {"public.mood", Texts({"007", "happy"})},
  };
  for (const TypeCase& c : cases) {
    CAPTURE(std::string(c.type));
    const std::vector<Value> brought = ThereAndBack(c.type).Bring(c.values);
    REQUIRE(brought.size() == c.values.size());
    for (size_t i = 0; i < brought.size(); ++i) {
      CAPTURE(i);
      CHECK(ShowValue(brought[i], {}) == ShowValue(c.values[i], {}));
      CHECK((brought[i] == c.values[i] || std::isnan(brought[i].real)));
    }
  }
}

struct Misfit {
  const char* declared;
  Value value;
};

// Writes one value into an existing column of that declaration: as it is (kAny), or in another
// form.
void WriteInto(SqliteDatabase& database, const std::string& declared, const Value& value,
               const Type& form = TypeOf(Kind::kAny)) {
  const auto target = TargetOf(database);
  Table table;
  table.name.name = "t";
  ColumnInfo column;
  column.name = "x";
  column.native = declared;
  table.columns = {column};
  const Begun begun = BeginJob(*target, table, {form});
  const auto writer = target->OpenWriter(begun.plan, begun.split);
  writer->Resume();
  WriteValues(*writer, form, {value});
}

void WriteAsIs(const std::string& declared, const Value& value) {
  SqliteDatabase database;
  WriteInto(database, declared, value);
}

TEST_CASE("a value that the column's affinity would change is refused, not changed") {
  for (const Misfit& c :
       {Misfit{"INTEGER", Value::Text("007")}, Misfit{"NUMERIC", Value::Text("1.10")},
        Misfit{"REAL", Value::Text("1e5")}, Misfit{"TEXT", Value::Integer(7)},
        Misfit{"TEXT", Value::Real(0.5)}, Misfit{"INTEGER", Value::Real(3.0)},
        Misfit{"REAL", Value::Integer(3)}, Misfit{"REAL", Value::Real(-0.0)}}) {
    CAPTURE(std::string(c.declared));
    CAPTURE(ShowValue(c.value, {}));
    CHECK_THROWS_WITH_AS(WriteAsIs(c.declared, c.value), doctest::Contains("would be changed"),
                         Error);
  }
}

TEST_CASE("a value that the column keeps is taken, whatever the declaration says") {
  for (const Misfit& c : {Misfit{"INTEGER", Value::Text("abc")}, Misfit{"INTEGER", Value::Text("")},
                          Misfit{"INTEGER", Value::Real(0.5)}, Misfit{"", Value::Text("007")},
                          Misfit{"BLOB", Value::Real(-0.0)}, Misfit{"TEXT", Value::Blob("x")},
                          Misfit{"REAL", Value::Text("abc")}}) {
    CAPTURE(std::string(c.declared));
    CHECK_NOTHROW(WriteAsIs(c.declared, c.value));
  }
}

// SQLite converts between its encodings, and makes U+FFFD of what it takes for no character.
TEST_CASE("text that a database in UTF-16 would change is refused there") {
  for (const char* encoding : {"UTF-16le", "UTF-16be"}) {
    for (const Type& form : {TypeOf(Kind::kAny), ParseType("text")}) {
      for (const char* broken :
           {"\xff", "caf\xe9", "\xed\xa0\x80", "\xef\xbf\xbf", "a\xef\xbf\xbe"}) {
        CAPTURE(std::string(broken));
        SqliteDatabase database;
        database.Exec("PRAGMA encoding = '" + std::string(encoding) + "'; CREATE TABLE other(x)");
        CHECK_THROWS_WITH_AS(WriteInto(database, "TEXT", Value::Text(broken), form),
                             doctest::Contains("column x, row (x) = ("), Error);
        CHECK(database.One("SELECT count(*) FROM t") == "0");
      }
    }
  }
}

TEST_CASE("all other text arrives in a database in UTF-16, and all text in one in UTF-8") {
  const std::string with_nul("a\0b", 3);
  for (const char* encoding : {"UTF-16le", "UTF-16be", "UTF-8"}) {
    std::vector<std::string> texts = {"", "ünï 🚢", "\xef\xbb\xbfmark", "\xf4\x8f\xbf\xbf",
                                      with_nul};
    if (std::string(encoding) == "UTF-8") texts.insert(texts.end(), {"\xff", "\xef\xbf\xbf"});
    for (const std::string& text : texts) {
      CAPTURE(text);
      SqliteDatabase database;
      database.Exec("PRAGMA encoding = '" + std::string(encoding) + "'; CREATE TABLE other(x)");
      WriteInto(database, "TEXT", Value::Text(text));
      const auto source = SourceOf(database);
      const Table table = source->DescribeTable({"", "t"}).value();
      CHECK(ReadAll(*source, PlanOf(*source, table, true)) ==
            std::vector<std::string>{ShowValue(Value::Text(text), TypeOf(Kind::kAny))});
    }
  }
}

}  // namespace
}  // namespace rowferry::testing
