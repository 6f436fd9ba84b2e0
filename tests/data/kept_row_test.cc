#include "data/kept_row.h"

#include <doctest/doctest.h>

#include <limits>

#include "data/refusal.h"

namespace rowferry {
namespace {

const std::string kNul("a\0b", 3);

KeptRow OddRow() {
  return {{"i", ParseType("bigint"), Value::Integer(std::numeric_limits<int64_t>::min())},
          {"r", ParseType("double precision"), Value::Real(-0.0)},
          {"nan", TypeOf(Kind::kAny), Value::Real(std::numeric_limits<double>::quiet_NaN())},
          {"t", ParseType("numeric(12,2)"), Value::Text("12.50")},
          {"no text", TypeOf(Kind::kAny), Value::Text("\xff\xfe" + kNul)},
          {"b", TypeOf(Kind::kNative), Value::Blob(kNul)},
          {"", ParseType("varchar(5)"), Value::Text("")},
          {"n", ParseType("interval(3)"), Value::Null()}};
}

TEST_CASE("a kept row comes back bit for bit, types included") {
  for (const KeptRow& row : {OddRow(), KeptRow{}}) {
    const auto back = DecodeRow(EncodeRow(row));
    REQUIRE(back.has_value());
    CHECK(*back == row);
  }
}

TEST_CASE("what was cut off or changed in form is no kept row") {
  const std::string bytes = EncodeRow(OddRow());
  int whole = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto row = DecodeRow(bytes.substr(0, size));
    if (row) ++whole;  // at the end of a column
  }
  CHECK(whole == 8);
  CHECK_FALSE(DecodeRow(""));
  CHECK_FALSE(DecodeRow("\x02"));
  CHECK_FALSE(DecodeRow(bytes + "x"));
  std::string huge = bytes;
  huge[1] = '\x7f';  // a name of some exabytes
  CHECK_FALSE(DecodeRow(huge));
}

TEST_CASE("a batch's row is kept with its key-only columns") {
  RowBatch batch(BatchLayout{{"v", "id"}, {ParseType("text"), ParseType("bigint")}, 1, {1}});
  batch.columns()[0].AppendText("x");
  batch.columns()[1].AppendInteger(7);
  const KeptRow expected = {{"v", ParseType("text"), Value::Text("x")},
                            {"id", ParseType("bigint"), Value::Integer(7)}};
  CHECK(KeepRow(batch, 0) == expected);
}

TEST_CASE("every kind of refusal has a name that leads back to it") {
  for (const auto& [kind, name] : kRefusalKinds) {
    CHECK(RefusalKindName(kind) == name);
    CHECK(ParseRefusalKind(name) == kind);
  }
  CHECK_FALSE(ParseRefusalKind("nonsense"));
}

}  // namespace
}  // namespace rowferry
