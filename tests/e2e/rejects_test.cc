// Rows that the target does not take: looked at, mended, tried again, given up.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "e2e/copies.h"

namespace rowferry::testing {
namespace {

using nlohmann::json;

constexpr char kBadRows[] = R"(
CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, amount bigint, note text);
INSERT INTO items
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
  SELECT i, i, 'note ' || i FROM n;
UPDATE items SET note = NULL WHERE id = 7;
UPDATE items SET amount = 500 WHERE id = 1;
UPDATE items SET note = 'note 30' WHERE id = 60;
)";

constexpr char kStrict[] = R"(
CREATE TABLE items (id bigint NOT NULL PRIMARY KEY,
                    amount bigint CONSTRAINT small CHECK (amount < 100),
                    note text NOT NULL UNIQUE))";

constexpr char kContents[] = "SELECT id, amount, note FROM items ORDER BY id";
constexpr char kBlob[] = "SELECT count(*) FROM items";

// A copy whose rows 1, 7 and 60 the target refuses.
class BadRows {
 public:
  explicit BadRows(const Direction& direction)
      : source_(MakeDatabase(direction.source)), target_(MakeDatabase(direction.target)) {
    source_->Exec(kBadRows);
    target_->Exec(kStrict);
  }

  TestDatabase& source() { return *source_; }
  TestDatabase& target() { return *target_; }
  bool into_postgres() const { return target_->url().starts_with("postgresql"); }

  Finished Copy(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"copy", source_->url(), target_->url(), "--chunk-rows", "20"};
    words.insert(words.end(), more.begin(), more.end());
    return Rowferry(words);
  }
  Finished Rejects(const std::string& command, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"rejects", command, target_->url()};
    words.insert(words.end(), more.begin(), more.end());
    return Rowferry(words);
  }
  json List() const {
    const Finished list = Rejects("list", {"--json"});
    REQUIRE_MESSAGE(list.exit_code == 0, list.err);
    return json::parse(list.out);
  }
  // By its key, "(id) = (7)".
  json Find(int id) const {
    const json list = List();
    for (const json& reject : list.at("rejects")) {
      if (reject.at("key") == "(id) = (" + std::to_string(id) + ")") return reject;
    }
    FAIL("row " << id << " is no reject");
    return {};
  }
  json Status() const {
    const Finished status = Rowferry({"status", target_->url(), "--json"});
    REQUIRE_MESSAGE(status.exit_code == 0, status.err);
    return json::parse(status.out).at("jobs").at(0);
  }
  // The target's table without its constraints.
  void Loosen() {
    target_->Exec(
        "ALTER TABLE items RENAME TO before;"
        "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, amount bigint, note text);"
        "INSERT INTO items SELECT * FROM before; DROP TABLE before");
  }
  void Mend() {
    source_->Exec(
        "UPDATE items SET note = 'mended' WHERE id = 7;"
        "UPDATE items SET amount = 1 WHERE id = 1;"
        "UPDATE items SET note = 'note 60' WHERE id = 60");
  }
  void CheckExact() {
    CHECK(target_->Rows(kContents) == source_->Rows(kContents));
    CHECK(Status().at("open_rejects") == 0);
    const Finished again = Copy();
    CHECK_MESSAGE(again.exit_code == 0, again.err);
    CHECK(again.out.find("nothing to do") != std::string::npos);
  }

 private:
  std::unique_ptr<TestDatabase> source_;
  std::unique_ptr<TestDatabase> target_;
};

// With the three rejects in the ledger.
template <typename Test>
void WithRejects(const Test& test) {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    BadRows rows(direction);
    const Finished copied = rows.Copy();
    REQUIRE_MESSAGE(copied.exit_code == 3, copied.err);
    REQUIRE(rows.target().One(kBlob) == "57");
    test(rows);
  }
}

// A file in a folder of its own, which goes with this object.
class TextFile {
 public:
  explicit TextFile(const std::string& text) { std::ofstream(path()) << text; }
  std::string path() const { return folder_.folder() + "/rows.jsonl"; }
  std::string Text() const {
    std::stringstream text;
    text << std::ifstream(path()).rdbuf();
    return text.str();
  }

