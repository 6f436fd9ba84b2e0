// The plan: the job resolved against both databases. Everything that can be refused is refused
// here.
#pragma once

#include <string>
#include <vector>

#include "data/schema.h"
#include "flow/ledger.h"
#include "flow/source.h"
#include "flow/target.h"
#include "job/ends.h"
#include "job/settings.h"

namespace rowferry {

struct TablePlan {
  Table source;
  Table target;  // as it is, or as it will be once created
  bool exists = false;
  int64_t rows_to_go = 0;         // rows that truncate or replace will remove
  std::string prepared = "none";  // what is done to the table at the job's birth, as SplitRecord
  std::vector<std::string> statements;
  bool expects_empty = false;  // it is there, without rows, and must still be so at the job's birth
  ReadPlan read;
  WritePlan write;
  std::vector<std::string> warnings;
};

struct JobPlan {
  std::string name;
  std::string source;  // without passwords
  std::string target;
  std::vector<TablePlan> tables;
  std::string fingerprint;
  std::vector<std::string> warnings;  // of the job as a whole
};

// What an unfinished job left in the target: its tables exist, are owned by the job, and hold rows.
struct Unfinished {
  std::vector<SplitRecord> splits;
  bool restart = false;  // the tables that the job itself prepared are emptied first
};

// Resolves the settings against both ends; reads only. `unfinished` is null for a new job.
// Throws Error(kPlan), with every reason at once, for a job that cannot be carried out.
JobPlan Resolve(const Settings& settings, Ends& ends, const Unfinished* unfinished);

// The name of the job that these settings ask for, between the databases at these ends.
std::string JobName(const Settings& settings, const Ends& ends);

// The plan for people: per table its source and target, columns with the types of both sides, the
// key and its proof, statements, warnings.
std::string Explain(const JobPlan& plan);

}  // namespace rowferry
