// Tables that were there before, or change under an unfinished job.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>

#include "e2e/copies.h"

namespace rowferry::testing {
namespace {

void CheckRefused(const Finished& finished, const std::string& reason) {
  CHECK_MESSAGE(finished.exit_code == 2, finished.err);
  CHECK_MESSAGE(finished.err.find(reason) != std::string::npos, finished.err);
}

TEST_CASE(
    "columns are matched by name, whatever their order; what has no source keeps its default") {
  InEveryDirection([](Copies& copies) {
    copies.target().Exec(
        "CREATE TABLE items (spare text, note text, grade bigint NOT NULL DEFAULT 7, batch bigint,"
        "                    id bigint NOT NULL PRIMARY KEY)");
    const Finished finished = copies.Run();
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
    copies.CheckExact();
    CHECK(copies.target().One("SELECT count(*) FROM items WHERE spare IS NULL AND grade = 7") ==
          std::to_string(Copies::kItems));
  });
}

TEST_CASE("a primary key of SQLite's that holds NULL stays behind, and all rows arrive") {
  SqliteDatabase source;
  source.Exec(
      "CREATE TABLE lines (a INT, b TEXT, PRIMARY KEY (a, b));"
      "INSERT INTO lines VALUES (NULL, 'x'), (NULL, 'x'), (1, NULL), (1, 'x'), (2, 'y');"
      "CREATE TABLE whole (a INT, b TEXT, PRIMARY KEY (a, b)); INSERT INTO whole VALUES (1, 'x')");
  PostgresDatabase target;
  const Finished plan = Rowferry({"plan", source.url(), target.url()});
  const std::string warning = "the primary key (a, b) stays behind: a and b hold NULL";
  CHECK_MESSAGE(plan.out.find(warning) != std::string::npos, plan.out);
  const Finished copy = Rowferry({"copy", source.url(), target.url(), "--chunk-rows", "2"});
  REQUIRE_MESSAGE(copy.exit_code == 0, copy.err);
  const std::string contents = "SELECT a, b FROM lines ORDER BY a NULLS FIRST, b NULLS FIRST";
  CHECK(target.Rows(contents) == source.Rows(contents));
  CHECK(target.Rows("SELECT conrelid::regclass FROM pg_constraint WHERE contype = 'p' AND "
                    "connamespace = 'public'::regnamespace") == std::vector<TextRow>{{"whole"}});
}

TEST_CASE("what a source's table has beside its rows stays behind of a table that is made alone") {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    Copies copies(direction);
    copies.source().Exec("CREATE INDEX items_batch ON items (batch)");
    const auto plan = [&] {
      return Rowferry({"plan", copies.source().url(), copies.target().url(), "--table", "items"});
    };
    const std::string warning = "left behind: 1 index";
    CHECK_MESSAGE(plan().out.find(warning) != std::string::npos, plan().out);
    copies.target().Exec("CREATE TABLE items (id bigint PRIMARY KEY, batch bigint, note text)");
    CHECK_MESSAGE(plan().out.find(warning) == std::string::npos, plan().out);
  }
}

TEST_CASE("what is no table stays behind, and that is said") {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    Copies copies(direction);
    copies.source().Exec("CREATE VIEW newest AS SELECT 1 AS x; CREATE VIEW tall AS SELECT 2 AS x");
    const auto plan = [&](const std::vector<std::string>& more) {
      std::vector<std::string> words = {"plan", copies.source().url(), copies.target().url()};
      words.insert(words.end(), more.begin(), more.end());
      return Rowferry(words);
    };
    const auto says = [&](const std::vector<std::string>& more, const std::string& text) {
      return plan(more).out.find(text) != std::string::npos;
    };
    CHECK(says({}, "warning: left behind: view newest, view tall"));
    CHECK(says({"--exclude", "new*"}, "warning: left behind: view tall"));
    CHECK_FALSE(says({"--table", "items"}, "left behind: view"));
    CheckRefused(plan({"--table", "tall"}), "\"tall\" is a view");
  }
}

