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
  // One row, a column of which cannot be read.
  struct Misfit {
    KeptRow row;
    Refusal why;
  };
  UnreadRow PassOver(Session& session, const RowRange& row, const Error& error);
  void Keep(Session& session, const RowRange& row, size_t from, size_t to, Misfit& misfit);
  KeptValue KeepBytes(Session& session, const RowRange& row, size_t index, const Error& error);

  ReadPlan plan_;
  CatalogTable table_;
  BatchLayout layout_;
  std::vector<std::string> selected_;  // the columns of the layout
  std::vector<DecodeCell> cells_;      // likewise
  size_t page_rows_ = 0;               // 0: not at work
  bool lingers_ = false;
  size_t largest_bytes_ = 0;
};

}  // namespace rowferry
