#include "e2e/mixed_table.h"

#include <algorithm>

namespace rowferry::testing {
namespace {

constexpr char kColumns[] =
    "fate text NOT NULL, must bigint, small bigint, mark bigint, late bigint, chief bigint, note "
    "text, ";

// The same rules on both sides of the fence: what a fate's name stands for.
//   empty  NOT NULL         check  CHECK             twin  UNIQUE, the first one wins
//   raise  AFTER trigger    wide   smallint          late  UNIQUE DEFERRABLE INITIALLY DEFERRED
//   swallow  BEFORE trigger                          orphan  FOREIGN KEY
std::vector<std::string> FatesOf(MixedTable::Rules rules, const std::string& target_kind) {
  std::vector<std::string> fates = {"empty", "check", "twin"};
  const bool family = rules == MixedTable::Rules::kFamily;
  fates.insert(fates.end(), family ? std::initializer_list<std::string>{"orphan"}
                                   : std::initializer_list<std::string>{"raise", "swallow"});
  if (target_kind == "postgres") fates.insert(fates.end(), {"wide", "late"});
  return fates;
}

// As the ledger is to call it; empty: no reject. Any number may stand in any column of SQLite's, so
// that it is only found too wide where it is read for its target.
std::string KindOf(const std::string& fate, const std::string& source_kind) {
  if (fate == "wide") return source_kind == "sqlite" ? "unreadable" : "value";
  const std::map<std::string, std::string> kinds = {
      {"empty", "not-null"}, {"check", "check"},   {"twin", "unique"},
      {"late", "unique"},    {"raise", "trigger"}, {"orphan", "foreign-key"}};
  const auto found = kinds.find(fate);
  return found == kinds.end() ? "" : found->second;
}

// {table}, {keys} and {primary} are filled in.
constexpr char kPostgresRules[] = R"(
CREATE TABLE {table} ({keys} fate text NOT NULL CHECK (fate <> 'check'), must bigint NOT NULL,
  small smallint, mark bigint UNIQUE, late bigint UNIQUE DEFERRABLE INITIALLY DEFERRED,
  chief bigint, note text, body bytea{primary});
)";
constexpr char kPostgresFamily[] = R"(
ALTER TABLE {table} ADD FOREIGN KEY (chief) REFERENCES {table};
)";
constexpr char kPostgresTriggers[] = R"(
CREATE TRIGGER swallow BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION swallow();
CREATE TRIGGER count AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION count_row();
)";
constexpr char kSqliteRules[] = R"(
CREATE TABLE {table} ({keys} fate text NOT NULL CHECK (fate <> 'check'), must bigint NOT NULL,
  small bigint, mark bigint UNIQUE, late bigint, chief bigint, note text, body blob{primary});
CREATE TRIGGER swallow_{table} BEFORE INSERT ON {table} WHEN NEW.fate = 'swallow' BEGIN
  SELECT RAISE(IGNORE); END;
CREATE TRIGGER count_{table} AFTER INSERT ON {table} BEGIN
  SELECT RAISE(ABORT, 'raised') WHERE NEW.fate = 'raise';
  INSERT INTO seen VALUES ('{table}'); END;
)";

std::string Replace(std::string text, const std::string& mark, const std::string& with) {
  for (size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += with.size()) {
    text.replace(at, mark.size(), with);
  }
  return text;
}

int64_t NumberOf(int64_t row) { return row * 3 - 500; }

}  // namespace

void MakeTriggerHome(TestDatabase& target, const std::string& kind) {
  target.Exec("CREATE TABLE seen (who text)");
  if (kind != "postgres") return;
  target.Exec(R"(
    CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.fate = 'swallow' THEN RETURN NULL; END IF; RETURN NEW; END $$;
    CREATE FUNCTION count_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.fate = 'raise' THEN RAISE 'raised'; END IF;
      INSERT INTO public.seen VALUES (TG_TABLE_NAME); RETURN NULL; END $$)");
}

void MixedTable::Make(TestDatabase& source, const std::string& source_kind, TestDatabase& target,
                      const std::string& target_kind, Dice& dice) {
  fates_ = FatesOf(rules_, target_kind);
  bad_one_in_ = rules_ != Rules::kNone ? dice.Pick(std::vector<int64_t>{0, 200, 50, 12}) : 0;
  const bool from_postgres = source_kind == "postgres";
  source.Exec("CREATE TABLE " + name_ + " (" + KeyColumns() + kColumns +
              (from_postgres ? "body bytea" : "body blob") + PrimaryKey() + ")");
  constexpr int64_t kRowsOfStatement = 500;
  for (int64_t row = 1; row <= rows_;) {
    std::string insert = "INSERT INTO " + name_ + " VALUES ";
    for (int64_t i = 0; i < kRowsOfStatement && row <= rows_; ++i, ++row) {
      insert += (i == 0 ? "" : ",") + Values(row, from_postgres ? "'\\x" : "x'", dice);
    }
    source.Exec(insert);
  }
  if (rules_ == Rules::kNone) return;
  const std::string more = rules_ == Rules::kFamily ? kPostgresFamily : kPostgresTriggers;
  const std::string rules = target_kind == "postgres" ? kPostgresRules + more : kSqliteRules;
  const std::string keyed =
      Replace(Replace(rules, "{keys}", KeyColumns()), "{primary}", PrimaryKey());
  target.Exec(Replace(keyed, "{table}", name_));
}