TEST_CASE("a name that is one table's, and with its schema another one's, is refused") {
  PostgresDatabase source;
  source.Exec("CREATE TABLE \"x.y\" (a int); CREATE SCHEMA x; CREATE TABLE x.y (b int)");
  SqliteDatabase target;
  const auto plan = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"plan", source.url(), target.url()});
    return Rowferry(words);
  };
  CheckRefused(plan({"--table", "x.y"}), "say --table public.x.y, or --schema x --table y");
  CHECK(plan({"--table", "public.x.y"}).out.find("a integer") != std::string::npos);
  CHECK(plan({"--schema", "x", "--table", "y"}).out.find("b integer") != std::string::npos);
}

TEST_CASE("the plan names the schemas that it leaves out") {
  PostgresDatabase source;
  source.Exec(
      "CREATE TABLE a (id int PRIMARY KEY); CREATE SCHEMA sales; CREATE TABLE sales.b (x int)");
  SqliteDatabase target;
  const std::string left_out = "left out: the tables of other schemas (--schema): sales";
  const std::string all = Rowferry({"plan", source.url(), target.url()}).out;
  CHECK_MESSAGE(all.find(left_out) != std::string::npos, all);
}

TEST_CASE("what a database cannot do with one table names the table, and how to leave it out") {
  SqliteDatabase source;
  source.Exec(
      "CREATE TABLE t (a TEXT PRIMARY KEY) WITHOUT ROWID; CREATE TABLE u (a INTEGER PRIMARY KEY);"
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'TEXT', 'TEXT "
      "COLLATE own')");
  SqliteDatabase target;
  CheckRefused(Rowferry({"plan", source.url(), target.url()}), "leave it out with --exclude t");
  CHECK(Rowferry({"copy", source.url(), target.url(), "--exclude", "t"}).exit_code == 0);
}

TEST_CASE("a column without its counterpart is refused with the way out") {
  InEveryDirection([](Copies& copies) {
    copies.target().Exec("CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, note text)");
    CheckRefused(copies.Run(), "--drop batch");
    CheckRefused(copies.Run({"--table", "items", "--drop", "batsch"}), "did you mean \"batch\"?");
    const Finished dropped = copies.Run({"--table", "items", "--drop", "batch"});
    CHECK_MESSAGE(dropped.exit_code == 0, dropped.err);
    const std::string contents = "SELECT id, note FROM items ORDER BY id";
    CHECK(copies.target().Rows(contents) == copies.source().Rows(contents));

    copies.target().Exec(
        "CREATE TABLE lines (code text NOT NULL, line bigint NOT NULL, amount bigint,"
        "                    owner text NOT NULL, PRIMARY KEY (code, line))");
    CheckRefused(copies.Run({"--table", "lines"}), "\"owner\" is NOT NULL without a default");
  });
}

TEST_CASE("a job whose names the target's encoding lacks is refused with the way out") {
  Copies copies({"sqlite", "sqlite"});
  PostgresDatabase target("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  const auto copy = [&](const std::string& where) {
    return Rowferry(
        {"copy", copies.source().url(), target.url(), "--table", "items", "--where", where});
  };
  CheckRefused(copy("note <> '€'"), "use others, or copy into a database in UTF8");
  CHECK(copy("note <> 'ß'").exit_code == 0);
}

std::string TableOfColumns(const std::string& first, size_t columns) {
  std::string sql = "CREATE TABLE wide (" + first;
  for (size_t i = 1; i < columns; ++i) sql += ", c" + std::to_string(i);
  return sql + ")";
}

TEST_CASE(
    "more columns than a database takes are refused by the plan, as many as it takes arrive") {
  SqliteDatabase source;
  source.Exec(TableOfColumns("id INTEGER PRIMARY KEY", 1601));
  PostgresDatabase server;
  const std::string& url = source.url();
  CheckRefused(Rowferry({"plan", url, server.url()}), "PostgreSQL takes 1600");
  CHECK(Rowferry({"copy", url, server.url(), "--table", "wide", "--drop", "c9"}).exit_code == 0);

  SqliteDatabase largest;
  largest.Exec(TableOfColumns("id", 2000) + "; INSERT INTO wide (id) VALUES (7)");
  SqliteDatabase file;
  CheckRefused(Rowferry({"plan", largest.url(), file.url()}), "SQLite reads 2000");
  CHECK(
      Rowferry({"copy", largest.url(), file.url(), "--table", "wide", "--drop", "c9"}).exit_code ==
      0);
  CHECK(file.One("SELECT id FROM wide") == "7");
}

