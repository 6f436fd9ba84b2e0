// A run under fire: when it is struck, and what its end may be.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iterator>
#include <thread>

#include "e2e/disturbances.h"

namespace rowferry::testing {
namespace {

constexpr int kFailed = 1;
constexpr int kRefused = 2;
constexpr int kInterrupted = 130;

void Sleep(int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

void Reset(End& end) {
  if (end.proxy != nullptr) end.proxy->EndConnections();
  end.Mark();
}

}  // namespace

Deck::Deck(MixedCopy& copy, Dice& dice) {
  for (const Disturbance& disturbance : AllDisturbances()) {
    if (!disturbance.fits(copy)) continue;
    const int64_t place = dice.Between(0, std::ssize(fitting_));
    fitting_.insert(fitting_.begin() + place, &disturbance);
  }
}

const Disturbance& Deck::Top(Dice& dice) const {
  return dropped_ < fitting_.size() ? *fitting_[dropped_] : *dice.Pick(fitting_);
}

void Deck::Drop() { dropped_ = std::min(dropped_ + 1, fitting_.size()); }

Scene::Scene(MixedCopy& a_copy, Dice& sequence, Deck& deck, Tallies& tallies)
    : copy((Reset(a_copy.source()), Reset(a_copy.target()), a_copy)),
      process(copy.command()),
      sequence_(sequence),
      deck_(deck),
      tallies_(tallies) {}

void Scene::AwaitWork() {
  if (!process.AwaitErr("job ") || works_) return;
  works_ = true;
  copy.source().Mark();
  copy.target().Mark();
}

// A twelfth of all rows at the most; now and then none, so that beginning and planning are struck.
void Scene::AwaitRows() {
  if (dice.OneIn(6)) return Sleep(dice.Between(0, 100));
  AwaitWork();
  int64_t wanted = dice.Between(1, copy.rows() / 12);
  if (const auto now = copy.Look()) wanted += now->settled;
  while (process.Running()) {
    const auto now = copy.Look();
    if (now && now->settled >= wanted) return;
    Sleep(1);
  }
}

void Scene::Disturb() {
  dice = Dice(static_cast<uint64_t>(sequence_.Between(0, INT32_MAX)));
  const Disturbance& disturbance = deck_.Top(dice);
  frozen = dice.OneIn(2);
  AwaitRows();
  CountArmed();
  if (!process.Running() || (frozen && !process.Stop())) return;
  drawn = disturbance.name;
  Tally& tally = tallies_[drawn];
  ++tally.drawn;
  deck_.Drop();
  if (disturbance.strike(*this)) ++tally.hit;
  process.Signal(SIGCONT);
}

void Scene::CountArmed() {
  for (const bool at_target : {false, true}) {
    std::string& name = armed[at_target ? 1 : 0];
    if (name.empty() || !(at_target ? copy.target() : copy.source()).proxy->Happened()) continue;
    ++tallies_[name].hit;
    name.clear();
  }
}

bool Scene::Finish() {
  const Finished finished = process.Wait();
  CountArmed();
  if (killed) return false;
  CAPTURE(finished.exit_code);
  CAPTURE(finished.signal);
  if (finished.exit_code == copy.expected_exit()) return true;
  // A signal may come before the process has learned to take it.
  const bool stopped = finished.exit_code == kInterrupted || finished.signal == SIGINT;
  const bool explained = (interrupted && stopped) || (full && finished.exit_code == kFailed) ||
                         (cut_off && finished.exit_code == kRefused);
  REQUIRE_MESSAGE(explained, finished.err);
  if (full && finished.exit_code == kFailed) ++tallies_["full disk"].hit;
  return false;
}

}  // namespace rowferry::testing
