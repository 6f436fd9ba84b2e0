// Rows that refer to other rows of their table, in any order: each is loaded once what it refers to
// is, and rejected if that never comes.
#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

#include "data/kept_row.h"
#include "flow/batch_writer.h"
#include "flow/split.h"
#include "job/pending.h"

namespace rowferry {
namespace {

constexpr int64_t kNobody = -1;

struct Row {
  int64_t id = 0;
  int64_t parent = kNobody;
  bool bad = false;        // a CHECK refuses it
  int64_t code = kNobody;  // unique
};

BatchLayout Layout() {
  BatchLayout layout;
  layout.names = {"id", "parent", "bad", "code"};
  layout.types = std::vector<Type>(4, ParseType("bigint"));
  layout.data_columns = 4;
  layout.key = {0};
  return layout;
}

Row RowAt(const RowBatch& batch, size_t row) {
  const auto& columns = batch.columns();
  return {columns[0].integer(row), columns[1].integer(row), columns[2].integer(row) != 0,
          columns[3].integer(row)};
}

void Append(const Row& row, RowBatch& batch) {
  batch.columns()[0].AppendInteger(row.id);
  batch.columns()[1].AppendInteger(row.parent);
  batch.columns()[2].AppendInteger(row.bad ? 1 : 0);
  batch.columns()[3].AppendInteger(row.code);
}

class RowReader final : public Reader {
 public:
  RowReader(const std::vector<Row>& rows, size_t most) : rows_(rows), most_(most) {}
  void Seek(const std::optional<Key>& /*after*/) override { next_ = 0; }
  bool Read(RowBatch& out) override {
    out.Clear();
    while (next_ < rows_.size() && out.rows() < most_) Append(rows_[next_++], out);
    return !out.empty();
  }
  void Cancel() noexcept override {}

 private:
  const std::vector<Row>& rows_;
  const size_t most_;
  size_t next_ = 0;
};

// A table with a foreign key to itself, and its ledger.
class TableWriter final : public Writer {
 public:
  explicit TableWriter(bool answers) : answers_(answers) {}

  Checkpoint Resume() override { return at; }

  ChunkOutcome Write(const Chunk& chunk) override {
    RequireTaken(chunk);
    ++chunks;
    ChunkOutcome outcome{chunk.next};
    Counts& counts = outcome.committed.counts;
    for (size_t row = chunk.begin; row < chunk.end; ++row) {
      const Row taken = RowAt(chunk.batch, row);
      REQUIRE(ids.insert(taken.id).second);
      if (taken.code != kNobody) REQUIRE(codes.insert(taken.code).second);
      ++counts.inserted;
    }
    for (const int64_t id : chunk.settled) {
      REQUIRE(rejects.erase(id) == 1);
      --CountOf(counts, chunk.retried_state);
    }
    for (Reject reject : chunk.rejects) {
      if (reject.id != 0) --CountOf(counts, chunk.retried_state);
      if (reject.id == 0) reject.id = ++last_reject_;
      ++CountOf(counts, reject.state);
      rejects[reject.id] = reject;
    }
    at = outcome.committed;
    return outcome;
  }

  std::vector<RefusedRow> FindOrphans(const Chunk& chunk) override {
    if (!answers_) return {};
    std::set<int64_t> there = ids;
    for (bool more = true; more;) {
      more = false;
      for (size_t row = chunk.begin; row < chunk.end; ++row) {
        const Row& candidate = RowAt(chunk.batch, row);
        const bool found = candidate.parent == kNobody || there.count(candidate.parent) == 1;
        more = (found && there.insert(candidate.id).second) || more;
      }
    }
    std::vector<RefusedRow> orphans;
    for (size_t row = chunk.begin; row < chunk.end; ++row) {
      if (there.count(RowAt(chunk.batch, row).id) == 0) orphans.push_back({row, kOrphan});
    }
    return orphans;
  }

  std::set<int64_t> ids;
  std::set<int64_t> codes;
  std::string order = "cf";  // of what is checked: c CHECK, u UNIQUE, f foreign key
  std::map<int64_t, Reject> rejects;
  Checkpoint at;
  int chunks = 0;

