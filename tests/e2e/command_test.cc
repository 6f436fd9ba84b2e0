// What the user sees: exit codes, messages, display, status, report, secrets.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>
#include <set>

#include "base/text.h"
#include "e2e/copies.h"

namespace rowferry::testing {
namespace {

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST_CASE("what cannot be understood is refused with exit 2, and says what was meant") {
  struct Case {
    std::vector<std::string> words;
    const char* says;
  };
  const Case cases[] = {
      {{}, "rowferry --help"},
      {{"cpoy"}, "did you mean \"copy\"?"},
      {{"copy"}, "rowferry copy SOURCE TARGET"},
      {{"copy", "a.db", "b.db", "c.db"}, "too much"},
      {{"copy", "a.db", "b.db", "--tabel", "x"}, "did you mean --table?"},
      {{"copy", "a.db", "b.db", "--existing", "perhaps"}, "fail, append, truncate, replace"},
      {{"copy", "a.db", "b.db", "--chunk-rows", "0"}, "at least 1"},
      {{"copy", "a.db", "b.db", "--chunk-rows", "ten"}, "whole number"},
      {{"copy", "a.db", "b.db", "--memory", "lots"}, "--memory takes a size"},
      {{"copy", "a.db", "b.db", "--where", "x > 1"}, "exactly one --table"},
      {{"copy", "a.db", "b.db", "--table", "t", "--key", "id,"}, "--key takes COL[,COL]"},
      {{"copy", "", "b.db"}, "must not be empty"},
      {{"copy", "a.db", "b.db", "--table", "t", "--where", ""}, "--where must not be empty"},
      {{"copy", "a.db", "postgres:user:s3cr3t@host/db"}, "is not taken"},
      {{"copy", "a.db", "postgresql:/host/db?password=s3cr3t"}, "is not taken"},
      {{"copy", "a.db", "postgres:shop"}, "use postgresql://user@host/db"},
      {{"copy", "mysql://h/db", "b.db"}, "no database is known"},
      {{"copy", "a.db", "host=localhost dbname=f password=s3cr3t"}, "is not taken"},
      {{"copy", "/nonexistent/a.db", "/tmp/b.db"}, "/nonexistent/a.db"},
      {{"copy", "postgresql://127.0.0.1:1/x", "/tmp/b.db"}, "127.0.0.1"},
      {{"copy", "a.db", "b.db", "--report", "/nonexistent/r.json"}, "--report"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.says));
    const Finished finished = Rowferry(c.words);
    CHECK(finished.exit_code == 2);
    CHECK_MESSAGE(finished.err.find(c.says) != std::string::npos, finished.err);
    CHECK(finished.err.find("s3cr3t") == std::string::npos);
    CHECK(finished.out.empty());
  }
}

TEST_CASE("the reference manual is what the program says") {
  CHECK(Rowferry({"--reference"}).out == ReadFile(ROWFERRY_DOCS "/reference.md"));
}

// All names of an object's fields, and of those within it, but for those of `last_checkpoint` and
// `error_categories`, which are tables and kinds.
void CollectFields(const nlohmann::json& json, std::set<std::string>& fields) {
  if (!json.is_structured()) return;
  for (const auto& [name, value] : json.items()) {
    if (json.is_object()) fields.insert(name);
    if (name != "last_checkpoint" && name != "error_categories") CollectFields(value, fields);
  }
}

TEST_CASE("the reference manual explains every field of report and status") {
  Copies copies(kDirections[0]);
  copies.target().Exec("CREATE TABLE items (id bigint CHECK (id < 0), batch bigint, note text)");
  const Finished failed = copies.Run({"--report", "-"});
  CHECK(failed.exit_code == 1);
  std::set<std::string> fields;
  CollectFields(nlohmann::json::parse(failed.out), fields);
  CollectFields(copies.Status(), fields);
  CHECK(fields.size() > 50);
  const std::string manual = ReadFile(ROWFERRY_DOCS "/reference.md");
  for (const std::string& field : fields) {
    CHECK_MESSAGE(manual.find("`" + field + "`") != std::string::npos, field);
  }
}

TEST_CASE("help is there in every way that it is asked for") {
  const std::string help = Rowferry({"copy", "--help"}).out;
  CHECK(help.starts_with("Usage: rowferry copy SOURCE TARGET"));
  CHECK(Rowferry({"copy", "-h"}).out == help);
  CHECK(Rowferry({"help", "copy"}).out == help);
  CHECK(Rowferry({"help", "cpoy"}).exit_code == 2);
}

TEST_CASE("a finished copy says so and does nothing") {
  InEveryDirection([](Copies& copies) {
    const Finished first = copies.Run();
    CHECK_MESSAGE(first.exit_code == 0, first.err);
    const Finished second = copies.Run();
    CHECK(second.exit_code == 0);
    CHECK(second.out.find("this job is finished") != std::string::npos);
    copies.CheckExact();
  });
}

TEST_CASE("a finished job's name does not pass for done what it did not copy") {
  Copies copies(kDirections[1]);
  CHECK(copies.Run({"--job", "nightly", "--table", "items"}).exit_code == 0);
  const std::vector<std::string> others[] = {
      {"--job", "nightly", "--table", "lines"},
      {"--job", "nightly", "--table", "items", "--where", "id > 5"},
      {"--job", "nightly", "--table", "items", "--target-schema", "other"},
      {"--job", "nightly"},
  };
  for (const auto& other : others) {
    const Finished refused = copies.Run(other);
    CHECK(refused.exit_code == 2);
    CHECK_MESSAGE(refused.err.find("is finished, and it was another one") != std::string::npos,
                  refused.err);
  }
  const Finished same = copies.Run({"--job", "nightly", "--table", "items", "--memory", "16MiB"});
  CHECK(same.out.find("this job is finished") != std::string::npos);
}

TEST_CASE("what the source refuses after the first table was copied is no refusal before it") {
  SqliteDatabase source;
  source.Exec(
      "CREATE TABLE a (x INTEGER PRIMARY KEY); INSERT INTO a VALUES (1);"
      "CREATE TABLE b (x INTEGER PRIMARY KEY, y AS (abs(x))); PRAGMA writable_schema = ON;"
      "UPDATE sqlite_schema SET sql = replace(sql, 'abs', 'applications_own')");
  SqliteDatabase target;
  const Finished failed = Rowferry({"copy", source.url(), target.url()});
  CHECK(failed.exit_code == 1);
  CHECK_MESSAGE(failed.err.find("applications_own") != std::string::npos, failed.err);
  CHECK(target.One("SELECT count(*) FROM a") == "1");
}

TEST_CASE("a restart empties what the job itself had made, and copies all again") {
  InEveryDirection([](Copies& copies) {
    CHECK(copies.Run().exit_code == 0);
    copies.source().Exec("UPDATE items SET note = 'changed' WHERE id > 100");
    const Finished again = copies.Run({"--restart"});
    CHECK_MESSAGE(again.exit_code == 0, again.err);
    copies.CheckExact();
  });
}

TEST_CASE("a target table that holds rows is refused, appended to, emptied or replaced, as asked") {
  InEveryDirection([](Copies& copies) {
    TestDatabase& target = copies.target();
    target.Exec("CREATE TABLE items (note text, id bigint PRIMARY KEY, batch bigint, more bigint)");
    target.Exec("INSERT INTO items (id, note) VALUES (-99999, 'was here')");
    const Finished refused = copies.Run();
    CHECK(refused.exit_code == 2);
    CHECK(refused.err.find("already holds 1 rows") != std::string::npos);
    CHECK(copies.Status().is_null());
    const auto count = [&] { return target.One("SELECT count(*) FROM items"); };
    CHECK(copies.Run({"--existing", "append", "--job", "a"}).exit_code == 0);
    CHECK(count() == std::to_string(Copies::kItems + 1));
    target.Exec("DELETE FROM lines");
    CHECK(copies.Run({"--existing", "truncate", "--job", "b"}).exit_code == 0);
    CHECK(count() == std::to_string(Copies::kItems));
    CHECK(target.One("SELECT count(*) FROM items WHERE more IS NOT NULL") == "0");
    CHECK(copies.Run({"--existing", "replace", "--job", "c"}).exit_code == 0);
    CHECK(count() == std::to_string(Copies::kItems));
    CHECK_THROWS(target.Rows("SELECT more FROM items"));  // the table is the source's now
  });
}

TEST_CASE("a changed job refuses to resume and shows what changed") {
  InEveryDirection([](Copies& copies) {
    copies.Interrupt(SIGINT, {"--job", "j"});
    copies.source().Exec("ALTER TABLE lines ADD COLUMN extra bigint");
    copies.target().Exec("ALTER TABLE lines ADD COLUMN extra bigint");
    const Finished changed = copies.Run({"--job", "j"});
    CHECK(changed.exit_code == 2);
    CHECK_MESSAGE(changed.err.find("extra") != std::string::npos, changed.err);
    CHECK(changed.err.find("--restart") != std::string::npos);
    CHECK(copies.Run({"--job", "j", "--restart"}).exit_code == 0);
    copies.CheckExact();
  });
}

TEST_CASE("plan shows tables, types, keys and statements, and changes nothing") {
  for (const Direction& direction : kDirections) {
    CAPTURE(direction.source);
    CAPTURE(direction.target);
    Copies copies(direction);
    const Finished plan = Rowferry({"plan", copies.source().url(), copies.target().url()});
    CHECK_MESSAGE(plan.exit_code == 0, plan.err);
    for (const char* part : {"items", "lines", "key:", "CREATE TABLE", "columns:"}) {
      CHECK_MESSAGE(plan.out.find(part) != std::string::npos, plan.out);
    }
    if (direction.target == "sqlite") {
      CHECK_FALSE(std::filesystem::exists(copies.target().url()));
    } else {
      CHECK(copies.target().One(
                "SELECT count(*) FROM pg_class WHERE relname IN ('items', 'job')") == "0");
    }
  }
}

TEST_CASE("a --where that cannot be carried out is refused by plan and copy, and leaves no trace") {
  InEveryDirection([](Copies& copies) {
    for (const std::string condition : {"missing = 1", "id < 0) OR (id > 5"}) {
      for (const char* command : {"plan", "copy"}) {
        const Finished refused = Rowferry({command, copies.source().url(), copies.target().url(),
                                           "--table", "items", "--where", condition});
        CHECK(refused.exit_code == 2);
        CHECK_MESSAGE(refused.err.find(condition) != std::string::npos, refused.err);
        CHECK(refused.err.find("resumes") == std::string::npos);
      }
    }
    CHECK(copies.Status().is_null());
    CHECK_THROWS(copies.target().Rows("SELECT 1 FROM items"));
  });
}

TEST_CASE("status and forget work from the ledger alone") {
  Copies copies(kDirections[1]);
  const std::string target = copies.target().url();
  CHECK(Rowferry({"status", target}).out.find("no jobs") != std::string::npos);
  CHECK(copies.Run({"--job", "nightly"}).exit_code == 0);
  const Finished status = Rowferry({"status", target});
  CHECK(status.out.find("100 %, 4,000 of 4,000 rows") != std::string::npos);
  const Finished unknown = Rowferry({"status", target, "nigthly"});
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.err.find("did you mean \"nightly\"?") != std::string::npos);
  CHECK(Rowferry({"forget", target, "nightly"}).exit_code == 0);
  CHECK(Rowferry({"forget", target, "nightly"}).exit_code == 2);
  CHECK(copies.Status().is_null());
  CHECK(copies.target().One("SELECT count(*) FROM items") == std::to_string(Copies::kItems));
}

