// The step loop of the reader; decode.cc is what it does with each value.
#include "sqlite/reader.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>

#include "base/error.h"
#include "base/text.h"
#include "data/kept_row.h"
#include "sqlite/error.h"
#include "sqlite/keyset.h"

namespace rowferry::sqlite {
namespace {

// Gives SQLite's result code.
int Bind(sqlite3_stmt* statement, int index, const Value& value) {
  switch (value.storage) {
    case StorageClass::kNull:
      return sqlite3_bind_null(statement, index);
    case StorageClass::kInteger:
      return sqlite3_bind_int64(statement, index, value.integer);
    case StorageClass::kReal:
      return sqlite3_bind_double(statement, index, value.real);
    case StorageClass::kText:
      return sqlite3_bind_text64(statement, index, value.bytes.data(), value.bytes.size(),
                                 SQLITE_TRANSIENT, SQLITE_UTF8);
    case StorageClass::kBlob:
      return sqlite3_bind_blob64(statement, index, value.bytes.data(), value.bytes.size(),
                                 SQLITE_TRANSIENT);
  }
  return SQLITE_MISUSE;
}

class TableReader final : public Reader {
 public:
  TableReader(Session& session, ReaderSetup setup)
      : session_(session),
        setup_(std::move(setup)),
        layout_(LayoutOf(setup_.plan)),
        utf16_(session.Single("PRAGMA encoding").bytes != "UTF-8") {
    for (size_t i = 0; i < layout_.types.size(); ++i) {
      const bool output = i < setup_.encodings.size();
      decoders_.push_back(
          MakeDecoder(layout_.types[i], output ? setup_.encodings[i] : Encoding::kPlain));
    }
  }

  void Seek(const std::optional<Key>& after) override {
    Begin(ComposePage(setup_.plan, setup_.rowid, after));
    last_key_ = after;
  }

  // Appends the rows with these keys. REQUIRES: ComposePick takes as many.
  void ReadOnly(std::span<const Key> keys, RowBatch& out) {
    Begin(ComposePick(setup_.plan, setup_.rowid, keys));
    while (HasRow()) {
      Append(out);
      row_waits_ = false;
    }
    CheckUnchanged();
  }

  bool Read(RowBatch& out) override {
    const Session::Cancellable cancellable(session_, cancelled_);
    if (!statement_) Seek(std::nullopt);
    out.Clear();
    while (!out.IsFull(setup_.limits) && HasRow()) {
      Append(out);
      row_waits_ = false;
    }
    CheckUnchanged();
    if (out.empty()) return false;
    NoteProgress(out);
    return true;
  }

  void Cancel() noexcept override { cancelled_ = true; }

 private:
  void Begin(const PageQuery& query) {
    statement_.reset();
    statement_ = Prepare(query.sql);
    int index = 0;
    for (const Value& value : query.parameters) {
      // A part of the key that is left out would be NULL: no row comes after that.
      if (Bind(statement_.get(), ++index, value) == SQLITE_OK) continue;
      const Error error = LastError(session_.handle(), "reading " + setup_.plan.table.Show());
      statement_.reset();
      throw error;
    }
    row_waits_ = false;
    done_ = false;
  }

  void CheckUnchanged() const {
    if (!session_.changed()) return;
    throw Error(ErrorKind::kTarget, session_.path() + " was changed while it was read");
  }

  Prepared Prepare(const std::string& sql) {
    try {
      return session_.Prepare(sql);
    } catch (const Error& error) {  // the user's --where is part of it
      const bool statement = error.code() == "SQLITE_ERROR";
      throw Error(statement ? ErrorKind::kPlan : error.kind(), error.what(), error.code());
    }
  }

  // The statement stands on a row that no batch holds yet.
  bool HasRow() {
    if (row_waits_) return true;
    if (done_) return false;
    const int result = sqlite3_step(statement_.get());
    row_waits_ = result == SQLITE_ROW;
    done_ = result == SQLITE_DONE;
    if (!row_waits_ && !done_) {
      throw LastError(session_.handle(), "reading " + setup_.plan.table.Show());
    }
    return row_waits_;
  }

  // A column of the row on which the statement stands.
  sqlite3_value* Cell(size_t index) const {
    return sqlite3_column_value(statement_.get(), static_cast<int>(index));
  }

  void Append(RowBatch& out) {
    const size_t rows = out.rows();
    std::vector<Column>& columns = out.columns();
    for (size_t i = 0; i < decoders_.size(); ++i) {
      if (Decode(i, columns[i])) continue;
      for (Column& column : columns) column.Truncate(rows);
      return PassOver(i, out);
    }
  }

  bool IsKey(size_t index) const {
    return std::find(layout_.key.begin(), layout_.key.end(), index) != layout_.key.end();
  }

  bool Decode(size_t index, Column& out) {
    Decoder& decoder = decoders_[index];
    if (utf16_ && IsBrokenUtf16(Cell(index), IsKey(index))) return false;
    Decoded decoded = decoder(Cell(index), out);
    if (decoded == Decoded::kUnclear) {
      decoder.encoding = setup_.ask(layout_.names[index]);
      decoded = decoder(Cell(index), out);
    }
    return decoded == Decoded::kDone;
  }