 private:
  SqliteDatabase folder_;
};

bool Holds(const std::string& text, const std::string& part) {
  const bool holds = text.find(part) != std::string::npos;
  if (!holds) MESSAGE(text << " lacks " << part);
  return holds;
}

std::vector<json> Lines(const std::string& text) {
  std::vector<json> lines;
  std::stringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  return lines;
}

TEST_CASE("rejects are listed, counted, shown and exported") {
  WithRejects([](BadRows& rows) {
    const json list = rows.List();
    CHECK(list.at("rejects").size() == 3);
    CHECK(list.at("summary").size() == 3);
    CHECK(rows.Find(1).at("kind") == "check");
    CHECK(rows.Find(7).at("kind") == "not-null");
    CHECK(rows.Find(60).at("kind") == "unique");
    CHECK(rows.Status().at("open_rejects") == 3);
    CHECK(Holds(Rowferry({"status", rows.target().url()}).out, "3 open rejects"));

    const Finished text = rows.Rejects("list");
    CHECK(Holds(text.out, "items: 1 not-null, 1 check, 1 unique"));
    CHECK(Holds(text.out, "3 open rejects"));
    const std::string code = rows.Find(1).at("sqlstate");
    const Finished one = rows.Rejects("list", {"--sqlstate", code, "--table", "items"});
    CHECK(Holds(one.out, "(id) = (1)"));
    CHECK(one.out.find("(id) = (7)") == std::string::npos);

    const std::string id = std::to_string(rows.Find(7).at("id").get<int64_t>());
    const Finished shown = rows.Rejects("show", {"--id", id});
    CHECK(Holds(shown.out, "not-null"));
    CHECK(Holds(shown.out, "NULL"));
    CHECK(shown.out.find("(id) = (1)") == std::string::npos);

    const TextFile file("to be replaced");
    CHECK(rows.Rejects("export", {"--output", file.path()}).exit_code == 0);
    const Finished exported = rows.Rejects("export");
    CHECK(file.Text() == exported.out);
    const auto lines = Lines(exported.out);
    REQUIRE(lines.size() == 3);
    const json& row = lines[0].at("row");
    CHECK(row.at("id") == 1);
    CHECK(row.at("amount") == 500);
    CHECK(row.at("note") == "note 1");
    CHECK(lines[0].at("kind") == "check");
    CHECK(lines[0].at("tries") == 1);
  });
}

TEST_CASE("rows that were mended in the source are loaded, and are no rejects any more") {
  WithRejects([](BadRows& rows) {
    const Finished in_vain = rows.Rejects("retry");
    CHECK(in_vain.exit_code == 3);
    CHECK(Holds(in_vain.out, "3 tried, 0 loaded, 3 failed again"));
    CHECK(rows.Find(7).at("tries") == 2);
    rows.source().Exec("UPDATE items SET note = 'mended' WHERE id = 7");
    const Finished one = rows.Rejects("retry", {"--kind", "not-null"});
    CHECK(one.exit_code == 3);
    CHECK(Holds(one.out, "1 tried, 1 loaded, 0 failed again"));
    rows.Mend();
    const Finished rest = rows.Rejects("retry");
    CHECK_MESSAGE(rest.exit_code == 0, rest.err);
    CHECK(Holds(rest.out, "2 tried, 2 loaded, 0 failed again"));
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
    CHECK(Holds(gone.out, "3 tried, 2 loaded, 1 failed again (1 no longer in the source)"));
    CHECK(Holds(rows.Find(7).at("message"), "no such row"));
    const Finished kept = rows.Rejects("retry", {"--kept"});
    CHECK_MESSAGE(kept.exit_code == 0, kept.err);
    CHECK(rows.target().One("SELECT count(*) FROM items WHERE id = 7 AND note IS NULL") == "1");
    CHECK(rows.target().One(kBlob) == "60");
  });
}

