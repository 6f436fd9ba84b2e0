// What is refused before the first write: by plan and copy alike, with the reason and the way out,
// and nothing is changed in the target (docs/refusals.md).
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "e2e/copies.h"
#include "support/server.h"

namespace rowferry::testing {
namespace {

namespace fs = std::filesystem;

// All that a copy could leave in the database: relations, their files and their rows.
std::string StateOf(TestDatabase& target) {
  if (dynamic_cast<SqliteDatabase*>(&target) != nullptr) {
    if (!fs::exists(target.url())) return "no file";
    std::ostringstream bytes;
    bytes << std::ifstream(target.url(), std::ios::binary).rdbuf();
    return bytes.str();
  }
  return target.One(
      "SELECT string_agg(concat_ws(' ', c.oid, c.relname, c.relfilenode, CASE c.relkind WHEN 'r' "
      "THEN query_to_xml('SELECT count(*) FROM ' || c.oid::regclass, true, true, '')::text END), "
      "E'\\n' ORDER BY c.oid) FROM pg_class c WHERE c.relnamespace NOT IN "
      "('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)");
}

void CheckSays(const Finished& finished, const std::string& reason, const std::string& way_out) {
  CHECK_MESSAGE(finished.exit_code == 2, finished.err);
  CHECK_MESSAGE(finished.err.find(reason) != std::string::npos, finished.err);
  CHECK_MESSAGE(finished.err.find(way_out) != std::string::npos, finished.err);
  CHECK(finished.err.find("resumes") == std::string::npos);
}

// `words` without the command. The target may be another database than the one that they name.
void CheckRefused(TestDatabase& target, std::vector<std::string> words, const std::string& reason,
                  const std::string& way_out, const ProcessOptions& options = {}) {
  const std::string before = StateOf(target);
  words.insert(words.begin(), "");
  for (const char* command : {"plan", "copy"}) {
    CAPTURE(std::string(command));
    words[0] = command;
    CheckSays(Rowferry(words, options), reason, way_out);
  }
  CHECK(StateOf(target) == before);
}

void CheckCopied(std::vector<std::string> words) {
  words.insert(words.begin(), "copy");
  const Finished finished = Rowferry(words);
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
}

// One row in t, in either database.
void MakeSource(TestDatabase& source) {
  source.Exec("CREATE TABLE t (id bigint NOT NULL PRIMARY KEY, a bigint)");
  source.Exec("INSERT INTO t VALUES (1, 10)");
}

// In the way out that a message names, the role stands for itself.
std::string For(const PostgresRole& role, std::string text) {
  constexpr std::string_view kRole = "ROLE_";
  for (size_t at = 0; (at = text.find(kRole, at)) != std::string::npos;) {
    text.replace(at, kRole.size(), role.name());
  }
  return text;
}

// A copy of that source into the schema x of a database of its own.
struct Case {
  std::string make;    // in the target
  std::string reason;  // what the message holds
  std::string way_out;
  bool is_sql = false;                 // the way out is done as it stands, and the copy succeeds
  std::string schema = "x";            // where the copy goes to
  std::vector<std::string> more = {};  // options
};

enum class As { kSuperuser, kRole };

void CheckCase(const Case& c, As as) {
  CAPTURE(c.make);
  CAPTURE(c.reason);
  SqliteDatabase source;
  MakeSource(source);
  PostgresDatabase target;
  const PostgresRole role(target);
  target.Exec("CREATE SCHEMA x");
  if (!c.make.empty()) target.Exec(For(role, c.make));
  const std::string url = as == As::kRole ? role.url() : target.url();
  std::vector<std::string> words = {source.url(), url, "--target-schema", c.schema, "--yes"};
  words.insert(words.end(), c.more.begin(), c.more.end());
  const std::string way_out = For(role, c.way_out);
  CheckRefused(target, words, For(role, c.reason), way_out);
  if (!c.is_sql) return;
  target.Exec(way_out);
  CheckCopied(words);
}

TEST_CASE("what has the table's name and cannot be written exactly once is refused") {
  const std::string foreign =
      "CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw; ";
  const std::string deep =
      "CREATE TABLE x.t (id bigint, a bigint) PARTITION BY RANGE (id); CREATE TABLE x.half "
      "PARTITION OF x.t FOR VALUES FROM (0) TO (100) PARTITION BY RANGE (id); ";
  const std::string another = "name another schema by --target-schema";
  const std::string elsewhere = "copy into the server that holds them";
  const Case cases[] = {
      {"CREATE UNLOGGED TABLE x.t (id bigint, a bigint)",
       "table t: the target x.t is UNLOGGED: after a crash of the server its rows would be gone",
       "ALTER TABLE x.t SET LOGGED", true},
      {deep + "CREATE UNLOGGED TABLE x.leaf PARTITION OF x.half FOR VALUES FROM (0) TO (10)",
       "has the partition x.leaf, which is UNLOGGED", "ALTER TABLE x.leaf SET LOGGED", true},
      {foreign + "CREATE FOREIGN TABLE x.t (id bigint, a bigint) SERVER s", "is a foreign table",
       elsewhere},
      {foreign + deep +
           "CREATE FOREIGN TABLE x.leaf PARTITION OF x.half FOR VALUES FROM (0) TO (9) SERVER s",
       "has the partition x.leaf, which is a foreign table", elsewhere},
      {"CREATE TABLE x.t (id bigint, a bigint); "
       "CREATE RULE r AS ON INSERT TO x.t DO INSTEAD NOTHING",
       "table t: the target x.t has the rule \"r\" on INSERT, which COPY would pass by",
       R"(ALTER TABLE "x"."t" DISABLE RULE "r")", true},
      {"CREATE TABLE x.u (id bigint, a bigint); CREATE VIEW x.t AS SELECT * FROM x.u; CREATE RULE "
       "r AS ON INSERT TO x.t DO INSTEAD INSERT INTO x.u VALUES (NEW.*)",
       "is a view", another},
      {"CREATE MATERIALIZED VIEW x.t AS SELECT 1 AS id, 2 AS a", "is a materialized view", another},
      {"CREATE SEQUENCE x.t", "is a sequence", another},
      {"CREATE TABLE x.u (id bigint); CREATE INDEX t ON x.u (id)", "is an index", another},
      {"CREATE TYPE x.t AS (id bigint)", "is a composite type", another},
      {"CREATE DOMAIN x.t AS bigint", "its name is that of a type", another},
      {"CREATE TYPE x.t AS ENUM ('a')", "its name is that of a type", another},
      {"", "schema pg_catalog is the server's own", "--target-schema", false, "pg_catalog"},
      {"", "schema pg_temp is the server's own, or for temporary tables", "--target-schema", false,
       "pg_temp"},
      {"", "has no schema nowhere", R"(CREATE SCHEMA "nowhere")", true, "nowhere"},
      {"", "has no schema " + std::string(64, 'n'), "--target-schema", false, std::string(64, 'n')},
      {"CREATE SCHEMA rowferry; CREATE TABLE rowferry.meta (version int)",
       "schema rowferry holds a table meta that is not the ledger's", "--ledger-schema"},
      {"",
       "cannot be kept in schema pg_catalog",
       "--ledger-schema",
       false,
       "x",
       {"--ledger-schema", "pg_catalog"}},
  };
  for (const Case& c : cases) CheckCase(c, As::kSuperuser);
}

TEST_CASE(
    "an UNLOGGED root of partitions, a disabled rule and a partition's policy are no reason") {
  for (const char* make :
       {"CREATE UNLOGGED TABLE t (id bigint, a bigint) PARTITION BY RANGE (id); CREATE TABLE leaf "
        "PARTITION OF t FOR VALUES FROM (0) TO (9); ALTER TABLE leaf SET LOGGED",
        "CREATE TABLE t (id bigint, a bigint); CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING; "
        "ALTER TABLE t DISABLE RULE r",
        "CREATE TABLE t (id bigint, a bigint) PARTITION BY RANGE (id); CREATE TABLE leaf PARTITION "
        "OF t FOR VALUES FROM (0) TO (9); CREATE RULE r AS ON INSERT TO leaf DO INSTEAD NOTHING; "
        "ALTER TABLE leaf ENABLE ROW LEVEL SECURITY; ALTER TABLE leaf FORCE ROW LEVEL SECURITY"}) {
    CAPTURE(std::string(make));
    SqliteDatabase source;
    MakeSource(source);
    PostgresDatabase target;
    target.Exec(make);
    const PostgresRole role(target);
    target.Exec(For(role,
                    "GRANT CREATE ON DATABASE ROLE_ TO ROLE_; GRANT SELECT, INSERT ON ALL "
                    "TABLES IN SCHEMA public TO ROLE_"));
    CheckCopied({source.url(), role.url()});
    CHECK(target.One("SELECT count(*) FROM t") == "1");
  }
}

// Statements before `make`: all that a role needs to make t.
std::string Granted(const std::string& make) {
  return "GRANT CREATE ON DATABASE ROLE_ TO ROLE_; GRANT USAGE, CREATE ON SCHEMA x TO ROLE_; " +
         make;
}

std::string WithTable(const std::string& make) {
  return Granted("CREATE TABLE x.t (id bigint, a bigint); " + make);
}

TEST_CASE("rights that the copy would miss in the middle are missed by the plan") {
  const Case cases[] = {
      {Granted("REVOKE USAGE ON SCHEMA x FROM ROLE_"), "role ROLE_ may not use schema x",
       R"(GRANT USAGE ON SCHEMA "x" TO "ROLE_")", true},
      {WithTable("GRANT SELECT, INSERT ON x.t TO ROLE_; REVOKE USAGE ON SCHEMA x FROM ROLE_"),
       "the target x.t is in a schema that role ROLE_ may not use",
       R"(GRANT USAGE ON SCHEMA "x" TO "ROLE_")", true},
      {Granted("REVOKE CREATE ON SCHEMA x FROM ROLE_"),
       "role ROLE_ may not create tables in schema x", R"(GRANT CREATE ON SCHEMA "x" TO "ROLE_")",
       true},
      {WithTable("GRANT SELECT ON x.t TO ROLE_"), "role ROLE_ may not INSERT into x.t",
       R"(GRANT INSERT ("id", "a") ON "x"."t" TO "ROLE_")", true},
      {WithTable("GRANT SELECT, INSERT (id) ON x.t TO ROLE_"), "role ROLE_ may not INSERT into x.t",
       R"(GRANT INSERT ("a") ON "x"."t" TO "ROLE_")", true},
      {WithTable("GRANT INSERT ON x.t TO ROLE_"), "the target x.t cannot be read by role ROLE_",
       R"(GRANT SELECT ON "x"."t" TO "ROLE_")", true},
      {Granted("CREATE TABLE x.t (id bigserial, a bigint); GRANT SELECT, INSERT ON x.t TO ROLE_"),
       "may not set the sequence x.t_id_seq behind x.t.id",
       R"(GRANT SELECT, UPDATE ON SEQUENCE x.t_id_seq TO "ROLE_")", true},
      {Granted("CREATE TABLE x.t (id bigserial, a bigint); GRANT SELECT (a), INSERT ON x.t TO "
               "ROLE_; GRANT ALL ON SEQUENCE x.t_id_seq TO ROLE_"),
       "may not read x.t.id, and the sequence behind it must stand after its values",
       R"(GRANT SELECT ("id") ON "x"."t" TO "ROLE_")", true},
      {Granted("REVOKE CREATE ON DATABASE ROLE_ FROM ROLE_"),
       "role ROLE_ may not create the ledger's schema rowferry",
       R"(CREATE SCHEMA "rowferry" AUTHORIZATION "ROLE_")", true},
      {Granted("REVOKE CREATE ON DATABASE ROLE_ FROM ROLE_"),
       "role ROLE_ may not create the ledger's schema rowferry", "by --ledger-schema"},
      {Granted("CREATE SCHEMA rowferry"), "role ROLE_ may not create the ledger in schema rowferry",
       R"(GRANT USAGE, CREATE ON SCHEMA "rowferry" TO "ROLE_")", true},
      {Granted("ALTER ROLE ROLE_ SET default_transaction_read_only = on"),
       "the target is read-only for role ROLE_",
       R"(ALTER ROLE "ROLE_" SET default_transaction_read_only = off)", true},
  };
  for (const Case& c : cases) CheckCase(c, As::kRole);
}

TEST_CASE("rights that a table's own expressions need for each row are missed by the plan") {
  const std::string closed =
      "CREATE FUNCTION x.f(bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 1; "
      "END'; "
      "REVOKE EXECUTE ON FUNCTION x.f(bigint) FROM PUBLIC; ";
  const std::string grant = "; GRANT SELECT, INSERT ON x.t TO ROLE_";
  const std::string lacks = "role ROLE_ lacks EXECUTE ON FUNCTION x.f(bigint), which ";
  const std::string execute = R"(GRANT EXECUTE ON FUNCTION x.f(bigint) TO "ROLE_")";
  const Case cases[] = {
      {Granted("CREATE TABLE x.t (id bigserial, a bigint)" + grant),
       "role ROLE_ lacks USAGE ON SEQUENCE x.t_id_seq, which column id of x.t needs",
       R"(GRANT USAGE ON SEQUENCE x.t_id_seq TO "ROLE_")",
       true,
       "x",
       {"--table", "t", "--drop", "id"}},
      {WithTable(closed + "ALTER TABLE x.t ADD CONSTRAINT k CHECK (x.f(a) > 0)" + grant),
       lacks + "constraint k of x.t", execute, true},
      {WithTable(closed + "ALTER TABLE x.t ADD b bigint DEFAULT x.f(1)" + grant),
       lacks + "column b of x.t", execute, true},
      {WithTable(closed + "ALTER TABLE x.t ADD b bigint GENERATED ALWAYS AS (x.f(a)) STORED" +
                 grant),
       lacks + "column b of x.t", execute, true},
      {WithTable(closed + "CREATE INDEX i ON x.t (x.f(a))" + grant), lacks + "index i of x.t",
       execute, true},
      {Granted(closed +
               "CREATE TABLE x.t (id bigint, a bigint) PARTITION BY RANGE (id); CREATE TABLE "
               "x.leaf PARTITION OF x.t (CONSTRAINT k CHECK (x.f(a) > 0)) DEFAULT" +
               grant),
       lacks + "constraint k of x.leaf", execute, true},
      {Granted(closed +
               "CREATE DOMAIN x.d AS bigint CONSTRAINT k CHECK (x.f(value) > 0); CREATE "
               "DOMAIN x.e AS x.d; CREATE TABLE x.t (id bigint, a x.e)" +
               grant),
       lacks + "constraint k of domain x.d of x.t", execute, true},
      {WithTable(closed +
                 "CREATE OPERATOR x.### (rightarg = bigint, function = x.f); ALTER TABLE "
                 "x.t ADD CONSTRAINT k CHECK (OPERATOR(x.###) a > 0)" +
                 grant),
       lacks + "constraint k of x.t", execute, true},
      {Granted(closed +
               "CREATE TABLE x.t (id bigint, a bigint) PARTITION BY RANGE (x.f(a)); CREATE TABLE "
               "x.leaf PARTITION OF x.t DEFAULT" +
               grant),
       lacks + "the partition key of x.t", execute, true},
      {WithTable(closed +
                 "CREATE FUNCTION x.g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN "
                 "new; END'; CREATE TRIGGER w BEFORE INSERT ON x.t FOR EACH ROW WHEN "
                 "(x.f(new.a) > 0) EXECUTE FUNCTION x.g()" +
                 grant),
       lacks + "trigger w of x.t", execute, true},
      {WithTable("REVOKE EXECUTE ON FUNCTION abs(bigint) FROM PUBLIC; ALTER TABLE x.t ADD "
                 "CONSTRAINT k CHECK (abs(a) > 0)" +
                 grant),
       "role ROLE_ lacks EXECUTE ON FUNCTION abs(bigint), which constraint k of x.t",
       R"(GRANT EXECUTE ON FUNCTION abs(bigint) TO "ROLE_")", true},
      {WithTable("REVOKE EXECUTE ON FUNCTION int8mod(bigint, bigint) FROM PUBLIC; CREATE INDEX i "
                 "ON x.t (id) WHERE a % 2::bigint < 1" +
                 grant),
       "role ROLE_ lacks EXECUTE ON FUNCTION int8mod(bigint,bigint), which index i of x.t",
       R"(GRANT EXECUTE ON FUNCTION int8mod(bigint,bigint) TO "ROLE_")", true},
  };
  for (const Case& c : cases) CheckCase(c, As::kRole);
}

TEST_CASE("types that a new table's columns cannot have by this role are missed by the plan") {
  PostgresDatabase source;
  const std::string types =
      "CREATE TYPE mood AS ENUM ('glad'); CREATE DOMAIN \"Small\" AS int CHECK (value < 9); ";
  source.Exec(
      types +
      "CREATE TABLE t (id int PRIMARY KEY, a mood[], b \"Small\"); INSERT INTO t VALUES (1, "
      "'{glad}', 2)");
  PostgresDatabase target;
  const PostgresRole role(target);
  target.Exec(For(role, types + "REVOKE USAGE ON TYPE mood, \"Small\" FROM PUBLIC; GRANT CREATE ON "
                                "DATABASE ROLE_ TO ROLE_; GRANT CREATE ON SCHEMA public TO ROLE_; "
                                "CREATE TABLE t (id int); INSERT INTO t VALUES (7); ALTER TABLE t "
                                "OWNER TO ROLE_"));
  const std::string mood = For(role, R"(GRANT USAGE ON TYPE public.mood TO "ROLE_")");
  const std::string small = For(role, R"(GRANT USAGE ON TYPE public."Small" TO "ROLE_")");
  const std::vector<std::string> words = {source.url(), role.url(), "--existing", "replace",
                                          "--yes"};
  CheckRefused(target, words,
               "lacks USAGE ON TYPE public.mood, which it takes to make table public.t", small);
  target.Exec(small);
  CheckRefused(target, words, "lacks USAGE ON TYPE public.mood", mood);
  target.Exec("DROP TABLE t");
  CheckRefused(target, {source.url(), role.url()}, "lacks USAGE ON TYPE public.mood", mood);
  target.Exec(mood);
  CheckCopied({source.url(), role.url()});
  CHECK(target.One("SELECT b FROM t") == "2");
}

TEST_CASE("rights that no row needs are not asked for") {
  SqliteDatabase source;
  MakeSource(source);
  PostgresDatabase target;
  const PostgresRole role(target);
  target.Exec(
      "CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'; REVOKE EXECUTE ON "
      "FUNCTION f() FROM PUBLIC; CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY, a "
      "bigint DEFAULT f()); "
      "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; REVOKE "
      "EXECUTE ON FUNCTION g() FROM PUBLIC; CREATE TRIGGER i BEFORE INSERT ON t FOR EACH ROW WHEN "
      "(new.a > 0) EXECUTE FUNCTION g(); CREATE TRIGGER u BEFORE UPDATE ON t FOR EACH ROW WHEN "
      "(f() > 0) EXECUTE FUNCTION g()");
  target.Exec(
      For(role, "GRANT CREATE ON DATABASE ROLE_ TO ROLE_; GRANT SELECT, INSERT ON t TO ROLE_"));
  CheckCopied({source.url(), role.url(), "--table", "t", "--drop", "id"});
  CHECK(target.Rows("SELECT id, a FROM t") == std::vector<TextRow>{{"1", "10"}});
}

TEST_CASE("row security that COPY cannot pass is refused") {
  const std::string row_security = "ALTER TABLE x.t ENABLE ROW LEVEL SECURITY; ";
  const std::string grant = row_security + "GRANT SELECT, INSERT ON x.t TO ROLE_; ";
  const std::string forced = "ALTER TABLE x.t FORCE ROW LEVEL SECURITY; ";
  const std::string reason = "the target x.t has row-level security for role ROLE_";
  const std::string bypass = R"(ALTER ROLE "ROLE_" BYPASSRLS)";
  const Case cases[] = {
      {WithTable(grant), reason, bypass, true},
      {WithTable(grant + "CREATE POLICY p ON x.t USING (true)"), reason, bypass, true},
      {WithTable(grant), reason, "or copy as its owner"},
      {WithTable(grant + forced), reason, bypass, true},
      {WithTable(row_security + forced + "ALTER TABLE x.t OWNER TO ROLE_"), reason,
       R"(ALTER TABLE "x"."t" NO FORCE ROW LEVEL SECURITY)", true},
      {Granted(
           "CREATE TABLE x.t (id bigint, a bigint) PARTITION BY RANGE (id); CREATE TABLE x.leaf "
           "PARTITION OF x.t FOR VALUES FROM (0) TO (9); " +
           grant),
       reason, bypass, true},
  };
  for (const Case& c : cases) CheckCase(c, As::kRole);
}

TEST_CASE("a table that this role cannot empty, or cannot replace, is refused") {
  const std::vector<std::string> truncate = {"--existing", "truncate"};
  const std::vector<std::string> replace = {"--existing", "replace"};
  const std::string grant = "INSERT INTO x.t VALUES (7, 7); GRANT SELECT, INSERT ON x.t TO ROLE_; ";
  const std::string own = grant + "ALTER TABLE x.t OWNER TO ROLE_; ";
  const std::string instead = "say --existing truncate";
  const Case cases[] = {
      {WithTable(grant), "role ROLE_ may not empty x.t", R"(GRANT TRUNCATE ON "x"."t" TO "ROLE_")",
       true, "x", truncate},
      {WithTable(grant), "role ROLE_ may not drop x.t", instead, false, "x", replace},
      {WithTable(own + "REVOKE CREATE ON SCHEMA x FROM ROLE_"), "role ROLE_ may not make x.t anew",
       R"(GRANT CREATE ON SCHEMA "x" TO "ROLE_")", true, "x", replace},
      {WithTable(own + "CREATE VIEW x.v AS SELECT * FROM x.t"),
       "x.t cannot be replaced, as view x.v needs it", instead, false, "x", replace},
      {WithTable(own +
                 "ALTER TABLE x.t ADD PRIMARY KEY (id); CREATE TABLE x.r (t bigint REFERENCES "
                 "x.t)"),
       "cannot be replaced, as constraint r_t_fkey on table x.r needs it", instead, false, "x",
       replace},
      {WithTable(own + "CREATE TABLE x.root (id bigint, a bigint) PARTITION BY RANGE (id); ALTER "
                       "TABLE x.root ATTACH PARTITION x.t FOR VALUES FROM (0) TO (9)"),
       "x.t cannot be replaced, as it is a partition of x.root", instead, false, "x", replace},
      {Granted("CREATE TABLE x.t (id bigint PRIMARY KEY, a bigint) PARTITION BY RANGE (id); CREATE "
               "TABLE x.leaf PARTITION OF x.t FOR VALUES FROM (0) TO (9); CREATE TABLE x.r (t "
               "bigint REFERENCES x.t); " +
               own),
       "x.t cannot be emptied, as a foreign key of x.r refers to it", R"(TRUNCATE "x"."t", x.r)",
       false, "x", truncate},
  };
  for (const Case& c : cases) CheckCase(c, As::kRole);
}

TEST_CASE("what belongs to the table itself does not keep it from being replaced") {
  SqliteDatabase source;
  MakeSource(source);
  PostgresDatabase target;
  target.Exec(
      "CREATE TABLE t (id bigserial PRIMARY KEY, a bigint CHECK (a > 0), up bigint REFERENCES t);"
      "CREATE INDEX ON t ((a + 1)) WHERE a > 2; CREATE POLICY p ON t USING (a > 3);"
      "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';"
      "CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW WHEN (new.a > 3) EXECUTE FUNCTION f();"
      "CREATE RULE r AS ON UPDATE TO t WHERE new.a > 5 DO INSTEAD NOTHING; CREATE STATISTICS s ON "
      "a, up FROM t; INSERT INTO t VALUES (7, 7, 7)");
  CheckCopied({source.url(), target.url(), "--existing", "replace", "--yes"});
}

TEST_CASE("a ledger that another role made is not to be used, or read, without its rights") {
  SqliteDatabase source;
  MakeSource(source);
  PostgresDatabase target;
  const PostgresRole role(target);
  CheckCopied({source.url(), target.url(), "--job", "first"});
  target.Exec(For(role, "CREATE SCHEMA x AUTHORIZATION ROLE_"));
  const std::string to = " TO \"" + role.name() + "\"";
  const std::string use = "GRANT USAGE ON SCHEMA \"rowferry\"" + to;
  const std::string on = " ON ALL TABLES IN SCHEMA \"rowferry\"" + to;
  const std::vector<std::string> words = {source.url(), role.url(), "--target-schema", "x"};
  CheckRefused(target, words, "may not use the ledger in schema rowferry",
               use + "; GRANT SELECT, INSERT, UPDATE, DELETE" + on + ", or");
  CheckSays(Rowferry({"status", role.url()}), "may not read the ledger in schema rowferry",
            use + "; GRANT SELECT" + on);
  target.Exec(use + "; GRANT SELECT" + on);
  CHECK(Rowferry({"status", role.url()}).exit_code == 0);
  CheckRefused(target, words, "may not use the ledger", "--ledger-schema");
  target.Exec("GRANT SELECT, INSERT, UPDATE, DELETE" + on);
  CheckCopied(words);
}

TEST_CASE("a ledger whose function another role may not call is refused before rows go") {
  SqliteDatabase source;
  MakeSource(source);
  PostgresDatabase target;
  const PostgresRole role(target);
  target.Exec("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC");
  CheckCopied({source.url(), target.url(), "--job", "first"});
  target.Exec(For(role,
                  "CREATE SCHEMA x AUTHORIZATION ROLE_; GRANT USAGE ON SCHEMA rowferry TO ROLE_; "
                  "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA rowferry TO ROLE_; "
                  "CREATE TABLE x.t (id bigint, a bigint); INSERT INTO x.t VALUES (7, 7); "
                  "ALTER TABLE x.t OWNER TO ROLE_"));
  const std::vector<std::string> words = {
      source.url(), role.url(), "--target-schema", "x", "--existing", "truncate", "--yes"};
  const std::string way_out =
      For(role, R"(GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA "rowferry" TO "ROLE_")");
  CheckRefused(target, words, "may not use the ledger in schema rowferry: GRANT EXECUTE", way_out);
  CHECK(Rowferry({"status", role.url()}).exit_code == 0);
  target.Exec(way_out);
  CheckCopied(words);
}

TEST_CASE("a language that this role may not use is refused, with a ledger and without") {
  const std::string revoke = "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC";
  const std::string way_out = R"(GRANT USAGE ON LANGUAGE plpgsql TO "ROLE_")";
  CheckCase({Granted(revoke), "role ROLE_ may not use the language plpgsql", way_out, true},
            As::kRole);
  CheckCase({"DROP EXTENSION plpgsql", "the target lacks the language plpgsql",
             "CREATE EXTENSION plpgsql", true},
            As::kSuperuser);
  SqliteDatabase source;
  MakeSource(source);
  PostgresDatabase target;
  const PostgresRole role(target);
  target.Exec(For(role,
                  "GRANT CREATE ON DATABASE ROLE_ TO ROLE_; CREATE SCHEMA x AUTHORIZATION "
                  "ROLE_"));
  const std::vector<std::string> words = {source.url(), role.url(), "--target-schema", "x"};
  CheckCopied(words);
  target.Exec(revoke);
  std::vector<std::string> again = words;
  again.insert(again.end(), {"--job", "again", "--existing", "truncate", "--yes"});
  CheckRefused(target, again, "may not use the language plpgsql", For(role, way_out));
}

TEST_CASE("an older ledger of another role's, which only that one can upgrade, is refused") {
  SqliteDatabase source;
  MakeSource(source);
  PostgresDatabase target;
  const PostgresRole role(target);
  CheckCopied({source.url(), target.url(), "--job", "first"});
  target.Exec(For(role,
                  "ALTER TABLE rowferry.job DROP COLUMN settings; ALTER TABLE rowferry.split DROP "
                  "COLUMN pending; DROP TABLE rowferry.reject; UPDATE rowferry.meta SET version = "
                  "1; CREATE SCHEMA x AUTHORIZATION ROLE_; GRANT USAGE ON SCHEMA rowferry TO "
                  "ROLE_; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA rowferry TO "
                  "ROLE_"));
  const std::vector<std::string> words = {source.url(), role.url(), "--target-schema", "x"};
  const std::string may_not = "may not upgrade the ledger in schema rowferry, which is of format 1";
  CheckRefused(target, words, may_not, "copy something as its owner, " + target.One("SELECT user"));
  CHECK(Rowferry({"status", role.url()}).exit_code == 0);
  target.Exec(For(role,
                  "ALTER TABLE rowferry.meta OWNER TO ROLE_; ALTER TABLE rowferry.job OWNER TO "
                  "ROLE_; ALTER TABLE rowferry.run OWNER TO ROLE_; ALTER TABLE rowferry.split "
                  "OWNER TO ROLE_; ALTER TABLE rowferry.backend OWNER TO ROLE_"));
  const std::string way_out = For(role, R"(GRANT CREATE ON SCHEMA "rowferry" TO "ROLE_")");
  CheckRefused(target, words, may_not, way_out);
  target.Exec(way_out);
  CheckCopied(words);
}

TEST_CASE("a ledger of a newer version is refused, and left as it is") {
  InEveryDirection([](Copies& copies) {
    CHECK(copies.Run({"--table", "items", "--job", "before"}).exit_code == 0);
    copies.target().Exec("UPDATE " + copies.target().LedgerTable("meta") +
                         (copies.target().LedgerTable("meta") == "rowferry_meta"
                              ? " SET value = '99'"
                              : " SET version = 99"));
    CheckRefused(copies.target(),
                 {copies.source().url(), copies.target().url(), "--table", "lines"},
                 "format 99, made by a newer rowferry", "use that one, or");
    CheckSays(Rowferry({"status", copies.target().url()}), "format 99", "use that one");
    CheckSays(Rowferry({"forget", copies.target().url(), "before"}), "format 99", "use that one");
  });
}

TEST_CASE("no table goes where the ledger has its own") {
  PostgresDatabase source;
  source.Exec("CREATE TABLE job (id int PRIMARY KEY); CREATE TABLE rowferry_job (id int)");
  PostgresDatabase server;
  const std::string way_out = "name another";
  const std::vector<std::string> words = {source.url(), server.url(),      "--table",
                                          "job",        "--ledger-schema", "public"};
  CheckRefused(server, words, "table public.job: its name is that of a table of the ledger",
               "--target-schema or --ledger-schema");
  CheckCopied({source.url(), server.url(), "--table", "rowferry_job"});
  server.Exec("CREATE TABLE public.other (id int)");
  CheckRefused(server,
               {source.url(), server.url(), "--table", "job", "--target-schema", "rowferry"},
               "the target rowferry.job is a table of a rowferry ledger", "--ledger-schema");
  SqliteDatabase file;
  CheckRefused(file, {source.url(), file.url(), "--table", "rowferry_job"},
               "has the name of a table of rowferry's ledger", way_out);
}

TEST_CASE("source and target being the same file is refused by whatever path") {
  SqliteDatabase file;
  MakeSource(file);
  const std::string soft = file.folder() + "/soft.db";
  const std::string hard = file.folder() + "/hard.db";
  const std::string folder = file.folder() + "/folder";
  fs::create_symlink(file.url(), soft);
  fs::create_hard_link(file.url(), hard);
  fs::create_directory_symlink(file.folder(), folder);
  for (const std::string& other : {file.url(), "sqlite:" + file.url(), soft, hard,
                                   folder + "/./test.db", fs::relative(file.url()).string()}) {
    CAPTURE(other);
    CheckRefused(file, {file.url(), other}, "source and target are the same file", "name another");
    CheckRefused(file, {other, file.url()}, "source and target are the same file", "name another");
  }
  const std::string beside = file.folder() + "/beside.db";
  for (const char* suffix : {"-wal", "-shm", "-journal", "-rowferry.lock"}) {
    CheckRefused(file, {file.url(), file.url() + suffix}, "would both use the file",
                 "name another target");
    CHECK_FALSE(fs::exists(file.url() + suffix));
    fs::copy_file(file.url(), beside + suffix);
    CheckRefused(file, {beside + suffix, beside}, "would both use the file", "name another target");
    CHECK_FALSE(fs::exists(beside));
  }
}

TEST_CASE("source and target being the same table is refused by whatever address") {
  PostgresDatabase server;
  MakeSource(server);
  std::string by_name = server.url();
  const size_t host = by_name.find("127.0.0.1");
  if (host != std::string::npos) by_name.replace(host, 9, "localhost");
  for (const std::string& other : {server.url() + "?connect_timeout=9", by_name}) {
    CAPTURE(other);
    CheckRefused(server, {server.url(), other}, "table public.t: source and target are the same",
                 "--target-schema");
    CheckRefused(server, {other, server.url(), "--existing", "replace", "--yes"}, "the same table",
                 "--target-schema");
  }
  // What tells the server is not for every role.
  const PostgresRole role(server);
  server.Exec(For(role,
                  "GRANT SELECT, INSERT ON t TO ROLE_; GRANT CREATE ON DATABASE ROLE_ TO "
                  "ROLE_; REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC"));
  CheckRefused(server, {server.url(), role.url(), "--existing", "append"}, "the same table",
               "--target-schema");
}

TEST_CASE("a table whose rows would show in the source's is no target for them") {
  PostgresDatabase server;
  server.Exec(
      "CREATE SCHEMA o; CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE "
      "half PARTITION OF p FOR VALUES FROM (0) TO (99) PARTITION BY RANGE (id); CREATE TABLE o.p "
      "PARTITION OF half FOR VALUES FROM (0) TO (9); CREATE TABLE i (id int PRIMARY KEY); CREATE "
      "TABLE o.i () INHERITS (i); CREATE TABLE o.k (id int PRIMARY KEY); CREATE TABLE k () "
      "INHERITS "
      "(o.k); INSERT INTO p VALUES (1); INSERT INTO i VALUES (1); INSERT INTO k VALUES (1)");
  for (const char* table : {"p", "i", "k"}) {
    CheckRefused(server, {server.url(), server.url(), "--table", table, "--target-schema", "o"},
                 "table public." + std::string(table) + ": the target o." + table +
                     " is a partition of it, or linked with it by inheritance",
                 "--target-schema");
  }
}

TEST_CASE("a key that is not proven unique is refused") {
  PostgresDatabase server;
  server.Exec(
      "CREATE TABLE t (plain int NOT NULL, partial int NOT NULL, expression int NOT NULL, deferred "
      "int NOT NULL UNIQUE DEFERRABLE, invalid int NOT NULL, nullable int UNIQUE); CREATE INDEX ON "
      "t (plain); CREATE UNIQUE INDEX ON t (partial) WHERE partial > 0; CREATE UNIQUE INDEX ON t "
      "((expression + 1)); INSERT INTO t VALUES (1, 1, 1, 1, 1, 1), (1, 2, 2, 2, 1, 2)");
  CHECK_THROWS(server.Exec("CREATE UNIQUE INDEX CONCURRENTLY broken ON t (invalid)"));
  SqliteDatabase file;
  const auto check = [&](TestDatabase& source, const std::string& column, const char* reason,
                         const std::string& way_out) {
    CAPTURE(column);
    CheckRefused(file, {source.url(), file.url(), "--table", "t", "--key", column}, reason,
                 way_out);
  };
  for (const std::string column : {"plain", "partial", "expression", "deferred", "invalid"}) {
    check(server, column, "is not proven unique",
          R"(CREATE UNIQUE INDEX ON "public"."t" (")" + column + "\")");
  }
  check(server, "nullable", "may be NULL",
        R"(ALTER TABLE "public"."t" ALTER COLUMN "nullable" SET NOT NULL)");
  check(server, "missing", "names the column missing, which is not there", "--key");
  SqliteDatabase other;
  other.Exec(
      "CREATE TABLE t (plain, partial, expression); CREATE INDEX i ON t (plain); CREATE UNIQUE "
      "INDEX p ON t (partial) WHERE partial > 0; CREATE UNIQUE INDEX e ON t (expression + 1)");
  for (const std::string column : {"plain", "partial", "expression"}) {
    check(other, column, "is not proven unique",
          "CREATE UNIQUE INDEX \"t_" + column + R"(" ON "t" (")" + column + "\")");
  }
}

TEST_CASE("two names that would be one in the target are refused") {
  struct NameCase {
    const char* target;
    std::string make;  // in a source of PostgreSQL's
    std::string reason;
    std::string way_out;
    std::vector<std::string> more = {};
  };
  const std::vector<std::string> lower = {"--identifiers", "lower"};
  const std::vector<std::string> snake = {"--identifiers", "snake"};
  const std::string tables = "is already another table's";
  const std::string columns = "two of its columns would be";
  const NameCase cases[] = {
      {"sqlite", R"(CREATE TABLE "Log" (a int); CREATE TABLE log (b int))", tables,
       "into another file"},
      {"postgres", R"(CREATE TABLE "Log" (a int); CREATE TABLE log (b int))", tables,
       "into another schema (--target-schema)", lower},
      {"postgres", R"(CREATE TABLE "UserLog" (a int); CREATE TABLE user_log (b int))", tables,
       "change --identifiers", snake},
      {"sqlite", R"(CREATE TABLE t ("A" int, a int))", columns, "--drop one"},
      {"postgres", R"(CREATE TABLE t ("A" int, a int))", columns, "change --identifiers", lower},
      {"postgres", R"(CREATE TABLE t ("UserId" int, user_id int))", columns, "--drop one", snake},
  };
  for (const NameCase& c : cases) {
    CAPTURE(c.make);
    PostgresDatabase source;
    source.Exec(c.make);
    const auto target = MakeDatabase(c.target);
    std::vector<std::string> words = {source.url(), target->url()};
    words.insert(words.end(), c.more.begin(), c.more.end());
    CheckRefused(*target, words, c.reason, c.way_out);
  }
}

TEST_CASE("names that PostgreSQL would cut to one are refused, also where that one is there") {
  const std::string name(63, 'n');
  SqliteDatabase source;
  source.Exec("CREATE TABLE " + name + "1 (a INTEGER PRIMARY KEY); CREATE TABLE " + name +
              "2 (a INTEGER PRIMARY KEY); CREATE TABLE c (" + name + "1 INTEGER, " + name +
              "2 INTEGER)");
  PostgresDatabase target;
  const std::string cut = "longer than the 63 bytes that PostgreSQL keeps";
  for (const bool is_there : {false, true}) {
    CAPTURE(is_there);
    if (is_there)
      target.Exec("CREATE TABLE " + name + " (a bigint); CREATE TABLE c (" + name + " int)");
    CheckRefused(target, {source.url(), target.url(), "--exclude", "c"},
                 "table " + name + "1 is " + cut, "--exclude " + name + "1");
    CheckRefused(target, {source.url(), target.url(), "--exclude", "c"},
                 "table " + name + "2 is " + cut, "--exclude " + name + "2");
    CheckRefused(target, {source.url(), target.url(), "--table", "c"},
                 is_there ? "column \"" + name + "1\" is missing in the target" : cut,
                 "--drop " + name + "1");
  }
}

TEST_CASE("a column named like one that PostgreSQL gives to every table is refused") {
  for (const std::string name : {"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"}) {
    CAPTURE(name);
    SqliteDatabase source;
    source.Exec("CREATE TABLE t (id INTEGER PRIMARY KEY, " + name + " INTEGER)");
    PostgresDatabase target;
    CheckRefused(target, {source.url(), target.url(), "--table", "t"},
                 "table public.t: a column " + name + " has the name of a column that PostgreSQL",
                 "--drop " + name + ", or the table with --exclude t");
    CheckCopied({source.url(), target.url(), "--table", "t", "--drop", name});
  }
}

TEST_CASE("tables named like what PostgreSQL makes beside other tables are copied") {
  SqliteDatabase file;
  file.Exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t VALUES (5); "
      "CREATE TABLE t_pkey (id INTEGER PRIMARY KEY); CREATE TABLE t_pkey1 (a INTEGER); "
      "CREATE TABLE t_pkey_pkey (a INTEGER); CREATE TABLE t_id_seq (a INTEGER)");
  PostgresDatabase server;
  CheckCopied({file.url(), server.url()});
  CHECK(server.Rows("INSERT INTO t DEFAULT VALUES RETURNING id") == std::vector<TextRow>{{"6"}});
  // As PostgreSQL itself takes them, one after the other.
  PostgresDatabase source;
  source.Exec(
      "CREATE TABLE z_pkey (id int PRIMARY KEY); CREATE TABLE z (id int PRIMARY KEY); INSERT INTO "
      "z VALUES (1)");
  CheckCopied({source.url(), server.url()});
  CheckCopied({source.url(), server.url(), "--existing", "replace", "--yes"});
  CHECK(server.One("SELECT id FROM z") == "1");
}

TEST_CASE("a source that this role cannot read as a whole is refused") {
  PostgresDatabase source;
  source.Exec(
      "CREATE TABLE t (id int PRIMARY KEY, a int, b int); CREATE TABLE keyless (a int, b int); "
      "CREATE SCHEMA closed; CREATE TABLE closed.t (id int); CREATE TABLE hidden (id int PRIMARY "
      "KEY); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY");
  const PostgresRole role(source);
  const std::string to = " TO \"" + role.name() + "\"";
  source.Exec("GRANT SELECT (id, a) ON t TO " + role.name() + "; GRANT SELECT (a) ON keyless TO " +
              role.name() + "; GRANT SELECT ON hidden TO " + role.name());
  SqliteDatabase target;
  const auto check = [&](std::vector<std::string> words, const char* reason,
                         const std::string& way_out) {
    words.insert(words.begin(), {role.url(), target.url()});
    CheckRefused(target, words, reason, way_out);
  };
  check({"--table", "t"}, "may not read all columns of public.t",
        R"(GRANT SELECT ("b") ON "public"."t")" + to + ", or leave them out with --drop");
  check({"--table", "t", "--drop", "b", "--where", "b > 1"}, "cannot be read (--where b > 1)",
        R"(GRANT SELECT ON "public"."t")" + to);
  source.Exec(
      "CREATE FUNCTION f(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; REVOKE "
      "EXECUTE ON FUNCTION f(int) FROM PUBLIC");
  const std::string needs =
      "GRANT what the condition needs, EXECUTE on its functions or SELECT on "
      "other tables," +
      to;
  check({"--table", "t", "--drop", "b", "--where", "public.f(a) > 1"},
        "denied for function f: ", needs);
  check({"--table", "t", "--drop", "b", "--where", "public.f(b) > 1"}, "(--where public.f(b) > 1)",
        R"(GRANT SELECT ON "public"."t")" + to);
  check({"--table", "t", "--drop", "b", "--where", "a IN (SELECT b FROM public.keyless)"},
        "denied for table keyless: ", needs);
  check({"--table", "keyless", "--drop", "b"}, "table public.keyless cannot be read",
        R"(GRANT SELECT ON "public"."keyless")" + to);
  check({"--schema", "closed"}, "table closed.t is in a schema that role",
        "GRANT USAGE ON SCHEMA \"closed\"" + to);
  check({"--table", "hidden"}, "row-level security that would hide rows", "BYPASSRLS");
  check({}, "may not read all columns of public.t", "table public.hidden has row-level security");
  source.Exec("GRANT SELECT ON t TO " + role.name());
  check({"--table", "t", "--where", "public.f(a) > 1"}, "denied for function f: ", needs);
  CheckCopied({role.url(), target.url(), "--table", "t", "--drop", "b"});
}

TEST_CASE("what an SQLite file holds in a table's place is refused") {
  struct NameCase {
    const char* table;
    const char* make;  // in the target
    const char* reason;
  };
  const NameCase cases[] = {
      {"t", "CREATE VIEW t AS SELECT 1 AS id", "is a view, not a table"},
      {"t", "CREATE VIRTUAL TABLE T USING fts5(id)", "is a virtual table, not a table"},
      {"t_data", "CREATE VIRTUAL TABLE t USING fts5(id)", "is part of a virtual table"},
      {"t", "CREATE TABLE u (id); CREATE INDEX T ON u (id)", "has the name of an index there"},
      {"sqlite_t", "CREATE TABLE u (id)", "has a name that SQLite keeps for itself"},
  };
  for (const NameCase& c : cases) {
    CAPTURE(std::string(c.make));
    PostgresDatabase source;
    source.Exec(std::string("CREATE TABLE ") + c.table + " (id int PRIMARY KEY)");
    SqliteDatabase target;
    target.Exec(c.make);
    CheckRefused(
        target, {source.url(), target.url()},
        std::string("table public.") + c.table + ": the target " + c.table + " " + c.reason,
        "name another file");
  }
}

TEST_CASE("a target that no file can be is refused") {
  SqliteDatabase source;
  MakeSource(source);
  SqliteDatabase target;
  CheckRefused(target, {source.url(), target.folder() + "/missing/t.db"}, "No such file",
               "must be there");
  CheckRefused(target, {source.url(), target.folder()}, "is a directory", target.folder());
  target.Exec("CREATE TABLE u (id)");
  std::ofstream(target.folder() + "/text") << std::string(5000, 'x');
  CheckRefused(target, {source.url(), target.folder() + "/text"}, "not a database", "text");
}

TEST_CASE("a lock file beside the target that this user cannot write is refused" *
          doctest::test_suite("missing right")) {
  SqliteDatabase source;
  MakeSource(source);
  SqliteDatabase target;
  target.Exec("CREATE TABLE u (id)");
  for (const SqliteDatabase* end : {&source, &target}) HandToUnprivileged(end->folder());
  const std::string lock = target.url() + "-rowferry.lock";
  std::ofstream(lock) << "job";
  fs::permissions(lock, fs::perms::none);
  ProcessOptions user;
  user.unprivileged = true;
  const std::vector<std::string> words = {source.url(), target.url()};
  CheckRefused(target, words, lock + ": Permission denied", "remove it once that run is over",
               user);
  CHECK(Rowferry({"status", target.url()}, user).exit_code == 0);
  fs::remove(lock);
  const Finished copied = Rowferry({"copy", source.url(), target.url()}, user);
  CHECK_MESSAGE(copied.exit_code == 0, copied.err);
}

TEST_CASE("a pooler is refused, as source and as target, unless it pools by session") {
  PostgresDatabase server;
  server.Exec("CREATE SCHEMA x");
  MakeSource(server);
  for (const char* mode : {"transaction", "statement"}) {
    CAPTURE(std::string(mode));
    const Pooler pooler(mode);
    const std::string pooled = pooler.Through(server.url());
    SqliteDatabase file;
    MakeSource(file);
    const std::string reason = "is a pooler that pools by transaction or by statement";
    CheckRefused(server, {file.url(), pooled, "--target-schema", "x"}, reason, "pool by session");
    CheckRefused(server, {pooled, file.url() + ".new"}, reason, "connect to the server itself");
    CHECK(Rowferry({"status", pooled}).exit_code == 0);
  }
  const Pooler pooler("session");
  const std::string pooled = pooler.Through(server.url());
  SqliteDatabase file;
  CheckCopied({pooled, file.url()});
  CheckCopied({file.url(), pooled, "--target-schema", "x"});
  CHECK(server.One("SELECT a FROM x.t") == "10");
  CheckRefused(server, {server.url(), pooled}, "are the same table", "--target-schema");
}

TEST_CASE("a standby is a source and no target, and is its primary's own table") {
  const PostgresServer primary;
  SqliteDatabase file;
  MakeSource(file);
  CheckCopied({file.url(), primary.url()});
  const auto standby = PostgresServer::StandbyOf(primary);
  SqliteDatabase other;
  CheckCopied({standby->url(), other.url()});
  CHECK(other.One("SELECT a FROM t") == "10");
  CheckRefused(other, {other.url(), standby->url(), "--existing", "append"},
               "is a standby in recovery, which takes no writes", "copy into its primary");
  CheckRefused(other, {standby->url(), primary.url()}, "source and target are the same table",
               "--target-schema");
  CHECK(Rowferry({"status", standby->url()}).exit_code == 0);
}

}  // namespace
}  // namespace rowferry::testing
