// Rows that a PostgreSQL source cannot give: they are kept, the rest arrives, and once they are
// mended so do they.
#include <doctest/doctest.h>

#include <fstream>

#include "copies.h"

namespace rowferry::testing {
namespace {

using nlohmann::json;

constexpr char kAscii[] = "ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0";

// Rows 1, 30, 31 and 60 of 60 hold a byte that is no UTF-8. The table `loose` has no key.
class Unreadable {
 public:
  explicit Unreadable(const std::string& target_kind)
      : source_(kAscii), target_(MakeDatabase(target_kind)) {
    source_.Exec(
        "CREATE TABLE t (id bigint PRIMARY KEY, amount numeric(8,2), note text); INSERT INTO t "
        "SELECT i, i / 4.0, CASE WHEN i IN (1, 30, 31, 60) THEN 'e' || chr(233) ELSE 'x' END FROM "
        "generate_series(1, 60) i; CREATE TABLE loose AS TABLE t");
    source_.AwaitOpenTransactions();
  }

  PostgresDatabase& source() { return source_; }
  TestDatabase& target() { return *target_; }

  Finished Copy() const {
    return Rowferry({"copy", source_.url(), target_->url(), "--chunk-rows", "7"});
  }
  Finished Rejects(const std::string& command, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"rejects", command, target_->url()};
    words.insert(words.end(), more.begin(), more.end());
    return Rowferry(words);
  }
  std::string Open(const std::string& where = "1 = 1") const {
    return target_->One("SELECT count(*) FROM " + target_->LedgerTable("reject") + " WHERE " +
                        where);
  }
  // Contents equal, but for those rows.
  void CheckAllBut(const std::string& table, const std::string& ids) {
    CAPTURE(table);
    const std::string rows = "SELECT id, CAST(amount * 100 AS bigint), note FROM " + table;
    CHECK(target_->Rows(rows + " ORDER BY id") ==
          source_.Rows(rows + " WHERE id NOT IN (" + ids + ") ORDER BY id"));
  }

 private:
  PostgresDatabase source_;
  std::unique_ptr<TestDatabase> target_;
};

template <typename Test>
void IntoBoth(const Test& test) {
  for (const std::string target_kind : {"postgres", "sqlite"}) {
    CAPTURE(target_kind);
    Unreadable copy(target_kind);
    const Finished run = copy.Copy();
    CHECK_MESSAGE(run.exit_code == 3, run.err);
    test(copy);
  }
}

TEST_CASE("rows that a PostgreSQL source cannot give are rejects, and the others arrive") {
  IntoBoth([](Unreadable& copy) {
    for (const char* table : {"t", "loose"}) copy.CheckAllBut(table, "1,30,31,60");
    CHECK(copy.Open("kind = 'unreadable' AND code = '22021' AND column_name = 'note'") == "8");
    CHECK(copy.Copy().exit_code == 3);
    CHECK(copy.Open() == "8");
  });
}

TEST_CASE("rows that were mended in the source are read again, the others stay") {
  IntoBoth([](Unreadable& copy) {
    copy.source().Exec("UPDATE t SET note = 'é' WHERE id IN (1, 31)");
    const Finished retry = copy.Rejects("retry", {"--table", "t"});
    CHECK_MESSAGE(retry.exit_code == 3, retry.err);
    copy.CheckAllBut("t", "30,60");
    CHECK(copy.Open("tries = 2") == "2");
    CHECK(copy.Open() == "6");
  });
}

TEST_CASE("a kept row is not loaded while its bytes are no text") {
  IntoBoth([](Unreadable& copy) {
    const Finished retry = copy.Rejects("retry", {"--kept"});
    CHECK_MESSAGE(retry.exit_code == 3, retry.err);
    copy.CheckAllBut("t", "1,30,31,60");
    const Finished shown = copy.Rejects("show", {"--id", "1"});
    CHECK_MESSAGE(
        shown.out.find("the kept value x'65e9' is no value of type text") != std::string::npos,
        shown.out);
    CHECK(copy.Open("tries = 2") == "8");
  });
}

TEST_CASE("an export of what could not be read is the same when fed back, and loads once mended") {
  IntoBoth([](Unreadable& copy) {
    const SqliteDatabase folder;
    const std::string file = folder.folder() + "/rows.jsonl";
    const Finished exported = copy.Rejects("export", {"--output", file});
    REQUIRE_MESSAGE(exported.exit_code == 0, exported.err);
    const std::string kept = "SELECT id, kept FROM " + copy.target().LedgerTable("reject");
    const auto before = copy.target().Rows(kept + " ORDER BY id");
    CHECK(copy.Rejects("retry", {"--from", file}).exit_code == 3);
    CHECK(copy.target().Rows(kept + " ORDER BY id") == before);
    std::ifstream lines(file);
    std::ofstream mended(file + ".mended");
    for (std::string line; std::getline(lines, line);) {
      json row = json::parse(line);
      const json bytes = {{"hex", "65e9"}};
      CHECK(row["row"]["note"] == bytes);
      row["row"]["note"] = "eé";
      mended << row.dump() << "\n";
    }
    mended.close();
    const Finished retry = copy.Rejects("retry", {"--from", file + ".mended"});
    CHECK_MESSAGE(retry.exit_code == 0, retry.err);
    copy.source().Exec(
        "UPDATE t SET note = 'eé' WHERE id IN (1, 30, 31, 60); UPDATE loose SET note = 'eé' WHERE "
        "id IN (1, 30, 31, 60)");
    for (const char* table : {"t", "loose"}) copy.CheckAllBut(table, "0");
  });
}

}  // namespace
}  // namespace rowferry::testing
