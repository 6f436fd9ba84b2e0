#include "job/retry.h"

#include <limits>
#include <unordered_map>

#include "base/error.h"
#include "base/text.h"
#include "data/plain_text.h"
#include "job/fingerprint.h"

namespace rowferry {
namespace {

constexpr char kGone[] =
    "the source has no such row any more; the copy that was kept can be tried (rowferry rejects "
    "retry --kept), or given up (rowferry rejects purge)";

// Where the source's own rows cannot be had by what the ledger knows of them.
constexpr char kWithoutSource[] =
    "try the copies that were kept (--kept), or an edited export (--from)";

void AddUnread(Reject reject, const Refusal& why, RowBatch& batch, Retried& retried) {
  batch.AddUnread({batch.rows(), reject.key, why, std::move(reject.kept)});
  reject.kept.clear();
  retried.unread.push_back(std::move(reject));
}

class SourceRows final : public RetryRows {
 public:
  SourceRows(Source& source, const ReadPlan& plan)
      : read_(LayoutOf(plan)), reader_(source.OpenKeyReader(plan)) {}

  size_t most() const override { return 1'000; }  // keys of one query

  int64_t Fetch(std::vector<Reject> rejects, RowBatch& batch, Retried& retried) override {
    batch.Clear();
    std::vector<Key> keys;
    for (const Reject& reject : rejects) {
      waiting_.emplace(EncodeKey(reject.key), keys.size());
      keys.push_back(reject.key);
    }
    reader_->Read(keys, read_);
    for (size_t row = 0; row < read_.rows(); ++row) TakeRow(row, rejects, batch, retried);
    for (const UnreadRow& row : read_.unread()) TakeUnread(row, rejects, batch, retried);
    return TakeGone(rejects, batch, retried);
  }

 private:
  // Which of the rejects has exactly that key; each once.
  std::optional<size_t> Find(const Key& key) {
    const auto found = waiting_.find(EncodeKey(key));
    if (found == waiting_.end()) return std::nullopt;
    const size_t index = found->second;
    waiting_.erase(found);
    return index;
  }

  void TakeRow(size_t row, std::vector<Reject>& rejects, RowBatch& batch, Retried& retried) {
    const auto index = Find(read_.KeyAt(row));
    if (!index) return;
    batch.AppendRow(read_, row);
    retried.rows.push_back(std::move(rejects[*index]));
    retried.rows.back().kept.clear();
  }

  void TakeUnread(const UnreadRow& row, std::vector<Reject>& rejects, RowBatch& batch,
                  Retried& retried) {
    const auto index = Find(row.key);
    if (!index) return;
    rejects[*index].kept = row.kept;
    AddUnread(std::move(rejects[*index]), row.why, batch, retried);
  }

  int64_t TakeGone(std::vector<Reject>& rejects, RowBatch& batch, Retried& retried) {
    const auto gone = static_cast<int64_t>(waiting_.size());
    for (const auto& [key, index] : waiting_) {
      AddUnread(std::move(rejects[index]), {RefusalKind::kUnreadable, "", "", "", kGone}, batch,
                retried);
    }
    waiting_.clear();
    return gone;
  }

  RowBatch read_;
  std::unique_ptr<KeyReader> reader_;
  std::unordered_map<std::string, size_t> waiting_;  // by key: rejects whose rows did not come yet
};

// A value that is a number in both types, or text in both: nothing is rounded on the way.
std::optional<Value> Converted(const Value& value, const Type& from, const Type& to) {
  const auto text = PlainText(value, from);
  if (!text) return std::nullopt;
  auto converted = FromPlainText(*text, to);
  const bool number = to.kind == Kind::kFloat || to.kind == Kind::kInt;
  if (number && converted && PlainText(*converted, to) != text) return std::nullopt;
  return converted;
}

std::string ShowKept(const KeptValue& kept) {
  if (IsUtf16Text(kept.type)) return "text that no UTF-8 says";
  if (IsUnread(kept.type)) return "(it could not be read)";
  return ShowValue(kept.value, kept.type);
}

class KeptRows final : public RetryRows {
 public:
  KeptRows(Source& source, const ReadPlan& plan, const std::string& fingerprint, RowOf row_of)
      : source_(source),
        plan_(plan),
        layout_(LayoutOf(plan)),
        fingerprint_(fingerprint),
        row_of_(std::move(row_of)) {}

