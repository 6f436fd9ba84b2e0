// What the user asked for: the same, whether it came from flags or (later) from a job file.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "data/row_batch.h"
#include "flow/reject.h"
#include "flow/retry.h"

namespace rowferry {

// What to do with a target table that already holds rows.
enum class Existing { kFail, kAppend, kTruncate, kReplace };
// What becomes of names on their way to a new target.
enum class Identifiers { kKeep, kLower, kSnake };

struct Settings {
  std::string source;
  std::string target;
  std::vector<std::string> tables;    // empty: all
  std::vector<std::string> excludes;  // globs
  std::vector<std::string> key;       // REQUIRES exactly one table, as do where and drop
  std::string where;
  std::vector<std::string> drop;
  std::string schema = "public";         // where there are schemas
  std::string target_schema = "public";  // likewise
  Existing existing = Existing::kFail;
  Identifiers identifiers = Identifiers::kKeep;
  bool census = true;
  bool restart = false;
  bool yes = false;
  std::string job;  // empty: derived, see JobName
  ChunkLimits limits;
  RejectLimit max_rejects;
  RetryLimits retry;
  std::chrono::milliseconds lock_timeout{30'000};  // 0: locks are waited for as long as it takes
  std::chrono::milliseconds stall{300'000};  // without a chunk, before it is looked into; 0: never
  std::string ledger_schema = "rowferry";
};

// The job's name: as given, or made from the places of source and target and the table options, so
// that the same command is the same job: "shop-to-app-1f2e3d4c".
std::string JobName(const Settings& settings, const std::string& source, const std::string& target);

// The options that say what is copied, as they were given, in one line.
std::string ShowOptions(const Settings& settings);

// Checks what can be checked without a database. Throws Error(kUsage).
void CheckSettings(const Settings& settings);

}  // namespace rowferry
