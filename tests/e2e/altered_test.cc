// Tables that somebody drops or alters, and rights that are taken, in the middle of a copy: it
// stops, says so, and goes on once that is undone.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>

#include "e2e/copies.h"
#include "e2e/outcomes.h"

namespace rowferry::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kAsPlanned[] = "undo the change of the table if it was not meant";
constexpr char kGrant[] = "grant the right that is missing";

// An SQLite file as it is while nobody has it open.
class Backup {
 public:
  explicit Backup(TestDatabase& database) : path_(database.url()) {
    fs::copy_file(path_, path_ + ".backup");
  }
  // Nobody moved what a source's WAL holds into the file, as it is only read.
  void Restore() const {
    fs::remove(path_ + "-wal");
    fs::remove(path_ + "-shm");
    fs::copy_file(path_ + ".backup", path_, fs::copy_options::overwrite_existing);
  }

 private:
  std::string path_;
};

struct SourceChange {
  const char* sql;
  const char* says;  // of a resume
};

constexpr SourceChange kSourceChanges[] = {
    {"ALTER TABLE lines RENAME COLUMN amount TO price",
     "column \"price\" is missing in the target"},
    {"ALTER TABLE lines DROP COLUMN amount", "what it copies has changed since"},
    {"ALTER TABLE items DROP COLUMN batch", "what it copies has changed since"},
    {"DROP TABLE lines", "what it copies has changed since"},
    {"DROP TABLE items", "what it copies has changed since"},
};

struct Change {
  const char* sql;
  const char* says;
  const char* undo;
};

enum class End { kSource, kTarget };

void StopAt(const Direction& direction, End end, const Change& change) {
  CAPTURE(direction.source);
  CAPTURE(direction.target);
  CAPTURE(std::string(change.sql));
  Copies copies(direction);
  const auto process = copies.Paused(copies.Slowly());
  if (end == End::kSource) {
    copies.source().Exec(change.sql);
  } else {
    copies.DoBetweenChunks(*process, change.sql);
  }
  process->Signal(SIGCONT);
  CheckStopped(process->Wait(), change.says, kAsPlanned);
  (end == End::kSource ? copies.source() : copies.target()).Exec(change.undo);
  CheckCompletes(copies, copies.Command());
}

TEST_CASE("a PostgreSQL target that is altered or replaced in the middle takes no wrong value" *
          doctest::test_suite("altered table")) {
  const Change changes[] = {
      // As many bytes, of which COPY would make another value.
      {"ALTER TABLE items ALTER batch TYPE double precision",
       "altered or replaced while this run was under way",
       "ALTER TABLE items ALTER batch TYPE bigint"},
      // Fewer bytes, which COPY refuses as it does a bad row.
      {"ALTER TABLE items ALTER batch TYPE integer",
       "altered or replaced while this run was under way",
       "ALTER TABLE items ALTER batch TYPE bigint"},
      {"ALTER TABLE items RENAME note TO remark", "column \"note\" of relation \"items\" does not",
       "ALTER TABLE items RENAME remark TO note"},
      {"ALTER TABLE items RENAME note TO remark; ALTER TABLE items ADD note text",
       "altered or replaced while this run was under way",
       "ALTER TABLE items DROP note; ALTER TABLE items RENAME remark TO note"},
      {"ALTER TABLE items RENAME TO items_before", "relation \"public.items\" does not exist",
       "ALTER TABLE items_before RENAME TO items"},
      // Which a crash of the server would empty.
      {"ALTER TABLE items SET UNLOGGED", "altered or replaced while this run was under way",
       "ALTER TABLE items SET LOGGED"},
      {"ALTER TABLE items RENAME TO items_before; CREATE TABLE items (LIKE items_before)",
       "altered or replaced while this run was under way",
       "DROP TABLE items; ALTER TABLE items_before RENAME TO items"},
  };
  for (const Change& change : changes) {
    StopAt({"sqlite", "postgres"}, End::kTarget, change);
    StopAt({"postgres", "postgres"}, End::kTarget, change);
  }
}

TEST_CASE("an SQLite target that is altered or replaced in the middle takes no wrong value" *
          doctest::test_suite("altered table")) {
  const Change changes[] = {
      {"ALTER TABLE items RENAME COLUMN note TO remark", "column note is gone",
       "ALTER TABLE items RENAME COLUMN remark TO note"},
      {"ALTER TABLE items RENAME TO items_before", "it is gone",
       "ALTER TABLE items_before RENAME TO items"},
      {"ALTER TABLE items RENAME TO items_before; CREATE TABLE items AS SELECT * FROM items_before "
       "WHERE false",
       "altered or replaced while this run was under way",
       "DROP TABLE items; ALTER TABLE items_before RENAME TO items"},
      {"ALTER TABLE items RENAME TO items_before; CREATE TABLE items (id bigint NOT NULL PRIMARY "
       "KEY, batch text, note text); INSERT INTO items SELECT * FROM items_before",
       " was declared ", "DROP TABLE items; ALTER TABLE items_before RENAME TO items"},
  };
  for (const Change& change : changes) {
    StopAt({"sqlite", "sqlite"}, End::kTarget, change);
    StopAt({"postgres", "sqlite"}, End::kTarget, change);
  }
}

TEST_CASE("a column that needs a value makes rows bad ones, which stop the run at the limit" *
          doctest::test_suite("bad row")) {
  Copies copies({"sqlite", "postgres"});
  const auto process = copies.Paused(copies.Slowly({"--max-rejects", "0"}));
  copies.DoBetweenChunks(*process,
                         "ALTER TABLE items ADD extra integer NOT NULL DEFAULT 0; ALTER TABLE "
                         "items ALTER extra DROP DEFAULT");
  process->Signal(SIGCONT);
  const Finished stopped = process->Wait();
  CHECK_MESSAGE(stopped.exit_code == 1, stopped.err);
  CHECK_MESSAGE(Holds(stopped.err, "null value in column \"extra\""), stopped.err);
  CHECK_MESSAGE(Holds(stopped.err, "the same command resumes"), stopped.err);
  copies.target().Exec("ALTER TABLE items DROP extra");
  CheckCompletes(copies, copies.Command({"--max-rejects", "0"}));
}