TEST_CASE("blanks between the columns of --key are no part of their names") {
  for (const Direction& direction : kDirections) {
    const Copies copies(direction);
    std::vector<std::string> words = copies.Command({"--table", "lines", "--key", "code, line"});
    words[0] = "plan";
    const Finished plan = Rowferry(words);
    CHECK_MESSAGE(plan.exit_code == 0, plan.err);
  }
}

TEST_CASE("names are looked for in the case that --identifiers says") {
  const std::string make =
      "CREATE TABLE \"UserAccounts\" (\"UserId\" bigint NOT NULL PRIMARY KEY, \"FullName\" text);"
      "INSERT INTO \"UserAccounts\" VALUES (1, 'Zoë'), (2, NULL)";
  struct Case {
    const char* identifiers;
    const char* names;  // table, key and column in the target
    const char* contents;
  };
  const Case cases[] = {
      {"keep", "\"UserAccounts\" (\"FullName\" text, \"UserId\" bigint PRIMARY KEY)",
       "SELECT \"UserId\", \"FullName\" FROM \"UserAccounts\" ORDER BY 1"},
      {"lower", "useraccounts (fullname text, userid bigint PRIMARY KEY)",
       "SELECT userid, fullname FROM useraccounts ORDER BY 1"},
      {"snake", "user_accounts (full_name text, user_id bigint PRIMARY KEY)",
       "SELECT user_id, full_name FROM user_accounts ORDER BY 1"},
  };
  for (const Direction& direction : kDirections) {
    for (const Case& c : cases) {
      for (const bool made_before : {true, false}) {
        CAPTURE(direction.source);
        CAPTURE(direction.target);
        CAPTURE(std::string(c.identifiers));
        const auto source = MakeDatabase(direction.source);
        const auto target = MakeDatabase(direction.target);
        source->Exec(make);
        if (made_before) target->Exec(std::string("CREATE TABLE ") + c.names);
        const Finished finished =
            Rowferry({"copy", source->url(), target->url(), "--identifiers", c.identifiers});
        CHECK_MESSAGE(finished.exit_code == 0, finished.err);
        CHECK(target->Rows(c.contents) == std::vector<TextRow>{{"1", "Zoë"}, {"2", "(null)"}});
      }
    }
  }
}

TEST_CASE(
    "a target table that disappeared, was emptied or changed under an unfinished job is refused") {
  InEveryDirection([](Copies& copies) {
    copies.Interrupt(SIGKILL);
    copies.target().Exec("ALTER TABLE items RENAME TO items_before");
    CheckRefused(copies.Run(), "disappeared");
    copies.target().Exec(
        "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text)");
    CheckRefused(copies.Run(), "it is empty now: --restart");
    copies.target().Exec("DROP TABLE items");
    copies.target().Exec(
        "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch text, note text);"
        "INSERT INTO items (id) VALUES (7)");
    CheckRefused(copies.Run(), "batch");
    copies.target().Exec("DROP TABLE items; ALTER TABLE items_before RENAME TO items");
    const Finished resumed = copies.Run();
    CHECK_MESSAGE(resumed.exit_code == 0, resumed.err);
    copies.CheckExact();
  });
}

