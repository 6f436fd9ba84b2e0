#include "e2e/rejected_rows.h"

#include <fstream>
#include <sstream>

namespace rowferry::testing {
namespace {

using nlohmann::json;

constexpr char kBadRows[] = R"(
CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, amount bigint, note text);
INSERT INTO items
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
  SELECT i, i, 'note ' || i FROM n;
UPDATE items SET note = NULL WHERE id = 7;
UPDATE items SET amount = 500 WHERE id = 1;
UPDATE items SET note = 'note 30' WHERE id = 60;
)";

constexpr char kStrict[] = R"(
CREATE TABLE items (id bigint NOT NULL PRIMARY KEY,
                    amount bigint CONSTRAINT small CHECK (amount < 100),
                    note text NOT NULL UNIQUE))";

constexpr char kContents[] = "SELECT id, amount, note FROM items ORDER BY id";

std::vector<std::string> With(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

BadRows::BadRows(const Direction& direction)
    : source_(MakeDatabase(direction.source)), target_(MakeDatabase(direction.target)) {
  source_->Exec(kBadRows);
  target_->Exec(kStrict);
}

Finished BadRows::Copy(const std::vector<std::string>& more) const {
  return Rowferry(With({"copy", source_->url(), target_->url(), "--chunk-rows", "20"}, more));
}

Finished BadRows::Rejects(const std::string& command, const std::vector<std::string>& more) const {
  return Rowferry(With({"rejects", command, target_->url()}, more));
}

json BadRows::List() const {
  const Finished list = Rejects("list", {"--json"});
  REQUIRE_MESSAGE(list.exit_code == 0, list.err);
  return json::parse(list.out);
}

json BadRows::Find(int id) const {
  const json list = List();
  for (const json& reject : list.at("rejects")) {
    if (reject.at("key") == "(id) = (" + std::to_string(id) + ")") return reject;
  }
  FAIL("row " << id << " is no reject");
  return {};
}

json BadRows::Status() const {
  const Finished status = Rowferry({"status", target_->url(), "--json"});
  REQUIRE_MESSAGE(status.exit_code == 0, status.err);
  return json::parse(status.out).at("jobs").at(0);
}

void BadRows::RejectAll() {
  source_->Exec("UPDATE items SET amount = 500");
  REQUIRE(Copy({"--max-rejects", "100%"}).exit_code == 3);
  Loosen();
}

void BadRows::Loosen() {
  Remake(*target_, "id bigint NOT NULL PRIMARY KEY, amount bigint, note text");
}

void BadRows::Mend() {
  source_->Exec(
      "UPDATE items SET note = 'mended' WHERE id = 7;"
      "UPDATE items SET amount = 1 WHERE id = 1;"
      "UPDATE items SET note = 'note 60' WHERE id = 60");
}

void BadRows::CheckExact() {
  CHECK(target_->Rows(kContents) == source_->Rows(kContents));
  CHECK(Status().at("open_rejects") == 0);
  const Finished again = Copy();
  CHECK_MESSAGE(again.exit_code == 0, again.err);
  CheckHolds(again.out, "nothing to do");
}

void Remake(TestDatabase& target, const std::string& columns) {
  target.Exec("ALTER TABLE items RENAME TO before; CREATE TABLE items (" + columns +
              "); INSERT INTO items SELECT * FROM before; DROP TABLE before");
}

TextFile::TextFile(const std::string& text) { std::ofstream(path()) << text; }

std::string TextFile::Text() const {
  std::stringstream text;
  text << std::ifstream(path()).rdbuf();
  return text.str();
}

std::vector<json> JsonLines(const std::string& text) {
  std::vector<json> lines;
  std::stringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  return lines;
}

}  // namespace rowferry::testing
