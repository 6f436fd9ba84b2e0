#include "app/secrets.h"

#include <doctest/doctest.h>

#include <string>

namespace rowferry {
namespace {

std::string Hidden(std::string argument) {
  char* text = argument.data();
  HidePasswords({&text, 1});
  return argument;
}

TEST_CASE("a password in a URL is gone from the process list, wherever it stands") {
  CHECK(Hidden("postgresql://u:s3cret@h/db") == "postgresql://u:xxxxxx@h/db");
  CHECK(Hidden("postgresql://u:p%40:/&@h:5432/db?x=y") == "postgresql://u:xxxxxxx@h:5432/db?x=y");
  CHECK(Hidden("postgresql://u:p@a?b@h/db") == "postgresql://u:xxxxx@h/db");
  CHECK(Hidden("postgresql://h/db?user=u&password=abc&x=y") ==
        "postgresql://h/db?user=u&password=xxx&x=y");
  CHECK(Hidden("postgresql://h/db?sslpassword=abc") == "postgresql://h/db?sslpassword=xxx");
}

TEST_CASE("a password among libpq's keywords goes with all that follows, quoted or not") {
  CHECK(Hidden("host=h password=abc user=u") == "host=h password=xxxxxxxxxx");
  CHECK(Hidden("password = 'a b' host=h") == "password =xxxxxxxxxxxxx");
  CHECK(Hidden("host=h password") == "host=h password");
}

TEST_CASE("arguments without a password stay as they are") {
  for (const char* argument : {"copy", "postgresql://u@h:5432/db", "postgresql://h/db", "a:b@c.db",
                               "--where", "mail = 'a:b@c'"}) {
    CHECK(Hidden(argument) == argument);
  }
}

}  // namespace
}  // namespace rowferry