TEST_CASE("a key that was defined anew under its old name refuses to resume") {
  struct Case {
    Direction direction;
    const char* key;
    const char* other_key;
  };
  const Case cases[] = {
      {{"postgres", "postgres"},
       "ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (a)",
       "ALTER TABLE t DROP CONSTRAINT k; ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (b)"},
      {{"sqlite", "sqlite"},
       "CREATE UNIQUE INDEX k ON t (a)",
       "DROP INDEX k; CREATE UNIQUE INDEX k ON t (a DESC)"},
      {{"sqlite", "sqlite"},
       "CREATE UNIQUE INDEX k ON t (a)",
       "ALTER TABLE t RENAME TO former; DROP INDEX k;"
       "CREATE TABLE t (a bigint COLLATE NOCASE NOT NULL, b bigint NOT NULL);"
       "INSERT INTO t SELECT * FROM former; DROP TABLE former; CREATE UNIQUE INDEX k ON t (a)"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.direction.source);
    Copies copies(c.direction);
    copies.source().Exec("CREATE TABLE t (a bigint NOT NULL, b bigint NOT NULL)");
    copies.source().Exec("INSERT INTO t SELECT id, 10000 - id FROM items WHERE id > 0");
    copies.source().Exec(c.key);
    copies.target().Exec("CREATE TABLE t (a bigint NOT NULL CHECK (a < 50), b bigint NOT NULL)");
    const std::vector<std::string> more = {"--table", "t", "--chunk-rows", "5"};
    CHECK(copies.Run(more).exit_code == 1);
    copies.source().Exec(c.other_key);
    CheckRefused(copies.Run(more), "k");
  }
}

TEST_CASE("a collation that an application made stays behind, and the rows arrive") {
  for (const std::string kind : {"sqlite", "postgres"}) {
    CAPTURE(kind);
    SqliteDatabase source;
    source.Exec(
        "CREATE TABLE t (a TEXT PRIMARY KEY, b TEXT); INSERT INTO t VALUES ('b', 'y'), ('B', 'z');"
        "CREATE INDEX t_b ON t (b); PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = replace(replace(sql, 'a TEXT', 'a TEXT COLLATE own'), "
        "'(b)', '(b COLLATE own)')");
    const auto target = MakeDatabase(kind);
    const Finished copied = Rowferry({"copy", source.url(), target->url()});
    CHECK_MESSAGE(copied.exit_code == 0, copied.err);
    CHECK_MESSAGE(copied.err.find("collation own stays behind") != std::string::npos, copied.err);
    CHECK(target->One("SELECT count(*) FROM t WHERE (a, b) IN (('b', 'y'), ('B', 'z'))") == "2");
  }
}

TEST_CASE("a table that an unfinished job is to fill is not filled by another one as well") {
  InEveryDirection([](Copies& copies) {
    copies.target().Exec(
        "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY CHECK (id < 0), batch bigint,"
        " note text);"
        "CREATE TABLE lines (code text NOT NULL, line bigint NOT NULL, amount bigint)");
    CHECK(copies.Run({"--job", "all"}).exit_code == 1);  // at its first table
    const Finished second = copies.Run({"--job", "one", "--table", "lines"});
    CheckRefused(second, "also filled by job all");
    CHECK(copies.target().One("SELECT count(*) FROM lines") == "0");
    CHECK(Rowferry({"forget", copies.target().url(), "all"}).exit_code == 0);
    CHECK(copies.Run({"--job", "one", "--table", "lines"}).exit_code == 0);
  });
}

TEST_CASE(
    "a table that an unfinished job has filled in part is not emptied or made by another one") {
  InEveryDirection([](Copies& copies) {
    copies.target().Exec(
        "CREATE TABLE lines (code text NOT NULL, line bigint NOT NULL CHECK (line < 500),"
        "                    amount bigint)");
    CHECK(copies.Run({"--job", "all"}).exit_code == 1);
    std::vector<std::string> other = {"--job", "one", "--table", "items", "--yes", "--existing"};
    for (const char* how : {"truncate", "replace"}) {
      other.emplace_back(how);
      CheckRefused(copies.Run(other), "also filled by job all");
      other.pop_back();
    }
    CHECK(copies.target().One("SELECT count(*) FROM items") == std::to_string(Copies::kItems));
    copies.target().Exec("DROP TABLE items");
    CheckRefused(copies.Run({"--job", "one", "--table", "items"}), "also filled by job all");
  });
}

