// Rows that PostgreSQL refuses: whose fault it is, and what it costs to find them.
#include <doctest/doctest.h>

#include "copies.h"

namespace rowferry::testing {
namespace {

// As a role without more rights than the copy needs, into t, whose trigger writes to a table with
// a policy.
class Audited {
 public:
  explicit Audited(const std::string& trigger) : role_(target_) {
    source_.Exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a'), (2, "
        "'bad'), (3, 'c')");
    target_.Exec(
        "CREATE TABLE t (id bigint, v text); CREATE TABLE audit (v text); ALTER TABLE audit ENABLE "
        "ROW LEVEL SECURITY; CREATE POLICY p ON audit WITH CHECK (v <> 'bad'); CREATE FUNCTION "
        "note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (NEW.v); "
        "RETURN NEW; END $$; CREATE " +
        trigger + " FOR EACH ROW EXECUTE FUNCTION note(); GRANT CREATE ON DATABASE " +
        role_.name() + " TO " + role_.name() + "; GRANT SELECT, INSERT ON t, audit TO " +
        role_.name());
  }
  Finished Copy(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"copy", source_.url(), role_.url()});
    return Rowferry(more);
  }
  SqliteDatabase& source() { return source_; }
  PostgresDatabase& target() { return target_; }
  const PostgresRole& role() const { return role_; }

 private:
  SqliteDatabase source_;
  PostgresDatabase target_;
  PostgresRole role_;
};

TEST_CASE("a row that a policy of the target refuses is rejected") {
  for (const char* trigger :
       {"TRIGGER n BEFORE INSERT ON t", "TRIGGER n AFTER INSERT ON t",
        "CONSTRAINT TRIGGER n AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED"}) {
    CAPTURE(std::string(trigger));
    Audited copy(trigger);
    const Finished none = copy.Copy({"--max-rejects", "0"});
    CHECK(none.exit_code == 1);
    CHECK_MESSAGE(none.err.find("with --max-rejects N the run goes on") != std::string::npos,
                  none.err);
    CHECK_MESSAGE(none.err.find("grant the right") == std::string::npos, none.err);
    const Finished run = copy.Copy({"--max-rejects", "1"});
    CHECK_MESSAGE(run.exit_code == 3, run.err);
    CHECK(copy.target().Rows("SELECT id FROM t ORDER BY id") == std::vector<TextRow>{{"1"}, {"3"}});
    CHECK(copy.target().Rows("SELECT key, kind, code FROM rowferry.reject") ==
          std::vector<TextRow>{{"i2", "row-security", "42501"}});
  }
}

TEST_CASE("a chunk of nothing but rows that a policy refuses is rejected") {
  Audited copy("TRIGGER n AFTER INSERT ON t");
  copy.source().Exec("UPDATE t SET v = 'bad'; INSERT INTO t VALUES (4, 'd')");
  const Finished run = copy.Copy({"--chunk-rows", "3"});
  CHECK_MESSAGE(run.exit_code == 3, run.err);
  CHECK(copy.target().Rows("SELECT id FROM t") == std::vector<TextRow>{{"4"}});
  CHECK(
      copy.target().Rows("SELECT key, kind FROM rowferry.reject ORDER BY id") ==
      std::vector<TextRow>{{"i1", "row-security"}, {"i2", "row-security"}, {"i3", "row-security"}});
}

TEST_CASE("a right that is missing in the middle is no row's fault") {
  Audited copy("TRIGGER n AFTER INSERT ON t");
  copy.target().Exec("REVOKE INSERT ON audit FROM " + copy.role().name());
  const Finished run = copy.Copy();
  CHECK(run.exit_code == 1);
  CHECK_MESSAGE(run.err.find("grant the right that is missing") != std::string::npos, run.err);
  CHECK(copy.target().One("SELECT count(*) FROM rowferry.reject") == "0");
}

// A table t of (id, v) with 3,000 rows, into one whose v is text.
struct Limited {
  Limited(const std::string& spoil, const std::string& make) {
    source.Exec(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION "
        "ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO t SELECT i, 'v' || i FROM n; " +
        spoil);
    target.Exec("CREATE TABLE t (id bigint PRIMARY KEY, v text); " + make);
  }
  Finished Copy(const std::string& limit) const {
    return Rowferry({"copy", source.url(), target.url(), "--max-rejects", limit});
  }
  // With a limit of 0 the run ends with that row, with 1 it is the one that is rejected.
  void CheckOnly(int id) {
    const std::string row = "row (id) = (" + std::to_string(id) + ")";
    const Finished none = Copy("0");
    CHECK(none.exit_code == 1);
    CHECK_MESSAGE(none.err.find(row + ": ") != std::string::npos, none.err);
    const Finished one = Copy("1");
    CHECK_MESSAGE(one.exit_code == 3, one.err);
    CHECK(target.One("SELECT count(*) FROM t WHERE id <> " + std::to_string(id)) == "2999");
    CHECK(target.Rows("SELECT key FROM rowferry.reject") ==
          std::vector<TextRow>{{"i" + std::to_string(id)}});
  }

  SqliteDatabase source;
  PostgresDatabase target;
};