 private:
  inline static const Refusal kOrphan = {RefusalKind::kForeignKey, "23503", "", "f", "no parent"};

  static void RequireGood(const Chunk& chunk) {
    for (size_t row = chunk.begin; row < chunk.end; ++row) {
      if (!RowAt(chunk.batch, row).bad) continue;
      throw RowError("bad", {RefusalKind::kCheck, "23514", "", "", ""}, row, "");
    }
  }
  void RequireUnique(const Chunk& chunk) const {
    std::set<int64_t> there = codes;
    for (size_t row = chunk.begin; row < chunk.end; ++row) {
      const int64_t code = RowAt(chunk.batch, row).code;
      if (code == kNobody || there.insert(code).second) continue;
      throw RowError("twice", {RefusalKind::kUnique, "23505", "", "", ""}, row, "");
    }
  }
  void RequireParents(const Chunk& chunk) const {
    std::set<int64_t> there = ids;
    for (size_t row = chunk.begin; row < chunk.end; ++row) {
      there.insert(RowAt(chunk.batch, row).id);
    }
    for (size_t row = chunk.begin; row < chunk.end; ++row) {
      const Row candidate = RowAt(chunk.batch, row);
      if (candidate.parent == kNobody || there.count(candidate.parent) == 1) continue;
      throw RowError("no parent", kOrphan, std::nullopt, "");
    }
  }
  void RequireTaken(const Chunk& chunk) const {
    for (const char check : order) {
      if (check == 'c') RequireGood(chunk);
      if (check == 'u') RequireUnique(chunk);
      if (check == 'f') RequireParents(chunk);
    }
  }

  const bool answers_;
  int64_t last_reject_ = 0;
};

class NoObserver final : public SplitObserver {
 public:
  void ChunkDone(int, const Checkpoint&, const SplitTimes&) override {}
};

struct Copy {
  Copy(std::vector<Row> source, bool answers) : rows(std::move(source)), writer(answers) {}

  void Run(size_t most) {
    RowReader reader(rows, most);
    NoObserver observer;
    ChunkSize size;
    RunSplit({0, observer, budget, size, stop}, reader, Layout(), writer);
  }

  bool Settle() {
    const auto splits = [&]() -> std::optional<std::vector<SplitRecord>> {
      SplitRecord split;
      split.checkpoint = writer.at;
      return std::vector<SplitRecord>{split};
    };
    return SettlePending(splits, [&](const SplitRecord&, RejectState failed) {
      ++passes;
      const size_t before = writer.ids.size();
      Retry(failed);
      return PendingTry{static_cast<int64_t>(writer.ids.size() - before)};
    });
  }

  void Retry(RejectState failed) {
    RowBatch batch(Layout());
    Retried retried{RejectState::kPending, failed};
    for (const auto& [id, reject] : writer.rejects) {
      if (reject.state != RejectState::kPending) continue;
      const auto kept = DecodeRow(reject.kept);
      REQUIRE(kept);
      for (size_t i = 0; i < kept->size(); ++i) batch.columns()[i].Append((*kept)[i].value);
      retried.rows.push_back(reject);
    }
    ChunkSize size;
    BatchWriter batches(writer, size, budget, SystemClock(),
                        [](const Chunk&, const ChunkOutcome&) {});
    batches.Retry(batch, retried, writer.at, stop);
  }

  // Good rows all of whose forebears are good and there; nobody is his own forebear.
  std::set<int64_t> Loadable() const {
    std::set<int64_t> found;
    for (bool more = true; more;) {
      more = false;
      for (const Row& row : rows) {
        const bool may = !row.bad && (row.parent == kNobody || found.count(row.parent) == 1);
        more = (may && found.insert(row.id).second) || more;
      }
    }
    return found;
  }

  void CheckExact() const {
    const std::set<int64_t> loadable = Loadable();
    CHECK(writer.ids == loadable);
    CHECK(writer.rejects.size() == rows.size() - loadable.size());
    for (const auto& [id, reject] : writer.rejects) CHECK(reject.state == RejectState::kOpen);
    const Counts& counts = writer.at.counts;
    CHECK(counts.Balanced());
    CHECK(counts.read == static_cast<int64_t>(rows.size()));
    CHECK(counts.pending == 0);
  }

