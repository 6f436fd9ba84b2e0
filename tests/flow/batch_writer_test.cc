#include "flow/batch_writer.h"

#include <doctest/doctest.h>

#include "data/kept_row.h"
#include "flow/split.h"
#include "support/memory.h"

namespace rowferry {
namespace {

using testing::MemoryLayout;
using testing::MemoryObserver;
using testing::MemoryReader;
using testing::MemoryRow;
using testing::MemoryRows;
using testing::MemoryTarget;
using testing::MemoryWriter;

// A copy of rows of which the target refuses those whose note is "bad"; "late" and "late twin" only
// behind its chunk's last row, unnamed; and a second "twin" of either sort.
struct Copy {
  explicit Copy(int rows) : source(MemoryRows(rows)) {}

  void Spoil(size_t row, const std::string& note = "bad") { source[row].note = note; }
  SplitEnd Run(size_t chunk_rows) {
    MemoryReader reader(source, chunk_rows);
    MemoryWriter writer(target, fail_at,
                        {[](const MemoryRow& row) { return row.note == "bad"; }, names_rows,
                         [](const MemoryRow& row) { return row.note.ends_with("twin"); },
                         [](const MemoryRow& row) { return row.note.starts_with("late"); }});
    const auto note = [&] {
      tries = writer.tries();
      sent = writer.rows_sent();
    };
    try {
      ChunkSize size;
      const SplitEnd end =
          RunSplit({0, observer, budget, size, stop}, reader, MemoryLayout(), writer);
      note();
      return end;
    } catch (...) {
      note();
      throw;
    }
  }
  // Every row is in the target or among its rejects, once, and in order.
  void CheckExact() const {
    std::vector<MemoryRow> good;
    std::vector<int64_t> bad;
    for (const MemoryRow& row : source) {
      const bool refused =
          row.note == "bad" || row.note == "unreadable" || row.note.starts_with("late");
      refused ? bad.push_back(row.id) : good.push_back(row);
    }
    CHECK(target.rows == good);
    std::vector<int64_t> rejected;
    for (const Reject& reject : target.rejects) {
      rejected.push_back(reject.key.parts.at(0).integer);
    }
    CHECK(rejected == bad);
    const Counts& counts = target.checkpoint.counts;
    CHECK(target.checkpoint.done);
    CHECK(counts.read == static_cast<int64_t>(source.size()));
    CHECK(counts.rejected == static_cast<int64_t>(bad.size()));
    CHECK(counts.Balanced());
  }