TEST_CASE("an edited export is loaded, and only what is in it") {
  WithRejects([](BadRows& rows) {
    std::string edited;
    for (json line : Lines(rows.Rejects("export").out)) {
      if (line.at("row").at("id") == 60) continue;
      line["row"]["note"] = "edited";
      line["row"]["amount"] = 7;
      line["row"]["note"] = "edited " + line["row"]["id"].dump();
      edited += line.dump() + "\n\n";
    }
    const TextFile file(edited);
    const Finished loaded = rows.Rejects("retry", {"--from", file.path()});
    CHECK_MESSAGE(loaded.exit_code == 3, loaded.err);
    CHECK(Holds(loaded.out, "2 tried, 2 loaded, 0 failed again"));
    CHECK(rows.target().One("SELECT note FROM items WHERE id = 7") == "edited 7");
    CHECK(rows.List().at("rejects").size() == 1);
    const Finished again = rows.Rejects("retry", {"--from", file.path()});
    CHECK(again.exit_code == 2);
    CHECK(Holds(again.err, "line 1: the job has no reject"));
  });
}

TEST_CASE("an export with a mistake is refused before anything is written") {
  BadRows rows(kDirections[0]);
  REQUIRE(rows.Copy().exit_code == 3);
  rows.Loosen();
  const std::string good = rows.Rejects("export").out;
  const std::string first = good.substr(0, good.find('\n') + 1);
  const json line = json::parse(first);
  const auto changed = [&](const std::function<void(json&)>& change) {
    json copy = line;
    change(copy);
    return good.substr(first.size()) + copy.dump() + "\n";
  };
  const std::pair<std::string, std::string> kBad[] = {
      {good + "{\n", "line 4: it is no JSON"},
      {good + "7\n", "line 4: it is no JSON object"},
      {good + first, "line 4: reject 1 has a line already, 1"},
      {changed([](json& l) { l.erase("id"); }), "line 3: it has no \"id\""},
      {changed([](json& l) { l["id"] = 99; }), "line 3: the job has no reject 99"},
      {changed([](json& l) { l["job"] = "x"; }), "line 3: it is of another job"},
      {changed([](json& l) { l.erase("row"); }), "line 3: it has no \"row\""},
      {changed([](json& l) { l["row"] = 1; }), "line 3: \"row\" is no object"},
      {changed([](json& l) { l["row"]["notes"] = 1; }),
       "line 3: the row has no column \"notes\"; did you mean \"note\"?"},
      {changed([](json& l) { l["row"].erase("note"); }), "line 3: column \"note\" is missing"},
      {changed([](json& l) { l["row"]["note"] = json::array(); }), "line 3: column \"note\": []"},
      {"", "holds no rows"},
  };
  for (const auto& [text, reason] : kBad) {
    CAPTURE(reason);
    const TextFile file(text);
    const Finished refused = rows.Rejects("retry", {"--from", file.path()});
    CHECK(refused.exit_code == 2);
    CHECK(Holds(refused.err, reason));
    CHECK(rows.target().One(kBlob) == "57");
  }
}

TEST_CASE("rejects that are given up stay in the accounts, and the job is done without them") {
  WithRejects([](BadRows& rows) {
    const Finished one = rows.Rejects("purge", {"--kind", "check", "--yes"});
    CHECK_MESSAGE(one.exit_code == 0, one.err);
    CHECK(Holds(one.out, "1 reject was given up"));
    CHECK(rows.Copy().exit_code == 3);
    CHECK(rows.Rejects("purge").exit_code == 0);
    CHECK(rows.Copy().exit_code == 0);
    CHECK(rows.Rejects("retry").exit_code == 0);
    CHECK(rows.Rejects("export").out.empty());
    CHECK(Holds(rows.Rejects("list").out, "items: 3 given up"));
    CHECK(rows.target().One("SELECT count(*) FROM " + rows.target().LedgerTable("reject") +
                            " WHERE state = 'purged' AND length(kept) = 0") == "3");
    CHECK(rows.target().One("SELECT rejected FROM " + rows.target().LedgerTable("split")) == "3");
    CHECK(Holds(rows.Rejects("purge").out, "nothing was changed"));
  });
}

