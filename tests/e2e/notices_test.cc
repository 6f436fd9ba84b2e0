// What a target's triggers say while rows come in, which is not to be taken for anything else.
#include <doctest/doctest.h>

#include "e2e/outcomes.h"
#include "support/database.h"
#include "support/process.h"

namespace rowferry::testing {
namespace {

// Each row's trigger says more than the connection holds, in the letter by which an error begins.
// 'address' is of a type that is written as text (inet), or in binary form (text).
std::string MakeTalkative(const std::string& address) {
  return "CREATE TABLE items (id bigint PRIMARY KEY CHECK (id <> 40000), address " + address +
         ", note text); CREATE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
         "RAISE INFO '%', repeat('E', 30000); RETURN NEW; END $$; "
         "CREATE TRIGGER say BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION say()";
}

TEST_CASE("what a trigger says is not taken for the refusal of a row") {
  for (const char* address : {"inet", "text"}) {
    CAPTURE(address);
    SqliteDatabase source;
    PostgresDatabase target;
    source.Exec(
        "CREATE TABLE items (id INTEGER PRIMARY KEY, address TEXT, note TEXT); INSERT INTO items "
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) "
        "SELECT i, '10.0.0.1', printf('%0166d', i) FROM n");
    target.Exec(MakeTalkative(address));
    const Finished copied =
        Rowferry({"copy", source.url(), target.url(), "--memory", "256MiB", "--job", "talk"});
    CHECK_MESSAGE(copied.exit_code == 3, copied.err);
    CHECK(target.Rows("SELECT id, note FROM items ORDER BY id") ==
          source.Rows("SELECT id, note FROM items WHERE id <> 40000 ORDER BY id"));
    CHECK(target.One("SELECT read || ' ' || inserted || ' ' || suppressed || ' ' || rejected "
                     "FROM rowferry.split") == "60000 59999 0 1");
  }
}

// The words by which a COPY that was cut short is known again.
TEST_CASE("a refusal that quotes our own words is one") {
  SqliteDatabase source;
  PostgresDatabase target;
  source.Exec(
      "CREATE TABLE items (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO items VALUES (1, 'a'), "
      "(2, 'rowferry sends no more, as a row seemed to be refused'), (3, 'c')");
  target.Exec(
      "CREATE TABLE items (id bigint PRIMARY KEY, note text); CREATE FUNCTION judge() RETURNS "
      "trigger LANGUAGE plpgsql AS $$ BEGIN IF length(NEW.note) > 9 THEN RAISE 'bad note: %', "
      "NEW.note; END IF; RETURN NEW; END $$; CREATE TRIGGER judge BEFORE INSERT ON items FOR EACH "
      "ROW EXECUTE FUNCTION judge()");
  const Finished copied = Rowferry({"copy", source.url(), target.url(), "--max-rejects", "100%"});
  CHECK_MESSAGE(copied.exit_code == 3, copied.err);
  CHECK(target.One("SELECT string_agg(id::text, ' ' ORDER BY id) FROM items") == "1 3");
}

}  // namespace
}  // namespace rowferry::testing
