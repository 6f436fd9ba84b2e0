#include "e2e/mixed_copy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <exception>

namespace rowferry::testing {
namespace {

// What was acknowledged stays in the server's memory for long: a crash takes it.
constexpr char kServerSettings[] =
    "wal_writer_delay = 10s\nautovacuum = off\nfsync = off\nmax_wal_senders = 0";

// Disturbances are waited for as long as they last. --stall is short, as a stalled connection is
// found by nothing else.
const std::vector<std::string> kPatience = {"--max-rejects",  "100%",  "--retry-for", "10min",
                                            "--lock-timeout", "100ms", "--retries",   "100000",
                                            "--stall",        "2s",    "--job",       "torture"};

// The WAL is moved every 8 MiB.
constexpr int64_t kWideTable = 40 << 20;

const char* kAccounts =
    "inserted + updated + unchanged + ignored + superseded + unmatched + suppressed + filtered + "
    "rejected + pending";

End MakeEnd(const std::string& kind, PostgresServer* server) {
  End end;
  end.kind = kind;
  end.server = server;
  if (server == nullptr) {
    end.database = MakeDatabase(kind);
  } else {
    end.database = std::make_unique<PostgresDatabase>("", server->url());
    end.proxy = std::make_unique<Proxy>(end.database->url());
  }
  end.address = server == nullptr ? end.database->url() : end.proxy->url();
  return end;
}

std::string ShowRow(const std::vector<TextRow>& rows, size_t at) {
  if (at >= rows.size()) return "none";
  std::string text;
  for (const std::string& value : rows[at]) text += (text.empty() ? "" : ", ") + value;
  return "(" + text + ")";
}

// Both are sorted.
std::string Difference(const std::vector<TextRow>& expected, const std::vector<TextRow>& found) {
  size_t at = 0;
  while (at < expected.size() && at < found.size() && expected[at] == found[at]) ++at;
  return "row " + std::to_string(at) + ": expected " + ShowRow(expected, at) + ", found " +
         ShowRow(found, at);
}

int64_t Number(const std::string& text) { return std::stoll(text); }

}  // namespace

PostgresServer& CrashableServers::Get(std::unique_ptr<PostgresServer>& server) {
  if (server == nullptr) server = std::make_unique<PostgresServer>(kServerSettings);
  return *server;
}

void End::Mark() {
  if (proxy != nullptr) before = {proxy->Messages(Side::kClient), proxy->Messages(Side::kServer)};
}

int64_t End::Passed(Side side) const {
  return proxy->Messages(side) - (side == Side::kClient ? before.client : before.server);
}

MixedCopy::MixedCopy(CrashableServers& servers, const Direction& direction, Dice& dice) {
  source_ = MakeEnd(direction.source, direction.source == "postgres" ? &servers.source() : nullptr);
  target_ = MakeEnd(direction.target, direction.target == "postgres" ? &servers.target() : nullptr);
  chunk_rows_ = dice.Pick(std::vector<int64_t>{7, 7, 20, 50, 100, 300, 1000, 3000});
  const int64_t most = std::clamp<int64_t>(chunk_rows_ * 60, 1200, 8000);
  using Key = MixedTable::Key;
  using Rules = MixedTable::Rules;
  const auto add = [&](const char* name, Key key, Rules rules) {
    tables_.emplace_back(name, key, rules, dice.Between(most / 4, most));
  };
  add("bag", Key::kNone, dice.OneIn(2) ? Rules::kTriggers : Rules::kNone);
  const Rules others = target_.kind == "postgres" ? Rules::kFamily : Rules::kNone;
  add("numbered", Key::kNumber, dice.OneIn(2) ? Rules::kTriggers : others);
  const auto key = dice.OneIn(2) ? Key::kText : Key::kComposite;
  add("worded", key, dice.OneIn(3) ? Rules::kNone : Rules::kTriggers);
  MakeTriggerHome(*target_.database, target_.kind);
  for (MixedTable& table : tables_) {
    table.Make(*source_.database, source_.kind, *target_.database, target_.kind, dice);
  }
  moves_wal_ = target_.kind == "sqlite" && !dice.OneIn(3);
  if (moves_wal_) tables_[1].Widen(*source_.database, source_.kind, kWideTable);
  source_.database->AwaitOpenTransactions();
  command_ = {"copy", source_.address, target_.address, "--chunk-rows",
              std::to_string(chunk_rows_)};
  command_.insert(command_.end(), kPatience.begin(), kPatience.end());
}

int64_t MixedCopy::rows() const {
  int64_t rows = 0;
  for (const MixedTable& table : tables_) rows += table.rows();
  return rows;
}

int MixedCopy::expected_exit() const {
  const bool any = std::any_of(tables_.begin(), tables_.end(),
                               [](const MixedTable& table) { return table.counts().rejected > 0; });
  return any ? 3 : 0;
}

std::string MixedCopy::Show() const {
  std::string text = source_.kind + " to " + target_.kind + ", chunks of " +
                     std::to_string(chunk_rows_) + " rows" +
                     (moves_wal_ ? ", one table of long ones" : "");
  for (const MixedTable& table : tables_) text += "; " + table.Show();
  return text;
}

std::optional<MixedCopy::Progress> MixedCopy::Look() {
  try {
    const std::string state = target_.database->LedgerTable("job");
    const auto rows = target_.database->Rows(
        "SELECT coalesce(sum(\"read\" - pending), 0), (SELECT min(state) FROM " + state +
        ") FROM " + target_.database->LedgerTable("split"));
    if (rows.at(0).at(1) == "(null)") return std::nullopt;  // a ledger without a job
    return Progress{Number(rows.at(0).at(0)), rows.at(0).at(1) == "done"};
  } catch (const std::exception&) {
    return std::nullopt;  // no ledger yet, a server that is down, a file that is locked
  }
}

bool MixedCopy::Midway() {
  const auto progress = Look();
  return progress && progress->settled > 0 && progress->settled < rows();
}

std::string MixedCopy::Split(const MixedTable& table) const {
  return target_.database->LedgerTable("split") + " s WHERE source_table LIKE '%" + table.name() +
         "%'";
}

void MixedCopy::CheckBalance() {
  if (!Look()) return;  // no job yet
  for (const MixedTable& table : tables_) {
    CAPTURE(table.Show());
    const std::string rejects = target_.database->LedgerTable("reject");
    // One statement, one snapshot: a server process may still be committing.
    const TextRow row =
        target_.database
            ->Rows(std::string("SELECT \"read\", ") + kAccounts +
                   ", inserted, (SELECT count(*) FROM " + table.name() +
                   "), rejected + pending, (SELECT count(*) FROM " + rejects +
                   " WHERE split = s.id), (SELECT count(*) FROM seen WHERE who = '" + table.name() +
                   "') FROM " + Split(table))
            .at(0);
    CHECK_MESSAGE(row[0] == row[1], "the accounts do not balance");
    CHECK_MESSAGE(row[2] == row[3], "the ledger's count of rows is not the table's");
    CHECK_MESSAGE(row[4] == row[5], "the ledger's count of rejects is not that of their table");
    if (!table.has_triggers()) continue;
    CHECK_MESSAGE(row[6] == row[2], "the trigger did not fire once a row");
  }
}

void MixedCopy::CheckExact() {
  CheckBalance();
  for (const MixedTable& table : tables_) CheckTable(table);
  CHECK(target_.database->One("SELECT state FROM " + target_.database->LedgerTable("job")) ==
        "done");
}

void MixedCopy::CheckTable(const MixedTable& table) {
  CAPTURE(table.Show());
  const auto expected = table.Rows(*source_.database, source_.kind, "WHERE fate = 'good'");
  const auto found = table.Rows(*target_.database, target_.kind);
  CHECK(static_cast<int64_t>(expected.size()) == table.counts().good);
  CHECK(found.size() == expected.size());
  const bool same = found == expected;
  CHECK_MESSAGE(same, "rows were lost, doubled or changed; " << Difference(expected, found));
  const std::string rejects = target_.database->LedgerTable("reject");
  const std::string expected_counts = std::to_string(table.rows()) + " " +
                                      std::to_string(table.counts().swallowed) + " " +
                                      std::to_string(table.counts().rejected);
  CHECK(target_.database->One("SELECT \"read\" || ' ' || suppressed || ' ' || rejected FROM " +
                              Split(table)) == expected_counts);
  auto kinds =
      target_.database->Rows("SELECT kind, count(DISTINCT \"key\") FROM " + rejects +
                             " WHERE split = (SELECT id FROM " + Split(table) + ") GROUP BY kind");
  std::sort(kinds.begin(), kinds.end());
  const auto expected_kinds = table.RejectKinds(source_.kind);
  const bool as_expected = kinds == expected_kinds;
  CHECK_MESSAGE(as_expected, "rejects are of other kinds; " << Difference(expected_kinds, kinds));
}

}  // namespace rowferry::testing