TEST_CASE("rejects are given up only after a yes at the terminal") {
  BadRows rows(kDirections[0]);
  REQUIRE(rows.Copy().exit_code == 3);
  ProcessOptions terminal;
  terminal.terminal_columns = 80;
  Process process({"rejects", "purge", rows.target().url()}, terminal);
  REQUIRE(process.AwaitErr("Go on?"));
  process.Type("n\n");
  CHECK(process.Wait().exit_code == 2);
  CHECK(rows.List().at("rejects").size() == 3);
}

TEST_CASE("a retry that is killed at any moment goes on where it was") {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    BadRows rows(direction);
    rows.source().Exec("UPDATE items SET amount = 500");
    REQUIRE(rows.Copy({"--max-rejects", "100%"}).exit_code == 3);
    rows.Loosen();
    const std::vector<std::string> words = {"rejects", "retry", rows.target().url(), "--chunk-rows",
                                            "1"};
    for (int left = 60, kills = 0; left > 0 && kills < 5; ++kills) {
      Process process(words);
      const int enough = left - 8;
      while (process.Running() && rows.Status().at("open_rejects") > enough) continue;
      process.Signal(SIGKILL);
      process.Wait();
      left = rows.Status().at("open_rejects");
      CHECK(rows.target().One(kBlob) == std::to_string(60 - left));
    }
    const Finished ended = Rowferry(words);
    CHECK_MESSAGE(ended.exit_code == 0, ended.err);
    rows.CheckExact();
  }
}

TEST_CASE("a retry that is asked to stop ends between two chunks, and the next one goes on") {
  BadRows rows(kDirections[1]);
  rows.source().Exec("UPDATE items SET amount = 500");
  REQUIRE(rows.Copy({"--max-rejects", "100%"}).exit_code == 3);
  rows.Loosen();
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
    copies.target().Exec(direction.target == "postgres"
                             ? "ALTER TABLE items DROP CONSTRAINT seven"
                             : "ALTER TABLE items RENAME TO before;"
                               "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint,"
                               "                    note text);"
                               "INSERT INTO items SELECT * FROM before; DROP TABLE before");
    const Finished retried = Rowferry({"rejects", "retry", copies.target().url()});
    CHECK_MESSAGE(retried.exit_code == 0, retried.err);
    const Finished resumed = copies.Run();
    CHECK_MESSAGE(resumed.exit_code == 0, resumed.err);
    copies.CheckExact();
  }
}

// Every type of PostgreSQL that has a form of its own, and values at their ends.
constexpr char kWidePostgres[] = R"(
CREATE TABLE wide (id integer PRIMARY KEY, flag boolean, s smallint, b bigint, r real,
  d double precision, n numeric, n2 numeric(12,2), t text, v varchar(20), by bytea, da date, ti time,
  ts timestamp, tz timestamptz, u uuid, j json, jb jsonb, iv interval, ip inet, a integer[],
  na numeric[]);
)";
constexpr char kWidePostgresRows[] = R"(
INSERT INTO wide VALUES
  (1, true, -32768, -9223372036854775808, 'NaN', 'NaN', 'NaN', -1.5, '', 'é', '\x00ff', '-infinity',
   '00:00', '-infinity', 'infinity', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a":  1.10}', '[1]',
   '-1 mon 2 days 03:04:05.000006', '10.0.0.1/8', '{1,NULL,3}', '{1.50}'),
  (2, false, 32767, 9223372036854775807, '-0', '-0', '-0.000', 0.10,
   E'quote " \\ \n\t' || chr(127) || chr(128512), '  ', '', '4714-11-24 BC', '24:00',
   '4714-11-24 00:00:00 BC', '294276-12-31 23:59:59.999999+00', NULL, 'null', '"x"', '0', '::1', '{}',
   '{}'),
  (3, NULL, NULL, NULL, '3.4028235e38', '1.7976931348623157e308',
   12345678901234567890123456789012345678901234567890.0000000000000000000000000000000001, NULL, NULL,
   NULL, NULL, '5874897-12-31', '23:59:59.999999', 'infinity', '-infinity', NULL, NULL, NULL, NULL,
   NULL, NULL, NULL),
  (4, NULL, NULL, NULL, '1e-45', '5e-324', 1e-300, NULL, NULL, NULL, NULL, 'infinity', NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
)";

