// The reading end.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/key.h"
#include "data/row_batch.h"
#include "data/schema.h"

namespace rowferry {

// A view, a virtual or a foreign table.
struct NoTable {
  TableName name;
  std::string kind;  // "view"
};

// What positions the rows of a table, chosen by the plan and proven to be unique.
enum class KeyKind {
  kColumns,  // named columns
  kRowid,    // SQLite's rowid, as the only part
  kCtid,     // PostgreSQL's ctid, as the only part: text "(block,item)"
};

struct KeyColumn {
  IndexColumn column;      // name, collation, direction in the index that proves the key
  Type type;               // the form of its values in the batch
  std::string native;      // the column's exact type, of a domain the one under it, for casts
  bool nullable = false;   // SQLite permits NULL, also twice, in a key: a rowid tiebreaker follows
  bool is_rowid = false;   // this part is the rowid tiebreaker, not a named column
  bool is_domain = false;  // PostgreSQL: the column's own type is a domain over `native`
};

// The columns that position the rows of a table, and why they are unique.
struct KeyChoice {
  KeyKind kind = KeyKind::kColumns;
  std::vector<KeyColumn> columns;  // kColumns: at least one. Else: empty
  std::string proof;               // "primary key orders_pkey", "unique index …", "rowid"
};

// How to read one table. Made by the plan; constant afterwards.
struct ReadPlan {
  TableName table;
  struct Output {
    std::string name;
    Type as;  // the form that the values take in the batch
  };
  std::vector<Output> outputs;  // the columns that go to the target, in this order
  KeyChoice key;
  std::string where;  // SQL of the source's dialect, or empty
};

// The batch that a reader of this plan fills: outputs, then key columns that are not among them.
// A key column that is an output too, in the same form, is there once.
BatchLayout LayoutOf(const ReadPlan& plan);

// Streams one split in key order. One thread at a time; may be another one than made it.
class Reader {
 public:
  virtual ~Reader() = default;

  // The next Read begins with the first row after `after`, or with the first of all.
  virtual void Seek(const std::optional<Key>& after) = 0;

  // Fills `out` (cleared first; of LayoutOf(plan)) up to the limits given when the reader was made.
  // A row with a value that does not have the form asked for is passed over, and put among the
  // batch's unread ones. False, with an empty batch: there are no more rows. A stream that ends
  // without its proper end throws, as does a row whose very key cannot be read.
  virtual bool Read(RowBatch& out) = 0;

  // From any thread, while the reader lives, and for good: a Read that waits for the database, or
  // has it compute, throws Error soon, as does any later one. What the database was at for it, it
  // gives up.
  virtual void Cancel() noexcept = 0;
};

// Reads single rows again, by their keys. One thread at a time.
class KeyReader {
 public:
  virtual ~KeyReader() = default;

  // Fills `out` (cleared first; of LayoutOf(plan)) with the rows that have one of these keys by the
  // source's own comparison, in any order; the plan's condition holds for them. Those whose values
  // do not have the form asked for are among the unread ones. Rows that are not there are left out.
  virtual void Read(const std::vector<Key>& keys, RowBatch& out) = 0;
};

// One source database, open for one run. All readers see the same snapshot, which is taken by the
// first call of Open-, Census- or DescribeTable and kept to the end, or until Renew.
// Throws Error: kPlan for what the user can mend, kTransient, kLost, kTarget.
class Source {
 public:
  virtual ~Source() = default;

  // How the user named it, without passwords. Text (IsText), as is Place: every ledger keeps it.
  virtual std::string Show() const = 0;
  // Where it is, whatever the working folder, environment or service file that the name leans on:
  // the real path; host, port and database. The same as long as the database stays where it is.
  virtual std::string Place() const = 0;
  // Lines, of which those of equal databases share one, by whatever way they are reached.
  virtual std::string Identity() const = 0;

  // The user's tables, sorted by name; without system, extension, shadow and ledger tables.
  virtual std::vector<TableName> ListTables() = 0;
  // What looks like a table and is none that is copied, sorted by name.
  virtual std::vector<NoTable> ListOthers() = 0;
  // Nothing if there is no such table.
  virtual std::optional<Table> DescribeTable(const TableName& name) = 0;
  // Replaces the types of dynamic columns by what the rows hold, and says so in table.warnings
  // where that differs from the declaration. Nothing to do where types are binding.
  virtual void TakeCensus(Table& table) = 0;

  // The key to page by: the columns asked for (--key), else the primary key, else a unique index
  // over NOT NULL columns, else the row's position; each only under docs/protocol.md's conditions.
  // Throws Error(kPlan) if the columns asked for cannot be proven unique.
  virtual KeyChoice ChooseKey(const Table& table, const std::vector<std::string>& asked) = 0;

  // The form in which this source can deliver `column` to a target column of type `wanted`
  // (nothing: into another database's new table, by the column's own type). `same_database`: the
  // target is of the same kind as the source, so kAny and kNative are understood.
  // Nothing if it cannot.
  virtual std::optional<Type> FormFor(const ColumnInfo& column, const ColumnInfo& wanted,
                                      bool same_database) const = 0;

  // How the query of this plan is carried out: a warning for a scan or sort of a large table.
  // Throws Error(kPlan) for a condition that the database refuses.
  virtual std::vector<std::string> CheckQuery(const ReadPlan& plan) = 0;

  // A key of kRowid or kCtid holds only as long as the table is not rewritten. The stamp is stored
  // with the split; a resumed run asks whether it still holds. Empty for durable keys.
  virtual std::string PositionStamp(const ReadPlan& plan) = 0;
  virtual bool StampHolds(const ReadPlan& plan, const std::string& stamp) = 0;

  // After a failure that may pass: opens connections that are gone anew. True: the snapshot went
  // with them, and readers that are opened from here on see another one, in which the tables known
  // so far are as they were described; Error(kTarget) if one is not. A reader that is at work goes
  // on in the old one. Throws Error(kLost) while there is no connection to be had.
  virtual bool Renew() = 0;

  // From any thread, and for good: whatever this source and its readers wait for, or have the
  // database compute, throws an Error that may pass (MayPass) soon, as does what they begin later.
  virtual void Cancel() noexcept = 0;

  virtual std::unique_ptr<Reader> OpenReader(const ReadPlan& plan, const ChunkLimits& limits) = 0;
  virtual std::unique_ptr<KeyReader> OpenKeyReader(const ReadPlan& plan) = 0;
  // What a reader of the plan makes of `held`, a value of outputs[output] as the source's file
  // holds it (kAny). Nothing if it does not have that form.
  virtual std::optional<Value> AsRead(const ReadPlan& plan, size_t output, const Value& held) = 0;
};

}  // namespace rowferry