// The server stores 1,000 rows at a time, and says of one that it read the last of them.
TEST_CASE("a row too big for a page is rejected, and not the one that stands in the context") {
  const std::string plain = "ALTER TABLE t ALTER v SET STORAGE PLAIN";
  const std::string parts =
      "DROP TABLE t; CREATE TABLE t (id bigint, v text) PARTITION BY RANGE (id); CREATE TABLE t_1 "
      "PARTITION OF t FOR VALUES FROM (0) TO (600); CREATE TABLE t_2 PARTITION OF t FOR VALUES "
      "FROM (600) TO (9999); ALTER TABLE t_1 ALTER v SET STORAGE PLAIN";
  for (const std::string& make : {plain, parts}) {
    CAPTURE(make);
    Limited("UPDATE t SET v = hex(zeroblob(5000)) WHERE id = 500", make).CheckOnly(500);
  }
}

// UNIQUE is looked at after 1,000 rows, such triggers at the end.
TEST_CASE("a limit is asked of the row at fault, not of one that is refused for its sake") {
  for (const std::string trigger :
       {"TRIGGER no AFTER INSERT ON t",
        "CONSTRAINT TRIGGER no AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED"}) {
    CAPTURE(trigger);
    Limited copy("UPDATE t SET v = 'v5' WHERE id = 3",
                 "ALTER TABLE t ADD UNIQUE (v); CREATE FUNCTION no() RETURNS trigger LANGUAGE "
                 "plpgsql AS $$ BEGIN IF NEW.id = 3 THEN RAISE EXCEPTION 'no'; END IF; RETURN "
                 "NULL; END $$; CREATE " +
                     trigger + " FOR EACH ROW EXECUTE FUNCTION no()");
    const Finished one = copy.Copy("1");
    CHECK_MESSAGE(one.exit_code == 3, one.err);
    CHECK(copy.target.One("SELECT count(*) FROM t") == "2999");
    CHECK(copy.target.Rows("SELECT key, kind FROM rowferry.reject") ==
          std::vector<TextRow>{{"i3", "trigger"}});
  }
}

TEST_CASE("a row that a trigger behind it refuses is named, also by a limit of 0") {
  Limited("UPDATE t SET v = 'bad' WHERE id = 2000",
          "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.v = 'bad' THEN "
          "RAISE EXCEPTION 'no'; END IF; RETURN NULL; END $$; CREATE TRIGGER no AFTER INSERT ON t "
          "FOR EACH ROW EXECUTE FUNCTION no()")
      .CheckOnly(2000);
}

// What refuses a v, in a table t of (id bigint, v bigint), and a v that it does: 1 is there.
struct Refusing {
  std::string make;
  int64_t bad;
};

// COPYs into the target's table for 10,000 rows in one chunk, of which the one of that id is bad. A
// sequence keeps what a rollback takes back.
int CountTries(const Refusing& c, int id) {
  SqliteDatabase source;
  source.Exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER); WITH RECURSIVE n(i) AS (SELECT 1 UNION "
      "ALL SELECT i + 1 FROM n WHERE i < 10000) INSERT INTO t SELECT i, i FROM n; UPDATE t SET v "
      "= " +
      std::to_string(c.bad) + " WHERE id = " + std::to_string(id));
  PostgresDatabase target;
  target.Exec(
      "CREATE SEQUENCE tries; CREATE FUNCTION count_try() RETURNS trigger LANGUAGE plpgsql AS $$ "
      "BEGIN PERFORM nextval('tries'); RETURN NULL; END $$; CREATE TABLE t (id bigint PRIMARY KEY, "
      "v bigint); CREATE TRIGGER count_try BEFORE INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION "
      "count_try(); " +
      c.make);
  const Finished run = Rowferry({"copy", source.url(), target.url()});
  CHECK_MESSAGE(run.exit_code == 3, run.err);
  CHECK(target.One("SELECT count(*) FROM t") == "9999");
  CHECK(target.Rows("SELECT key FROM rowferry.reject") ==
        std::vector<TextRow>{{"i" + std::to_string(id)}});
  return std::stoi(target.One("SELECT last_value FROM tries"));
}

TEST_CASE("one bad row among 10,000 costs at most 30 tries, whatever refuses it") {
  const Refusing cases[] = {
      {"ALTER TABLE t ADD CHECK (v > 0)", -1},
      {"ALTER TABLE t ADD UNIQUE (v) DEFERRABLE INITIALLY DEFERRED", 1},
      {"CREATE TABLE p AS SELECT generate_series(1::bigint, 10000) AS id; ALTER TABLE p ADD "
       "PRIMARY "
       "KEY (id); ALTER TABLE t ADD FOREIGN KEY (v) REFERENCES p",
       -1},
      {"CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.v < 0 THEN RAISE "
       "EXCEPTION 'no'; END IF; RETURN NULL; END $$; CREATE TRIGGER no AFTER INSERT ON t FOR EACH "
       "ROW EXECUTE FUNCTION no()",
       -1},
      {"ALTER TABLE t ADD pad text GENERATED ALWAYS AS (repeat('x', CASE WHEN v < 0 THEN 9000 "
       "END)) "
       "STORED, ALTER pad SET STORAGE PLAIN",
       -1},
  };
  for (const Refusing& c : cases) {
    for (const int id : {5'000, 10'000}) {
      CAPTURE(c.make);
      CAPTURE(id);
      const int tries = CountTries(c, id);
      CHECK(tries >= 2);
      CHECK(tries <= 30);
    }
  }
}

}  // namespace
}  // namespace rowferry::testing