  std::vector<MemoryRow> source;
  MemoryTarget target;
  MemoryObserver observer;
  std::atomic<bool> stop = false;
  RejectBudget budget = {{1'000'000, 1}, {}};
  bool names_rows = true;
  int fail_at = 0;
  int tries = 0;
  int64_t sent = 0;
};

TEST_CASE("bad rows first, in the middle, last, several, all: exactly those are rejected") {
  const std::vector<std::vector<size_t>> patterns = {
      {0},    {12},     {24},         {9},         {10},     {0, 24},
      {3, 4}, {9, 10},  {0, 1, 2, 3}, {4, 12, 20}, {23, 24}, {8, 9, 10, 11},
      {},     {20, 22}, {1, 3, 5, 7}, {0, 9, 10},  {19, 20}};
  for (const char* note : {"bad", "unreadable"}) {
    for (const bool names : {true, false}) {
      for (const size_t chunk : {1U, 4U, 10U, 100U}) {
        for (const auto& pattern : patterns) {
          CAPTURE(note);
          CAPTURE(names);
          CAPTURE(chunk);
          Copy copy(25);
          copy.names_rows = names;
          for (const size_t row : pattern) copy.Spoil(row, note);
          copy.Run(chunk);
          copy.CheckExact();
        }
        Copy all(25);
        all.names_rows = names;
        for (size_t row = 0; row < 25; ++row) all.Spoil(row, note);
        all.Run(chunk);
        all.CheckExact();
      }
    }
  }
}

TEST_CASE("unread rows and refused ones, side by side") {
  Copy copy(25);
  for (const size_t row : {0U, 1U, 5U, 11U, 23U}) copy.Spoil(row, "unreadable");
  for (const size_t row : {2U, 4U, 6U, 10U, 24U}) copy.Spoil(row, "bad");
  for (const bool names : {true, false}) {
    copy.names_rows = names;
    copy.target = {};
    copy.Run(9);
    copy.CheckExact();
  }
}

TEST_CASE("one bad row among 10,000 costs few tries") {
  for (const size_t row : {0U, 1U, 4'999U, 7'777U, 9'999U}) {
    CAPTURE(row);
    Copy named(10'000);
    named.Spoil(row);
    named.Run(10'000);
    named.CheckExact();
    CHECK(named.tries <= 4 + 10);  // and how the chunks behind it grow again
    CHECK(named.sent <= 30'000);
    Copy unnamed(10'000);
    unnamed.names_rows = false;
    unnamed.Spoil(row);
    unnamed.Run(10'000);
    unnamed.CheckExact();
    CHECK(unnamed.tries <= 30);
  }
}

TEST_CASE("many bad rows do not have the rest sent over and over") {
  Copy copy(25'000);
  for (size_t row = 50; row < copy.source.size(); row += 100) copy.Spoil(row);
  copy.Run(25'000);
  copy.CheckExact();
  CHECK(copy.sent < 3 * 25'000 + 250 * 300);
}

TEST_CASE("bad rows of one chunk cost a try each, and one commit together") {
  Copy copy(60);
  for (const size_t row : {3U, 20U, 21U, 58U}) copy.Spoil(row);
  copy.Run(60);
  copy.CheckExact();
  CHECK(copy.tries == 4 + 1 + 1);  // and the end of the table
  CHECK(copy.target.checkpoint.chunks == 2);
}

TEST_CASE("of the chunk that exceeds the limit the rejects within it are kept") {
  Copy copy(30);
  copy.budget = {{2, 0}, {}};
  for (const size_t row : {3U, 14U, 21U}) copy.Spoil(row);
  CHECK_THROWS_AS(copy.Run(30), Error);
  CHECK(copy.target.rejects.size() == 2);
  CHECK(copy.target.rows.size() == 19);  // those before the third one
  copy.budget = {{3, 0}, {}};
  copy.Run(30);
  copy.CheckExact();
}

TEST_CASE("the chunk that exceeds the limit is rolled back, and the run ends") {
  Copy copy(30);
  copy.budget = {{2, 0}, {}};
  for (const size_t row : {3U, 14U, 21U}) copy.Spoil(row);
  CHECK_THROWS_WITH_AS(copy.Run(10),
                       doctest::Contains("more rows are rejected than --max-rejects "
                                         "allows (2 rows)"),
                       Error);
  CHECK(copy.target.rejects.size() == 2);
  CHECK(copy.target.rows.size() == 18);  // of the third chunk nothing
  CHECK(copy.target.checkpoint.counts.Balanced());
}

TEST_CASE("a limit of 0 stops at the first, and keeps nothing of its chunk") {
  Copy copy(30);
  copy.budget = {{0, 0}, {}};
  copy.Spoil(14);
  CHECK_THROWS_WITH_AS(copy.Run(10), doctest::Contains("with --max-rejects N the run goes on"),
                       Error);
  CHECK(copy.target.rows.size() == 10);
  CHECK(copy.target.rejects.empty());
  CHECK(copy.tries == 2);
}

TEST_CASE("a limit of 0 names the row at fault, also where the target does not") {
  for (const size_t row : {0U, 14U, 29U}) {
    CAPTURE(row);
    Copy copy(30);
    copy.budget = {{0, 0}, {}};
    copy.Spoil(row, "late");
    const std::string id = std::to_string(copy.source[row].id);
    try {
      copy.Run(30);
      FAIL("the run went on");
    } catch (const Error& error) {
      CHECK(error.row() == "(id) = (" + id + ")");
      CHECK(std::string(error.what()).find("row (id) = (" + id + "): ") != std::string::npos);
    }
    CHECK(copy.target.rows.size() == row);  // those before it
    CHECK(copy.target.rejects.empty());
  }
}

TEST_CASE("a limit is asked of rows that are at fault, not of those refused for their sake") {
  for (const std::vector<size_t>& rows :
       {std::vector<size_t>{3, 5}, {0, 29}, {3, 5, 6, 7}, {13, 20, 29}}) {
    for (const size_t chunk : {4U, 30U}) {
      for (const std::vector<size_t>& unread : {std::vector<size_t>{}, {1}, {28}, {8, 12}}) {
        CAPTURE(rows.size());
        CAPTURE(chunk);
        CAPTURE(unread.size());
        Copy copy(30);
        copy.Spoil(rows.front(), "late twin");
        for (size_t i = 1; i < rows.size(); ++i) copy.Spoil(rows[i], i == 1 ? "twin" : "late twin");
        for (const size_t row : unread) copy.Spoil(row, "unreadable");
        copy.budget = {{static_cast<int64_t>(rows.size() - 1 + unread.size()), 0}, {}};
        CHECK_NOTHROW(copy.Run(chunk));
        copy.CheckExact();
        --copy.budget.limit.rows;
        copy.target = {};
        CHECK_THROWS_AS(copy.Run(chunk), Error);
        CHECK(copy.target.checkpoint.counts.rejected <= copy.budget.limit.rows);
      }
    }
  }
}

TEST_CASE("a share is taken of the rows read over the job") {
  const RejectLimit tenth{0, 0.1};
  CHECK(tenth.Allows(1, 10));
  CHECK_FALSE(tenth.Allows(1, 9));
  const RejectLimit usual;
  CHECK(usual.Allows(100, 200));
  CHECK_FALSE(usual.Allows(101, 10'000));
  CHECK(usual.Allows(101, 10'100));
  Copy copy(10);
  copy.Spoil(5);
  copy.budget = {tenth, {}};
  CHECK_NOTHROW(copy.Run(10));
  Copy later(10);
  later.Spoil(5);
  Counts others;
  others.read = 100;
  others.rejected = 10;
  later.budget = {tenth, others};
  CHECK_NOTHROW(later.Run(10));
  Copy over(10);
  over.Spoil(5);
  others.rejected = 11;
  over.budget = {tenth, others};
  CHECK_THROWS_AS(over.Run(10), Error);
}

TEST_CASE("a writer that fails at any step among bad rows is resumed exactly") {
  int step = 1;
  for (bool failed = true; failed; ++step) {
    CAPTURE(step);
    Copy copy(25);
    for (const size_t row : {0U, 7U, 8U, 24U}) copy.Spoil(row);
    copy.Spoil(12, "unreadable");
    copy.fail_at = step;
    failed = false;
    try {
      copy.Run(10);
    } catch (const Error&) {
      failed = true;
    }
    copy.fail_at = 0;
    copy.Run(10);
    copy.CheckExact();
  }
  CHECK(step > 50);
}

TEST_CASE("a reject holds the whole row, its key and the reason") {
  Copy copy(5);
  copy.Spoil(2);
  copy.Run(10);
  REQUIRE(copy.target.rejects.size() == 1);
  const Reject& reject = copy.target.rejects[0];
  CHECK(reject.shown == "(id) = (-1)");
  CHECK(reject.why == Refusal{RefusalKind::kCheck, "23514", "note", "c", "refused"});
  CHECK(reject.at > 0);
  CHECK(reject.tries == 1);
  const auto row = DecodeRow(reject.kept);
  REQUIRE(row.has_value());
  const KeptRow expected = {{"id", ParseType("bigint"), Value::Integer(-1)},
                            {"note", ParseType("text"), Value::Text("bad")}};
  CHECK(*row == expected);
}

TEST_CASE("chunks among bad rows are small, and grow with the rows that are good") {
  ChunkSize size;
  CHECK(size.rows() > 1'000'000'000);
  size.Committed(1000, 1000);
  CHECK(size.rows() > 1'000'000'000);
  size.Refused(0);
  CHECK(size.rows() == 1183);  // sqrt(1,400 * 1,000)
  size.Refused(0);             // the next row, too
  CHECK(size.rows() == 836);   // 500 apart
  size.Refused(900);           // of a chunk that is still to be committed
  CHECK(size.rows() == 989);   // 700 apart
  size.Committed(1500, 600);
  CHECK(size.rows() == 989);
  for (int i = 0; i < 20; ++i) size.Refused(0);
  CHECK(size.rows() == 64);
  size.Committed(100'000, 100'000);
  CHECK(size.rows() == 11'832);
}

TEST_CASE("chunks after a lock are half of the one that met it, for a while") {
  ChunkSize size;
  size.Contended();  // before the first chunk
  CHECK(size.rows() > 1'000'000'000);
  size.Tried(10);  // a batch has no more, whatever is allowed
  size.Contended();
  CHECK(size.rows() == 5);
  size.Tried(4);
  size.Committed(4, 4);  // the end of a batch says nothing
  CHECK(size.rows() == 5);
  size.Contended();  // behind it: another one's fault
  CHECK(size.rows() == 5);
  size.Tried(5);
  size.Committed(5, 5);
  CHECK(size.rows() == 10);
  for (const size_t half : {5, 2, 1, 1}) {
    size.Tried(size.rows());
    size.Contended();
    CHECK(size.rows() == half);
  }
  for (int i = 0; i < 100; ++i) size.Committed(size.rows(), 0);
  CHECK(size.rows() > 1'000'000'000);
}

}  // namespace
}  // namespace rowferry
