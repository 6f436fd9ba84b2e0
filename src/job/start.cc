#include "job/start.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/error.h"
#include "job/stored_settings.h"

namespace rowferry {
namespace {

std::string SayMoved(const SplitRecord& split) {
  return "table " + split.source_table +
         " is read by the position of its rows, and they may have moved since it was begun: "
         "going on could lose or double some";
}

// The tables whose rows it would be to empty or to fill that one.
std::vector<TableName> Concerned(const Table& target) {
  std::vector<TableName> tables = {target.name};
  if (target.kin_share_rows) tables.insert(tables.end(), target.kin.begin(), target.kin.end());
  return tables;
}

// As a later command can use them. A source's URL is kept as it is shown, without its password.
Settings WithPlaces(Settings settings, const Ends& ends) {
  const bool is_file = !ends.source_driver->files(settings.source).empty();
  settings.source = is_file ? ends.source->Place() : ends.source->Show();
  settings.target = ends.target->Show();
  return settings;
}

}  // namespace

JobStart::JobStart(const Settings& settings, Ends& ends, const JobPlan& plan)
    : settings_(settings), ends_(ends), ledger_(ends.target->ledger()), plan_(plan) {}

void JobStart::Begin() {
  std::vector<TableStart> starts;
  splits_.clear();
  for (size_t i = 0; i < plan_.tables.size(); ++i) {
    starts.push_back(StartOf(i));
    splits_.push_back(starts.back().split);
  }
  JobRecord& job = job_;
  job.name = plan_.name;
  job.source = plan_.source;
  job.target = plan_.target;
  job.mode = "copy";
  job.fingerprint = plan_.fingerprint;
  job.settings = StoreSettings(WithPlaces(settings_, ends_));
  epoch_ = ledger_.Begin(job, starts, [this] { CheckMayBegin(); });
}

// What was so when the plan was made, and must be so at the job's birth.
void JobStart::CheckMayBegin() {
  for (const TablePlan& table : plan_.tables) {
    const bool appends = table.statements.empty() && !table.expects_empty;
    if (!appends) CheckApart(Concerned(table.target));
  }
  for (const TablePlan& table : plan_.tables) {
    if (table.expects_empty) CheckStillEmpty(table.target.name);
  }
}

// Tables that this job makes, empties or found empty must not be those that another job is about
// to go on with: its rows would be there twice, or be gone from where the other job left off.
void JobStart::CheckApart(const std::vector<TableName>& tables) {
  for (const JobRecord& other : ledger_.Jobs()) {
    if (other.name == plan_.name || other.state == JobState::kDone) continue;
    for (const SplitRecord& split : ledger_.SplitStarts(other.name)) {
      if (std::find(tables.begin(), tables.end(), split.table) == tables.end()) continue;
      throw Error(ErrorKind::kPlan,
                  "table " + split.table.Show() + " is also filled by job " + other.name +
                      ", which is unfinished: finish it first, or remove it with rowferry forget");
    }
  }
}

// Another run, or another program, may have filled it.
void JobStart::CheckStillEmpty(const TableName& name) {
  if (!ends_.target->HoldsRows(name)) return;
  throw Error(ErrorKind::kPlan, "table " + name.Show() +
                                    " was empty and holds rows now: somebody else fills it. "
                                    "Say --existing append, truncate or replace");
}

TableStart JobStart::StartOf(size_t index) {
  const TablePlan& table = plan_.tables[index];
  TableStart start;
  start.split.id = static_cast<int>(index);
  start.split.table = table.target.name;
  start.split.source_table = table.source.name.Show();
  start.split.prepared = table.prepared;
  start.split.stamp = ends_.source->PositionStamp(table.read);
  start.split.estimated_rows = table.source.estimated_rows;
  start.statements = table.statements;
  return start;
}

void JobStart::Resume(const JobRecord& job) {
  job_ = job;
  splits_ = ledger_.Splits(job.name);
  if (splits_.size() != plan_.tables.size()) {
    throw Error(ErrorKind::kInternal, "the ledger's splits are not those of the plan");
  }
  epoch_ = job.epoch;
  // Every refusal comes before the first table is emptied.
  std::vector<SplitRecord*> moved;
  for (SplitRecord& split : splits_) {
    if (HasMoved(split)) moved.push_back(&split);
  }
  for (SplitRecord* split : moved) BeginAnew(*split);
  ledger_.Restarted(job.name);
}

// Whether the rows of a half-read split may no longer stand where its key says. Throws where the
// job may not empty the target table to begin it anew.
bool JobStart::HasMoved(const SplitRecord& split) {
  const std::optional<Key>& last = split.checkpoint.last_key;
  if (!last || split.checkpoint.done || split.stamp.empty()) return false;
  const ReadPlan& read = plan_.tables.at(static_cast<size_t>(split.id)).read;
  // Columns are a position only where they hold NULL, and the rowid tells such rows apart.
  if (read.key.kind == KeyKind::kColumns && !last->HoldsNull()) return false;
  if (ends_.source->StampHolds(read, split.stamp)) return false;
  if (split.prepared != "none") {
    RefuseRowsOfOthers(split);
    return true;
  }
  throw Error(ErrorKind::kPlan,
              SayMoved(split) + ". " + split.table.Show() +
                  " was there before this job and is not emptied by itself: empty it and begin "
                  "anew with --restart, or name unique columns with --key");
}

// They would go with those of this job, and stay away.
void JobStart::RefuseRowsOfOthers(const SplitRecord& split) {
  const int64_t others = ends_.target->CountRows(split.table) - split.checkpoint.counts.inserted;
  if (others <= 0) return;
  throw Error(ErrorKind::kPlan,
              SayMoved(split) + ". " + split.table.Show() + " holds " + std::to_string(others) +
                  " rows that this job did not put there, and is not emptied by itself: "
                  "--restart empties it and begins anew");
}

void JobStart::Recheck(SplitRecord& split) {
  if (HasMoved(split)) BeginAnew(split);
}

void JobStart::BeginAnew(SplitRecord& split) {
  spdlog::warn("{}. {} is emptied, and copied anew", SayMoved(split), split.table.Show());
  TableStart start = StartOf(static_cast<size_t>(split.id));
  start.statements = {ends_.target->TruncateStatement(split.table)};
  ledger_.Replace(job_, start, [&] {
    CheckApart(Concerned(plan_.tables.at(static_cast<size_t>(split.id)).target));
    RefuseRowsOfOthers(split);
  });
  split = start.split;
}

}  // namespace rowferry
