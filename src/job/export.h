// Rejects as JSON lines: out of the ledger, and back after somebody mended them.
#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "data/kept_row.h"
#include "flow/ledger.h"

namespace rowferry {

// One line of an export: job, table, id, key, kind, sqlstate, column, constraint, message (null
// where there is none), time, tries, and the row as data/row_json.h writes it.
// Throws Error(kTarget) for a kept row that is damaged.
nlohmann::ordered_json ExportLine(const std::string& job, const std::string& table,
                                  const Reject& reject);

// What counts of such a line, edited or not, and "job" where it is given.
struct ExportedRow {
  int64_t id = 0;
  std::string table;  // in the source, printable; empty: not given
  std::string key;    // as the reject is shown; empty: not given
  nlohmann::ordered_json row;
};
// Throws Error(kUsage) for what is no line of an export of that job.
ExportedRow ParseExportLine(const std::string& text, const std::string& job);

// A file of such lines. Blank lines are passed over. Memory: some bytes a line; the rows stay in
// the file, which must not change.
class EditedExport {
 public:
  // Reads the whole file, and compares it with the ledger: where the job has the reject of a line,
  // it must be open, of the same table and row, and have the line's columns and types. Those that
  // it has not are passed over, and told: a retry that did not come to its end goes on with the
  // same file. Throws Error(kUsage), naming the line.
  EditedExport(const std::string& path, Ledger& ledger, const std::string& job);

  bool Has(int64_t id) const { return lines_.count(id) > 0; }
  const std::set<int>& splits() const { return splits_; }  // of the rejects that it holds
  // REQUIRES: Has(reject.id). Throws Error(kUsage).
  KeptRow RowOf(const Reject& reject);

 private:
  struct Line {
    std::streamoff offset = 0;
    int64_t number = 0;  // from 1
  };
  void ReadLines();
  void AddLine(const std::string& text, const Line& line);
  void Compare(Ledger& ledger);
  void RequireSame(const ExportedRow& row, const Reject& reject) const;
  [[noreturn]] void Refuse(const Line& line, const std::string& why) const;

  std::string path_;
  std::string job_;
  std::ifstream file_;
  std::map<int64_t, Line> lines_;  // by the reject's id
  std::set<int> splits_;
  std::map<int, std::string> tables_;  // of all splits, in the source
};

}  // namespace rowferry
