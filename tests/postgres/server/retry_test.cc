// Rejects that are tried again by the writers of both databases, with what the ledger then says.
#include "job/retry.h"

#include <doctest/doctest.h>

#include "job/accounts.h"
#include "job/ends.h"
#include "job/plan.h"
#include "support/database.h"

namespace rowferry::testing {
namespace {

constexpr char kJob[] = "fill";

Settings SettingsFor(const TestDatabase& source, const TestDatabase& target) {
  Settings settings;
  settings.source = source.url();
  settings.target = target.url();
  settings.job = kJob;
  return settings;
}

// A job whose rows 1 to 3 all wait: of them the target does not take the second.
class Waiting {
 public:
  explicit Waiting(const std::string& kind) : target_(MakeDatabase(kind)) {
    source_.Exec("CREATE TABLE items (id INTEGER PRIMARY KEY, note TEXT)");
    target_->Exec("CREATE TABLE items (id bigint PRIMARY KEY, note text NOT NULL)");
    ends_.emplace(OpenEnds(SettingsFor(source_, *target_), false));
    plan_ = Resolve(SettingsFor(source_, *target_), *ends_, nullptr);
    ledger().Acquire(kJob);
    JobRecord job;
    job.name = kJob;
    job.fingerprint = plan_.fingerprint;
    TableStart start;
    start.split.table = table().target.name;
    const int64_t epoch = ledger().Begin(job, {start}, nullptr);
    writer_ = ends_->target->OpenWriter(table().write, {kJob, plan_.fingerprint, 0, epoch});
    at = writer_->Resume();
    KeepAll();
  }

  const TablePlan& table() const { return plan_.tables.at(0); }
  TestDatabase& target() { return *target_; }
  Ledger& ledger() { return ends_->target->ledger(); }

  RetryCounts Retry(RejectState failed) {
    const auto rows = RowsKept(*ends_->source, table().read, plan_.fingerprint, KeptRowOf);
    const BatchLayout layout = LayoutOf(table().read);
    RejectFilter filter;
    filter.state = RejectState::kPending;
    filter.split = 0;
    const std::string job = kJob;
    ChunkSize size;
    return RetrySplit(
        {job, ledger(), *writer_, *rows, layout, filter, nullptr, failed, {}, size, stop_}, at);
  }
  void Write(const RowBatch& batch, const Retried& retried) {
    const RejectBudget budget{{100, 1}, {}};
    ChunkSize size;
    BatchWriter(*writer_, size, budget, SystemClock(), [](const Chunk&, const ChunkOutcome&) {
    }).Retry(batch, retried, at, stop_);
  }
  int64_t CountIn(RejectState state) { return CountOf(ledger().CountRejects(kJob), state); }
  // What is committed is what we were told, and its figures agree.
  void CheckLedger() {
    CHECK(ledger().Splits(kJob).at(0).checkpoint == at);
    CheckAccounts(ledger(), kJob);
  }

  Checkpoint at;

 private:
  void KeepAll() {
    const RowBatch none(LayoutOf(table().read));
    Chunk chunk{none, 0, 0, {}, at};
    for (int64_t id = 1; id <= 3; ++id) {
      const Value note = id == 2 ? Value::Null() : Value::Text("n");
      Reject reject;
      reject.state = RejectState::kPending;
      reject.key.parts = {Value::Integer(id)};
      reject.kept = EncodeRow(
          {{"id", TypeOf(Kind::kAny), Value::Integer(id)}, {"note", TypeOf(Kind::kAny), note}});
      chunk.rejects.push_back(reject);
      chunk.next.last_key = reject.key;
    }
    chunk.next.counts.read = 3;
    ++chunk.next.chunks;
    at = writer_->Write(chunk).committed;
  }

  SqliteDatabase source_;
  std::unique_ptr<TestDatabase> target_;
  std::optional<Ends> ends_;
  JobPlan plan_;
  std::unique_ptr<Writer> writer_;
  std::atomic<bool> stop_ = false;
};

// Those that still wait for what they refer to: tests/e2e/foreign_keys_test.cc.
TEST_CASE(
    "rows that waited are loaded from their kept copies, or rejected for what else is wrong") {
  for (const char* kind : {"sqlite", "postgres"}) {
    CAPTURE(std::string(kind));
    Waiting job(kind);
    CHECK(job.at.counts.pending == 3);
    job.CheckLedger();
    const RetryCounts first = job.Retry(RejectState::kPending);
    CHECK(first.loaded == 2);
    CHECK(first.failed == 1);
    CHECK(job.at.counts.inserted == 2);
    CHECK(job.CountIn(RejectState::kPending) == 0);
    CHECK(job.CountIn(RejectState::kOpen) == 1);
    CHECK(job.at.counts.pending == 0);
    CHECK(job.at.counts.rejected == 1);
    job.CheckLedger();
  }
}

TEST_CASE("a reject that something else removed stops the chunk that would make it good") {
  for (const char* kind : {"sqlite", "postgres"}) {
    CAPTURE(std::string(kind));
    Waiting job(kind);
    const Checkpoint before = job.at;
    job.target().Exec("DELETE FROM " + job.target().LedgerTable("reject") + " WHERE id = 3");
    RowBatch batch(LayoutOf(job.table().read));
    for (size_t i = 0; i < batch.columns().size(); ++i) {
      const bool is_note = batch.layout().names[i] == "note";
      batch.columns()[i].Append(is_note ? Value::Text("n") : Value::Integer(3));
    }
    Retried retried;
    retried.state = RejectState::kPending;
    retried.rows.resize(1);
    retried.rows[0].id = 3;
    CHECK_THROWS_WITH_AS(job.Write(batch, retried), doctest::Contains("the ledger holds 0"), Error);
    CHECK(job.at == before);
    CHECK(job.target().One("SELECT count(*) FROM items") == "0");
  }
}

}  // namespace
}  // namespace rowferry::testing
