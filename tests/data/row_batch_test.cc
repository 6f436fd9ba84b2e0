#include "data/row_batch.h"

#include <doctest/doctest.h>

namespace rowferry {
namespace {

std::vector<Value> ValuesOf(const Column& column) {
  std::vector<Value> values;
  for (size_t row = 0; row < column.rows(); ++row) values.push_back(column.value(row));
  return values;
}

TEST_CASE("a column gives back every value as it was appended, also after it grew") {
  Column column;
  std::vector<Value> values;
  for (int64_t i = 0; i < 1000; ++i) {
    values.push_back(Value::Integer(i));
    values.push_back(Value::Text(std::string(static_cast<size_t>(i), 'x')));
    values.push_back(Value::Blob(""));
    values.push_back(Value::Real(-0.0));
    values.push_back(Value::Null());
  }
  for (const Value& value : values) column.Append(value);
  CHECK(ValuesOf(column) == values);
  CHECK(column.size_bytes() == values.size() * 9 + 999 * 1000 / 2);
}

TEST_CASE("a row taken back leaves the rows before it") {
  Column column;
  column.AppendText("kept");
  column.AppendText("half a row");
  column.Truncate(1);
  column.AppendText("next");
  CHECK(ValuesOf(column) == std::vector<Value>{Value::Text("kept"), Value::Text("next")});
}

TEST_CASE("a cleared column begins anew, whatever it held") {
  Column column;
  column.AppendBlob(std::string(20U << 20U, 'x'));
  column.Clear();
  CHECK(column.rows() == 0);
  CHECK(column.size_bytes() == 0);
  column.AppendText("a");
  CHECK(ValuesOf(column) == std::vector<Value>{Value::Text("a")});
}

TEST_CASE("a batch is full with the row that reaches a limit") {
  const BatchLayout layout{{"id"}, {TypeOf(Kind::kText)}, 1, {0}};
  RowBatch batch(layout);
  CHECK_FALSE(batch.IsFull({2, 100}));
  batch.columns()[0].AppendText("a");
  CHECK_FALSE(batch.IsFull({2, 100}));
  batch.columns()[0].AppendText("b");
  CHECK(batch.IsFull({2, 100}));
  CHECK_FALSE(batch.IsFull({3, 100}));
  batch.columns()[0].AppendText(std::string(100, 'x'));
  CHECK(batch.IsFull({100, 100}));
}

}  // namespace
}  // namespace rowferry
