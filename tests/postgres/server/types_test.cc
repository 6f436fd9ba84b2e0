#include "postgres/types.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "fixture.h"

namespace rowferry::testing {
namespace {

TEST_CASE("what is known of the common types without asking is what the server says") {
  PostgresDatabase database;
  Session session(database.url(), SessionUse::kControl, "test");
  TypeCatalog types(session);
  for (const std::string spelling :
       {"boolean", "smallint", "integer", "bigint", "real", "double precision", "numeric", "text",
        "character varying", "bytea", "date", "time without time zone",
        "timestamp without time zone", "timestamp with time zone", "uuid", "json", "jsonb"}) {
    CAPTURE(spelling);
    const TypeFacts* facts = types.Find(spelling);
    REQUIRE(facts != nullptr);
    CHECK(facts->portable);
    CHECK_FALSE(facts->is_domain);
    CHECK(
        std::to_string(facts->base) + " " + facts->receive ==
        database.One("SELECT concat(t.oid, ' ', p.proname) FROM pg_type t JOIN pg_proc p ON p.oid "
                     "= t.typreceive WHERE t.oid = " +
                     QuoteLiteral(spelling) + "::regtype"));
    CHECK(types.Find(ParseType(spelling).name)->base == facts->base);
  }
}

TEST_CASE("the server is asked of all other types, and refuses modifiers out of range") {
  PostgresDatabase database;
  database.Exec(
      "CREATE DOMAIN price AS numeric(12,2); CREATE SCHEMA s; CREATE DOMAIN s.bigint AS text");
  Session session(database.url(), SessionUse::kControl, "test");
  TypeCatalog types(session);
  const TypeFacts* price = types.Find("public.price");
  REQUIRE(price != nullptr);
  CHECK(price->is_domain);
  CHECK(price->base == oid::kNumeric);
  CHECK(price->underneath == "numeric(12,2)");
  CHECK(types.Find("s.bigint")->base == oid::kText);
  CHECK(types.Find("numeric(12,2)")->base == oid::kNumeric);
  CHECK(types.Find("numeric(5000)") == nullptr);
  CHECK(types.Find("no such type") == nullptr);
  CHECK(types.Find("\"char\"")->receive == "charrecv");
}

}  // namespace
}  // namespace rowferry::testing