TEST_CASE("a job with a damaged checkpoint does not hide the others from status") {
  for (const Direction& direction : {kDirections[0], kDirections[1]}) {
    CAPTURE(direction.target);
    Copies copies(direction);
    const std::string split = direction.target == "sqlite" ? "rowferry_split" : "rowferry.split";
    CHECK(copies.Run({"--job", "damaged", "--table", "items"}).exit_code == 0);
    copies.target().Exec("UPDATE " + split + " SET inserted = 5");
    CHECK(copies.Run({"--job", "sound", "--table", "lines"}).exit_code == 0);
    const Finished status = Rowferry({"status", copies.target().url()});
    CHECK(status.exit_code == 0);
    CHECK_MESSAGE(status.out.find("checkpoint of table") != std::string::npos, status.out);
    CHECK_MESSAGE(status.out.find("1,000 of 1,000 rows") != std::string::npos, status.out);
    const Finished asked = Rowferry({"status", copies.target().url(), "damaged", "--json"});
    const auto job = nlohmann::json::parse(asked.out).at("jobs").at(0);
    CHECK(job.at("unreadable").is_string());
    CHECK(job.at("tables").empty());
  }
}

TEST_CASE("a path that is no UTF-8 keeps no job from its ledger, and no ledger from its status") {
  SqliteDatabase source("caf\xe9.db");
  source.Exec("CREATE TABLE t (x INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
  for (const std::string kind : {"sqlite", "postgres"}) {
    CAPTURE(kind);
    const auto target = MakeDatabase(kind);
    const Finished copied = Rowferry({"copy", source.url(), target->url()});
    CHECK_MESSAGE(copied.exit_code == 0, copied.err);
    const Finished again = Rowferry({"copy", source.url(), target->url()});
    CHECK(again.out.find("this job is finished") != std::string::npos);
    const Finished status = Rowferry({"status", target->url(), "--json"});
    REQUIRE_MESSAGE(status.exit_code == 0, status.err);
    const auto job = nlohmann::json::parse(status.out).at("jobs").at(0);
    CHECK(job.at("source").get<std::string>().ends_with("/caf\\xe9.db"));
  }
}

TEST_CASE("a table whose name is no UTF-8 keeps no ledger from its status") {
  SqliteDatabase source;
  source.Exec("CREATE TABLE \"caf\xe9\" (x INTEGER PRIMARY KEY)");
  SqliteDatabase target;
  CHECK(Rowferry({"copy", source.url(), target.url()}).exit_code == 0);
  const Finished status = Rowferry({"status", target.url(), "--json"});
  REQUIRE_MESSAGE(status.exit_code == 0, status.err);
  CHECK(nlohmann::json::parse(status.out).at("jobs").at(0).at("tables").size() == 1);
}

TEST_CASE("status and forget of a file that is not there say so, and do not make it") {
  SqliteDatabase folder;
  const std::string missing = folder.folder() + "/missing.db";
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"status", missing}, {"forget", missing, "j"}}) {
    const Finished refused = Rowferry(words);
    CHECK(refused.exit_code == 2);
    CHECK_MESSAGE(refused.err.find("there is no file " + missing) != std::string::npos,
                  refused.err);
    CHECK_FALSE(std::filesystem::exists(missing));
  }
}