constexpr char kWideSqlite[] = "CREATE TABLE wide (id INTEGER PRIMARY KEY, v BLOB, w);";
constexpr char kWideSqliteRows[] = R"(
INSERT INTO wide VALUES (1, x'00ff', x''), (2, x'31', NULL), (3, NULL, NULL);
)";
constexpr char kMixedSqliteRows[] = R"(
INSERT INTO wide VALUES (4, 1, 1.0), (5, '1', -0.0), (6, 9e999, -9223372036854775808),
  (7, CAST(x'ff00fe' AS TEXT), char(128512) || char(10)), (8, 0.1, 5e-324);
)";

std::string WideContents(TestDatabase& database, bool sqlite_rows) {
  const bool postgres = database.url().starts_with("postgresql");
  const std::string row = postgres ? "wide::text"
                          : sqlite_rows
                              ? "id || ' ' || typeof(v) || quote(v) || typeof(w) || quote(w) "
                                "|| hex(v) || hex(w)"
                              : "*";
  std::string text;
  for (const TextRow& cells : database.Rows("SELECT " + row + " FROM wide ORDER BY id")) {
    for (const std::string& cell : cells) text += cell + "|";
    text += "\n";
  }
  return text;
}

void RefuseAll(TestDatabase& target) {
  const bool postgres = target.url().starts_with("postgresql");
  target.Exec(postgres ? "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                         "'BEGIN RAISE EXCEPTION ''no''; END';"
                         "CREATE TRIGGER refuse BEFORE INSERT ON wide FOR EACH ROW "
                         "EXECUTE FUNCTION refuse()"
                       : "CREATE TRIGGER refuse BEFORE INSERT ON wide "
                         "BEGIN SELECT RAISE(ABORT, 'no'); END");
}

TEST_CASE("an export fed back unchanged gives the same rows bit for bit") {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    const auto source = MakeDatabase(direction.source);
    const auto target = MakeDatabase(direction.target);
    const auto expected = MakeDatabase(direction.target);
    const bool sqlite = direction.source == "sqlite";
    const bool same = direction.source == direction.target;
    source->Exec(sqlite ? kWideSqlite : kWidePostgres);
    REQUIRE(Rowferry({"copy", source->url(), target->url(), "--job", "make"}).exit_code == 0);
    source->Exec(sqlite ? kWideSqliteRows : kWidePostgresRows);
    if (sqlite && same) source->Exec(kMixedSqliteRows);
    REQUIRE(Rowferry({"copy", source->url(), expected->url(), "--types", "declared"}).exit_code ==
            0);
    RefuseAll(*target);
    const Finished refused =
        Rowferry({"copy", source->url(), target->url(), "--job", "fill", "--max-rejects", "100%"});
    REQUIRE_MESSAGE(refused.exit_code == 3, refused.err);
    const Finished exported = Rowferry({"rejects", "export", target->url(), "fill"});
    REQUIRE_MESSAGE(exported.exit_code == 0, exported.err);
    const TextFile file(exported.out);
    target->Exec(direction.target == "postgres" ? "DROP TRIGGER refuse ON wide"
                                                : "DROP TRIGGER refuse");
    const Finished loaded = Rowferry({"rejects", "retry", target->url(), "--from", file.path()});
    CHECK_MESSAGE(loaded.exit_code == 0, loaded.err);
    CHECK(WideContents(*target, sqlite) == WideContents(*expected, sqlite));
    if (same) CHECK(WideContents(*target, sqlite) == WideContents(*source, sqlite));
  }
}

