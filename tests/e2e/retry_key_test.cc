// Rejects that are tried again where the source's key was defined anew since the copy.
#include <doctest/doctest.h>

#include "e2e/rejected_rows.h"

namespace rowferry::testing {
namespace {

constexpr char kKeyless[] = "a bigint NOT NULL, b bigint NOT NULL, note text";

// Of the rows (5, 96), (96, 5) and (7, 8) the first one is a reject: what is its key by one column
// is another row's by the other.
class Keyed {
 public:
  Keyed(const std::string& database, const std::string& columns)
      : source_(MakeDatabase(database)), target_(MakeDatabase("postgres")) {
    source_->Exec("CREATE TABLE items (" + columns +
                  "); INSERT INTO items VALUES (5, 96, NULL), (96, 5, 'x'), (7, 8, 'y')");
    target_->Exec("CREATE TABLE items (a bigint, b bigint, note text NOT NULL)");
  }

  TestDatabase& source() { return *source_; }
  void Copy(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"copy", source_->url(), target_->url()};
    words.insert(words.end(), more.begin(), more.end());
    const Finished copied = Rowferry(words);
    REQUIRE_MESSAGE(copied.exit_code == 3, copied.err);
    target_->Exec("ALTER TABLE items ALTER note DROP NOT NULL");
  }
  Finished Retry(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"rejects", "retry", target_->url()};
    words.insert(words.end(), more.begin(), more.end());
    return Rowferry(words);
  }
  std::string Export() const { return Rowferry({"rejects", "export", target_->url()}).out; }

  void CheckRefused(const std::vector<std::string>& more = {}) {
    const Finished refused = Retry(more);
    CHECK_MESSAGE(refused.exit_code == 2, refused.err);
    CheckHolds(refused.err, "its key is another one than that of its rejects:\n  was: ");
    CheckHolds(refused.err, "try the copies that were kept (--kept), or an edited export (--from)");
    CHECK(Rows() == "7 8, 96 5");
  }
  void CheckLoads(const std::vector<std::string>& more = {}) {
    const Finished retried = Retry(more);
    CHECK_MESSAGE(retried.exit_code == 0, retried.err);
    CHECK(Rows() == "5 96, 7 8, 96 5");
  }
  std::string Rows() {
    return target_->One("SELECT string_agg(a || ' ' || b, ', ' ORDER BY a) FROM items");
  }

 private:
  std::unique_ptr<TestDatabase> source_;
  std::unique_ptr<TestDatabase> target_;
};

struct Change {
  std::string what;
  std::string before;
  std::string after;
};

const Change kOthers[] = {
    {"the primary key moves to another column",
     "a integer NOT NULL PRIMARY KEY, b integer NOT NULL UNIQUE, note text",
     "a integer NOT NULL UNIQUE, b integer NOT NULL PRIMARY KEY, note text"},
    {"one column to two", "a bigint NOT NULL PRIMARY KEY, b bigint NOT NULL, note text",
     "a bigint NOT NULL, b bigint NOT NULL, note text, PRIMARY KEY (b, a)"},
    {"two columns to the last one",
     "a bigint NOT NULL, b bigint NOT NULL, note text, PRIMARY KEY (b, a)",
     "a bigint NOT NULL PRIMARY KEY, b bigint NOT NULL, note text"},
    {"another order", "a bigint NOT NULL, b bigint NOT NULL, note text, PRIMARY KEY (a, b)",
     "a bigint NOT NULL, b bigint NOT NULL, note text, PRIMARY KEY (b, a)"},
    {"another type", "a smallint NOT NULL PRIMARY KEY, b bigint NOT NULL, note text",
     "a bigint NOT NULL PRIMARY KEY, b bigint NOT NULL, note text"},
    {"none any more", "a bigint NOT NULL PRIMARY KEY, b bigint NOT NULL, note text", kKeyless},
    {"one where there was none", kKeyless,
     "a bigint NOT NULL PRIMARY KEY, b bigint NOT NULL, note text"},
    {"two columns where there was none", kKeyless,
     "a bigint NOT NULL, b bigint NOT NULL, note text, PRIMARY KEY (a, b)"},
};

// Runs `test` with the name of each database.
template <typename Test>
void FromDatabases(const Test& test) {
  for (const std::string database : {"sqlite", "postgres"}) {
    CAPTURE(database);
    test(database);
  }
}

TEST_CASE("a key that was defined anew is refused, and the kept rows are loaded") {
  FromDatabases([](const std::string& database) {
    for (const Change& change : kOthers) {
      CAPTURE(change.what);
      Keyed keyed(database, change.before);
      keyed.Copy();
      Remake(keyed.source(), change.after);
      keyed.CheckRefused();
      keyed.CheckLoads({"--kept"});
    }
  });
}

