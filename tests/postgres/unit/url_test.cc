#include <doctest/doctest.h>

#include "postgres/driver.h"

namespace rowferry::testing {
namespace {

struct Case {
  const char* url;
  const char* shown;
};

TEST_CASE("a password is shown nowhere, however it stands in the URL") {
  const Case cases[] = {
      {"postgresql://ann@db/shop", "postgresql://ann@db/shop"},
      {"postgresql://ann:secret@db:5432/shop", "postgresql://ann@db:5432/shop"},
      {"postgres://ann:s%40cret@db/shop", "postgres://ann@db/shop"},
      {"postgresql://ann:s@cr/et:x@db/shop", "postgresql://ann@db/shop"},
      {"postgresql://ann:sec?ret@db/shop", "postgresql://ann@db/shop"},
      {"postgresql://db:5432/shop?user=ann&password=secret", "postgresql://db:5432/shop?user=ann"},
      {"postgresql://db/shop?pass%77ord=secret", "postgresql://db/shop"},
      {"postgresql://db/shop?sslpassword=secret&sslmode=require",
       "postgresql://db/shop?sslmode=require"},
      {"postgresql://ann@db:5432/shop?application_name=a@b",
       "postgresql://ann@db:5432/shop?application_name=a@b"},
      {"postgresql:///shop?host=/tmp/a", "postgresql:///shop?host=/tmp/a"},
      {"postgresql://ann:secret@one:1,two:2/shop", "postgresql://ann@one:1,two:2/shop"},
  };
  for (const Case& c : cases) CHECK(ShowPostgresUrl(c.url) == c.shown);
}

TEST_CASE("a URL of PostgreSQL is told by its scheme") {
  CHECK(IsPostgresUrl("postgres://db"));
  CHECK(IsPostgresUrl("postgresql:///"));
  CHECK_FALSE(IsPostgresUrl("sqlite:postgres://"));
  CHECK_FALSE(IsPostgresUrl("shop.db"));
}

}  // namespace
}  // namespace rowferry::testing
