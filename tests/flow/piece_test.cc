#include "flow/piece.h"

#include <doctest/doctest.h>

#include "support/memory.h"

namespace rowferry {
namespace {

// Ten rows whose ids are their places, and an unread one between 4 and 5.
RowBatch Batch() {
  RowBatch batch(testing::MemoryLayout());
  for (int64_t row = 0; row < 10; ++row) {
    batch.columns()[0].AppendInteger(row);
    batch.columns()[1].AppendText("note");
  }
  batch.AddUnread({5, Key{{Value::Integer(100)}}, {RefusalKind::kUnreadable, "", "", "", ""}, ""});
  return batch;
}

RefusedRow Row(size_t row, RefusalKind kind = RefusalKind::kCheck) {
  return {row, {kind, "", "", "", ""}};
}

// What is sent: ids, and in brackets those of rows that are passed over.
std::string Show(Piece& piece) {
  const Part part = piece.Sent();
  std::string text;
  size_t unread = 0;
  const auto pass_over = [&](size_t before) {
    const std::vector<UnreadRow>& rows = part.batch.unread();
    while (unread < rows.size() && rows[unread].before < part.begin) ++unread;
    for (; unread < rows.size() && rows[unread].before == before; ++unread) {
      text += "(" + std::to_string(rows[unread].key.parts[0].integer) + ")";
    }
  };
  for (size_t row = part.begin; row < part.end; ++row) {
    pass_over(row);
    text += std::to_string(part.batch.columns()[0].integer(row));
  }
  if (part.end == part.batch.rows()) pass_over(part.end);
  return text;
}

TEST_CASE("a piece is sent without its refused rows, which keep their places") {
  const RowBatch batch = Batch();
  Piece piece(batch, nullptr, 2, 9);
  CHECK(Show(piece) == "234(100)5678");
  CHECK(piece.RowOf(2) == 2);
  CHECK(piece.good_begin() == 2);
  piece.Refuse(Row(3));
  CHECK(Show(piece) == "2(3)4(100)5678");
  CHECK(piece.gap() == 1);
  CHECK(piece.RowOf(0) == 2);
  CHECK(piece.RowOf(1) == 4);
  CHECK(piece.RowOf(5) == 8);
  piece.Refuse(Row(8));
  CHECK(Show(piece) == "2(3)4(100)567(8)");
  CHECK(piece.gap() == 4);
  CHECK(piece.RowOf(4) == 7);
  CHECK(piece.good_begin() == 9);
}

TEST_CASE("the row at the batch's end is the last of what is sent, read or not") {
  const RowBatch batch = Batch();
  Piece piece(batch, nullptr, 8, 10);
  piece.Refuse(Row(9));
  CHECK(Show(piece) == "8(9)");
  CHECK(piece.Sent().batch.LastKey() == Key{{Value::Integer(9)}});
  piece.Refuse(Row(8));
  CHECK(Show(piece) == "(8)");
}

TEST_CASE("a row refused before another one ends the piece: that one may have been its victim") {
  const RowBatch batch = Batch();
  Piece piece(batch, nullptr, 0, 10);
  piece.Refuse(Row(2));
  piece.Refuse(Row(7));
  piece.Refuse(Row(4));
  CHECK(Show(piece) == "01(2)3(4)");
  CHECK(piece.end() == 5);
}

TEST_CASE("rows that refer to nothing have those behind them tried again, but for their like") {
  const RowBatch batch = Batch();
  Piece piece(batch, nullptr, 0, 10);
  piece.Refuse(Row(1));
  piece.Refuse(Row(4));
  piece.Refuse(Row(8, RefusalKind::kForeignKey));
  piece.Refuse(std::vector{Row(3, RefusalKind::kForeignKey), Row(6, RefusalKind::kForeignKey)});
  CHECK(Show(piece) == "0(1)2(3)4(100)5(6)7(8)9");
}

TEST_CASE("a piece is cut, but never before its last refused row") {
  const RowBatch batch = Batch();
  Piece piece(batch, nullptr, 0, 10);
  piece.Refuse(Row(4));
  piece.EndBefore(7);
  CHECK(Show(piece) == "0123(4)(100)56");
  piece.EndBefore(2);
  CHECK(Show(piece) == "0123(4)");
  piece.EndBefore(20);
  CHECK(piece.end() == 5);
}

TEST_CASE("what the rows are tried again for goes with them") {
  const RowBatch batch = Batch();
  Retried retried{RejectState::kPending, RejectState::kOpen};
  for (int64_t row = 0; row < 10; ++row) retried.rows.emplace_back().id = row;
  retried.unread.emplace_back().id = 100;
  Piece piece(batch, &retried, 3, 10);
  piece.Refuse(Row(4));
  const Part part = piece.Sent();
  REQUIRE(part.retried != nullptr);
  CHECK(part.retried->state == RejectState::kPending);
  CHECK(part.retried->failed == RejectState::kOpen);
  REQUIRE(part.retried->rows.size() == 6);
  CHECK(part.retried->rows[0].id == 3);
  CHECK(part.retried->rows[1].id == 5);
  REQUIRE(part.retried->unread.size() == 2);
  CHECK(part.retried->unread[0].id == 4);
  CHECK(part.retried->unread[1].id == 100);
}

}  // namespace
}  // namespace rowferry