TEST_CASE("nor is one that holds its partitions, or is one of them") {
  const std::string partition = "a_part";
  const std::string whole = "b_whole";
  for (const auto& [begun, other] : {std::pair{partition, whole}, std::pair{whole, partition}}) {
    CAPTURE(begun);
    SqliteDatabase source;
    PostgresDatabase target;
    for (const std::string& table : {partition, whole}) {
      source.Exec("CREATE TABLE " + table + " (id bigint PRIMARY KEY, a bigint); INSERT INTO " +
                  table + " VALUES (1, 1), (2, 2), (3, 3)");
    }
    target.Exec(
        "CREATE TABLE b_whole (id bigint PRIMARY KEY, a bigint, CHECK (id < 3)) "
        "PARTITION BY RANGE (id); "
        "CREATE TABLE a_part PARTITION OF b_whole FOR VALUES FROM (1) TO (100)");
    const auto copy = [&](const std::string& table, const std::string& existing) {
      return Rowferry({"copy", source.url(), target.url(), "--table", table, "--job", table,
                       "--yes", "--max-rejects", "0", "--chunk-rows", "1", "--existing", existing});
    };
    CHECK(copy(begun, "fail").exit_code == 1);
    CheckRefused(copy(other, "truncate"), "also filled by job " + begun);
    CHECK(target.One("SELECT count(*) FROM b_whole") == "2");
  }
}

TEST_CASE("a trigger of the target finds its tables by the path of its role") {
  for (const std::string kind : {"sqlite", "postgres"}) {
    CAPTURE(kind);
    Copies copies({kind, "postgres"});
    copies.target().Exec(
        "CREATE TABLE items (id bigint, batch bigint, note text); CREATE TABLE seen (id bigint);"
        "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN INSERT INTO seen VALUES (NEW.id); RETURN NEW; END';"
        "CREATE TRIGGER see AFTER INSERT ON items FOR EACH ROW EXECUTE FUNCTION see()");
    const Finished finished = copies.Run();
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
    copies.CheckExact();
    CHECK(copies.target().One("SELECT count(*) FROM seen") == std::to_string(Copies::kItems));
  }
}

TEST_CASE("operators of the user's own that come first in the target's path are not the ledger's") {
  Copies copies({"sqlite", "postgres"});
  copies.target().Exec(
      "CREATE SCHEMA own; CREATE FUNCTION own.alike(int, int) RETURNS bool LANGUAGE sql AS "
      "'SELECT true'; CREATE OPERATOR own.= (LEFTARG = int, RIGHTARG = int, FUNCTION = own.alike); "
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = own, pg_catalog, public', "
      "current_database()); END $$");
  const Finished finished = copies.Run();
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  copies.CheckExact();
}

TEST_CASE("a table whose trigger keeps its rows is not taken for emptied") {
  Copies copies({"sqlite", "sqlite"});
  copies.target().Exec(
      "CREATE TABLE items (id bigint, batch bigint, note text); INSERT INTO items (id) VALUES (7);"
      "CREATE TRIGGER keep BEFORE DELETE ON items BEGIN SELECT RAISE(IGNORE); END");
  CheckRefused(copies.Run({"--existing", "truncate", "--yes"}), "a trigger keeps rows");
  CHECK(copies.target().One("SELECT count(*) FROM items") == "1");
  copies.target().Exec("DROP TRIGGER keep");
  const Finished emptied = copies.Run({"--existing", "truncate", "--yes"});
  CHECK_MESSAGE(emptied.exit_code == 0, emptied.err);
  copies.CheckExact();
}

TEST_CASE("a table that foreign keys refer to is not to be emptied, and plan says so") {
  Copies copies({"sqlite", "postgres"});
  TestDatabase& target = copies.target();
  target.Exec(
      "CREATE TABLE items (id bigint PRIMARY KEY, batch bigint REFERENCES items, note text);"
      "CREATE TABLE \"Of items\" (item bigint REFERENCES items);"
      "INSERT INTO items (id) VALUES (7); INSERT INTO \"Of items\" VALUES (7)");
  std::vector<std::string> words = copies.Command({"--existing", "truncate", "--yes"});
  const std::string by_hand = "TRUNCATE \"public\".\"items\", public.\"Of items\"";
  CheckRefused(Rowferry(words), by_hand);
  words[0] = "plan";
  CheckRefused(Rowferry(words), by_hand);
  target.Exec(by_hand + "; ALTER TABLE items DROP CONSTRAINT items_batch_fkey");
  const Finished finished = copies.Run({"--existing", "truncate", "--yes"});
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  copies.CheckExact();
  const Finished again = copies.Run({"--existing", "truncate", "--yes", "--job", "again"});
  CheckRefused(again, by_hand);
}

