// What may befall a copy, as one table: name -> what it does.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "e2e/mixed_copy.h"

namespace rowferry::testing {

// How often each was drawn, and how often it hit a copy between its first and its last checkpoint.
struct Tally {
  int drawn = 0;
  int hit = 0;
};
using Tallies = std::map<std::string, Tally>;

class Scene;
struct Disturbance {
  const char* name;
  bool (*fits)(MixedCopy& copy);
  // True: it hit between the first and the last checkpoint, as far as is known by now. The process
  // may stand still (SIGSTOP).
  bool (*strike)(Scene& scene);
};

std::span<const Disturbance> AllDisturbances();

// Those that fit a copy: each once, in random order, and from then on any of them.
class Deck {
 public:
  Deck(MixedCopy& copy, Dice& dice);

  // `dice` decides once each was drawn.
  const Disturbance& Top(Dice& dice) const;
  // What was on top has struck.
  void Drop();

 private:
  std::vector<const Disturbance*> fitting_;
  size_t dropped_ = 0;
};

// A run under fire: the copy, the process that makes it, and what was done to it so far.
class Scene {
 public:
  // What proxies were armed with is taken back.
  // `sequence` gives each disturbance a seed of its own, so that the next ones do not depend on
  // when a process ended.
  Scene(MixedCopy& a_copy, Dice& sequence, Deck& deck, Tallies& tallies);

  // Draws a disturbance, waits until some more rows are committed, strikes, and counts. The process
  // may be gone afterwards, and stands still no more.
  void Disturb();
  // Waits for the process's end. Fails the test if its exit code is none that the disturbances
  // explain. True: the copy is done.
  bool Finish();

  MixedCopy& copy;
  Dice dice{0};  // of the disturbance at work
  Process process;
  std::string drawn;    // the disturbance at work
  bool frozen = false;  // it stands still (SIGSTOP)
  bool killed = false;
  bool interrupted = false;
  bool full = false;     // files may not grow
  bool cut_off = false;  // of servers, connections, locks: planning does not try these again
  std::string armed[2];  // what the source's and the target's proxy wait to do

 private:
  void AwaitWork();  // before, who looks may keep an SQLite file from becoming WAL
  void AwaitRows();
  void CountArmed();

  bool works_ = false;  // planning is over
  Dice& sequence_;
  Deck& deck_;
  Tallies& tallies_;
};

}  // namespace rowferry::testing