TEST_CASE("values that could not be read are loaded once they have the column's form") {
  SqliteDatabase source;
  PostgresDatabase target;
  source.Exec(
      "CREATE TABLE items (id INTEGER PRIMARY KEY, amount);"
      "INSERT INTO items VALUES (1, 10), (2, 'many'), (3, x'00'), (4, '40')");
  target.Exec("CREATE TABLE items (id bigint PRIMARY KEY, amount integer)");
  REQUIRE(Rowferry({"copy", source.url(), target.url()}).exit_code == 3);
  const std::vector<std::string> retry = {"rejects", "retry", target.url()};
  const Finished kept = Rowferry({"rejects", "retry", target.url(), "--kept"});
  CHECK(kept.exit_code == 3);
  CHECK(Holds(kept.out, "2 tried, 0 loaded, 2 failed again"));
  const Finished shown = Rowferry({"rejects", "show", target.url(), "--id", "1"});
  CHECK(Holds(shown.out, "tries       2"));
  CHECK(Holds(shown.out, "the kept value 'many' is no value of type integer"));
  auto lines = Lines(Rowferry({"rejects", "export", target.url()}).out);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].at("row").at("amount") == json{{"hex", "00"}});
  lines[1]["row"]["amount"] = 30;
  const TextFile file(lines[1].dump());
  CHECK(Rowferry({"rejects", "retry", target.url(), "--from", file.path()}).exit_code == 3);
  target.Exec("ALTER TABLE items ALTER amount TYPE text");
  const Finished widened = Rowferry({"rejects", "retry", target.url(), "--kept"});
  CHECK_MESSAGE(widened.exit_code == 0, widened.err);
  CHECK(target.Rows("SELECT * FROM items ORDER BY id") ==
        std::vector<TextRow>{{"1", "10"}, {"2", "many"}, {"3", "30"}, {"4", "40"}});
}

TEST_CASE("rows that are found by their position are read again only while it holds") {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    const auto source = MakeDatabase(direction.source);
    const auto target = MakeDatabase(direction.target);
    source->Exec(
        "CREATE TABLE items (a bigint, note text);"
        "INSERT INTO items VALUES (1, 'x'), (2, NULL), (3, 'z'), (4, NULL)");
    source->AwaitOpenTransactions();
    target->Exec("CREATE TABLE items (a bigint, note text NOT NULL)");
    REQUIRE(Rowferry({"copy", source->url(), target->url()}).exit_code == 3);
    const Finished held = Rowferry({"rejects", "retry", target->url(), "--id", "1"});
    CHECK(Holds(held.out, "1 tried, 0 loaded, 1 failed again"));
    source->Exec("UPDATE items SET note = 'y' WHERE a = 2");
    const Finished moved = Rowferry({"rejects", "retry", target->url()});
    CHECK(moved.exit_code == 2);
    CHECK(Holds(moved.err, "--kept"));
    target->Exec(
        "ALTER TABLE items RENAME TO before; CREATE TABLE items (a bigint, note text);"
        "INSERT INTO items SELECT * FROM before; DROP TABLE before");
    const Finished kept = Rowferry({"rejects", "retry", target->url(), "--kept"});
    CHECK_MESSAGE(kept.exit_code == 0, kept.err);
    CHECK(target->One("SELECT count(*) FROM items WHERE note IS NULL") == "2");
  }
}

