// Copies of every form, disturbed at random in every way until they are through: each must end as
// if it had not been. A failed round is repeated by its seed:
//
//   ROWFERRY_TORTURE=1 ROWFERRY_TORTURE_SEED=… e2e_tests --source-file='*torture_test*'
//
// The seed determines direction, tables, settings and the disturbances in their order; what each of
// these hits depends on the machine as well. Four rounds have all directions, and each round first
// has every disturbance that fits it. Where one has never hit by then, more rounds follow.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <random>

#include "e2e/disturbances.h"

namespace rowferry::testing {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

constexpr uint64_t kRounds = 8;       // some three minutes with the sanitizers
constexpr int kMostRuns = 200;        // of a round; it never took a quarter of them
constexpr uint64_t kMostRounds = 80;  // until each disturbance has hit

std::string Show(const Tallies& tallies) {
  std::string text;
  for (const auto& [name, tally] : tallies) {
    text += (text.empty() ? "" : ", ") + name + " " + std::to_string(tally.hit) + " of " +
            std::to_string(tally.drawn);
  }
  return text;
}

// One run, always of the same command. True: the copy is done.
bool RunToItsEnd(MixedCopy& copy, Dice& dice, Deck& deck, Tallies& tallies) {
  Scene scene(copy, dice, deck, tallies);
  while (scene.process.Running()) scene.Disturb();
  return scene.Finish();
}

// What the round was, and what hit it.
std::string Round(uint64_t seed, CrashableServers& servers, Tallies& all) {
  CAPTURE(seed);
  Dice dice(seed);
  MixedCopy copy(servers, kDirections[seed % std::size(kDirections)], dice);
  CAPTURE(copy.Show());
  Deck deck(copy, dice);
  Tallies tallies;
  int runs = 1;
  while (!RunToItsEnd(copy, dice, deck, tallies)) {
    REQUIRE(++runs < kMostRuns);
    copy.CheckBalance();
  }
  copy.CheckExact();
  for (const auto& [name, tally] : tallies) {
    all[name].drawn += tally.drawn;
    all[name].hit += tally.hit;
  }
  return "seed " + std::to_string(seed) + ": " + copy.Show() + "; " + std::to_string(runs) +
         " runs; hit: " + Show(tallies);
}

std::string NeverHit(const Tallies& tallies) {
  std::string names;
  for (const Disturbance& disturbance : AllDisturbances()) {
    const auto found = tallies.find(disturbance.name);
    if (found != tallies.end() && found->second.hit > 0) continue;
    names += (names.empty() ? "" : ", ") + std::string(disturbance.name);
  }
  return names;
}

TEST_CASE("disturbed at random, in every way at once, a copy ends exact") {
  const uint64_t rounds = FromEnvironment("ROWFERRY_TORTURE", kRounds);
  const uint64_t first = FromEnvironment("ROWFERRY_TORTURE_SEED", std::random_device()());
  MESSAGE(rounds << " rounds, ROWFERRY_TORTURE_SEED=" << first);
  CrashableServers servers;
  Tallies all;
  uint64_t done = 0;
  while (done < rounds) MESSAGE(Round(first + done++, servers, all));
  // Each of them has hit some copy in its middle: that may take more rounds, unless it is only one
  // that is repeated.
  const bool all_directions = rounds >= std::size(kDirections);
  while (all_directions && done < std::max(rounds, kMostRounds) && !NeverHit(all).empty()) {
    MESSAGE(NeverHit(all) << " never hit: one more");
    MESSAGE(Round(first + done++, servers, all));
  }
  MESSAGE("in all: " << Show(all));
  CHECK_MESSAGE((!all_directions || NeverHit(all).empty()), NeverHit(all) << " never hit");
}

}  // namespace
}  // namespace rowferry::testing