TEST_CASE("what cannot be printed fails the command") {
  Copies copies(kDirections[0]);
  ProcessOptions full;
  full.out_path = "/dev/full";
  for (const char* command : {"plan", "copy", "status", "--help"}) {
    CAPTURE(std::string(command));
    std::vector<std::string> words = {command, copies.source().url(), copies.target().url()};
    if (words[0] == "status") words.erase(words.begin() + 1);
    const Finished lost = Rowferry(words, full);
    CHECK(lost.exit_code == 1);
    CHECK_MESSAGE(lost.err.find("could not be written to stdout") != std::string::npos, lost.err);
  }
  copies.CheckExact();
}

TEST_CASE("nothing is printed into a connection where the caller closed the standard streams") {
  InEveryDirection([](Copies& copies) {
    ProcessOptions closed;
    closed.closes_streams = true;
    std::vector<std::string> words = copies.Command({"--progress", "plain"});
    CHECK(Rowferry(words, closed).exit_code == 1);  // the summary is lost
    copies.CheckExact();
  });
}

TEST_CASE("the report says what was copied, in this run and over the job") {
  Copies copies(kDirections[0]);
  const std::string path = copies.target().url() + ".json";
  copies.Interrupt(SIGTERM);
  CHECK(copies.Run({"--report", path}).exit_code == 0);
  const auto report = nlohmann::json::parse(ReadFile(path));
  CHECK(report["status"] == "completed");
  CHECK(report["resumed"] == true);
  CHECK(report["summary"]["processed"] == Copies::kItems + Copies::kLines);
  CHECK(report["summary"]["succeeded"] == Copies::kItems + Copies::kLines);
  CHECK(report["this_run"]["processed"] < Copies::kItems + Copies::kLines);
  CHECK(report["summary"]["peak_memory_bytes"] > 0);
}