TEST_CASE("keys of several columns find their rows again, with the index's own comparison") {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    const auto source = MakeDatabase(direction.source);
    const auto target = MakeDatabase(direction.target);
    source->Exec(
        "CREATE TABLE items (code text NOT NULL, line bigint NOT NULL, note text,"
        "                    PRIMARY KEY (code, line));"
        "INSERT INTO items"
        "  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
        "  SELECT 'Größe ''' || (i % 37), i, CASE WHEN i % 2 = 0 THEN 'n' END FROM n");
    target->Exec(
        "CREATE TABLE items (code text, line bigint, note text NOT NULL, PRIMARY KEY (code, "
        "line))");
    REQUIRE(Rowferry({"copy", source->url(), target->url(), "--max-rejects", "100%"}).exit_code ==
            3);
    source->Exec("UPDATE items SET note = 'mended' WHERE note IS NULL");
    const Finished retried = Rowferry({"rejects", "retry", target->url()});
    CHECK_MESSAGE(retried.exit_code == 0, retried.err);
    CHECK(Holds(retried.out, "200 tried, 200 loaded, 0 failed again"));
    const char* contents = "SELECT code, line, note FROM items ORDER BY line";
    CHECK(target->Rows(contents) == source->Rows(contents));
  }
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
  CHECK(Holds(held.out, "3 tried, 0 loaded, 3 failed again\n"));
  source->Exec("UPDATE items SET note = 'mended'");
  CHECK(Rowferry({"rejects", "retry", target->url()}).exit_code == 2);
  CHECK(target->One(kBlob) == "1");
  const Finished durable = Rowferry({"rejects", "retry", target->url(), "--id", "3"});
  CHECK(durable.exit_code == 3);
  CHECK(Holds(durable.out, "1 tried, 1 loaded"));
}

TEST_CASE("a retry reads what the copy was asked for: its columns, its condition, its names") {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    const auto source = MakeDatabase(direction.source);
    const auto target = MakeDatabase(direction.target);
    source->Exec(
        "CREATE TABLE \"BadItems\" (id bigint PRIMARY KEY, \"TheCode\" text NOT NULL UNIQUE,"
        "                           note text, secret text);"
        "INSERT INTO \"BadItems\" VALUES (1, 'é', 'n', 's'), (2, 'b''', NULL, 's'),"
        "  (3, 'c', NULL, 's'), (9, 'd', NULL, 's')");
    target->Exec("CREATE TABLE bad_items (id bigint, the_code text, note text NOT NULL)");
    const Finished copied = Rowferry({"copy", source->url(), target->url(), "--table", "BadItems",
                                      "--where", "id < 9 -- all", "--drop", "secret", "--key",
                                      "TheCode", "--identifiers", "snake"});
    REQUIRE_MESSAGE(copied.exit_code == 3, copied.err);
    source->Exec(
        "UPDATE \"BadItems\" SET note = 'mended';"
        "UPDATE \"BadItems\" SET id = 99 WHERE id = 3");
    const Finished retried = Rowferry({"rejects", "retry", target->url(), "--table", "bad_items"});
    CHECK(retried.exit_code == 3);
    CHECK(Holds(retried.out, "2 tried, 1 loaded, 1 failed again (1 no longer in the source)"));
    CHECK(target->Rows("SELECT * FROM bad_items ORDER BY id") ==
          std::vector<TextRow>{{"1", "é", "n"}, {"2", "b'", "mended"}});
  }
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

TEST_CASE("a job of an older ledger says why it cannot be planned again") {
  WithRejects([](BadRows& rows) {
    rows.target().Exec("UPDATE " + rows.target().LedgerTable("job") + " SET settings = ''");
    const Finished refused = rows.Rejects("retry");
    CHECK(refused.exit_code == 2);
    CHECK(Holds(refused.err, "--restart"));
    CHECK(rows.Rejects("list").exit_code == 0);
  });
}

