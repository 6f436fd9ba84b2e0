#include "postgres/careful_reader.h"

#include <algorithm>
#include <utility>

#include "postgres/session.h"

namespace rowferry {
namespace {

constexpr std::string_view kDamaged = "XX001";  // SQLSTATE, of a TOAST value for one
constexpr size_t kLargestPage = 512;            // rows; behind it a stream is worth another try

BatchLayout KeysOf(const BatchLayout& layout) {
  BatchLayout keys;
  for (const size_t index : layout.key) {
    keys.key.push_back(keys.names.size());
    keys.names.push_back(layout.names[index]);
    keys.types.push_back(layout.types[index]);
  }
  return keys;
}

// Why not even the first key behind `after` can be read.
Error NoKey(const Error& error, const BatchLayout& layout, const std::optional<Key>& after) {
  const std::string row = after ? "the row behind " + layout.ShowKey(*after) : "the first row";
  return Error(error.kind(),
               std::string(error.what()) + ": the key of " + row +
                   ", or what --where asks of it, cannot be read; mend it in the source",
               error.code());
}

}  // namespace

bool ConcernsRow(const Error& error) {
  return (error.kind() == ErrorKind::kData && !error.code().empty()) || error.code() == kDamaged;
}

std::vector<DecodeCell> DecodersOf(const BatchLayout& layout) {
  std::vector<DecodeCell> cells;
  for (const Type& type : layout.types) {
    const DecodeCell cell = FindDecoder(type.kind);
    if (cell == nullptr) {
      throw Error(ErrorKind::kInternal, "PostgreSQL delivers no values of any type");
    }
    cells.push_back(cell);
  }
  return cells;
}

CarefulReader::CarefulReader(const ReadPlan& plan, const CatalogTable& table)
    : plan_(plan),
      table_(table),
      layout_(LayoutOf(plan)),
      selected_(SelectedColumns(plan, table)),
      cells_(DecodersOf(layout_)) {}

void CarefulReader::Begin(bool lingers) {
  page_rows_ = 1;
  lingers_ = lingers;
}

size_t CarefulReader::TakeLargestBytes() { return std::exchange(largest_bytes_, 0); }

bool CarefulReader::Read(Session& session, const RowRange& range, const ChunkLimits& limits,
                         RowBatch& out) {
  const std::vector<Key> keys = NextKeys(session, range);
  if (keys.empty()) return false;
  RowRange page = range;
  page.last = keys.back();
  page.most = keys.size();
  const Answer answer = Ask(session, RangeQuery(plan_, table_, selected_, page), cells_,
                            out.columns(), [&] { return out.IsFull(limits); });
  if (!answer.failure) {
    const bool whole = answer.cut || answer.rows == keys.size();
    if (!whole) throw Error(ErrorKind::kInternal, "a page has other rows than its keys");
    NoteGood(answer);
  } else if (keys.size() > 1) {
    page_rows_ = answer.rows > 0 ? 1 : (keys.size() + 1) / 2;
  } else {
    UnreadRow row = PassOver(session, page, *answer.failure);
    row.before = out.rows();
    row.key = keys.front();
    out.AddUnread(std::move(row));
    page_rows_ = lingers_ ? 1 : 0;
  }
  return true;
}

// Rows that are wide keep the pages small: what does not fit into the batch was read in vain.
void CarefulReader::NoteGood(const Answer& answer) {
  page_rows_ = answer.cut ? std::max<size_t>(answer.rows, 1) : page_rows_ * 2;
  if (page_rows_ > kLargestPage) page_rows_ = lingers_ ? 0 : kLargestPage;
}

CarefulReader::Answer CarefulReader::Ask(Session& session, const std::string& query,
                                         const std::vector<DecodeCell>& cells,
                                         std::vector<Column>& out,
                                         const std::function<bool()>& full) {
  Answer answer;
  CopyOut copy(session, query, cells);
  try {
    const WaitMark mark = session.Waiting();
    while (!answer.cut && copy.Next(out)) {
      ++answer.rows;
      answer.cut = full && full();
    }
  } catch (const Error& error) {
    if (!ConcernsRow(error)) throw;
    answer.failure = error;
  }
  largest_bytes_ = std::max(largest_bytes_, copy.largest_bytes());
  if (answer.cut || answer.failure) {
    copy.Drain();
    session.Exec(kBackToMark);
  }
  return answer;
}

std::vector<Key> CarefulReader::NextKeys(Session& session, const RowRange& range) {
  std::vector<std::string> selected;
  for (const size_t index : layout_.key) selected.push_back(selected_[index]);
  RowBatch batch(KeysOf(layout_));
  RowRange page = range;
  page.most = page_rows_;
  const Answer answer = Ask(session, RangeQuery(plan_, table_, selected, page),
                            DecodersOf(batch.layout()), batch.columns());
  if (answer.failure && answer.rows == 0) {
    if (page_rows_ == 1) throw NoKey(*answer.failure, layout_, range.after);
    page_rows_ = 1;
    return NextKeys(session, range);
  }
  std::vector<Key> keys;
  for (size_t row = 0; row < answer.rows; ++row) keys.push_back(batch.KeyAt(row));
  return keys;
}

UnreadRow CarefulReader::PassOver(Session& session, const RowRange& row, const Error& error) {
  Misfit misfit{{}, error, std::nullopt};
  if (!last_misfit_ || !KeepBut(session, row, *last_misfit_, misfit)) {
    Halve(session, row, {0, layout_.names.size(), error}, misfit);
  }
  last_misfit_ = misfit.column;
  Refusal why{RefusalKind::kUnreadable, misfit.error.code(), "", "",
              std::string(misfit.error.what()) + "; mend the row in the source"};
  if (misfit.column) {
    why.column = layout_.names[*misfit.column];
    why.message += ", or leave the column out with --drop " + why.column;
  }
  return {0, {}, std::move(why), EncodeRow(misfit.row)};
}

// The server's form of a column where it is our decoder that does not take it, else the bytes of
// its text form.
CarefulReader::Selection CarefulReader::SelectBytes(size_t index, const Error& error) const {
  const bool sent = error.code() == kNoBinaryForm;
  return {{sent ? selected_[index] : BytesOfText(layout_.names[index])},
          {FindDecoder(Kind::kBytes)}};
}

CarefulReader::Selection CarefulReader::Select(size_t from, size_t to) const {
  Selection selection;
  for (size_t i = from; i < to; ++i) {
    selection.expressions.push_back(selected_[i]);
    selection.cells.push_back(cells_[i]);
  }
  return selection;
}

// Where it is the same column as in the last such row, one query has it all.
bool CarefulReader::KeepBut(Session& session, const RowRange& row, size_t index, Misfit& misfit) {
  Selection all = Select(0, layout_.names.size());
  const Selection bytes = SelectBytes(index, misfit.error);
  all.expressions[index] = bytes.expressions[0];
  all.cells[index] = bytes.cells[0];
  std::vector<Column> columns(layout_.names.size());
  if (AskOne(session, row, all, columns)) return false;
  for (size_t i = 0; i < columns.size(); ++i) {
    const Type type = i == index ? TypeOf(Kind::kAny) : layout_.types[i];
    misfit.row.push_back({layout_.names[i], type, columns[i].value(0)});
  }
  misfit.column = index;
  return true;
}

// By halves, until the columns at fault stand alone.
void CarefulReader::Halve(Session& session, const RowRange& row, const Part& part, Misfit& misfit) {
  if (part.to - part.from == 1) return KeepBytes(session, row, part, misfit);
  const size_t middle = part.from + (part.to - part.from) / 2;
  for (const auto& [from, to] : {std::pair{part.from, middle}, std::pair{middle, part.to}}) {
    std::vector<Column> values(to - from);
    if (const auto error = AskOne(session, row, Select(from, to), values)) {
      Halve(session, row, {from, to, *error}, misfit);
      continue;
    }
    for (size_t i = from; i < to; ++i) {
      misfit.row.push_back({layout_.names[i], layout_.types[i], values[i - from].value(0)});
    }
  }
}

void CarefulReader::KeepBytes(Session& session, const RowRange& row, const Part& part,
                              Misfit& misfit) {
  std::vector<Column> bytes(1);
  KeptValue kept{layout_.names[part.from], TypeOf(Kind::kAny), {}};
  if (AskOne(session, row, SelectBytes(part.from, part.error), bytes)) {
    kept.type.name = kUnreadValue;
  } else {
    kept.value = bytes[0].value(0);
  }
  misfit.row.push_back(std::move(kept));
  if (misfit.column) return;
  misfit.column = part.from;
  misfit.error = part.error;
}

std::optional<Error> CarefulReader::AskOne(Session& session, const RowRange& row,
                                           const Selection& selection, std::vector<Column>& out) {
  const std::string query = RangeQuery(plan_, table_, selection.expressions, row);
  Answer answer = Ask(session, query, selection.cells, out);
  if (!answer.failure && answer.rows != 1) {
    throw Error(ErrorKind::kInternal, "a row of the snapshot is gone");
  }
  return std::move(answer.failure);
}

}  // namespace rowferry
