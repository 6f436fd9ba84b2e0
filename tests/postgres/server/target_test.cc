#include <doctest/doctest.h>

#include "fixture.h"

namespace rowferry::testing {
namespace {

std::unique_ptr<Target> OpenTargetAs(const PostgresRole& role, const std::string& ledger_schema) {
  TargetOptions options;
  options.url = role.url();
  options.ledger_schema = ledger_schema;
  return OpenPostgresTarget(options);
}

TEST_CASE("targets whose rows would not share their checkpoint's fate are refused") {
  PostgresDatabase database;
  database.Exec(
      "CREATE UNLOGGED TABLE u (a int); CREATE VIEW v AS SELECT 1 AS a; CREATE TABLE p (a int) "
      "PARTITION BY RANGE (a); CREATE UNLOGGED TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9); "
      "CREATE TABLE r (a int); CREATE RULE x AS ON INSERT TO r DO INSTEAD NOTHING; CREATE TABLE ok "
      "(a int); CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw; "
      "CREATE FOREIGN TABLE f (a int) SERVER s");
  const auto target = OpenTarget(database);
  const auto refusal = [&](const char* name) {
    return target->DescribeTable({"public", name})->target_refusal;
  };
  CHECK(Holds(refusal("u"), "UNLOGGED"));
  CHECK(Holds(refusal("f"), "foreign"));
  CHECK(Holds(refusal("v"), "view"));
  CHECK(Holds(refusal("p"), "public.p1, which is UNLOGGED"));
  CHECK(Holds(refusal("r"), "rule"));
  CHECK(refusal("ok").empty());
  CHECK_FALSE(target->DescribeTable({"public", "missing"}));
}

TEST_CASE("what would fail in the middle is refused before the first write") {
  PostgresDatabase database;
  database.Exec("CREATE TABLE t (a int); CREATE TABLE g (a int, b int); CREATE SCHEMA closed");
  const PostgresRole role(database);
  database.Exec("GRANT INSERT (a) ON g TO " + role.name() + "; CREATE SCHEMA own AUTHORIZATION " +
                role.name());
  const auto owner = OpenTarget(database);
  const WritePlan t = WriteAll(*owner, {"public", "t"});
  WritePlan g = WriteAll(*owner, {"public", "g"});
  WritePlan nowhere = t;
  nowhere.table = {"nowhere", "t"};
  CHECK(Thrown([&] { owner->CheckWritable(t); }, ErrorKind::kPlan) == "nothing");
  CHECK(
      Holds(Thrown([&] { owner->CheckWritable(nowhere); }, ErrorKind::kPlan), "no schema nowhere"));
  const auto writer = OpenTargetAs(role, "own");
  CHECK(Holds(Thrown([&] { writer->CheckWritable(t); }, ErrorKind::kPlan), "may not INSERT"));
  CHECK(Holds(Thrown([&] { writer->CheckWritable(g); }, ErrorKind::kPlan), "GRANT INSERT (\"b\")"));
  g.inputs.pop_back();
  CHECK(Thrown([&] { writer->CheckWritable(g); }, ErrorKind::kPlan) == "nothing");
  WritePlan made = t;
  made.table.name = "made";
  CHECK(Holds(Thrown([&] { writer->CheckWritable(made); }, ErrorKind::kPlan),
              "GRANT CREATE ON SCHEMA \"public\" TO \"" + role.name() + "\""));
  made.table.schema = "closed";
  CHECK(Holds(Thrown([&] { writer->CheckWritable(made); }, ErrorKind::kPlan),
              "GRANT USAGE ON SCHEMA \"closed\" TO \"" + role.name() + "\""));
  const auto nowhere_to_keep = OpenTargetAs(role, "rowferry");
  CHECK(Holds(Thrown([&] { nowhere_to_keep->CheckWritable(g); }, ErrorKind::kPlan),
              "may not create the ledger's schema rowferry"));
  CHECK(Holds(Thrown([&] { nowhere_to_keep->ledger().Acquire("x"); }, ErrorKind::kPlan),
              "--ledger-schema"));
}

TEST_CASE("a sequence that could not be set in the end is refused before the first write") {
  PostgresDatabase database;
  database.Exec("CREATE TABLE t (id serial, a int)");
  const PostgresRole role(database);
  database.Exec("GRANT SELECT, INSERT ON t TO " + role.name());
  database.Exec("GRANT USAGE ON SEQUENCE t_id_seq TO " + role.name() +
                "; CREATE SCHEMA own AUTHORIZATION " + role.name());
  const auto target = OpenTargetAs(role, "own");
  WritePlan plan = WriteAll(*target, {"public", "t"});
  const auto said = [&] { return Thrown([&] { target->CheckWritable(plan); }, ErrorKind::kPlan); };
  const std::string grant =
      "GRANT SELECT, UPDATE ON SEQUENCE public.t_id_seq TO \"" + role.name() + "\"";
  CHECK(Holds(said(), grant));
  database.Exec(grant);
  CHECK(said() == "nothing");
  database.Exec("REVOKE SELECT ON SEQUENCE t_id_seq FROM " + role.name());
  CHECK(Holds(said(), grant));
  plan.inputs.erase(plan.inputs.begin());
  CHECK(said() == "nothing");  // the column is not copied
}

ColumnInfo ColumnOf(const std::string& name, const std::string& type) {
  ColumnInfo column;
  column.name = name;
  column.type = ParseType(type);
  column.native = type;
  return column;
}

TEST_CASE("a table is made for another database's columns") {
  PostgresDatabase database;
  database.Exec("CREATE DOMAIN zip AS text; CREATE TYPE mood AS ENUM ('sad')");
  const auto target = OpenTarget(database);
  Table source;
  source.columns = {ColumnOf("Id", "bigint"),      ColumnOf("flag", "boolean"),
                    ColumnOf("zip", "text"),       ColumnOf("mood", "public.mood"),
                    ColumnOf("odd", "public.odd"), ColumnOf("c", "bpchar")};
  source.columns[0].identity = Identity::kByDefault;
  source.columns[0].not_null = true;
  source.columns[1].default_value = ColumnDefault{ColumnDefault::Kind::kLiteral, "1"};
  source.columns[2].native = "public.zip";
  source.columns[2].default_value = ColumnDefault{ColumnDefault::Kind::kCurrentTimestamp, {}};
  source.unique_keys = {{"pk", true, false, {{"Id", "", false, false}}}};
  const Table table = target->Translate(source, {"public", "Order"});
  CHECK(target->CreateStatement(table) ==
        "CREATE TABLE \"public\".\"Order\" (\n"
        "  \"Id\" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,\n"
        "  \"flag\" boolean DEFAULT true,\n"
        "  \"zip\" public.zip,\n"
        "  \"mood\" public.mood,\n"
        "  \"odd\" text,\n"
        "  \"c\" bpchar,\n"
        "  PRIMARY KEY (\"Id\")\n"
        ")");
  CHECK(table.warnings ==
        std::vector<std::string>{
            "column zip: its default CURRENT_TIMESTAMP does not go with the type public.zip and is "
            "left out",
            "column odd: the target lacks the type public.odd; it becomes text"});
  database.Exec(target->CreateStatement(table));
  CHECK(target->DescribeTable(table.name)->columns[2].type.name == "text");
}

TEST_CASE("a column that is numbered by its default and may hold NULL becomes no identity") {
  PostgresDatabase database;
  const auto target = OpenTarget(database);
  Table source;
  source.columns = {ColumnOf("id", "bigint"), ColumnOf("a", "bigint"), ColumnOf("b", "bigint")};
  for (ColumnInfo& column : source.columns) column.identity = Identity::kByDefault;
  source.columns[2].not_null = true;
  source.unique_keys = {{"pk", true, false, {{"id", "", false, false}}}};
  const Table table = target->Translate(source, {"public", "t"});
  CHECK(target->CreateStatement(table) ==
        "CREATE TABLE \"public\".\"t\" (\n"
        "  \"id\" bigint GENERATED BY DEFAULT AS IDENTITY,\n"
        "  \"a\" bigint,\n"
        "  \"b\" bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,\n"
        "  PRIMARY KEY (\"id\")\n)");
  CHECK(table.warnings ==
        std::vector<std::string>{
            "column a may hold NULL, which no identity does: its sequence stays behind"});
}

TEST_CASE("a domain that is numbered by its default becomes no identity") {
  PostgresDatabase database;
  database.Exec(
      "CREATE DOMAIN number AS bigint; CREATE SEQUENCE s;"
      "CREATE TABLE t (id number PRIMARY KEY DEFAULT nextval('s'))");
  const Table source = *OpenSource(database)->DescribeTable({"public", "t"});
  const auto target = OpenTarget(database);
  const Table table = target->Translate(source, {"public", "u"});
  database.Exec(target->CreateStatement(table));
  CHECK(target->DescribeTable({"public", "u"})->columns[0].native == "public.number");
  CHECK(table.warnings == std::vector<std::string>{
                              "column id is of the domain public.number, and no identity is: its "
                              "sequence stays behind"});
}

TEST_CASE("a primary key that is DEFERRABLE comes with its table") {
  PostgresDatabase database;
  database.Exec("CREATE TABLE t (a int, b int, PRIMARY KEY (b, a) DEFERRABLE)");
  const Table source = *OpenSource(database)->DescribeTable({"public", "t"});
  const auto target = OpenTarget(database);
  CHECK(Holds(target->CreateStatement(target->Translate(source, {"public", "u"})),
              "PRIMARY KEY (\"b\", \"a\")"));
}

TEST_CASE("a column's own collation and what computes it stay behind, and that is said") {
  PostgresDatabase database;
  database.Exec(
      "CREATE TABLE t (a text COLLATE \"C\", b text, c int GENERATED ALWAYS AS (1) STORED)");
  const Table source = *OpenSource(database)->DescribeTable({"public", "t"});
  const Table table = OpenTarget(database)->Translate(source, {"public", "u"});
  CHECK(table.warnings == std::vector<std::string>{
                              "column a: its collation pg_catalog.\"C\" stays behind",
                              "column c is computed in the source and becomes an ordinary column"});
}

TEST_CASE("a type with modifiers out of PostgreSQL's range is made without them") {
  PostgresDatabase database;
  const auto target = OpenTarget(database);
  Table source;
  source.columns = {ColumnOf("a", "varchar(16777216)"), ColumnOf("b", "numeric(1500,3)"),
                    ColumnOf("c", "char(0)")};
  const Table table = target->Translate(source, {"public", "t"});
  CHECK(target->CreateStatement(table) ==
        "CREATE TABLE \"public\".\"t\" (\n"
        "  \"a\" text,\n  \"b\" numeric,\n  \"c\" text\n)");
  CHECK(table.warnings[0] ==
        "column a: the target lacks the type varchar(16777216); it becomes text");
  for (const ColumnInfo& column : table.columns) {
    CHECK_FALSE(target->WhyNot(column.type, column));
  }
}

TEST_CASE("a domain of the target that would round or cut what passes through it is not used") {
  PostgresDatabase database;
  database.Exec(
      "CREATE DOMAIN coarse AS numeric(7,1); CREATE DOMAIN same AS numeric(7,2);"
      "CREATE DOMAIN over_same AS same; CREATE DOMAIN plain AS numeric");
  Table source;
  for (const std::string name : {"coarse", "same", "over_same", "plain"}) {
    source.columns.push_back(ColumnOf(name, "numeric(7,2)"));
    source.columns.back().native = "public." + name;
  }
  const Table table = OpenTarget(database)->Translate(source, {"public", "t"});
  CHECK(table.columns[0].native == "numeric(7,2)");
  CHECK(table.columns[1].native == "public.same");
  CHECK(table.columns[2].native == "public.over_same");
  CHECK(table.columns[3].native == "numeric(7,2)");
}

TEST_CASE("names that PostgreSQL would cut are refused") {
  PostgresDatabase database;
  const auto target = OpenTarget(database);
  const auto translate = [&] { target->Translate({}, {"public", std::string(64, 'x')}); };
  CHECK(Holds(Thrown(translate, ErrorKind::kPlan), "63 bytes"));
  CHECK(Holds(Thrown(translate, ErrorKind::kPlan), "--exclude"));
  Table table;
  table.name.name = "t";
  table.columns = {ColumnOf("", "bigint")};
  const auto nameless = [&] { target->Translate(table, {"public", "t"}); };
  CHECK(Thrown(nameless, ErrorKind::kPlan) ==
        "table public.t: a column has an empty name, which PostgreSQL does not take; rename it in "
        "the source, or leave out the column with --drop '', or the table with --exclude t");
}

TEST_CASE("text does not go where a part of it would be rounded") {
  PostgresDatabase database;
  database.Exec(
      "CREATE DOMAIN price AS numeric(5,2); CREATE TYPE pair AS (a int, b price);"
      "CREATE TYPE span AS RANGE (subtype = timestamp); CREATE TYPE mood AS ENUM ('sad');"
      "CREATE EXTENSION hstore SCHEMA public; CREATE EXTENSION citext SCHEMA public");
  const auto target = OpenTarget(database);
  const auto why_not = [&](const char* from, const char* to) {
    return target->WhyNot(ParseType(from), ColumnOf("c", to)).value_or("");
  };
  for (const char* type : {"public.pair", "public.pair[]", "public.price[]", "public.span",
                           "public.hstore", "public.hstore[]"}) {
    CAPTURE(std::string(type));
    CHECK(Holds(why_not("text", type), "guess or a loss"));
    CHECK(why_not(type, type).empty());
  }
  CHECK(why_not("other.pair", "public.pair").empty());
  CHECK(why_not("hstore", "public.hstore").empty());
  CHECK(Holds(why_not("other.pair", "public.hstore"), "guess or a loss"));
  CHECK(why_not("text", "public.citext[]").empty());
  CHECK(why_not("text", "public.mood").empty());
  CHECK(why_not("text", "public.mood[]").empty());
  CHECK(why_not("text", "int4range[]").empty());
}

TEST_CASE("what goes into which column is decided before the first row") {
  PostgresDatabase database;
  const auto target = OpenTarget(database);
  const auto why_not = [&](const char* from, const char* to) {
    return target->WhyNot(ParseType(from), ColumnOf("c", to)).value_or("");
  };
  CHECK(why_not("bigint", "numeric(12,2)").empty());
  CHECK(why_not("interval", "interval").empty());
  CHECK(why_not("text", "inet").empty());
  CHECK(why_not("bigint", "text").empty());
  CHECK(Holds(why_not("timestamp", "timestamptz"), "zone"));
  CHECK(Holds(why_not("text", "interval(0)"), "guess or a loss"));
  for (const char* type :
       {"interval", "money", "\"char\"", "name", "point", "oid", "timetz", "tsrange"}) {
    CAPTURE(std::string(type));
    CHECK(Holds(why_not("text", type), "guess or a loss"));
  }
  CHECK(Holds(why_not("numeric", "money"), "guess or a loss"));
  CHECK(Holds(why_not("macaddr", "macaddr8"), "guess or a loss"));
  CHECK(Holds(why_not("bit(4)", "integer"), "guess or a loss"));
  CHECK(why_not("bit(4)", "bit varying(8)").empty());
  CHECK(why_not("bit(4)", "text").empty());
  CHECK(Holds(why_not("time with time zone", "time"), "guess or a loss"));
  CHECK(Holds(why_not("timestamp[]", "date[]"), "guess or a loss"));
  CHECK(Holds(why_not("numeric[]", "double precision[]"), "guess or a loss"));
  CHECK(Holds(why_not("interval", "interval year to month"), "guess or a loss"));
  CHECK(why_not("interval(3)", "interval").empty());
  CHECK(why_not("integer[]", "bigint[]").empty());
  CHECK(why_not("text", "date").empty());
  CHECK(Holds(why_not("bytea", "text"), "cannot become"));
  CHECK(Holds(why_not("text", "public.missing"), "no type"));
}

TEST_CASE("a column is described by its domain's base type, and what has a default says so") {
  PostgresDatabase database;
  database.Exec(
      "CREATE DOMAIN short AS varchar(3); CREATE DOMAIN shorter AS short; CREATE TABLE t (a "
      "shorter "
      "NOT NULL, b int DEFAULT 5, c serial, d int GENERATED ALWAYS AS (b * 2) STORED, e "
      "timestamp(3)"
      " DEFAULT now(), f uuid DEFAULT gen_random_uuid(), g numeric(5,-2))");
  const Table table = *OpenTarget(database)->DescribeTable({"public", "t"});
  CHECK(table.columns[0].type == ParseType("varchar(3)"));
  CHECK(table.columns[0].native == "public.shorter");
  CHECK(table.columns[0].not_null);
  CHECK(table.columns[1].default_value->literal == "5");
  CHECK(table.columns[2].identity == Identity::kByDefault);
  CHECK(table.columns[3].generated);
  CHECK(table.columns[4].type == ParseType("timestamp(3)"));
  CHECK(table.columns[5].has_default);
  CHECK_FALSE(table.columns[5].default_value);
  CHECK(table.columns[6].type.kind == Kind::kOther);
  CHECK(table.warnings.size() == 1);
}

}  // namespace
}  // namespace rowferry::testing
