// Rows that the target does not take: looked at, given up, and what the commands refuse.
#include <doctest/doctest.h>

#include "e2e/rejected_rows.h"
#include "support/proxy.h"

namespace rowferry::testing {
namespace {

using nlohmann::json;

TEST_CASE("rejects are listed, counted, shown and exported") {
  WithRejects([](BadRows& rows) {
    const json list = rows.List();
    CHECK(list.at("rejects").size() == 3);
    CHECK(list.at("summary").size() == 3);
    CHECK(rows.Find(1).at("kind") == "check");
    CHECK(rows.Find(7).at("kind") == "not-null");
    CHECK(rows.Find(60).at("kind") == "unique");
    CHECK(rows.Status().at("open_rejects") == 3);
    CheckHolds(Rowferry({"status", rows.target().url()}).out, "3 open rejects");

    const Finished text = rows.Rejects("list");
    CheckHolds(text.out, "items: 1 not-null, 1 check, 1 unique");
    CheckHolds(text.out, "3 open rejects");
    const std::string code = rows.Find(1).at("sqlstate");
    const Finished one = rows.Rejects("list", {"--sqlstate", code, "--table", "items"});
    CheckHolds(one.out, "(id) = (1)");
    CHECK(one.out.find("(id) = (7)") == std::string::npos);

    const std::string id = std::to_string(rows.Find(7).at("id").get<int64_t>());
    const Finished shown = rows.Rejects("show", {"--id", id});
    CheckHolds(shown.out, "not-null");
    CheckHolds(shown.out, "NULL");
    CHECK(shown.out.find("(id) = (1)") == std::string::npos);

    const TextFile file("to be replaced");
    CHECK(rows.Rejects("export", {"--output", file.path()}).exit_code == 0);
    const Finished exported = rows.Rejects("export");
    CHECK(file.Text() == exported.out);
    const auto lines = JsonLines(exported.out);
    REQUIRE(lines.size() == 3);
    const json& row = lines[0].at("row");
    CHECK(row.at("id") == 1);
    CHECK(row.at("amount") == 500);
    CHECK(row.at("note") == "note 1");
    CHECK(lines[0].at("kind") == "check");
    CHECK(lines[0].at("tries") == 1);
  });
}

// "items 7, others 1"
std::string Exported(const BadRows& rows, const std::vector<std::string>& options) {
  std::string text;
  for (const json& line : JsonLines(rows.Rejects("export", options).out)) {
    if (!text.empty()) text += ", ";
    text += line.at("table").get<std::string>() + " " + line.at("row").at("id").dump();
  }
  return text;
}

TEST_CASE("rejects are chosen by table, kind, code and number, which hold together") {
  for (const Direction& direction : {kDirections[0], kDirections[1]}) {
    CAPTURE(direction.target);
    BadRows rows(direction);
    rows.source().Exec(
        "CREATE TABLE others (id bigint NOT NULL PRIMARY KEY, note text);"
        "INSERT INTO others VALUES (2, NULL), (3, 'c')");
    rows.target().Exec("CREATE TABLE others (id bigint PRIMARY KEY, note text NOT NULL)");
    REQUIRE(rows.Copy().exit_code == 3);
    const std::string code = rows.Find(7).at("sqlstate");
    const std::string number = rows.Find(60).at("id").dump();
    struct Choice {
      std::vector<std::string> options;
      std::string exported;
    };
    const Choice kChoices[] = {
        {{}, "items 1, items 7, items 60, others 2"},
        {{"--table", "others"}, "others 2"},
        {{"--kind", "not-null"}, "items 7, others 2"},
        {{"--sqlstate", code}, "items 7, others 2"},
        {{"--id", number}, "items 60"},
        {{"--table", "items", "--sqlstate", code}, "items 7"},
        {{"--table", "others", "--kind", "check"}, ""},
        {{"--kind", "check", "--id", number}, ""},
        {{"--sqlstate", "no such"}, ""},
    };
    for (const Choice& choice : kChoices) CHECK(Exported(rows, choice.options) == choice.exported);
    const Finished retried = rows.Rejects("retry", {"--sqlstate", code});
    CheckHolds(retried.out, "2 tried, 0 loaded, 2 failed again");
    CHECK(rows.Find(1).at("tries") == 1);
    const Finished purged = rows.Rejects("purge", {"--sqlstate", code, "--yes"});
    CheckHolds(purged.out, "2 rejects were given up");
    CHECK(Exported(rows, {}) == "items 1, items 60");
  }
}

TEST_CASE("rejects that are given up stay in the accounts, and the job is done without them") {
  WithRejects([](BadRows& rows) {
    const Finished one = rows.Rejects("purge", {"--kind", "check", "--yes"});
    CHECK_MESSAGE(one.exit_code == 0, one.err);
    CheckHolds(one.out, "1 reject was given up");
    CHECK(rows.Copy().exit_code == 3);
    CHECK(rows.Rejects("purge").exit_code == 0);
    CHECK(rows.Copy().exit_code == 0);
    CHECK(rows.Rejects("retry").exit_code == 0);
    CHECK(rows.Rejects("export").out.empty());
    CheckHolds(rows.Rejects("list").out, "items: 3 given up");
    CHECK(rows.target().One("SELECT count(*) FROM " + rows.target().LedgerTable("reject") +
                            " WHERE state = 'purged' AND length(kept) = 0") == "3");
    CHECK(rows.target().One("SELECT rejected FROM " + rows.target().LedgerTable("split")) == "3");
    CheckHolds(rows.Rejects("purge").out, "nothing was changed");
  });
}

TEST_CASE("a change of the ledger whose answer is lost is told as one that may have been made") {
  BadRows rows(kDirections[1]);
  REQUIRE(rows.Copy().exit_code == 3);
  Proxy proxy(rows.target().url());
  const auto lose = [&](const std::vector<std::string>& words, const std::string& tag, int at) {
    Fault fault;
    fault.tag = tag;
    fault.at = at;
    proxy.Arm(fault);
    const Finished lost = Rowferry(words);
    CHECK(proxy.Happened());
    CHECK_MESSAGE(lost.exit_code == 1, lost.err);
    CheckHolds(lost.err, "it may have taken effect before");
    CHECK(lost.out.empty());
  };
  const std::vector<std::string> purge = {"rejects", "purge", proxy.url(), "--yes"};
  lose(purge, "COMMIT", 2);  // behind the lease's
  CHECK(rows.Status().at("open_rejects") == 0);
  CheckHolds(Rowferry(purge).out, "nothing was changed");
  const std::string job = rows.Status().at("name");
  lose({"forget", proxy.url(), job}, "DELETE", 2);  // behind the notes of its sessions
  CHECK(rows.target().One("SELECT count(*) FROM rowferry.job") == "0");
}

// PostgreSQL gives no value of 1 GiB, so that kept rows are read in pieces from 64 MiB on.
TEST_CASE("a large row is kept, listed beside others, exported and loaded") {
  for (const Direction& direction : {kDirections[0], kDirections[1]}) {
    CAPTURE(direction.target);
    const auto source = MakeDatabase("sqlite");
    const auto target = MakeDatabase(direction.target);
    source->Exec(
        "CREATE TABLE t (id bigint NOT NULL PRIMARY KEY, large blob, note text); "
        "INSERT INTO t VALUES (1, x'00', NULL), (2, randomblob(70000000), NULL), (3, NULL, NULL)");
    const std::string blob = direction.target == "postgres" ? "bytea" : "blob";
    target->Exec("CREATE TABLE t (id bigint PRIMARY KEY, large " + blob + ", note text NOT NULL)");
    const Finished copied =
        Rowferry({"copy", source->url(), target->url(), "--max-rejects", "100%"});
    REQUIRE_MESSAGE(copied.exit_code == 3, copied.err);
    const json list = json::parse(Rowferry({"rejects", "list", target->url(), "--json"}).out);
    CHECK(list.at("rejects").size() == 3);
    const TextFile file(Rowferry({"rejects", "export", target->url()}).out);
    target->Exec("ALTER TABLE t RENAME TO before; CREATE TABLE t (id bigint PRIMARY KEY, large " +
                 blob + ", note text); DROP TABLE before");
    const Finished one = Rowferry({"rejects", "retry", target->url(), "--kept", "--id", "2"});
    CHECK_MESSAGE(one.exit_code == 3, one.err);
    CheckHolds(one.out, "1 tried, 1 loaded");
    const std::string in_hex =
        direction.target == "postgres" ? "encode(large, 'hex')" : "lower(hex(large))";
    CHECK(target->One("SELECT " + in_hex + " FROM t WHERE id = 2") ==
          source->One("SELECT lower(hex(large)) FROM t WHERE id = 2"));
    const Finished rest = Rowferry({"rejects", "retry", target->url(), "--from", file.path()});
    CHECK_MESSAGE(rest.exit_code == 0, rest.err);
    CheckHolds(rest.out, "2 tried, 2 loaded");
  }
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
    CheckHolds(rows.Rejects("list").out, "no open rejects");
    CheckHolds(rows.Rejects("retry").out, "nothing to do");
    rows.source().Exec("UPDATE items SET id = id + 100; UPDATE items SET note = NULL");
    const Finished next =
        rows.Copy({"--job", "new", "--existing", "append", "--max-rejects", "99"});
    CHECK_MESSAGE(next.exit_code == 3, next.err);
    CheckHolds(rows.Rejects("list", {"new"}).out, "60 open rejects");
    CHECK(rows.Status().at("name") == "new");
  }
}

TEST_CASE("JOB may be left out only where it is clear which one is meant") {
  BadRows rows(kDirections[0]);
  SqliteDatabase empty;
  CheckHolds(rows.Rejects("list").err, "no jobs");
  REQUIRE(rows.Copy({"--job", "first"}).exit_code == 3);
  rows.source().Exec("CREATE TABLE good (id INTEGER PRIMARY KEY)");
  REQUIRE(rows.Copy({"--job", "second", "--table", "good"}).exit_code == 0);
  CHECK(rows.List().at("job") == "first");
  CheckHolds(rows.Rejects("list", {"frist"}).err, "did you mean \"first\"?");
  rows.Rejects("purge", {"first", "--yes"});
  const Finished unclear = rows.Rejects("list");
  CHECK(unclear.exit_code == 2);
  CheckHolds(unclear.err, "first, second");
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
      {"retry", {"--id", "99"}, "has no open reject 99"},
      {"retry", {"--from", "/nowhere/x"}, "cannot be read"},
      {"retry", {"--from", ""}, "--from takes the name of a file"},
      {"retry", {"--from", file.path(), "--kept"}, "--kept and --from"},
      {"retry", {"--from", file.path(), "--id", "1"}, "leave --table"},
      {"retry", {"--chunk-rows", "0"}, "--chunk-rows"},
      {"retry", {"--source", "/nowhere/x.db"}, "/nowhere"},
      {"retry", {"--source", "postgresql://127.0.0.1:1/x"}, "see that the server runs"},
      {"retry", {"--retries", "-1"}, "--retries"},
  };
  for (const Case& a_case : kCases) {
    CAPTURE(a_case.command);
    CAPTURE(a_case.reason);
    const Finished refused = rows.Rejects(a_case.command, a_case.more);
    CHECK(refused.exit_code == 2);
    CheckHolds(refused.err, a_case.reason);
  }
  const Finished full = rows.Rejects("export", {"--output", "/dev/full"});
  CHECK(full.exit_code == 1);
  CheckHolds(full.err, "the export /dev/full cannot be written: No space left on device");
  CHECK(Rowferry({"rejects"}).exit_code == 2);
  CheckHolds(Rowferry({"rejects", "--help"}).out, "rowferry rejects purge TARGET [JOB]");
  CheckHolds(Rowferry({"rejects", "retry", "--help"}).out, "--kept");
  CheckHolds(Rowferry({"help", "rejects", "list"}).out, "--json");
  CHECK(rows.List().at("rejects").size() == 3);
}

}  // namespace
}  // namespace rowferry::testing