TEST_CASE("an edited export is loaded whatever the source's key is by now") {
  FromDatabases([](const std::string& database) {
    Keyed keyed(database, kKeyless);
    keyed.Copy();
    Remake(keyed.source(), kOthers[0].after);
    keyed.CheckLoads({"--from", TextFile(keyed.Export()).path()});
  });
}

TEST_CASE("a key in another collation is another key") {
  FromDatabases([](const std::string& database) {
    const bool sqlite = database == "sqlite";
    const auto columns = [](const std::string& collation) {
      return "code text COLLATE " + collation + " NOT NULL PRIMARY KEY, note text";
    };
    const auto source = MakeDatabase(database);
    const auto target = MakeDatabase("postgres");
    source->Exec("CREATE TABLE items (" + columns(sqlite ? "BINARY" : "\"C\"") +
                 "); INSERT INTO items VALUES ('a', NULL), ('B', 'b')");
    target->Exec("CREATE TABLE items (code text, note text NOT NULL)");
    REQUIRE(Rowferry({"copy", source->url(), target->url()}).exit_code == 3);
    Remake(*source, columns(sqlite ? "NOCASE" : "\"POSIX\""));
    const Finished refused = Rowferry({"rejects", "retry", target->url()});
    CHECK(refused.exit_code == 2);
    CheckHolds(refused.err, "its key is another one");
  });
}

TEST_CASE("the same key by another index is the same key") {
  FromDatabases([](const std::string& database) {
    Keyed keyed(database, kKeyless);
    keyed.source().Exec("CREATE UNIQUE INDEX one ON items (a)");
    keyed.Copy();
    keyed.source().Exec("DROP INDEX one; CREATE UNIQUE INDEX two ON items (a)");
    keyed.CheckLoads();
  });
}

TEST_CASE("a primary key in the place of a unique index on its columns is the same key") {
  FromDatabases([](const std::string& database) {
    Keyed keyed(database, kKeyless);
    keyed.source().Exec("CREATE UNIQUE INDEX one ON items (a, b)");
    keyed.Copy();
    Remake(keyed.source(), "a bigint NOT NULL, b bigint NOT NULL, note text, PRIMARY KEY (a, b)");
    keyed.CheckLoads();
  });
}

TEST_CASE("a source named by --source has to have the key that the copy was made by") {
  FromDatabases([](const std::string& database) {
    Keyed keyed(database, kOthers[0].before);
    keyed.Copy();
    Keyed same(database, kOthers[0].before);
    Keyed other(database, kOthers[0].after);
    keyed.CheckRefused({"--source", other.source().url()});
    keyed.CheckLoads({"--source", same.source().url()});
  });
}

TEST_CASE("kept rows need neither the index behind --key nor a key that was not copied") {
  FromDatabases([](const std::string& database) {
    Keyed keyed(database, kKeyless);
    keyed.source().Exec("CREATE UNIQUE INDEX one ON items (b)");
    keyed.Copy({"--table", "items", "--key", "b"});
    keyed.source().Exec("DROP INDEX one");
    CHECK(keyed.Retry().exit_code == 2);
    keyed.CheckLoads({"--kept"});
  });
}

TEST_CASE("a row that was kept with a key of its own is loaded without it") {
  FromDatabases([](const std::string& database) {
    const std::string columns = "id bigint NOT NULL PRIMARY KEY, " + std::string(kKeyless);
    const auto source = MakeDatabase(database);
    const auto target = MakeDatabase("postgres");
    source->Exec("CREATE TABLE items (" + columns + "); INSERT INTO items VALUES (1, 5, 96, NULL)");
    target->Exec("CREATE TABLE items (a bigint, b bigint, note text NOT NULL)");
    REQUIRE(Rowferry({"copy", source->url(), target->url(), "--table", "items", "--drop", "id"})
                .exit_code == 3);
    target->Exec("ALTER TABLE items ALTER note DROP NOT NULL");
    Remake(*source, "id bigint NOT NULL, a bigint PRIMARY KEY, b bigint NOT NULL, note text");
    CHECK(Rowferry({"rejects", "retry", target->url()}).exit_code == 2);
    const Finished kept = Rowferry({"rejects", "retry", target->url(), "--kept"});
    CHECK_MESSAGE(kept.exit_code == 0, kept.err);
    CHECK(target->One("SELECT a || ' ' || b FROM items") == "5 96");
  });
}

}  // namespace
}  // namespace rowferry::testing