  // The row on which the statement stands, one of whose columns cannot be read as it should. Once a
  // value was asked for as UTF-8, SQLite no longer knows which UTF-16 it had been: so that is last.
  void PassOver(size_t index, RowBatch& out) const {
    const bool broken_key = utf16_ && HasBrokenKey();
    KeptRow kept;
    for (size_t i = 0; i < layout_.names.size(); ++i) kept.push_back(Keep(i));
    UnreadRow row;
    row.before = out.rows();
    for (const size_t part : layout_.key) row.key.parts.push_back(ValueOf(Cell(part)));
    row.why = WhyMisfit(index);
    row.kept = EncodeRow(kept);
    if (broken_key) {
      throw Error(ErrorKind::kData, "column " + row.why.column + ", row " +
                                        layout_.ShowKey(row.key) + ": " + row.why.message);
    }
    out.AddUnread(std::move(row));
  }

  // As the file holds it; text that UTF-8 cannot hold, by its bytes.
  KeptValue Keep(size_t index) const {
    sqlite3_value* const cell = Cell(index);
    KeptValue kept{layout_.names[index], TypeOf(Kind::kAny), {}};
    if (utf16_ && IsBrokenUtf16(cell, false)) {
      kept.type.name = kUtf16Text;
      const auto* const bytes = static_cast<const char*>(sqlite3_value_text16(cell));
      kept.value = Value::Blob({bytes, static_cast<size_t>(sqlite3_value_bytes16(cell))});
    } else {
      kept.value = ValueOf(cell);
    }
    return kept;
  }

  bool HasBrokenKey() const {
    return std::any_of(layout_.key.begin(), layout_.key.end(),
                       [this](size_t part) { return IsBrokenUtf16(Cell(part), true); });
  }

  Refusal WhyMisfit(size_t index) const {
    const Value value = ValueOf(Cell(index));
    const std::string& column = layout_.names[index];
    const bool is_blob = value.storage == StorageClass::kBlob;
    // Text with NUL, or bytes that are no UTF-8, is for no type of PostgreSQL's.
    const bool fits_none = value.storage == StorageClass::kText && !IsText(value.bytes);
    const std::string leave_out = "leave the column out with --drop " + column;
    const std::string another =
        std::string(", or give the target's column another type (such as ") +
        (is_blob ? "bytea)" : "text)");
    const std::string reason = ShowValue(value, TypeOf(Kind::kAny)) + " is no value of type " +
                               layout_.types[index].name + "; mend the row, " +
                               (fits_none ? "or " + leave_out : leave_out + another);
    return {RefusalKind::kUnreadable, "", column, "", reason};
  }

  // A key that stands still would be read for ever.
  void NoteProgress(const RowBatch& out) {
    const Key first = out.FirstKey();
    if (last_key_ && first == *last_key_) {
      throw Error(ErrorKind::kInternal, "table " + setup_.plan.table.Show() +
                                            ": the key did not move on from " +
                                            layout_.ShowKey(first));
    }
    last_key_ = out.LastKey();
  }

  Session& session_;
  ReaderSetup setup_;
  BatchLayout layout_;
  const bool utf16_;  // how the database keeps its text
  std::vector<Decoder> decoders_;
  Prepared statement_;
  std::optional<Key> last_key_;
  bool row_waits_ = false;
  bool done_ = false;
  std::atomic<bool> cancelled_ = false;
};

class TableKeyReader final : public KeyReader {
 public:
  TableKeyReader(Session& session, ReaderSetup setup) : reader_(session, std::move(setup)) {}

  void Read(const std::vector<Key>& keys, RowBatch& out) override {
    out.Clear();
    const std::span<const Key> all(keys);
    for (size_t from = 0; from < keys.size(); from += kKeysOfPick) {
      reader_.ReadOnly(all.subspan(from, std::min(kKeysOfPick, keys.size() - from)), out);
    }
  }

 private:
  TableReader reader_;
};

}  // namespace

std::unique_ptr<Reader> MakeReader(Session& session, ReaderSetup setup) {
  return std::make_unique<TableReader>(session, std::move(setup));
}

std::unique_ptr<KeyReader> MakeKeyReader(Session& session, ReaderSetup setup) {
  return std::make_unique<TableKeyReader>(session, std::move(setup));
}

std::optional<Value> ReadAs(Session& session, Decoder decoder, const Value& held,
                            const std::function<Encoding()>& ask) {
  const Prepared statement = session.Prepare("SELECT ?1");
  const bool bound = Bind(statement.get(), 1, held) == SQLITE_OK;
  if (!bound || sqlite3_step(statement.get()) != SQLITE_ROW) {
    throw LastError(session.handle(), "reading a kept value");
  }
  Column column;
  sqlite3_value* const cell = sqlite3_column_value(statement.get(), 0);
  Decoded decoded = decoder(cell, column);
  if (decoded == Decoded::kUnclear) {
    decoder.encoding = ask();
    decoded = decoder(cell, column);
  }
  return decoded == Decoded::kDone ? std::optional(column.value(0)) : std::nullopt;
}

}  // namespace rowferry::sqlite