TEST_CASE("another --existing refuses to resume, and names --restart") {
  InEveryDirection([](Copies& copies) {
    copies.target().Exec(
        "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text);"
        "INSERT INTO items (id) VALUES (7)");
    const std::vector<std::string> append = {"--table", "items",         "--existing",
                                             "append",  "--max-rejects", "0"};
    CHECK(copies.Run(append).exit_code == 1);  // the key 7 is there
    std::vector<std::string> truncate = {"--table", "items", "--existing", "truncate", "--yes"};
    const Finished refused = copies.Run(truncate);
    CheckRefused(refused, "existing rows: truncate");
    CHECK(refused.err.find("--restart") != std::string::npos);
    truncate.emplace_back("--restart");
    CHECK(copies.Run(truncate).exit_code == 0);
    CHECK(copies.target().One("SELECT count(*) FROM items") == std::to_string(Copies::kItems));
  });
}

TEST_CASE("a job whose checkpoint was edited can be forgotten") {
  InEveryDirection([](Copies& copies) {
    copies.Interrupt(SIGKILL);
    TestDatabase& target = copies.target();
    const std::string name = target.One("SELECT name FROM " + target.LedgerTable("job"));
    target.Exec("UPDATE " + target.LedgerTable("split") + " SET chunks = chunks + 1");
    const Finished forgotten = Rowferry({"forget", target.url(), name});
    CHECK_MESSAGE(forgotten.exit_code == 0, forgotten.err);
    CHECK(copies.Status().is_null());
  });
}

TEST_CASE("a checkpoint that was edited is mended by --restart") {
  InEveryDirection([](Copies& copies) {
    copies.Interrupt(SIGKILL);
    copies.target().Exec("UPDATE " + copies.target().LedgerTable("split") +
                         " SET chunks = chunks + 1");
    const Finished refused = copies.Run();
    CHECK(refused.exit_code != 0);
    CHECK_MESSAGE(refused.err.find("--restart") != std::string::npos, refused.err);
    const Finished mended = copies.Run({"--restart"});
    CHECK_MESSAGE(mended.exit_code == 0, mended.err);
    copies.CheckExact();
  });
}

TEST_CASE("a finished job is known again, whatever its source's path is made of") {
  SqliteDatabase source;
  SqliteDatabase target;
  source.Exec("CREATE TABLE t (x INTEGER PRIMARY KEY)");
  const std::string path = source.folder() + "/two\nlines %1 {x}.db";
  std::filesystem::copy_file(source.url(), path);
  CHECK(Rowferry({"copy", path, target.url()}).exit_code == 0);
  const Finished again = Rowferry({"copy", path, target.url()});
  CHECK_MESSAGE(again.out.find("finished") != std::string::npos, again.err);
}