  size_t most() const override { return std::numeric_limits<size_t>::max(); }

  int64_t Fetch(std::vector<Reject> rejects, RowBatch& batch, Retried& retried) override {
    batch.Clear();
    for (Reject& reject : rejects) Take(reject, batch, retried);
    return 0;
  }

 private:
  void Take(Reject& reject, RowBatch& batch, Retried& retried) {
    const KeptRow row = row_of_(reject);
    RequireColumns(reject, row);
    std::vector<Value> values;
    for (size_t i = 0; i < layout_.names.size(); ++i) {
      const KeptValue* const kept = Find(row, i);
      auto value = kept == nullptr ? Value::Null() : InForm(i, *kept);
      if (!value && i < layout_.data_columns) {
        reject.kept = EncodeRow(row);
        return AddUnread(std::move(reject), WhyNot(i, *kept), batch, retried);
      }
      values.push_back(value.value_or(Value::Null()));  // of a key that is there for messages
    }
    for (size_t i = 0; i < values.size(); ++i) batch.columns()[i].Append(values[i]);
    reject.kept.clear();
    retried.rows.push_back(std::move(reject));
  }

  // The kept value of a column of the layout: the same name may stand there twice.
  const KeptValue* Find(const KeptRow& row, size_t column) const {
    const auto is_before = [&](size_t i) { return layout_.names[i] == layout_.names[column]; };
    size_t skip = 0;
    for (size_t i = 0; i < column; ++i) skip += is_before(i) ? 1 : 0;
    for (const KeptValue& value : row) {
      if (value.column != layout_.names[column]) continue;
      if (skip-- == 0) return &value;
    }
    return nullptr;
  }

  void RequireColumns(const Reject& reject, const KeptRow& row) const {
    const std::string what = "the kept copy of row " + reject.shown + " (reject " +
                             std::to_string(reject.id) + ") of table " + plan_.table.Show();
    constexpr char kWayOut[] = ": read the row again from the source, without --kept and --from";
    for (size_t i = 0; i < layout_.data_columns; ++i) {
      if (Find(row, i) != nullptr) continue;
      throw Error(ErrorKind::kPlan, what + " has no column \"" + layout_.names[i] +
                                        "\", which the target takes by now" + kWayOut);
    }
    for (const KeptValue& value : row) {
      const auto& names = layout_.names;
      if (std::find(names.begin(), names.end(), value.column) != names.end()) continue;
      if (!WasCopied(fingerprint_, plan_.table, value.column)) continue;
      throw Error(ErrorKind::kPlan, what + " has a column \"" + value.column +
                                        "\" that is not copied any more" + kWayOut);
    }
  }

  std::optional<Value> InForm(size_t column, const KeptValue& kept) {
    const Type& wanted = layout_.types[column];
    const Type& from = kept.type;
    if (IsUtf16Text(from) || IsUnread(from)) return std::nullopt;
    if (kept.value.storage == StorageClass::kNull) return kept.value;
    if (from.kind == Kind::kNative || wanted.kind == Kind::kNative) {
      return from == wanted ? std::optional(kept.value) : std::nullopt;
    }
    if (from.kind == Kind::kAny && wanted.kind != Kind::kAny && column < plan_.outputs.size()) {
      return source_.AsRead(plan_, column, kept.value);
    }
    const bool narrows = wanted.kind == Kind::kFloat && wanted.width < from.width;
    if (SameForm(from.kind, wanted.kind) && !narrows) return kept.value;
    return Converted(kept.value, from, wanted);
  }

  Refusal WhyNot(size_t column, const KeptValue& kept) const {
    const std::string& name = layout_.names[column];
    return {RefusalKind::kUnreadable, "", name, "",
            "the kept value " + ShowKept(kept) + " is no value of type " +
                layout_.types[column].name +
                "; mend the row in the source, or in an export (rowferry rejects export, then "
                "retry --from)"};
  }

