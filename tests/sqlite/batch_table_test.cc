#include "sqlite/batch_table.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "sqlite/copy.h"

namespace rowferry::testing {
namespace {

// A job that fills table t, in a database whose user likes the names of batch tables.
class Neighbourhood {
 public:
  Neighbourhood() : target_(TargetOf(database_)) {
    Table table;
    table.name.name = "t";
    ColumnInfo column;
    column.name = "x";
    column.native = "INTEGER";
    table.columns = {column};
    begun_ = BeginJob(*target_, table, {ParseType("bigint")});
  }
  // Makes tables of the names that were taken last and of the next three, each with a row.
  void Settle() {
    const auto session = sqlite::Session::OpenForWriting(database_.url());
    const std::string stem = "rowferry_batch_";
    const int taken = std::stoi(sqlite::BatchTable(*session, {}).name().substr(stem.size()));
    for (int next = taken - 1; next <= taken + 3; ++next) {
      database_.Exec("CREATE TABLE RowFerry_Batch_" + std::to_string(next) +
                     "(x); INSERT INTO rowferry_batch_" + std::to_string(next) + " VALUES (666)");
    }
  }
  void OpenWriter() {
    writer_ = target_->OpenWriter(begun_.plan, begun_.split);
    writer_->Resume();
  }
  void Write() { WriteValues(*writer_, ParseType("bigint"), {Value::Integer(7)}); }
  std::string Contents() { return database_.One("SELECT coalesce(group_concat(x), '') FROM t"); }

 private:
  SqliteDatabase database_;
  std::unique_ptr<Target> target_;
  Begun begun_;
  std::unique_ptr<Writer> writer_;
};

TEST_CASE("a user's table of the batch table's name is not read in its place") {
  Neighbourhood near;
  near.Settle();
  near.OpenWriter();
  near.Write();
  CHECK(near.Contents() == "7");
}

TEST_CASE("a table that takes the batch table's name while it is in use stops the run") {
  Neighbourhood near;
  near.OpenWriter();
  near.Settle();
  CHECK_THROWS_WITH_AS(near.Write(), doctest::Contains("nothing was written"), Error);
  CHECK(near.Contents() == "");
}

}  // namespace
}  // namespace rowferry::testing