TEST_CASE("the same words for another database are not the same job") {
  SqliteDatabase first;
  SqliteDatabase second;
  SqliteDatabase target;
  first.Exec("CREATE TABLE t (x INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
  second.Exec("CREATE TABLE t (x INTEGER PRIMARY KEY); INSERT INTO t VALUES (2)");
  const std::string link = target.folder() + "/latest.db";
  std::filesystem::create_symlink(first.url(), link);
  const auto copy = [&](const std::vector<std::string>& more) {
    std::vector<std::string> command = {"copy", link, target.url()};
    command.insert(command.end(), more.begin(), more.end());
    return Rowferry(command);
  };
  CHECK(copy({"--job", "named"}).exit_code == 0);
  std::filesystem::remove(link);
  std::filesystem::create_symlink(second.url(), link);
  CheckRefused(copy({}), "already holds 1 rows");
  CheckRefused(copy({"--job", "named"}), "--restart");
  CHECK(copy({"--existing", "append"}).exit_code == 0);
  CHECK(target.One("SELECT group_concat(x) FROM t") == "1,2");
  CHECK(copy({"--existing", "append"}).out.find("finished") != std::string::npos);
}

TEST_CASE("the next row that others insert gets a number that the source never gave to another") {
  const char* const sources[][2] = {
      {"postgres",
       "CREATE TABLE \"Order\" (\"Id\" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int);"
       "INSERT INTO \"Order\" (n) SELECT * FROM generate_series(1, 41)"},
      {"postgres",
       "CREATE TABLE \"Order\" (\"Id\" serial PRIMARY KEY, n int);"
       "INSERT INTO \"Order\" (n) SELECT * FROM generate_series(1, 41)"},
      {"postgres",
       "CREATE TABLE \"Order\" (\"Id\" serial PRIMARY KEY, n int);"
       "INSERT INTO \"Order\" (n) SELECT * FROM generate_series(1, 41);"
       "DELETE FROM \"Order\" WHERE n > 7"},
      {"postgres",
       "CREATE TABLE \"Order\" (\"Id\" int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int);"
       "INSERT INTO \"Order\" (n) SELECT * FROM generate_series(1, 41); DELETE FROM \"Order\""},
      {"sqlite",
       "CREATE TABLE \"Order\" (\"Id\" INTEGER PRIMARY KEY AUTOINCREMENT, n int);"
       "INSERT INTO \"Order\" VALUES (7, 7), (41, 41); DELETE FROM \"Order\" WHERE n > 7"},
      {"sqlite",
       "CREATE TABLE \"Order\" (\"Id\" INTEGER PRIMARY KEY AUTOINCREMENT, n int);"
       "INSERT INTO \"Order\" VALUES (41, 41); DELETE FROM \"Order\""},
      {"sqlite",
       "CREATE TABLE \"Order\" (\"Id\" INTEGER PRIMARY KEY AUTOINCREMENT, n int);"
       "INSERT INTO \"Order\" (n) SELECT value FROM json_each(json_array(1,2,3));"
       "INSERT INTO \"Order\" VALUES (41, 41)"},
  };
  for (const auto& [kind, make] : sources) {
    for (const char* target_kind : {"postgres", "sqlite"}) {
      CAPTURE(std::string(make));
      CAPTURE(std::string(target_kind));
      const auto source = MakeDatabase(kind);
      const auto target = MakeDatabase(target_kind);
      source->Exec(make);
      const Finished finished = Rowferry({"copy", source->url(), target->url()});
      CHECK_MESSAGE(finished.exit_code == 0, finished.err);
      target->Exec("INSERT INTO \"Order\" (n) VALUES (0)");
      CHECK(target->One("SELECT \"Id\" FROM \"Order\" WHERE n = 0") == "42");
    }
  }
}

TEST_CASE("a sequence that the target has behind a column follows the values within its reach") {
  PostgresDatabase source;
  source.Exec(
      "CREATE TABLE t (id numeric PRIMARY KEY); INSERT INTO t VALUES (-1.5), (7), (40.5), (1e30), "
      "('NaN'); CREATE TABLE u (id bigint PRIMARY KEY); INSERT INTO u VALUES (41), (100000)");
  PostgresDatabase target;
  target.Exec(
      "CREATE SEQUENCE s; CREATE TABLE t (id numeric DEFAULT nextval('s'), n int);"
      "CREATE SEQUENCE r AS smallint; CREATE TABLE u (id bigint DEFAULT nextval('r'), n int)");
  const Finished finished = Rowferry({"copy", source.url(), target.url()});
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  for (const char* table : {"t", "u"}) {
    CHECK(target.Rows(std::string("INSERT INTO ") + table + " (n) VALUES (0) RETURNING id") ==
          std::vector<TextRow>{{"42"}});
  }
}

TEST_CASE("a key that the target cannot number needs no sequence there") {
  SqliteDatabase source;
  source.Exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT COLLATE NOCASE, n int);"
      "INSERT INTO t VALUES (7, 7)");
  SqliteDatabase target;
  const Finished finished = Rowferry({"copy", source.url(), target.url()});
  CHECK_MESSAGE(finished.exit_code == 0, finished.err);
  CHECK(target.One("SELECT id FROM t") == "7");
}

}  // namespace
}  // namespace rowferry::testing
