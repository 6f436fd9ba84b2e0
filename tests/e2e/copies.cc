#include "e2e/copies.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

namespace rowferry::testing {
namespace {

// Understood by both databases.
constexpr char kMakeTables[] = R"(
CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, batch bigint, note text);
CREATE TABLE lines (code text NOT NULL, line bigint NOT NULL, amount bigint,
                    PRIMARY KEY (code, line));
INSERT INTO items
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
  SELECT i * 3 - 500, i % 7, 'note ' || i FROM n;
INSERT INTO lines
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
  SELECT 'Größe ' || (i % 37), i, CASE WHEN i % 5 = 0 THEN NULL ELSE i * i END FROM n;
)";

constexpr const char* kContents[] = {"SELECT id, batch, note FROM items ORDER BY id",
                                     "SELECT code, line, amount FROM lines ORDER BY line"};

}  // namespace

Copies::Copies(const Direction& direction)
    : source_(MakeDatabase(direction.source)), target_(MakeDatabase(direction.target)) {
  source_->Exec(kMakeTables);
}

std::vector<std::string> Copies::Command(const std::vector<std::string>& more) const {
  std::vector<std::string> words = {"copy", source_->url(), target_->url()};
  words.insert(words.end(), more.begin(), more.end());
  if (std::find(more.begin(), more.end(), "--chunk-rows") == more.end()) {
    words.insert(words.end(), {"--chunk-rows", "20"});
  }
  return words;
}

std::vector<std::string> Copies::Slowly(const std::vector<std::string>& more) const {
  std::vector<std::string> words = more;
  words.insert(words.end(), {"--chunk-rows", "1"});
  return Command(words);
}

std::unique_ptr<Process> Copies::Paused(std::vector<std::string> words,
                                        const ProcessOptions& options) const {
  while (true) {
    auto process = std::make_unique<Process>(words, options);
    AwaitRows(*process, 10);
    if (process->Stop() && RowsCommitted() < kItems / 2) return process;
    if (words.back() != "--restart") words.emplace_back("--restart");
  }
}

void Copies::DoBetweenChunks(Process& process, const std::string& sql) const {
  const bool is_postgres = target_->url().starts_with("postgresql:");
  const std::string all =
      is_postgres ? "SET lock_timeout = '200ms'; " + sql : "BEGIN IMMEDIATE; " + sql + "; COMMIT";
  for (std::string last;;) {
    try {
      target_->Exec(all);
      CHECK(RowsCommitted() < kItems);
      return;
    } catch (const std::exception& error) {
      last = error.what();
    }
    process.Signal(SIGCONT);
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    REQUIRE_MESSAGE(process.Stop(), last);
  }
}

Finished Copies::Interrupt(int signal, const std::vector<std::string>& more) const {
  const auto process = Paused(Slowly(more));
  process->Signal(signal);
  process->Signal(SIGCONT);
  return process->Wait();
}

nlohmann::json Copies::Status() const {
  const Finished status = Rowferry({"status", target_->url(), "--json"});
  if (status.err.find("there is no file") != std::string::npos) return {};  // not begun yet
  REQUIRE_MESSAGE(status.exit_code == 0, status.err);
  const auto jobs = nlohmann::json::parse(status.out).at("jobs");
  return jobs.empty() ? nlohmann::json() : jobs.at(0);
}

int64_t Copies::RowsCommitted() const {
  const auto job = Status();
  return job.is_null() ? 0 : job.at("rows_done").get<int64_t>();
}

void Copies::AwaitRows(Process& process, int64_t rows) const {
  process.AwaitErr("job ");  // before, who looks may keep an SQLite file from becoming WAL
  while (true) {
    const bool running = process.Running();
    if (RowsCommitted() >= rows) return;
    if (running) continue;
    const Finished ended = process.Wait();
    FAIL("the copy ended before " << rows << " rows, exit code " << ended.exit_code << ": "
                                  << ended.err);
  }
}

void Copies::CheckExact() {
  for (const char* contents : kContents) {
    CAPTURE(std::string(contents));
    const auto expected = source_->Rows(contents);
    const auto found = target_->Rows(contents);
    CHECK(found.size() == expected.size());
    CHECK(found == expected);
  }
  const auto job = Status();
  CHECK(job.at("state") == "done");
  CHECK(job.at("rows_done") == kItems + kLines);
  for (const auto& table : job.at("tables")) {
    CHECK(table.at("done") == true);
    CHECK(table.at("written") == table.at("rows"));
  }
}

}  // namespace rowferry::testing
