// Rejects that are tried again go through the same isolation as new rows.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "data/kept_row.h"
#include "flow/batch_writer.h"

namespace rowferry {
namespace {

class FixedClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point Now() const override { return {}; }
  int64_t UnixMicros() const override { return 77; }
  void Sleep(std::chrono::milliseconds) const override {}
};

BatchLayout Layout() {
  BatchLayout layout;
  layout.names = {"id"};
  layout.types = {ParseType("bigint")};
  layout.data_columns = 1;
  layout.key = {0};
  return layout;
}

// Holds rejects by their ids, as a ledger, and takes all rows but some.
class RejectingWriter final : public Writer {
 public:
  RejectingWriter(std::set<int64_t> refused, bool names) : refused_(refused), names_(names) {}

  Checkpoint Resume() override { return {}; }

  ChunkOutcome Write(const Chunk& chunk) override {
    ++tries;
    for (size_t row = chunk.begin; row < chunk.end; ++row) {
      const int64_t id = chunk.batch.columns()[0].integer(row);
      if (refused_.count(id) == 0) continue;
      throw RowError("refused", {RefusalKind::kCheck, "23514", "", "", "again"},
                     names_ ? std::optional(row) : std::nullopt, "");
    }
    ChunkOutcome outcome{chunk.next};
    for (const int64_t id : chunk.settled) REQUIRE(ledger.erase(id) == 1);
    for (const Reject& reject : chunk.rejects) ledger.at(reject.id) = reject;
    outcome.committed.counts.inserted += static_cast<int64_t>(chunk.rows());
    outcome.committed.counts.rejected -= static_cast<int64_t>(chunk.settled.size());
    return outcome;
  }

  std::map<int64_t, Reject> ledger;
  int tries = 0;

 private:
  const std::set<int64_t> refused_;
  const bool names_;
};

Reject RejectOf(int64_t row) {
  Reject reject;
  reject.id = row + 1000;
  reject.key.parts = {Value::Integer(row)};
  reject.shown = "row " + std::to_string(row);
  reject.why.message = "before";
  reject.tries = 3;
  return reject;
}

// Rows 0 to 99 are rejects, and 100 is one whose row cannot be had.
struct Retrial {
  explicit Retrial(std::set<int64_t> refused, bool names)
      : batch(Layout()), writer(std::move(refused), names) {
    for (int64_t row = 0; row < 100; ++row) {
      batch.columns()[0].AppendInteger(row);
      retried.rows.push_back(RejectOf(row));
    }
    batch.AddUnread({100, {}, {RefusalKind::kUnreadable, "", "", "", "gone"}, "kept"});
    retried.unread.push_back(RejectOf(100));
    for (int64_t row = 0; row <= 100; ++row) writer.ledger[row + 1000] = RejectOf(row);
    at.last_key = Key{{Value::Integer(500)}};
    at.counts.read = at.counts.rejected = 101;
    at.done = true;
  }

  void Run() {
    const RejectBudget budget{{1000, 1}, {}};
    BatchWriter(writer, size, budget, clock, [](const Chunk&, const ChunkOutcome&) {
    }).Retry(batch, retried, at, stop);
  }

  FixedClock clock;
  RowBatch batch;
  Retried retried;
  RejectingWriter writer;
  Checkpoint at;
  ChunkSize size;
  std::atomic<bool> stop = false;
};

TEST_CASE("rows that are taken leave the rejects, the others stay with the new reason") {
  for (const bool names : {true, false}) {
    CAPTURE(names);
    Retrial retrial({0, 42, 99}, names);
    retrial.Run();
    const auto& ledger = retrial.writer.ledger;
    REQUIRE(ledger.size() == 4);
    for (const int64_t row : {0, 42, 99}) {
      const Reject& reject = ledger.at(row + 1000);
      CHECK(reject.shown == "row " + std::to_string(row));
      CHECK(reject.why.message == "again");
      CHECK(reject.tries == 4);
      CHECK(reject.at == 77);
      CHECK(reject.kept == EncodeRow(KeepRow(retrial.batch, static_cast<size_t>(row))));
    }
    CHECK(ledger.at(1100).why.message == "gone");
    CHECK(ledger.at(1100).kept == "kept");
    CHECK(retrial.at.counts.inserted == 97);
    CHECK(retrial.at.counts.rejected == 4);
    CHECK(retrial.at.counts.read == 101);
    CHECK(retrial.at.last_key == Key{{Value::Integer(500)}});
    CHECK(retrial.at.done);
    CHECK(retrial.writer.tries <= (names ? 7 : 45));
  }
}

TEST_CASE("a stop leaves the rows behind the chunk at hand as they are") {
  Retrial retrial({50}, true);
  retrial.size.Tried(40);
  retrial.size.Contended();  // chunks of 20 rows
  retrial.stop = true;
  retrial.Run();
  CHECK(retrial.writer.ledger.size() == 81);  // 20 to 99, and 100
  CHECK(retrial.writer.ledger.at(1099).why.message == "before");
}

TEST_CASE("a stop does not wait until all bad rows of a chunk are found") {
  Retrial retrial({50, 60, 70}, true);
  retrial.stop = true;
  retrial.Run();
  CHECK(retrial.writer.tries == 1);
  CHECK(retrial.writer.ledger.size() == 101);
  CHECK(retrial.writer.ledger.at(1050).why.message == "before");
}

}  // namespace
}  // namespace rowferry
