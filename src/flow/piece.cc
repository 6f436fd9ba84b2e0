#include "flow/piece.h"

#include <algorithm>

#include "data/kept_row.h"

namespace rowferry {
namespace {

bool StandsBefore(const RefusedRow& a, const RefusedRow& b) { return a.row < b.row; }
bool IsOrphan(const RefusedRow& row) { return row.why.kind == RefusalKind::kForeignKey; }

}  // namespace

Part Piece::Sent() {
  if (refused_.empty()) return all_;
  MakeRest();
  return {rest_, all_.retried == nullptr ? nullptr : &rest_retried_, 0, rest_.rows()};
}

size_t Piece::RowOf(size_t sent) const {
  if (refused_.empty()) return sent;
  size_t row = all_.begin + sent;
  for (const RefusedRow& refused : refused_) row += refused.row <= row ? 1 : 0;
  return row;
}

void Piece::Refuse(RefusedRow row) {
  const auto behind = std::lower_bound(refused_.begin(), refused_.end(), row, StandsBefore);
  if (behind != refused_.end()) all_.end = row.row + 1;
  refused_.erase(behind, refused_.end());
  refused_.push_back(std::move(row));
}

void Piece::Refuse(std::vector<RefusedRow> orphans) {
  const size_t first = orphans.front().row;
  std::erase_if(refused_, [&](const auto& row) { return row.row > first && !IsOrphan(row); });
  std::vector<RefusedRow> all;
  std::merge(refused_.begin(), refused_.end(), orphans.begin(), orphans.end(),
             std::back_inserter(all), StandsBefore);
  refused_ = std::move(all);
}

size_t Piece::gap() const {
  const size_t begin = refused_.size() == 1 ? all_.begin : refused_[refused_.size() - 2].row + 1;
  return refused_.back().row - begin;
}

void Piece::CutOff(size_t row) {
  std::erase_if(refused_, [&](const auto& refused) { return refused.row >= row; });
  all_.end = row;
}

void Piece::EndBefore(size_t end) { all_.end = std::max(good_begin(), std::min(all_.end, end)); }

// The batch's rows in their order, unread ones among them.
void Piece::MakeRest() {
  const RowBatch& from = all_.batch;
  rest_.Clear();
  rest_retried_ = {};
  if (all_.retried != nullptr) {
    rest_retried_.state = all_.retried->state;
    rest_retried_.failed = all_.retried->failed;
  }
  size_t unread = 0;
  while (unread < from.unread().size() && from.unread()[unread].before < all_.begin) ++unread;
  auto refused = refused_.begin();
  for (size_t row = all_.begin; row < all_.end; ++row) {
    TakeUnread(unread, row);
    if (refused != refused_.end() && refused->row == row) {
      PassOver(*refused++);
      continue;
    }
    rest_.AppendRow(from, row);
    if (all_.retried != nullptr) rest_retried_.rows.push_back(all_.retried->rows.at(row));
  }
  if (all_.end == from.rows()) TakeUnread(unread, all_.end);
}

void Piece::TakeUnread(size_t& next, size_t before) {
  const std::vector<UnreadRow>& unread = all_.batch.unread();
  for (; next < unread.size() && unread[next].before == before; ++next) {
    AddUnread(unread[next]);
    if (all_.retried != nullptr) rest_retried_.unread.push_back(all_.retried->unread.at(next));
  }
}

void Piece::PassOver(const RefusedRow& refused) {
  const RowBatch& from = all_.batch;
  AddUnread({0, from.KeyAt(refused.row), refused.why, EncodeRow(KeepRow(from, refused.row))});
  if (all_.retried != nullptr) rest_retried_.unread.push_back(all_.retried->rows.at(refused.row));
}

void Piece::AddUnread(UnreadRow row) {
  row.before = rest_.rows();
  rest_.AddUnread(std::move(row));
}

}  // namespace rowferry
