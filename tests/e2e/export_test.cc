// Rejects as JSON lines: exported, edited, fed back.
#include <doctest/doctest.h>

#include <csignal>
#include <functional>

#include "e2e/rejected_rows.h"
#include "support/other_session.h"

namespace rowferry::testing {
namespace {

using nlohmann::json;

TEST_CASE("an edited export is loaded, and only what is in it") {
  WithRejects([](BadRows& rows) {
    std::string edited;
    for (json line : JsonLines(rows.Rejects("export").out)) {
      if (line.at("row").at("id") == 60) continue;
      line["row"]["amount"] = 7;
      line["row"]["note"] = "edited " + line["row"]["id"].dump();
      edited += line.dump() + "\n\n";
    }
    const TextFile file(edited);
    const Finished loaded = rows.Rejects("retry", {"--from", file.path()});
    CHECK_MESSAGE(loaded.exit_code == 3, loaded.err);
    CheckHolds(loaded.out, "2 tried, 2 loaded, 0 failed again");
    CHECK(rows.target().One("SELECT note FROM items WHERE id = 7") == "edited 7");
    CHECK(rows.List().at("rejects").size() == 1);
    const Finished again = rows.Rejects("retry", {"--from", file.path()});
    CHECK(again.exit_code == 3);
    CheckHolds(again.out, "0 tried, 0 loaded, 0 failed again");
    CheckHolds(again.err, "the job has no rejects of 2 of 2 lines");
  });
}

TEST_CASE("a retry of an edited export that is killed goes on with the same file") {
  BadRows rows(kDirections[1]);
  rows.RejectAll();
  const TextFile file(rows.Rejects("export").out);
  rows.target().Exec(kWaitAtGate);
  OtherSession gate(rows.target().url());
  gate.Exec("SELECT pg_advisory_lock(7)");
  const std::vector<std::string> words = {
      "rejects", "retry", rows.target().url(), "--from", file.path(), "--chunk-rows", "10"};
  Process process(words);
  AwaitWaitAtGate(rows.target());
  process.Signal(SIGKILL);
  REQUIRE(process.Wait().signal == SIGKILL);
  CHECK(rows.Status().at("open_rejects") == 30);
  gate.Exec("SELECT pg_advisory_unlock(7)");
  const Finished ended = Rowferry(words);
  CHECK_MESSAGE(ended.exit_code == 0, ended.err);
  CheckHolds(ended.err, " of 60 lines; they are loaded by now, or never were any");
  rows.CheckExact();
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
      {changed([](json& l) { l["key"] = "(id) = (99)"; }),
       "line 3: reject 1 is of row (id) = (1), not of (id) = (99)"},
      {changed([](json& l) { l["table"] = "orders"; }),
       "line 3: reject 1 is of table items, not of orders"},
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
    CheckHolds(refused.err, reason);
    CHECK(rows.RowsInTarget() == 57);
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

TEST_CASE("a line of an export is for a table of any name") {
  SqliteDatabase source;
  PostgresDatabase target;
  source.Exec(
      "CREATE TABLE \"a\nb\" (id INTEGER PRIMARY KEY, n); INSERT INTO \"a\nb\" VALUES (1, 'x')");
  target.Exec("CREATE TABLE \"a\nb\" (id bigint PRIMARY KEY, n bigint)");
  REQUIRE(Rowferry({"copy", source.url(), target.url()}).exit_code == 3);
  auto lines = JsonLines(Rowferry({"rejects", "export", target.url()}).out);
  REQUIRE(lines.size() == 1);
  lines[0]["row"]["n"] = 7;
  const TextFile file(lines[0].dump());
  const Finished loaded = Rowferry({"rejects", "retry", target.url(), "--from", file.path()});
  CHECK_MESSAGE(loaded.exit_code == 0, loaded.err);
}

TEST_CASE("values that could not be read are loaded once they have the column's form") {
  SqliteDatabase source;
  PostgresDatabase target;
  source.Exec(
      "CREATE TABLE items (id INTEGER PRIMARY KEY, amount);"
      "INSERT INTO items VALUES (1, 10), (2, 'many'), (3, x'00'), (4, '40')");
  target.Exec("CREATE TABLE items (id bigint PRIMARY KEY, amount integer)");
  REQUIRE(Rowferry({"copy", source.url(), target.url()}).exit_code == 3);
  const Finished kept = Rowferry({"rejects", "retry", target.url(), "--kept"});
  CHECK(kept.exit_code == 3);
  CheckHolds(kept.out, "2 tried, 0 loaded, 2 failed again");
  const Finished shown = Rowferry({"rejects", "show", target.url(), "--id", "1"});
  CheckHolds(shown.out, "tries       2");
  CheckHolds(shown.out, "the kept value 'many' is no value of type integer");
  auto lines = JsonLines(Rowferry({"rejects", "export", target.url()}).out);
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

}  // namespace
}  // namespace rowferry::testing
