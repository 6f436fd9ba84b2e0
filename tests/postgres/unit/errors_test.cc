#include "postgres/errors.h"

#include <doctest/doctest.h>

namespace rowferry::testing {
namespace {

TEST_CASE("an SQLSTATE decides between retry, row, owner and end") {
  for (const char* state : {"40001", "40P01", "53200", "55P03", "40003", "08007"}) {
    CHECK(KindOfSqlState(state) == ErrorKind::kTransient);
  }
  for (const char* state :
       {"08006", "08000", "53300", "57P01", "57P02", "57P03", "57P05", "25P03", "25P04"}) {
    CHECK(KindOfSqlState(state) == ErrorKind::kLost);
  }
  for (const char* state : {"40002", "40000", "25006", "57014", "57P04", "58030", "XX000"}) {
    CHECK(KindOfSqlState(state) == ErrorKind::kTarget);
  }
  CHECK(KindOfSqlState("23505") == ErrorKind::kData);
  CHECK(KindOfSqlState("22003") == ErrorKind::kData);
  CHECK(KindOfSqlState("22P04") == ErrorKind::kInternal);
  CHECK(KindOfSqlState("RF001") == ErrorKind::kOwned);
  CHECK(KindOfSqlState("53100") == ErrorKind::kTarget);
  CHECK(KindOfSqlState("42501") == ErrorKind::kTarget);
}

TEST_CASE(
    "while rows are written a code that is no failure's is a row's, but the server's and SQL's") {
  const auto kind = [](const char* state, bool names_value) {
    ServerReport report;
    report.sqlstate = state;
    return KindOfWrite(report, names_value);
  };
  for (const char* state : {"23505", "45000", "U0001", "20000", "2F005", "54001", "55000"}) {
    CAPTURE(std::string(state));
    CHECK(kind(state, false) == ErrorKind::kData);
  }
  for (const char* state : {"42601", "42P01", "42883", "3F000"}) {
    CAPTURE(std::string(state));
    CHECK(kind(state, false) == ErrorKind::kTarget);
    CHECK(kind(state, true) == ErrorKind::kData);
  }
  for (const char* state : {"XX000", "57014", "53400", "53100", "25P02"}) {
    CAPTURE(std::string(state));
    CHECK(kind(state, true) == ErrorKind::kTarget);
  }
  CHECK(kind("40P01", true) == ErrorKind::kTransient);
  CHECK(kind("RF001", true) == ErrorKind::kOwned);
}

TEST_CASE(
    "a refused connection is told as ever, with the SQLSTATE of what may pass, or of the last") {
  const auto check = [](const char* verbose, ErrorKind kind, const char* code, const char* says) {
    CAPTURE(std::string(verbose));
    const Error error = NotConnected("x", verbose);
    CHECK(error.kind() == kind);
    CHECK(error.code() == code);
    CHECK(std::string(error.what()) == std::string("cannot connect to x: ") + says);
  };
  check("at h failed: FATAL:  28000: role \"r\" is not there\nLOCATION:  Init, miscinit.c:768\n",
        ErrorKind::kTarget, "28000", "at h failed: FATAL:  role \"r\" is not there");
  check("at h failed: FATAL:  42501: no\nDETAIL:  None.\nEMPLACEMENT : Init, postinit.c:1\n",
        ErrorKind::kTarget, "42501", "at h failed: FATAL:  no\nDETAIL:  None.");
  check("h: FATAL:  57P03: it starts\nLOCATION:  P, p.c:1\ni: FATAL:  3D000: no x\n",
        ErrorKind::kLost, "57P03", "h: FATAL:  it starts\ni: FATAL:  no x");
  check(
      "connection to h failed: FATAL:  28000: no x\nLOCATION:  P, p.c:1\n"
      "connection to i failed: FATAL:  3D000: no y\nLOCATION:  P, p.c:1\n",
      ErrorKind::kTarget, "3D000",
      "connection to h failed: FATAL:  no x\nconnection to i failed: FATAL:  no y");
  check(
      "connection to h failed: Connection refused\n\tIs it running?\n"
      "connection to i failed: FATAL:  28000: no x\nLOCATION:  P, p.c:1\n",
      ErrorKind::kLost, kNoConnection.data(),
      "connection to h failed: Connection refused\n\tIs it running?\n"
      "connection to i failed: FATAL:  no x");
  check("h: FATAL:  53300: full\nLOCATION:  P, p.c:1", ErrorKind::kLost, "53300",
        "h: FATAL:  full");
  check("h: FATAL:  55000: closed\nLOCATION:  P, p.c:1", ErrorKind::kLost, kNoConnection.data(),
        "h: FATAL:  closed");
  check("h failed: Connection refused\n\tIs the server running?\n", ErrorKind::kLost,
        kNoConnection.data(), "h failed: Connection refused\n\tIs the server running?");
  check("h: FATAL:  PLEASE: wait", ErrorKind::kLost, kNoConnection.data(),
        "h: FATAL:  PLEASE: wait");
}

TEST_CASE("COPY's context gives the row, in any language") {
  CHECK(CopyLine("COPY orders, line 12, column id: \"x\"", "orders") == 12);
  CHECK(CopyLine("COPY orders2, Zeile 7", "orders2") == 7);
  CHECK(CopyLine("COPY a,b, line 3", "a,b") == 3);
  CHECK(CopyLine("SQL function \"f\"\nCOPY orders, line 4", "orders") == 4);
  CHECK(CopyLine("COPY orders", "orders") == std::nullopt);
  CHECK(CopyLine("", "orders") == std::nullopt);
}

TEST_CASE("of rows that are stored together none is named") {
  ServerReport report;
  report.context = "COPY orders, line 12";
  report.function = "_bt_check_third_page";
  CHECK(RefusedLine(report, "orders") == 12);
  report.function = "RelationGetBufferForTuple";
  CHECK(RefusedLine(report, "orders") == std::nullopt);
}

TEST_CASE("the column of a COPY's error is found whatever the language, and whatever its name") {
  const std::vector<std::string> columns = {"a", "a: b", "c,d", "e"};
  const auto column = [&](const char* context) { return CopyColumn(context, "t", columns); };
  CHECK(column("COPY t, line 12, column a: \"x\"") == 0);
  CHECK(column("JSON data, line 1: \"x\nCOPY t, line 12, column a") == 0);
  CHECK(column("COPY t, Zeile 7, Spalte a: b: »x«") == 1);
  CHECK(column("COPY t, line 7, column c,d\nSQL function \"f\"") == 2);
  CHECK(column("COPY t, line 7, column ee: \"e\"") == std::nullopt);
  CHECK(column("COPY t, line 7: \"1, column e: x\"") == std::nullopt);
  CHECK(column("COPY t, line 7,") == std::nullopt);
  CHECK(column("COPY t, line 7") == std::nullopt);
  CHECK(column("") == std::nullopt);
}

}  // namespace
}  // namespace rowferry::testing