  // Each row is there, or its reject says what is so now that all is written.
  void CheckReasons() const {
    std::set<int64_t> known = writer.ids;
    for (const auto& [id, reject] : writer.rejects) {
      const Row& row = rows.at(static_cast<size_t>(reject.key.parts.at(0).integer));
      CHECK(reject.state == RejectState::kOpen);
      CHECK(known.insert(row.id).second);
      const auto kind = reject.why.kind;
      if (kind == RefusalKind::kCheck) CHECK(row.bad);
      if (kind == RefusalKind::kUnique) CHECK(writer.codes.count(row.code) == 1);
      if (kind == RefusalKind::kForeignKey) CHECK(writer.ids.count(row.parent) == 0);
    }
    CHECK(known.size() == rows.size());
    CHECK(writer.at.counts.Balanced());
  }

  std::vector<Row> rows;
  TableWriter writer;
  RejectBudget budget = {{1'000'000, 1}, {}};
  std::atomic<bool> stop = false;
  int passes = 0;
};

// Of any order, with forebears that are missing or bad here and there.
std::vector<Row> RandomRows(std::mt19937& random, size_t count) {
  const auto below = [&](size_t limit) { return static_cast<int64_t>(random() % limit); };
  std::vector<int64_t> ids;
  for (size_t i = 0; i < count; ++i) ids.push_back(static_cast<int64_t>(i));
  std::shuffle(ids.begin(), ids.end(), random);
  std::vector<Row> rows(count);
  for (size_t i = 0; i < count; ++i) {  // each after its parent in `ids`, not in the table
    Row& row = rows[static_cast<size_t>(ids[i])];
    row.id = ids[i];
    const bool refers = i > 0 && below(4) != 0;
    if (refers) row.parent = below(20) == 0 ? 1'000'000 : ids[static_cast<size_t>(below(i))];
    row.bad = below(15) == 0;
  }
  return rows;
}

TEST_CASE("rows that refer to rows of their own table are loaded in whatever order they come") {
  std::mt19937 random(7);
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    Copy copy(RandomRows(random, 1 + random() % 60), round % 4 != 0);
    copy.Run(1 + random() % 20);
    REQUIRE(copy.Settle());
    copy.CheckExact();
  }
}

TEST_CASE("no row is rejected for another one that is not there in the end") {
  std::mt19937 random(11);
  const std::vector<std::string> orders = {"cuf", "cfu", "ucf", "ufc", "fcu", "fuc"};
  for (int round = 0; round < 3'000; ++round) {
    CAPTURE(round);
    Copy copy(RandomRows(random, 1 + random() % 60), round % 4 != 0);
    for (Row& row : copy.rows) {
      if (random() % 3 == 0) row.code = static_cast<int64_t>(random() % 12);
    }
    copy.writer.order = orders[random() % orders.size()];
    copy.Run(1 + random() % 20);
    REQUIRE(copy.Settle());
    copy.CheckReasons();
  }
}

TEST_CASE("a chunk of nothing but orphans costs one try") {
  std::vector<Row> rows;
  for (int64_t id = 0; id < 100; ++id) rows.push_back({id, 1'000, false});
  rows.push_back({1'000, kNobody, false});
  Copy copy(rows, true);
  copy.Run(100);
  CHECK(copy.writer.chunks == 3);  // the orphans, the parent, the end
  CHECK(copy.writer.at.counts.pending == 100);
  REQUIRE(copy.Settle());
  CHECK(copy.passes == 1);
  copy.CheckExact();
}

TEST_CASE("rows that wait count for --max-rejects once nothing is left to wait for") {
  std::vector<Row> rows;
  for (int64_t id = 0; id < 10; ++id) rows.push_back({id, 1'000, false});
  Copy copy(rows, true);
  copy.budget = {{9, 0}, {}};
  copy.Run(5);
  CHECK(copy.writer.at.counts.pending == 10);
  CHECK_THROWS_AS(copy.Settle(), Error);
  CHECK(copy.writer.at.counts.pending == 10);
  copy.budget = {{10, 0}, {}};
  REQUIRE(copy.Settle());
  copy.CheckExact();
}

}  // namespace
}  // namespace rowferry
