#include "postgres/errors.h"

#include <doctest/doctest.h>

namespace rowferry::testing {
namespace {

TEST_CASE("an SQLSTATE decides between retry, row, owner and end") {
  CHECK(KindOfSqlState("40001") == ErrorKind::kTransient);
  CHECK(KindOfSqlState("08006") == ErrorKind::kTransient);
  CHECK(KindOfSqlState("57P01") == ErrorKind::kTransient);
  CHECK(KindOfSqlState("23505") == ErrorKind::kData);
  CHECK(KindOfSqlState("22003") == ErrorKind::kData);
  CHECK(KindOfSqlState("22P04") == ErrorKind::kInternal);
  CHECK(KindOfSqlState("RF001") == ErrorKind::kOwned);
  CHECK(KindOfSqlState("53100") == ErrorKind::kTarget);
  CHECK(KindOfSqlState("42501") == ErrorKind::kTarget);
}

TEST_CASE("COPY's context gives the row, in any language") {
  CHECK(CopyLine("COPY orders, line 12, column id: \"x\"", "orders") == 12);
  CHECK(CopyLine("COPY orders2, Zeile 7", "orders2") == 7);
  CHECK(CopyLine("COPY a,b, line 3", "a,b") == 3);
  CHECK(CopyLine("SQL function \"f\"\nCOPY orders, line 4", "orders") == 4);
  CHECK(CopyLine("COPY orders", "orders") == std::nullopt);
  CHECK(CopyLine("", "orders") == std::nullopt);
}

}  // namespace
}  // namespace rowferry::testing
