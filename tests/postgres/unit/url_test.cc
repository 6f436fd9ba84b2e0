#include "postgres/url.h"

#include <doctest/doctest.h>

#include "base/error.h"
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
      {"postgresql://ann:se?cr=et@db/shop", "postgresql://ann@db/shop"},
      {"postgresql://ann:s@c?r=et@db/shop", "postgresql://ann@db/shop"},
      {"postgresql://ann:s@c/?user=et@db/shop", "postgresql://ann@db/shop"},
      {"postgresql://db?password=se@cret", "postgresql://db"},
      {"postgresql://db/shop?password=se&cr=et", "postgresql://db/shop"},
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

TEST_CASE("a URL that libpq would split inside a password is refused without showing any of it") {
  for (const std::string url :
       {"postgresql://postgres:pa@zq@localhost/f", "postgresql://postgres:pa/zq#1@localhost:5432/f",
        "postgresql://postgres:12/zq@localhost/f", "postgresql://postgres:p@zq/12@localhost/f",
        "postgresql://postgres:p@zq:12@localhost/f", "postgresql://postgres:pa%zq@localhost/f",
        "postgresql://postgres:p@h/?user=zq@localhost/f", "postgresql://h?password=z@zq",
        "postgresql://[::1?user=ann&password=zq]:5432/f",
        "postgresql://ann@db,[::1?password=zq]/f"}) {
    CAPTURE(url);
    std::string said;
    try {
      CheckPostgresUrl(url);
    } catch (const Error& error) {
      said = error.what();
    }
    CHECK(said.find("percent-encoded") != std::string::npos);
    CHECK(said.find("zq") == std::string::npos);
    CHECK(said.find("12") == std::string::npos);
  }
}

TEST_CASE("URLs that libpq reads as they were meant pass") {
  for (const std::string url :
       {"postgresql://ann:s%40c%2Fret@db:5432/shop", "postgresql://ann:se:cret@db/shop",
        "postgresql:///shop?host=/tmp/a&port=1", "postgresql://one:1,two:2/shop",
        "postgresql://[::1]:5432/shop", "postgresql://one,[::1]/shop?application_name=[a",
        "postgresql://db:5432/shop?application_name=a@b", "postgres://",
        "postgresql://ann:@db/shop", "postgresql://ann@db/shop?user=a@b",
        "postgresql://ann:pa?ss@db/shop", "postgresql://db/a@b"}) {
    CAPTURE(url);
    CHECK_NOTHROW(CheckPostgresUrl(url));
  }
}

TEST_CASE("keywords of libpq are told from paths") {
  for (const std::string text :
       {"host=localhost dbname=f password=secret", "dbname = f", "user='a b'", "x password=a'b",
        "PASSWORD=x", "postgresql:db?user=a&password=b", "pgsql:host=h;password=b",
        "jdbc:postgresql:db?password=b"}) {
    CAPTURE(text);
    CHECK(IsPostgresKeywords(text));
  }
  for (const std::string text :
       {"shop.db", "/data/user=7/shop.db", "a=b.db", "a:b=c.db", "=", ""}) {
    CAPTURE(text);
    CHECK_FALSE(IsPostgresKeywords(text));
  }
}

TEST_CASE("a URL without its slashes is no path, which would be shown with its password") {
  for (const std::string text :
       {"postgresql:/u:secret@h/db", "postgres:u:secret@h", "postgresql//u:p@h", "Postgres://u:p@h",
        " postgresql://u:p@h", "postgres:shop", "POSTGRESQL://h/db"}) {
    CAPTURE(text);
    CHECK(IsMisspeltPostgresUrl(text));
  }
  for (const std::string text : {"postgresql://u:p@h/db", "postgres.db", "shop@home.db"}) {
    CAPTURE(text);
    CHECK_FALSE(IsMisspeltPostgresUrl(text));
  }
}

TEST_CASE("a URL of PostgreSQL is told by its scheme") {
  CHECK(IsPostgresUrl("postgres://db"));
  CHECK(IsPostgresUrl("postgresql:///"));
  CHECK_FALSE(IsPostgresUrl("sqlite:postgres://"));
  CHECK_FALSE(IsPostgresUrl("shop.db"));
}

}  // namespace
}  // namespace rowferry::testing
