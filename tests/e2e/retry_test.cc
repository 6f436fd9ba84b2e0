// Rejects that are tried again, from the source or as they were kept.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>

#include "e2e/rejected_rows.h"
#include "support/other_session.h"
#include "support/server.h"

namespace rowferry::testing {
namespace {

using nlohmann::json;

TEST_CASE("rows that were mended in the source are loaded, and are no rejects any more") {
  WithRejects([](BadRows& rows) {
    const Finished in_vain = rows.Rejects("retry");
    CHECK(in_vain.exit_code == 3);
    CheckHolds(in_vain.out, "3 tried, 0 loaded, 3 failed again");
    CHECK(rows.Find(7).at("tries") == 2);
    rows.source().Exec("UPDATE items SET note = 'mended' WHERE id = 7");
    const Finished one = rows.Rejects("retry", {"--kind", "not-null"});
    CHECK(one.exit_code == 3);
    CheckHolds(one.out, "1 tried, 1 loaded, 0 failed again");
    rows.Mend();
    const Finished rest = rows.Rejects("retry");
    CHECK_MESSAGE(rest.exit_code == 0, rest.err);
    CheckHolds(rest.out, "2 tried, 2 loaded, 0 failed again");
    rows.CheckExact();
  });
}

TEST_CASE("rows that the target takes by now are loaded, its columns as they are by now") {
  WithRejects([](BadRows& rows) {
    rows.Loosen();
    const Finished retried = rows.Rejects("retry", {"--chunk-rows", "2"});
    CHECK_MESSAGE(retried.exit_code == 0, retried.err);
    rows.CheckExact();
  });
}

TEST_CASE("kept copies are loaded as they were read, whatever the source holds by now") {
  WithRejects([](BadRows& rows) {
    rows.Loosen();
    rows.source().Exec("DELETE FROM items WHERE id = 7");
    const Finished gone = rows.Rejects("retry");
    CHECK(gone.exit_code == 3);
    CheckHolds(gone.out, "3 tried, 2 loaded, 1 failed again (1 no longer in the source)");
    CheckHolds(rows.Find(7).at("message"), "no such row");
    const Finished kept = rows.Rejects("retry", {"--kept"});
    CHECK_MESSAGE(kept.exit_code == 0, kept.err);
    CHECK(rows.target().One("SELECT count(*) FROM items WHERE id = 7 AND note IS NULL") == "1");
    CHECK(rows.RowsInTarget() == 60);
  });
}

TEST_CASE("a retry that is killed at any moment goes on where it was") {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    BadRows rows(direction);
    rows.RejectAll();
    const std::vector<std::string> words = {"rejects", "retry", rows.target().url(), "--chunk-rows",
                                            "1"};
    for (int left = 60, kills = 0; left > 0 && kills < 5; ++kills) {
      Process process(words);
      const int enough = left - 8;
      while (process.Running() && rows.Status().at("open_rejects") > enough) continue;
      process.Signal(SIGKILL);
      process.Wait();
      left = rows.Status().at("open_rejects");
      CHECK(rows.RowsInTarget() == 60 - left);
    }
    const Finished ended = Rowferry(words);
    CHECK_MESSAGE(ended.exit_code == 0, ended.err);
    rows.CheckExact();
  }
}

TEST_CASE("a retry that is asked to stop ends between two chunks, and the next one goes on") {
  BadRows rows(kDirections[1]);
  rows.RejectAll();
  const std::vector<std::string> words = {"rejects", "retry", rows.target().url(), "--chunk-rows",
                                          "1"};
  Process process(words);
  while (process.Running() && rows.Status().at("open_rejects") == 60) continue;
  process.Signal(SIGINT);
  const int exit_code = process.Wait().exit_code;
  CHECK((exit_code == 130 || exit_code == 0));  // 0: it was through already
  CHECK(Rowferry(words).exit_code == 0);
  rows.CheckExact();
}

// Row 5 is refused still.
void MakeFail(BadRows& rows, const std::string& code, int times) {
  rows.target().Exec(
      "ALTER TABLE items ADD CHECK (id <> 5); CREATE SEQUENCE failures; "
      "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF NEW.id = 35 AND nextval('failures') <= " +
      std::to_string(times) + " THEN RAISE 'made to fail' USING ERRCODE = '" + code +
      "'; END IF; RETURN NEW; END $$; "
      "CREATE TRIGGER fail BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION fail()");
}

// Row 5 alone is left; once it is taken as well, all is as in the source.
void CheckRest(BadRows& rows) {
  CHECK(rows.RowsInTarget() == 59);
  CHECK(rows.List().at("rejects").size() == 1);
  rows.Loosen();
  CHECK(rows.Rejects("retry").exit_code == 0);
  rows.CheckExact();
}

TEST_CASE("a failure that passes is tried again, told, and each row is counted once") {
  for (const std::string from : {"", "--kept"}) {
    CAPTURE(from);
    BadRows rows(kDirections[1]);
    rows.RejectAll();
    MakeFail(rows, "40P01", 2);
    std::vector<std::string> options = {"--chunk-rows", "10"};
    if (!from.empty()) options.push_back(from);
    const Finished retried = rows.Rejects("retry", options);
    CHECK_MESSAGE(retried.exit_code == 3, retried.err);
    CheckHolds(retried.out, "60 tried, 59 loaded, 1 failed again");
    CheckHolds(retried.err, "table items: ");
    CheckHolds(retried.err, "made to fail");
    CheckHolds(retried.err, "; try 2 in ");
    CheckRest(rows);
  }
}

TEST_CASE("behind a deadlock the chunks of a retry are half of the one that met it") {
  BadRows rows(kDirections[1]);
  rows.RejectAll();
  rows.target().Exec(RaiseSizes("items", 3));
  const Finished retried = rows.Rejects("retry");
  CHECK_MESSAGE(retried.exit_code == 0, retried.err);
  CHECK(SizesRaised(retried.err) == std::vector<int>{60, 30, 15});
  rows.CheckExact();
}

TEST_CASE("what does not pass ends a retry with a way out, and the same command goes on") {
  struct Failing {
    const char* code;
    const char* says;
    const char* way_out;
  };
  const Failing kFailing[] = {
      {"40001", "gave up after 1 try (--retries)", "raise --retries"},
      {"53100", "made to fail", "free space on the disk of the database that says so"}};
  for (const Failing& failing : kFailing) {
    CAPTURE(failing.code);
    BadRows rows(kDirections[1]);
    rows.RejectAll();
    MakeFail(rows, failing.code, 1'000);
    const std::vector<std::string> options = {"--chunk-rows", "10", "--retries", "1"};
    const Finished failed = rows.Rejects("retry", options);
    CHECK(failed.exit_code == 1);
    CheckHolds(failed.err, failing.says);
    CheckHolds(failed.err, std::string(failing.way_out) + "; then the same command goes on");
    const int64_t loaded = rows.RowsInTarget();  // in smaller chunks, more of those before row 35
    CHECK(loaded >= 29);
    CHECK(loaded <= 33);
    rows.target().Exec("DROP TRIGGER fail ON items");
    CHECK(rows.Rejects("retry", options).exit_code == 3);
    CheckRest(rows);
  }
}

TEST_CASE("a retry whose sessions are ended in the middle goes on with new ones") {
  for (const char* which : {"wait_event_type = 'Lock'", "true"}) {
    CAPTURE(which);
    BadRows rows(kDirections[1]);
    rows.RejectAll();
    rows.target().Exec(kWaitAtGate);
    OtherSession gate(rows.target().url());
    gate.Exec("SELECT pg_advisory_lock(7)");
    Process process(
        {"rejects", "retry", rows.target().url(), "--chunk-rows", "10", "--lock-timeout", "10min"});
    AwaitWaitAtGate(rows.target());
    rows.target().Exec(
        std::string("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                    "current_database() AND application_name LIKE 'rowferry%' AND ") +
        which);
    CHECK(process.AwaitErr("try 2 in "));
    gate.Exec("SELECT pg_advisory_unlock(7)");
    const Finished retried = process.Wait();
    CHECK_MESSAGE(retried.exit_code == 0, retried.err);
    CheckHolds(retried.out, "60 tried, 60 loaded, 0 failed again");
    rows.CheckExact();
  }
}

TEST_CASE("a retry whose source loses its snapshot reads on in a new one") {
  BadRows rows(kDirections[2]);
  rows.RejectAll();
  rows.target().Exec(kWaitAtGate);
  OtherSession gate(rows.target().url());
  gate.Exec("SELECT pg_advisory_lock(7)");
  Process process({"rejects", "retry", rows.target().url(), "--chunk-rows", "10"});
  AwaitWaitAtGate(rows.target());
  ForAllOfOurs(rows.source(), "pg_terminate_backend");
  gate.Exec("SELECT pg_advisory_unlock(7)");
  const Finished retried = process.Wait();
  CHECK_MESSAGE(retried.exit_code == 0, retried.err);
  CheckHolds(retried.err, "in a new snapshot");
  CheckHolds(retried.out, "60 tried, 60 loaded, 0 failed again");
  rows.CheckExact();
}

TEST_CASE("rows that a new snapshot may have at other positions are not read by them") {
  const auto source = MakeDatabase("postgres");
  const auto target = MakeDatabase("postgres");
  source->Exec(
      "CREATE TABLE items (id bigint, note text); "
      "INSERT INTO items SELECT i, NULL FROM generate_series(1, 60) i");
  source->AwaitOpenTransactions();
  target->Exec("CREATE TABLE items (id bigint, note text NOT NULL)");
  REQUIRE(Rowferry({"copy", source->url(), target->url()}).exit_code == 3);
  target->Exec(std::string("ALTER TABLE items ALTER note DROP NOT NULL; ") + kWaitAtGate);
  OtherSession gate(target->url());
  gate.Exec("SELECT pg_advisory_lock(7)");
  Process process({"rejects", "retry", target->url(), "--chunk-rows", "10"});
  AwaitWaitAtGate(*target);
  ForAllOfOurs(*source, "pg_terminate_backend");
  source->Exec("UPDATE items SET note = 'moved' WHERE id > 40");
  source->Exec("VACUUM FULL items");
  gate.Exec("SELECT pg_advisory_unlock(7)");
  const Finished retried = process.Wait();
  CHECK_MESSAGE(retried.exit_code == 1, retried.err);
  CheckHolds(retried.err, "they may have moved since: try the copies that were kept (--kept)");
  CHECK(Rowferry({"rejects", "retry", target->url(), "--kept"}).exit_code == 0);
  CHECK(target->One("SELECT count(*) || ' ' || count(DISTINCT id) FROM items") == "60 60");
}

TEST_CASE("rows that a crash of the server took back in a retry are loaded again") {
  SqliteDatabase source;
  PostgresServer target("wal_writer_delay = 10s\nsynchronous_commit = off");
  for (const std::string table : {"a_items", "items"}) {
    source.Exec("CREATE TABLE " + table + " (id bigint PRIMARY KEY, note text); INSERT INTO " +
                table + " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i " +
                "< 60) SELECT i, NULL FROM n");
    target.Exec("CREATE TABLE " + table + " (id bigint PRIMARY KEY, note text NOT NULL)");
  }
  REQUIRE(Rowferry({"copy", source.url(), target.url(), "--max-rejects", "100%"}).exit_code == 3);
  target.Exec("ALTER TABLE a_items ALTER note DROP NOT NULL");
  target.Exec(std::string("ALTER TABLE items ALTER note DROP NOT NULL; ") + kWaitAtGate);
  OtherSession gate(target.url());
  gate.Exec("SELECT pg_advisory_lock(7)");
  Process process({"rejects", "retry", target.url(), "--retry-for", "10min"});
  AwaitWaitAtGate(target);
  REQUIRE(process.Stop());
  target.Crash();
  target.Start();
  const bool lost = target.One("SELECT count(*) FROM a_items") == "0";
  process.Signal(SIGCONT);
  const Finished retried = process.Wait();
  CHECK_MESSAGE(retried.exit_code == 0, retried.err);
  CHECK(Holds(retried.err, "lost what was loaded last") == lost);
  CheckHolds(retried.out, "120 tried, 120 loaded, 0 failed again");
  CHECK(target.One("SELECT (SELECT count(*) FROM a_items) + (SELECT count(*) FROM items)") ==
        "120");
}

TEST_CASE("a retry goes on as long as rows that it loads may be what others refer to") {
  const auto source = MakeDatabase("sqlite");
  const auto target = MakeDatabase("postgres");
  source->Exec(
      "CREATE TABLE a (id INTEGER PRIMARY KEY, b bigint); INSERT INTO a VALUES (1, 1), (2, 2);"
      "CREATE TABLE b (id INTEGER PRIMARY KEY, c bigint); INSERT INTO b VALUES (1, 1), (2, 2);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO c VALUES (1, NULL), (2, "
      "'x')");
  target->Exec(
      "CREATE TABLE c (id bigint PRIMARY KEY, note text NOT NULL);"
      "CREATE TABLE b (id bigint PRIMARY KEY, c bigint REFERENCES c);"
      "CREATE TABLE a (id bigint PRIMARY KEY, b bigint REFERENCES b)");
  REQUIRE(Rowferry({"copy", source->url(), target->url(), "--max-rejects", "3"}).exit_code == 3);
  target->Exec("ALTER TABLE c ALTER note DROP NOT NULL");
  const Finished retried = Rowferry({"rejects", "retry", target->url()});
  CHECK_MESSAGE(retried.exit_code == 0, retried.err);
  CheckHolds(retried.out, "3 tried, 3 loaded, 0 failed again");
  CHECK(target->One("SELECT count(*) FROM a JOIN b ON b.id = a.b JOIN c ON c.id = b.c") == "2");
}

TEST_CASE("a sequence stands behind the numbers that were loaded by a retry") {
  const auto source = MakeDatabase("sqlite");
  const auto target = MakeDatabase("postgres");
  source->Exec(
      "CREATE TABLE items (id INTEGER PRIMARY KEY, note TEXT);"
      "INSERT INTO items VALUES (1, 'a'), (900, NULL)");
  target->Exec("CREATE TABLE items (id serial PRIMARY KEY, note text NOT NULL)");
  REQUIRE(Rowferry({"copy", source->url(), target->url()}).exit_code == 3);
  target->Exec("ALTER TABLE items ALTER note DROP NOT NULL");
  REQUIRE(Rowferry({"rejects", "retry", target->url()}).exit_code == 0);
  target->Exec("INSERT INTO items (note) VALUES ('next')");
  CHECK(target->One("SELECT max(id) FROM items") == "901");
}

TEST_CASE("while a run owns the job its rejects are not tried, and behind a stop they are") {
  for (const Direction& direction : {kDirections[0], kDirections[2]}) {
    CAPTURE(direction.target);
    Copies copies(direction);
    copies.target().Exec(
        "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text,"
        "  CONSTRAINT seven CHECK (id <> -497))");
    const auto process = copies.Paused(copies.Slowly());
    const Finished owned = Rowferry({"rejects", "retry", copies.target().url()});
    CHECK(owned.exit_code == 5);
    process->Signal(SIGTERM);
    process->Signal(SIGCONT);
    CHECK(process->Wait().exit_code == 143);
    copies.source().Exec("UPDATE items SET id = -498 WHERE id = -497");
    const Finished gone = Rowferry({"rejects", "retry", copies.target().url()});
    CHECK(gone.exit_code == 3);
    copies.source().Exec("UPDATE items SET id = -497 WHERE id = -498");
    Remake(copies.target(), "id bigint NOT NULL PRIMARY KEY, batch bigint, note text");
    const Finished retried = Rowferry({"rejects", "retry", copies.target().url()});
    CHECK_MESSAGE(retried.exit_code == 0, retried.err);
    const Finished resumed = copies.Run();
    CHECK_MESSAGE(resumed.exit_code == 0, resumed.err);
    copies.CheckExact();
  }
}

TEST_CASE("rows that are found by their position are read again only while it holds") {
  BetweenDatabases([](TestDatabase& source, TestDatabase& target) {
    source.Exec(
        "CREATE TABLE items (a bigint, note text);"
        "INSERT INTO items VALUES (1, 'x'), (2, NULL), (3, 'z'), (4, NULL)");
    source.AwaitOpenTransactions();
    target.Exec("CREATE TABLE items (a bigint, note text NOT NULL)");
    REQUIRE(Rowferry({"copy", source.url(), target.url()}).exit_code == 3);
    const Finished held = Rowferry({"rejects", "retry", target.url(), "--id", "1"});
    CheckHolds(held.out, "1 tried, 0 loaded, 1 failed again");
    source.Exec("UPDATE items SET note = 'y' WHERE a = 2");
    const Finished moved = Rowferry({"rejects", "retry", target.url()});
    CHECK(moved.exit_code == 2);
    CheckHolds(moved.err, "--kept");
    Remake(target, "a bigint, note text");
    const Finished kept = Rowferry({"rejects", "retry", target.url(), "--kept"});
    CHECK_MESSAGE(kept.exit_code == 0, kept.err);
    CHECK(target.One("SELECT count(*) FROM items WHERE note IS NULL") == "2");
  });
}

TEST_CASE("keys of several columns find their rows again, with the index's own comparison") {
  BetweenDatabases([](TestDatabase& source, TestDatabase& target) {
    source.Exec(
        "CREATE TABLE items (code text NOT NULL, line bigint NOT NULL, note text,"
        "                    PRIMARY KEY (code, line));"
        "INSERT INTO items"
        "  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
        "  SELECT 'Größe ''' || (i % 37), i, CASE WHEN i % 2 = 0 THEN 'n' END FROM n");
    target.Exec(
        "CREATE TABLE items (code text, line bigint, note text NOT NULL, PRIMARY KEY (code, "
        "line))");
    REQUIRE(Rowferry({"copy", source.url(), target.url(), "--max-rejects", "100%"}).exit_code == 3);
    source.Exec("UPDATE items SET note = 'mended' WHERE note IS NULL");
    const Finished retried = Rowferry({"rejects", "retry", target.url()});
    CHECK_MESSAGE(retried.exit_code == 0, retried.err);
    CheckHolds(retried.out, "200 tried, 200 loaded, 0 failed again");
    const char* contents = "SELECT code, line, note FROM items ORDER BY line";
    CHECK(target.Rows(contents) == source.Rows(contents));
  });
}

TEST_CASE("a key that holds NULL is a position, and refused before anything is written") {
  const auto source = MakeDatabase("sqlite");
  const auto target = MakeDatabase("postgres");
  source->Exec(
      "CREATE TABLE items (a text, b integer, note text, PRIMARY KEY (a, b));"
      "INSERT INTO items VALUES (NULL, 1, NULL), (NULL, 1, NULL), ('x', 1, NULL), ('y', 1, 'y')");
  target->Exec("CREATE TABLE items (a text, b integer, note text NOT NULL)");
  REQUIRE(Rowferry({"copy", source->url(), target->url()}).exit_code == 3);
  const Finished held = Rowferry({"rejects", "retry", target->url()});
  CheckHolds(held.out, "3 tried, 0 loaded, 3 failed again\n");
  source->Exec("UPDATE items SET note = 'mended'");
  CHECK(Rowferry({"rejects", "retry", target->url()}).exit_code == 2);
  CHECK(target->One("SELECT count(*) FROM items") == "1");
  const Finished durable = Rowferry({"rejects", "retry", target->url(), "--id", "3"});
  CHECK(durable.exit_code == 3);
  CheckHolds(durable.out, "1 tried, 1 loaded");
}

TEST_CASE("a retry reads what the copy was asked for: its columns, its condition, its names") {
  BetweenDatabases([](TestDatabase& source, TestDatabase& target) {
    source.Exec(
        "CREATE TABLE \"BadItems\" (id bigint PRIMARY KEY, \"TheCode\" text NOT NULL UNIQUE,"
        "                           note text, secret text);"
        "INSERT INTO \"BadItems\" VALUES (1, 'é', 'n', 's'), (2, 'b''', NULL, 's'),"
        "  (3, 'c', NULL, 's'), (9, 'd', NULL, 's')");
    target.Exec("CREATE TABLE bad_items (id bigint, the_code text, note text NOT NULL)");
    const Finished copied = Rowferry({"copy", source.url(), target.url(), "--table", "BadItems",
                                      "--where", "id < 9 -- all", "--drop", "secret", "--key",
                                      "TheCode", "--identifiers", "snake"});
    REQUIRE_MESSAGE(copied.exit_code == 3, copied.err);
    source.Exec(
        "UPDATE \"BadItems\" SET note = 'mended';"
        "UPDATE \"BadItems\" SET id = 99 WHERE id = 3");
    const Finished retried = Rowferry({"rejects", "retry", target.url(), "--table", "bad_items"});
    CHECK(retried.exit_code == 3);
    CheckHolds(retried.out, "2 tried, 1 loaded, 1 failed again (1 no longer in the source)");
    CHECK(target.Rows("SELECT * FROM bad_items ORDER BY id") ==
          std::vector<TextRow>{{"1", "é", "n"}, {"2", "b'", "mended"}});
  });
}

TEST_CASE("a source that moved is named by --source") {
  BadRows rows(kDirections[1]);
  REQUIRE(rows.Copy().exit_code == 3);
  rows.Mend();
  const std::string moved = rows.source().url() + ".moved";
  std::filesystem::rename(rows.source().url(), moved);
  CHECK(rows.Rejects("retry").exit_code == 2);
  const Finished retried = rows.Rejects("retry", {"--source", moved});
  CHECK_MESSAGE(retried.exit_code == 0, retried.err);
}

constexpr char kSwallowInPostgres[] =
    "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF NEW.id = 7 THEN RETURN NULL; END IF; RETURN NEW; END $$; "
    "CREATE TRIGGER swallow BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION swallow()";
constexpr char kSwallowInSqlite[] =
    "CREATE TRIGGER swallow BEFORE INSERT ON items WHEN NEW.id = 7 BEGIN SELECT RAISE(IGNORE); END";

TEST_CASE("a row that a trigger swallows is told as that, and not as loaded") {
  WithRejects([](BadRows& rows) {
    rows.Loosen();
    rows.target().Exec(rows.into_postgres() ? kSwallowInPostgres : kSwallowInSqlite);
    const Finished retried = rows.Rejects("retry");
    CHECK_MESSAGE(retried.exit_code == 0, retried.err);
    CHECK(retried.out ==
          "3 tried, 2 loaded, 0 failed again\n1 row was swallowed by triggers of the target\n");
    CHECK(rows.RowsInTarget() == 59);
    const json status = rows.Status();
    CHECK(status.at("open_rejects") == 0);
    const json& table = status.at("tables").at(0);
    CHECK(table.at("rows") == 60);
    CHECK(table.at("written") == 59);
    CHECK(table.at("suppressed") == 1);
  });
}

TEST_CASE("a row that a trigger puts elsewhere may be what others refer to") {
  const auto source = MakeDatabase("sqlite");
  const auto target = MakeDatabase("postgres");
  source->Exec(
      "CREATE TABLE a (id INTEGER PRIMARY KEY, b bigint); INSERT INTO a VALUES (1, 1);"
      "CREATE TABLE b (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO b VALUES (1, NULL)");
  target->Exec(
      "CREATE TABLE parents (id bigint PRIMARY KEY);"
      "CREATE TABLE b (id bigint PRIMARY KEY, note text NOT NULL);"
      "CREATE TABLE a (id bigint PRIMARY KEY, b bigint REFERENCES parents)");
  REQUIRE(Rowferry({"copy", source->url(), target->url(), "--max-rejects", "2"}).exit_code == 3);
  target->Exec(
      "CREATE FUNCTION route() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "INSERT INTO parents VALUES (NEW.id); RETURN NULL; END $$; "
      "CREATE TRIGGER route BEFORE INSERT ON b FOR EACH ROW EXECUTE FUNCTION route()");
  const Finished retried = Rowferry({"rejects", "retry", target->url()});
  CHECK_MESSAGE(retried.exit_code == 0, retried.err);
  CheckHolds(retried.out, "2 tried, 1 loaded, 0 failed again\n1 row was swallowed");
}

TEST_CASE("a job of an older ledger says why it cannot be planned again") {
  WithRejects([](BadRows& rows) {
    rows.target().Exec("UPDATE " + rows.target().LedgerTable("job") + " SET settings = ''");
    const Finished refused = rows.Rejects("retry");
    CHECK(refused.exit_code == 2);
    CheckHolds(refused.err, "--restart");
    CHECK(rows.Rejects("list").exit_code == 0);
  });
}

}  // namespace
}  // namespace rowferry::testing
