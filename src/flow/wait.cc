#include "flow/wait.h"

namespace rowferry {

void WatchList::Add(const std::shared_ptr<Watched>& watched) {
  const std::lock_guard lock(mutex_);
  all_.push_back(watched);
}

std::vector<std::shared_ptr<Watched>> WatchList::Open() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Watched>> open;
  for (const auto& each : all_) {
    if (auto watched = each.lock()) open.push_back(std::move(watched));
  }
  return open;
}

}  // namespace rowferry
