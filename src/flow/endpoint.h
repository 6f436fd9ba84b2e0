// How an end of a job is opened. Drivers turn these into a Source or a Target.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "flow/wait.h"

namespace rowferry {

struct SourceOptions {
  std::string url;
  bool census = true;  // SQLite: believe the rows (true) or the declarations (false)
  std::shared_ptr<WatchList> watch_list = nullptr;  // null: nobody watches
  std::chrono::milliseconds lock_timeout{30'000};   // SQLite: as a target's
};

struct TargetOptions {
  std::string url;
  std::string ledger_schema = "rowferry";  // PostgreSQL
  bool read_only = false;   // plan and status: nothing is created or changed, not even a file
  bool must_exist = false;  // status and forget: a database file that is missing is refused
  std::string application_name = "rowferry";
  std::chrono::milliseconds lock_timeout{30'000};   // how long a lock is waited for; 0: for ever
  std::shared_ptr<WatchList> watch_list = nullptr;  // null: nobody watches
};

}  // namespace rowferry
