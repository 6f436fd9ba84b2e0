// A batch as a table that SQL can read: INSERT … SELECT takes a whole chunk in one statement, for
// two thirds of the time of a statement a row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/row_batch.h"
#include "sqlite/encode.h"
#include "sqlite/session.h"

struct sqlite3_vtab;

namespace rowferry::sqlite {

// Exists on its connection from construction to destruction; statements that read it must be gone
// by then. One thread at a time. https://sqlite.org/vtab.html, "Eponymous-only virtual tables".
class BatchTable {
 public:
  // One column an encoder, in order. Takes a name that the database does not hold; should somebody
  // make a table of that name afterwards, statements read that one, and row() stays `begin`. The
  // session must outlive the batch table.
  BatchTable(Session& session, std::vector<Encoder> encoders);
  ~BatchTable();
  BatchTable(const BatchTable&) = delete;
  BatchTable& operator=(const BatchTable&) = delete;

  const std::string& name() const { return name_; }

  // The rows that statements see from now on: those of the batch from `begin` up to `end`, its
  // first columns, in its order. The batch must outlive the statements' steps.
  void Show(const RowBatch& batch, size_t begin, size_t end);

  // Where the last statement stood: the batch's row that it took last; `end` after the end.
  size_t row() const { return row_; }
  // Rows that the last statement took.
  int64_t rows_seen() const { return static_cast<int64_t>(row_ - begin_); }

  struct Misfit {
    size_t column;
    Encoded why;
  };
  // The value of row() that ended the last statement, if one did.
  const std::optional<Misfit>& misfit() const { return misfit_; }

 private:
  struct Callbacks;

  bool Encode(sqlite3_context* out, size_t column);  // false: a misfit, noted

  Session& session_;
  std::string name_;
  std::vector<Encoder> encoders_;
  const RowBatch* batch_ = nullptr;
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t row_ = 0;
  std::optional<Misfit> misfit_;
};

}  // namespace rowferry::sqlite