TEST_CASE("a job that was finished before is reported from the ledger") {
  Copies copies(kDirections[0]);
  const std::string path = copies.source().url() + ".json";
  CHECK(copies.Run().exit_code == 0);
  CHECK(copies.Run({"--report", path}).exit_code == 0);
  const auto report = nlohmann::json::parse(ReadFile(path));
  CHECK(report["job_id"] == copies.Status().at("name"));
  CHECK(report["status"] == "completed");
  CHECK(report["summary"]["succeeded"] == Copies::kItems + Copies::kLines);
  CHECK(report["this_run"]["processed"] == 0);
  CHECK(report["tables"][0]["table"] == "items");
  CHECK(report["tables"][0]["processed"] == Copies::kItems);
  CHECK(report["tables"][0]["this_run"]["processed"] == 0);
  CHECK(report["errors"].empty());
  CHECK(report["remediation"]["can_retry"] == false);
}

TEST_CASE("a report that would replace a database is refused, and nothing is copied") {
  Copies copies(kDirections[0]);
  const std::string target = copies.target().url();
  const std::string source = copies.source().url();
  std::filesystem::create_symlink(target, source + ".link");
  for (const std::string& path : {source, target, target + "-wal", source + "-shm",
                                  target + "-rowferry.lock", source + ".link"}) {
    CAPTURE(path);
    const Finished refused = copies.Run({"--report", path});
    CHECK(refused.exit_code == 2);
    CHECK_MESSAGE(refused.err.find("belongs to the source or the target") != std::string::npos,
                  refused.err);
    CHECK_FALSE(std::filesystem::exists(target));
  }
  CHECK(copies.source().One("SELECT count(*) FROM items") == std::to_string(Copies::kItems));
}