TEST_CASE("a ledger without rejects is read, and upgraded by the next run") {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    BadRows rows(direction);
    rows.Mend();
    rows.source().Exec("UPDATE items SET note = 'none' WHERE id = 7");
    REQUIRE(rows.Copy({"--job", "old"}).exit_code == 0);
    const auto table = [&](const char* name) { return rows.target().LedgerTable(name); };
    const bool postgres = rows.into_postgres();
    rows.target().Exec("ALTER TABLE " + table("job") + " DROP COLUMN settings; ALTER TABLE " +
                       table("split") + " DROP COLUMN pending; DROP TABLE " + table("reject") +
                       "; UPDATE " + table("meta") +
                       (postgres ? " SET version = 1" : " SET value = '1' WHERE key = 'version'"));
    CHECK(rows.Status().at("open_rejects") == 0);
    CHECK(Holds(rows.Rejects("list").out, "no open rejects"));
    CHECK(Holds(rows.Rejects("retry").out, "nothing to do"));
    rows.source().Exec("UPDATE items SET id = id + 100; UPDATE items SET note = NULL");
    const Finished next =
        rows.Copy({"--job", "new", "--existing", "append", "--max-rejects", "99"});
    CHECK_MESSAGE(next.exit_code == 3, next.err);
    CHECK(Holds(rows.Rejects("list", {"new"}).out, "60 open rejects"));
    CHECK(rows.Status().at("name") == "new");
  }
}

TEST_CASE("JOB may be left out only where it is clear which one is meant") {
  BadRows rows(kDirections[0]);
  SqliteDatabase empty;
  CHECK(Holds(rows.Rejects("list").err, "no jobs"));
  REQUIRE(rows.Copy({"--job", "first"}).exit_code == 3);
  rows.source().Exec("CREATE TABLE good (id INTEGER PRIMARY KEY)");
  REQUIRE(rows.Copy({"--job", "second", "--table", "good"}).exit_code == 0);
  CHECK(rows.List().at("job") == "first");
  CHECK(Holds(rows.Rejects("list", {"frist"}).err, "did you mean \"first\"?"));
  rows.Rejects("purge", {"first", "--yes"});
  const Finished unclear = rows.Rejects("list");
  CHECK(unclear.exit_code == 2);
  CHECK(Holds(unclear.err, "first, second"));
}

TEST_CASE("what the commands do not take is refused, and said") {
  BadRows rows(kDirections[0]);
  REQUIRE(rows.Copy().exit_code == 3);
  struct Case {
    std::string command;
    std::vector<std::string> more;
    std::string reason;
  };
  const TextFile file("");
  const Case kCases[] = {
      {"list", {"--kind", "notnull"}, "--kind takes unreadable, value, not-null"},
      {"list", {"--id", "0"}, "--id takes a whole number"},
      {"list", {"--table", "item"}, "did you mean \"items\"?"},
      {"list", {"--full"}, "rejects list has no option --full"},
      {"lsit", {}, "did you mean \"rejects list\"?"},
      {"show", {"--id", "99"}, "no reject 99"},
      {"export", {"--output", rows.target().url()}, "belongs to the source or the target"},
      {"export", {"--output", rows.source().url()}, "belongs to the source or the target"},
      {"export", {"--output", "/nowhere/x"}, "/nowhere"},
      {"retry", {"--from", "/nowhere/x"}, "cannot be read"},
      {"retry", {"--from", ""}, "--from takes the name of a file"},
      {"retry", {"--from", file.path(), "--kept"}, "--kept and --from"},
      {"retry", {"--from", file.path(), "--id", "1"}, "leave --table"},
      {"retry", {"--chunk-rows", "0"}, "--chunk-rows"},
      {"retry", {"--source", "/nowhere/x.db"}, "/nowhere"},
  };
  for (const Case& a_case : kCases) {
    CAPTURE(a_case.command);
    CAPTURE(a_case.reason);
    const Finished refused = rows.Rejects(a_case.command, a_case.more);
    CHECK(refused.exit_code == 2);
    CHECK(Holds(refused.err, a_case.reason));
  }
  CHECK(Rowferry({"rejects"}).exit_code == 2);
  CHECK(Holds(Rowferry({"rejects", "--help"}).out, "rowferry rejects purge TARGET [JOB]"));
  CHECK(Holds(Rowferry({"rejects", "retry", "--help"}).out, "--kept"));
  CHECK(Holds(Rowferry({"help", "rejects", "list"}).out, "--json"));
  CHECK(rows.List().at("rejects").size() == 3);
}

}  // namespace
}  // namespace rowferry::testing
