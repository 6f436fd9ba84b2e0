// How runs that met a failure may end: stopped with a way out, or complete.
#pragma once

#include <string>
#include <vector>

#include "e2e/copies.h"

namespace rowferry::testing {

inline bool Holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void CheckHolds(const std::string& text, const std::string& part);

// SQL that gives the table a trigger by which the first statements that bring rows fail, as many as
// `times`, with a deadlock, saying how many rows they brought.
std::string RaiseSizes(const std::string& table, int times);
// What it said, in order.
std::vector<int> SizesRaised(const std::string& err);

// The run failed, said so, and told what helps before the same command resumes.
void CheckStopped(const Finished& stopped, const std::string& says, const std::string& way_out);

// The command goes on from the checkpoint of the run before, and ends exact.
void CheckCompletes(Copies& copies, const std::vector<std::string>& words);

}  // namespace rowferry::testing
