// Reads on near a row that a stream could not give: text that is not in the encoding its database
// names, a value that is damaged. In pages of rows, the smaller the nearer that row is; alone in
// its page, it is passed over.
//
// Each page is asked for twice: its keys, then the rows up to the last of these. So the server
// works out the columns of no other row, however it goes about it, and a row that fails alone is at
// fault.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/kept_row.h"
#include "flow/source.h"
#include "postgres/catalog.h"
#include "postgres/copy_out.h"
#include "postgres/keyset.h"

namespace rowferry {

// Whether it may be one row that an error of a stream is about. That of --where may be, too, and is
// told apart by the keys, which cannot be read then.
bool ConcernsRow(const Error& error);

// In a transaction that reads, before its first stream; and after an error in it.
inline constexpr const char* kMarkReading = "SAVEPOINT reading";
inline constexpr const char* kBackToMark = "ROLLBACK TO SAVEPOINT reading";

// Throws Error(kInternal) for a form that PostgreSQL does not deliver.
std::vector<DecodeCell> DecodersOf(const BatchLayout& layout);

// For one thread.
class CarefulReader {
 public:
  CarefulReader(const ReadPlan& plan, const CatalogTable& table);

  // After a stream has failed. `lingers`: until many rows in a row were good, as the stream gave
  // none, and another one might not either; else, until one row was passed over.
  void Begin(bool lingers);
  void End() { page_rows_ = 0; }
  bool at_work() const { return page_rows_ > 0; }

  // Appends the next rows of the range, up to the limits, or the one among the unread that cannot
  // be read. False: there are none. Throws Error, also where it is the row's very key that cannot
  // be read. REQUIRES: at_work(), and that kMarkReading was the last that the session did but read.
  bool Read(Session& session, const RowRange& range, const ChunkLimits& limits, RowBatch& out);

  // Of the rows since it was last asked.
  size_t TakeLargestBytes();

 private:
  struct Answer {
    size_t rows = 0;
    bool cut = false;              // there were more, and `full` said so
    std::optional<Error> failure;  // of a row; behind the rows that came
  };
  Answer Ask(Session& session, const std::string& query, const std::vector<DecodeCell>& cells,
             std::vector<Column>& out, const std::function<bool()>& full = nullptr);
  std::vector<Key> NextKeys(Session& session, const RowRange& range);
  void NoteGood(const Answer& answer);
  // A row that cannot be read, as it is being kept.
  struct Misfit {
    KeptRow row;
    Error error;
    std::optional<size_t> column;  // the first one at fault
  };
  // Columns that cannot be read together, and why.
  struct Part {
    size_t from = 0;
    size_t to = 0;
    Error error;
  };
  struct Selection {
    std::vector<std::string> expressions;
    std::vector<DecodeCell> cells;
  };
  UnreadRow PassOver(Session& session, const RowRange& row, const Error& error);
  Selection SelectBytes(size_t index, const Error& error) const;
  Selection Select(size_t from, size_t to) const;
  bool KeepBut(Session& session, const RowRange& row, size_t index, Misfit& misfit);
  void Halve(Session& session, const RowRange& row, const Part& part, Misfit& misfit);
  void KeepBytes(Session& session, const RowRange& row, const Part& part, Misfit& misfit);
  // Why not, where the row cannot be read.
  std::optional<Error> AskOne(Session& session, const RowRange& row, const Selection& selection,
                              std::vector<Column>& out);

  ReadPlan plan_;
  CatalogTable table_;
  BatchLayout layout_;
  std::vector<std::string> selected_;  // the columns of the layout
  std::vector<DecodeCell> cells_;      // likewise
  size_t page_rows_ = 0;               // 0: not at work
  bool lingers_ = false;
  std::optional<size_t> last_misfit_;  // the column that was at fault in the last such row
  size_t largest_bytes_ = 0;
};

}  // namespace rowferry