  Source& source_;
  const ReadPlan plan_;
  const BatchLayout layout_;
  const std::string& fingerprint_;
  const RowOf row_of_;
};

// The next rejects of a chunk, in the order of their ids.
std::vector<Reject> NextRejects(const SplitRetry& retry, const RejectFilter& filter) {
  std::vector<Reject> rejects;
  size_t bytes = 0;
  const size_t most = std::min(retry.limits.rows, retry.rows.most());
  retry.ledger.EachReject(retry.job, filter, [&](const Reject& reject) {
    if (retry.wanted && !retry.wanted(reject.id)) return true;
    rejects.push_back(reject);
    bytes += reject.kept.size();
    return rejects.size() < most && bytes < retry.limits.bytes;
  });
  return rejects;
}

}  // namespace

void RequireKey(const std::string& fingerprint, const SplitRecord& split, const TablePlan& plan) {
  if (!split.checkpoint.last_key) return;
  const size_t parts = split.checkpoint.last_key->parts.size();
  const std::string difference = KeyDifference(fingerprint, plan, parts);
  if (difference.empty()) return;
  throw Error(ErrorKind::kPlan, "table " + split.source_table +
                                    ": its key is another one than that of its rejects:\n" +
                                    difference + "\n" + kWithoutSource);
}

// A position leads to another row, or to none, once the table was rewritten.
void RequirePositions(Source& source, const ReadPlan& plan, const std::string& stamp) {
  if (source.StampHolds(plan, stamp)) return;
  throw Error(
      ErrorKind::kPlan,
      "table " + plan.table.Show() +
          " is read by the position of its rows, and they may have moved since: " + kWithoutSource);
}

bool IsPosition(const ReadPlan& plan, const Key& key) {
  return plan.key.kind != KeyKind::kColumns || key.HoldsNull();
}

std::unique_ptr<RetryRows> RowsOfSource(Source& source, const ReadPlan& plan) {
  return std::make_unique<SourceRows>(source, plan);
}

KeptRow KeptRowOf(const Reject& reject) {
  auto row = DecodeRow(reject.kept);
  if (row) return std::move(*row);
  throw Error(ErrorKind::kTarget, "the kept copy of reject " + std::to_string(reject.id) +
                                      " was changed by something else than rowferry");
}

std::unique_ptr<RetryRows> RowsKept(Source& source, const ReadPlan& plan,
                                    const std::string& fingerprint, RowOf row_of) {
  return std::make_unique<KeptRows>(source, plan, fingerprint, std::move(row_of));
}

RetryCounts& RetryCounts::operator+=(const RetryCounts& other) {
  tried += other.tried;
  loaded += other.loaded;
  suppressed += other.suppressed;
  failed += other.failed;
  gone += other.gone;
  return *this;
}

RetryCounts Settled(const Counts& before, const Counts& now) {
  const auto settled = [](const Counts& counts) {
    return counts.Accounted() - counts.rejected - counts.pending;
  };
  RetryCounts counts;
  counts.suppressed = now.suppressed - before.suppressed;
  counts.loaded = settled(now) - settled(before) - counts.suppressed;
  return counts;
}

RetryCounts RetrySplit(const SplitRetry& retry, Checkpoint& at) {
  RetryCounts counts;
  BatchWriter writer(retry.writer, retry.size, retry.budget, retry.clock, retry.committed);
  RowBatch batch(retry.layout);
  RejectFilter filter = retry.filter;
  while (!retry.stop) {
    std::vector<Reject> rejects = NextRejects(retry, filter);
    if (rejects.empty()) break;
    filter.after = rejects.back().id;
    Retried retried;
    retried.state = filter.state.value_or(RejectState::kOpen);
    retried.failed = retry.failed;
    const auto tried = static_cast<int64_t>(rejects.size());
    const int64_t gone = retry.rows.Fetch(std::move(rejects), batch, retried);
    const Counts before = at.counts;
    writer.Retry(batch, retried, at, retry.stop);
    RetryCounts chunk = Settled(before, at.counts);
    chunk.tried = tried;
    chunk.failed = tried - chunk.settled();
    chunk.gone = gone;
    counts += chunk;
  }
  return counts;
}

}  // namespace rowferry