void MixedTable::Widen(TestDatabase& source, const std::string& source_kind, int64_t bytes) const {
  const std::string half = std::to_string(bytes / rows_ / 2);
  source.Exec(
      "UPDATE " + name_ + " SET note = coalesce(note, '') || " +
      (source_kind == "postgres" ? "repeat('00', " + half + ")" : "hex(zeroblob(" + half + "))"));
}

std::string MixedTable::KeyColumns() const {
  switch (key_) {
    case Key::kNumber:
      return "id bigint NOT NULL, ";
    case Key::kText:
      return "code text NOT NULL, ";
    case Key::kComposite:
      return "code text NOT NULL, line bigint NOT NULL, ";
    case Key::kNone:
      return "";
  }
  return "";
}

std::string MixedTable::PrimaryKey() const {
  const char* keys[] = {"id", "code", "code, line"};
  if (key_ == Key::kNone) return "";
  return std::string(", PRIMARY KEY (") + keys[static_cast<int>(key_)] + ")";
}

// They grow with the row's number, so that of two rows of one mark the first is read first.
std::string MixedTable::KeyValues(int64_t row) const {
  constexpr int64_t kAllDigits = 1'000'000;  // as many for each number: text sorts as numbers do
  const auto text = [&](int64_t n) { return "'Größe " + std::to_string(kAllDigits + n) + "'"; };
  switch (key_) {
    case Key::kNumber:
      return std::to_string(NumberOf(row)) + ",";
    case Key::kText:
      return text(row) + ",";
    case Key::kComposite:
      return text(row / 37) + "," + std::to_string(row) + ",";
    case Key::kNone:
      return "";
  }
  return "";
}

bool MixedTable::IsChief(int64_t row) const { return rules_ != Rules::kFamily || row % 4 == 0; }

// A row before or behind this one, which is good and has no chief itself.
std::string MixedTable::Chief(const std::string& fate, int64_t row, Dice& dice) const {
  if (fate == "orphan") return "7000000";
  if (IsChief(row) || rows_ < 4) return "NULL";
  return std::to_string(NumberOf(dice.Between(1, rows_ / 4) * 4));
}

std::string MixedTable::DrawFate(int64_t row, Dice& dice) {
  if (bad_one_in_ == 0 || !dice.OneIn(bad_one_in_)) return "good";
  if (rules_ == Rules::kFamily && IsChief(row)) return "good";
  std::string fate = dice.Pick(fates_);
  const bool first = (fate == "twin" && marks_.empty()) || (fate == "late" && lates_.empty());
  return first ? "good" : fate;
}

std::string MixedTable::Values(int64_t row, const std::string& blob_prefix, Dice& dice) {
  const std::string fate = DrawFate(row, dice);
  const bool good = fate == "good";
  ++(good ? counts_.good : fate == "swallow" ? counts_.swallowed : counts_.rejected);
  ++fates_drawn_[fate];
  // Without a key most rows are there several times.
  const int64_t kind = key_ == Key::kNone ? dice.Between(1, 9) : row;
  std::string mark = "NULL";
  std::string late = "NULL";
  if (fate == "twin") mark = std::to_string(dice.Pick(marks_));
  if (fate == "late") late = std::to_string(dice.Pick(lates_));
  // One that waits for its chief could come behind its twin.
  const bool marked = good && rules_ != Rules::kNone && IsChief(row);
  if (marked && dice.OneIn(4)) {
    mark = std::to_string(row);
    marks_.push_back(row);
  }
  if (marked && dice.OneIn(4)) {
    late = std::to_string(row);
    lates_.push_back(row);
  }
  return "(" + KeyValues(row) + "'" + fate + "'," + (fate == "empty" ? "NULL" : "1") + "," +
         std::to_string(fate == "wide" ? 70'000 : kind % 1000) + "," + mark + "," + late + "," +
         Chief(fate, row, dice) + "," +
         (kind % 7 == 3 ? "NULL" : "'note " + std::to_string(kind) + " ä'") + "," + blob_prefix +
         (kind % 2 == 0 ? "00ff" : "") + "')";
}

std::vector<TextRow> MixedTable::Rows(TestDatabase& database, const std::string& kind,
                                      const std::string& condition) const {
  const char* keys[] = {"id", "code", "code, line", "1"};
  const std::string body = kind == "postgres" ? "encode(body, 'hex')" : "lower(hex(body))";
  std::vector<TextRow> rows = database.Rows(std::string("SELECT ") + keys[static_cast<int>(key_)] +
                                            ", fate, must, small, mark, late, chief, note, " +
                                            body + " FROM " + name_ + " " + condition);
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<TextRow> MixedTable::RejectKinds(const std::string& source_kind) const {
  std::map<std::string, int64_t> rows;
  for (const auto& [fate, drawn] : fates_drawn_) rows[KindOf(fate, source_kind)] += drawn;
  rows.erase("");
  std::vector<TextRow> kinds;
  for (const auto& [kind, count] : rows) kinds.push_back({kind, std::to_string(count)});
  return kinds;
}

std::string MixedTable::Show() const {
  const char* keys[] = {"a number", "text", "two columns", "no key"};
  const char* rules[] = {", made by the job", ", with triggers", ", a family"};
  return name_ + " (key: " + keys[static_cast<int>(key_)] + ", " + std::to_string(rows_) +
         " rows, " + std::to_string(counts_.rejected) + " bad, " +
         std::to_string(counts_.swallowed) + " swallowed" + rules[static_cast<int>(rules_)] + ")";
}

}  // namespace rowferry::testing