TEST_CASE("--report - prints the report and nothing else") {
  const Copies copies(kDirections[0]);
  for (const char* status : {"copied", "finished before"}) {
    CAPTURE(std::string(status));
    const auto report = nlohmann::json::parse(copies.Run({"--report", "-"}).out);
    CHECK(report["status"] == "completed");
    CHECK(report["artifacts"].empty());
  }
  CHECK_FALSE(std::filesystem::exists("-"));
}

TEST_CASE("a report can go to stdout, and one that cannot be written fails the command") {
  const Copies copies(kDirections[0]);
  const Finished told = copies.Run({"--report", "/dev/stdout", "--quiet"});
  CHECK(told.exit_code == 0);
  CHECK(nlohmann::json::parse(told.out)["status"] == "completed");
  const Finished full = copies.Run({"--report", "/dev/full", "--restart"});
  CHECK(full.exit_code == 1);
  CHECK_MESSAGE(full.err.find("/dev/full cannot be written: No space left") != std::string::npos,
                full.err);
  CHECK(std::filesystem::is_character_file("/dev/full"));
}

TEST_CASE("the report of a run that failed names the table, the row and the chunk") {
  for (const std::string target : {"sqlite", "postgres"}) {
    CAPTURE(target);
    Copies copies({"sqlite", target});
    copies.target().Exec(
        "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text UNIQUE)");
    copies.source().Exec(
        "UPDATE items SET note = id; UPDATE items SET note = 'twice' WHERE id IN (-494, -449)");
    const std::string path = copies.source().url() + ".json";
    const Finished failed = copies.Run(
        {"--table", "items", "--chunk-rows", "5", "--max-rejects", "0", "--report", path});
    CHECK(failed.exit_code == 1);
    const auto error = nlohmann::json::parse(ReadFile(path))["errors"][0];
    CHECK(error["table"] == "items");
    CHECK(error["item_identifier"] == "(id) = (-449)");
    CHECK(error["chunk_index"] == 3);
    CHECK(error["error_type"] == "data");
    CHECK(error["sqlstate"] == (target == "sqlite" ? "SQLITE_CONSTRAINT_UNIQUE" : "23505"));
  }
}

TEST_CASE("the report of a run that cannot open a table's writer names the table") {
  Copies copies(kDirections[1]);
  const PostgresRole single(copies.target(), "CONNECTION LIMIT 1");
  copies.target().Exec("GRANT ALL ON SCHEMA public TO " + single.name() +
                       "; GRANT CREATE ON DATABASE " + single.name() + " TO " + single.name());
  const std::string path = copies.source().url() + ".json";
  const Finished failed = Rowferry({"copy", copies.source().url(), single.url(), "--report", path});
  CHECK_MESSAGE(failed.exit_code == 1, failed.err);
  const auto error = nlohmann::json::parse(ReadFile(path))["errors"][0];
  CHECK(error["table"] == "items");
  CHECK(error["error_type"] == "transient");
}