TEST_CASE("a target's table that was dropped in the middle is made anew by --restart" *
          doctest::test_suite("altered table")) {
  InEveryDirection([](Copies& copies) {
    const auto process = copies.Paused(copies.Slowly());
    copies.DoBetweenChunks(*process, "DROP TABLE items");
    process->Signal(SIGCONT);
    CheckStopped(process->Wait(), "items", kAsPlanned);
    const Finished refused = copies.Run();
    CHECK(refused.exit_code == 2);
    CHECK_MESSAGE(Holds(refused.err, "--restart"), refused.err);
    const Finished anew = copies.Run({"--restart"});
    CHECK_MESSAGE(anew.exit_code == 0, anew.err);
    copies.CheckExact();
  });
}

// What is locked while it is read cannot be altered; the table whose turn comes later can.
TEST_CASE("a source's table that is altered before its turn stops the run" *
          doctest::test_suite("altered table")) {
  const Change changes[] = {
      {"ALTER TABLE lines RENAME amount TO price", "amount",
       "ALTER TABLE lines RENAME price TO amount"},
      {"ALTER TABLE lines ALTER amount TYPE double precision", "truncated, rewritten or replaced",
       "ALTER TABLE lines ALTER amount TYPE bigint"},
      {"ALTER TABLE lines RENAME TO lines_before", "relation \"public.lines\" does not exist",
       "ALTER TABLE lines_before RENAME TO lines"},
      {"CREATE TABLE lines_new (LIKE lines); ALTER TABLE lines RENAME TO lines_before; ALTER TABLE "
       "lines_new RENAME TO lines",
       "truncated, rewritten or replaced",
       "DROP TABLE lines; ALTER TABLE lines_before RENAME TO lines"},
  };
  for (const Direction& direction : {kDirections[2], kDirections[3]}) {
    for (const Change& change : changes) StopAt(direction, End::kSource, change);
  }
}

template <typename Test>
void ForAllSourceChanges(const Test& test) {
  for (const Direction& direction : {kDirections[0], kDirections[1]}) {
    for (const SourceChange& change : kSourceChanges) {
      CAPTURE(direction.target);
      CAPTURE(std::string(change.sql));
      Copies copies(direction);
      test(copies, change);
    }
  }
}

// SQLite keeps the state that a run began to read, in WAL mode by letting others write beside it.
TEST_CASE("a run reads an SQLite source as it was, whatever becomes of its tables" *
          doctest::test_suite("altered table")) {
  ForAllSourceChanges([](Copies& copies, const SourceChange& change) {
    copies.source().Exec("PRAGMA journal_mode = wal");
    const Backup backup(copies.source());
    const auto process = copies.Paused(copies.Slowly());
    copies.source().Exec(change.sql);
    process->Signal(SIGCONT);
    const Finished finished = process->Wait();
    CHECK_MESSAGE(finished.exit_code == 0, finished.err);
    backup.Restore();
    copies.CheckExact();
  });
}

TEST_CASE("an SQLite source that was altered between two runs is not read until that is undone" *
          doctest::test_suite("altered table")) {
  ForAllSourceChanges([](Copies& copies, const SourceChange& change) {
    const Backup backup(copies.source());
    const auto process = copies.Paused(copies.Slowly());
    CHECK_THROWS(copies.source().Exec(change.sql));  // while it is read
    process->Signal(SIGKILL);
    process->Wait();
    copies.source().Exec(change.sql);
    const Finished refused = copies.Run();
    CHECK(refused.exit_code == 2);
    CHECK_MESSAGE(Holds(refused.err, change.says), refused.err);
    backup.Restore();
    CheckCompletes(copies, copies.Command());
  });
}

struct Right {
  const char* what;  // the last word of GRANT and REVOKE: "INSERT ON items"
  const char* says;
  bool at_source = false;
};

TEST_CASE("a right that is taken in the middle stops the run until it is given back" *
          doctest::test_suite("missing right")) {
  const Right rights[] = {
      {"INSERT ON items", "permission denied for table items"},
      {"UPDATE ON rowferry.split", "permission denied for table split"},
      {"USAGE ON SCHEMA rowferry", "permission denied for schema rowferry"},
      {"SELECT ON lines", "permission denied for table lines", true},
  };
  for (const Right& right : rights) {
    CAPTURE(std::string(right.what));
    Copies copies({"postgres", "postgres"});
    TestDatabase& end = right.at_source ? copies.source() : copies.target();
    const PostgresRole role(end);
    end.Exec("GRANT CREATE ON DATABASE " + role.name() + " TO " + role.name() +
             "; GRANT CREATE ON SCHEMA public TO " + role.name() +
             "; GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + role.name());
    std::vector<std::string> words = copies.Slowly();
    words[right.at_source ? 1 : 2] = role.url();
    const auto process = copies.Paused(words);
    const std::string what = right.what;
    const std::string revoke = "REVOKE " + what + " FROM " + role.name();
    right.at_source ? end.Exec(revoke) : copies.DoBetweenChunks(*process, revoke);
    process->Signal(SIGCONT);
    CheckStopped(process->Wait(), right.says, kGrant);
    end.Exec("GRANT " + what + " TO " + role.name());
    CheckCompletes(copies, words);
  }
}

}  // namespace
}  // namespace rowferry::testing