TEST_CASE("the live display is drawn on a terminal, at 40 and at 200 columns") {
  for (const int columns : {40, 200}) {
    CAPTURE(columns);
    Copies copies(kDirections[1]);
    copies.target().Exec("CREATE TABLE items (id bigint, batch bigint, note text)");
    pqxx::connection other(copies.target().url());
    pqxx::work lock(other);
    lock.exec("LOCK TABLE items IN SHARE MODE");  // so that it is at work until it was drawn
    Process process(copies.Slowly(), {{}, columns, {}});
    REQUIRE(process.AwaitErr("\x1b[2Kitems"));
    lock.abort();
    const Finished finished = process.Wait();
    CHECK(finished.exit_code == 0);
    CHECK(finished.err.find(" %") != std::string::npos);
    CHECK(finished.out.find("total") != std::string::npos);
  }
}

TEST_CASE("without a terminal there are plain lines; with --quiet there is nothing") {
  const Copies copies(kDirections[0]);
  const Finished plain = copies.Run();
  for (const char* part : {"25 %", "50 %", "75 %", "100 %"}) {
    CHECK_MESSAGE(plain.err.find(part) != std::string::npos, plain.err);
  }
  CHECK(plain.err.find('\x1b') == std::string::npos);
  const Finished quiet = copies.Run({"--restart", "--quiet"});
  CHECK(quiet.exit_code == 0);
  CHECK(quiet.err.empty());
  CHECK(quiet.out.empty());
}

TEST_CASE("with --log-format json every line on stderr is an object") {
  Copies copies(kDirections[1]);
  copies.target().Exec(
      "CREATE TABLE items (id bigint PRIMARY KEY, batch bigint, note text);"
      "INSERT INTO items VALUES (1, 1, 'x')");
  const Finished finished =
      copies.Run({"--log-format", "json", "--existing", "truncate", "--progress", "plain"});
  CHECK(finished.exit_code == 0);
  std::vector<std::string> lines = Split(finished.err, '\n');
  lines.pop_back();
  CHECK(lines.size() > 5);
  for (const std::string& line : lines) {
    CAPTURE(line);
    const auto object = nlohmann::json::parse(line, nullptr, false);
    CHECK((object.is_object() && object.contains("message")));
  }
}

TEST_CASE("no name of a database reaches the terminal with its control characters") {
  SqliteDatabase source;
  source.Exec("CREATE TABLE \"a\x1b[31mb\xc2\x9b\" (\"c\x07\" INTEGER PRIMARY KEY)");
  SqliteDatabase target;
  std::string all;
  const std::vector<std::string> commands[] = {
      {"plan", source.url(), target.url()},
      {"copy", source.url(), target.url()},
      {"copy", source.url(), target.url(), "--job", "other"},
      {"status", target.url()}};
  for (const auto& command : commands) {
    const Finished finished = Rowferry(command);
    all += finished.out + finished.err;
  }
  CHECK(all.find("a\\x1b[31mb\\xc2\\x9b") != std::string::npos);
  CHECK(all.find_first_of("\x1b\x07\x9b") == std::string::npos);
}

TEST_CASE("a password appears nowhere: not in the process list, output, report or ledger") {
  const std::string secret = "s3cr3t%2Fp%40ss";
  Copies copies(kDirections[1]);
  std::string url = copies.target().url();
  url.insert(url.find('@'), ":" + secret);
  const std::string report = copies.source().url() + ".json";
  const auto process = copies.Paused({"copy", copies.source().url(), url, "--chunk-rows", "1",
                                      "--report", report, "--log-level", "trace"});
  const std::string command_line = ReadFile("/proc/" + std::to_string(process->pid()) + "/cmdline");
  process->Signal(SIGCONT);
  const Finished finished = process->Wait();
  CHECK(finished.exit_code == 0);
  const Finished status = Rowferry({"status", url});
  const Finished plan = Rowferry({"plan", copies.source().url(), url});
  std::string ledger;
  for (const auto& row : copies.target().Rows("SELECT j::text FROM rowferry.job j"))
    ledger += row[0];
  CHECK(ledger.find("postgresql://") != std::string::npos);
  for (const std::string& text :
       {command_line, finished.out, finished.err, ReadFile(report), status.out, plan.out, ledger}) {
    CHECK_FALSE(text.empty());
    CHECK(text.find("s3cr3t") == std::string::npos);
  }
}

}  // namespace
}  // namespace rowferry::testing
