#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "job/columns.h"
#include "job/fingerprint.h"
#include "job/plan.h"
#include "job/select.h"

namespace rowferry {
namespace {

// Gathers every reason against the job, so that the user mends them all at once.
class Refusals {
 public:
  // A reason that says itself what it is about; several are lines.
  void Add(const std::string& reasons) {
    for (std::string& line : Split(reasons, '\n')) {
      if (std::find(lines_.begin(), lines_.end(), line) != lines_.end()) continue;
      lines_.push_back(std::move(line));
    }
  }
  void Add(const TableName& table, const std::string& reason) {
    Add("table " + table.Show() + ": " + reason);
  }
  void Add(const TableName& table, const std::vector<std::string>& reasons) {
    for (const std::string& reason : reasons) Add(table, reason);
  }
  void ThrowIfAny() const {
    if (!lines_.empty()) throw Error(ErrorKind::kPlan, Join(lines_, "\n"));
  }

 private:
  std::vector<std::string> lines_;
};

const SplitRecord* FindSplit(const Unfinished* unfinished, const TableName& target) {
  if (unfinished == nullptr) return nullptr;
  const auto found = std::find_if(unfinished->splits.begin(), unfinished->splits.end(),
                                  [&](const SplitRecord& split) { return split.table == target; });
  return found == unfinished->splits.end() ? nullptr : &*found;
}

bool IsSamePlace(const Ends& ends) {
  const std::vector<std::string> source = Split(ends.source->Identity(), '\n');
  const std::vector<std::string> target = Split(ends.target->Identity(), '\n');
  return std::any_of(source.begin(), source.end(), [&](const std::string& line) {
    return std::find(target.begin(), target.end(), line) != target.end();
  });
}

class Resolver {
 public:
  Resolver(const Settings& settings, Ends& ends, const Unfinished* unfinished)
      : settings_(settings), ends_(ends), unfinished_(unfinished), same_place_(IsSamePlace(ends)) {}

  JobPlan Run() {
    JobPlan plan;
    plan.source = ends_.source->Show();
    plan.target = ends_.target->Show();
    plan.name = JobName(settings_, ends_);
    const std::vector<TableName> names = SelectTables(settings_, ends_);
    RefuseClashes(names);
    refusals_.ThrowIfAny();
    plan.warnings = LeftOut(settings_, ends_);
    for (const TableName& name : names) TryToResolve(name, plan);
    refusals_.ThrowIfAny();
    plan.fingerprint = Fingerprint(settings_, ends_, plan);
    return plan;
  }

 private:
  void RefuseClashes(const std::vector<TableName>& names) {
    std::vector<std::string> seen;
    for (const TableName& name : names) {
      const TableName target = TargetTable(settings_, ends_, name);
      if (same_place_ && target == name) {
        refusals_.Add(name,
                      "source and target are the same table: name another database, or another "
                      "schema by --target-schema");
      }
      const std::string key =
          ends_.target_driver->folds_case ? Lower(target.Show()) : target.Show();
      if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
        refusals_.Add(name,
                      "its name in the target, " + target.Show() +
                          ", is already another table's: change --identifiers, or copy one of "
                          "them alone (--table) into another " +
                          (ends_.target_driver->has_schemas ? "schema (--target-schema)" : "file"));
      }
      seen.push_back(key);
    }
    if (same_place_ && !ends_.source_driver->has_schemas) {
      throw Error(ErrorKind::kPlan, "source and target are the same file: name another one");
    }
    RefuseFilesBeside();
  }

  // SQLite would take a database that lies there for what it keeps there itself.
  void RefuseFilesBeside() const {
    const std::vector<std::string> sources = ends_.source_driver->files(settings_.source);
    const std::vector<std::string> targets = ends_.target_driver->files(settings_.target);
    for (const std::string& file : targets) {
      if (std::find(sources.begin(), sources.end(), file) == sources.end()) continue;
      throw Error(ErrorKind::kPlan,
                  "source and target would both use the file " + file + ": name another target");
    }
  }

  // What stands in the way of one table hides nothing that stands in another's.
  void TryToResolve(const TableName& name, JobPlan& plan) {
    try {
      plan.tables.push_back(ResolveTable(name));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kPlan) return refusals_.Add(error.what());
      if (error.kind() != ErrorKind::kTarget) throw error.Within("table " + name.Show());
      refusals_.Add(name, error.what() + ("; leave it out with --exclude " + name.name));
    }
  }

  TablePlan ResolveTable(const TableName& name) {
    TablePlan table;
    table.source = Describe(name);
    table.read.table = name;
    table.read.where = settings_.where;
    table.read.key = ends_.source->ChooseKey(table.source, settings_.key);
    ResolveTarget(table);
    table.write.table = table.target.name;
    table.write.swallows_rows = table.target.swallows_rows;
    std::vector<std::string> reasons;
    MatchColumns(settings_, ends_, table, reasons);
    refusals_.Add(name, reasons);
    if (reasons.empty()) FinishTable(table);
    return table;
  }

  Table Describe(const TableName& name) {
    auto described = ends_.source->DescribeTable(name);
    if (!described) throw Error(ErrorKind::kPlan, "table " + name.Show() + " has disappeared");
    return std::move(*described);
  }

  void FinishTable(TablePlan& table) {
    ends_.target->CheckWritable(table.write);
    const auto add = [&](const std::vector<std::string>& more) {
      table.warnings.insert(table.warnings.end(), more.begin(), more.end());
    };
    add(ends_.source->CheckQuery(table.read));
    // A table that was there before is as its owner made it: nothing stays behind.
    if (table.exists && table.prepared != "replaced") return;
    add(table.source.warnings);
    add(table.target.warnings);
  }

  // Two source columns whose names become one in the target.
  void RefuseColumnClashes(const Table& wanted) {
    std::vector<std::string> seen;
    for (const ColumnInfo& column : wanted.columns) {
      const std::string name = ends_.target_driver->folds_case ? Lower(column.name) : column.name;
      if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
        refusals_.Add(wanted.name, ColumnClash(column.name));
      }
      seen.push_back(name);
    }
  }

  void ResolveTarget(TablePlan& table) {
    const TableName name = TargetTable(settings_, ends_, table.source.name);
    auto existing = ends_.target->DescribeTable(name);
    const SplitRecord* split = FindSplit(unfinished_, existing ? existing->name : name);
    if (!existing) {
      if (split != nullptr && !unfinished_->restart) {
        refusals_.Add(name,
                      "the job had begun to fill it, and it has disappeared from the "
                      "target: --restart begins anew");
      }
      return Create(table, name, "created");
    }
    table.exists = true;
    table.target = std::move(*existing);
    if (!table.target.target_refusal.empty()) {
      throw Error(ErrorKind::kPlan, "table " + table.source.name.Show() + ": the target " +
                                        name.Show() + " " + table.target.target_refusal);
    }
    RefuseKin(table);
    if (split != nullptr && (!unfinished_->restart || split->prepared != "none")) {
      return Continue(table, *split);
    }
    const bool holds_rows = ends_.target->HoldsRows(table.target.name);
    if (holds_rows) TreatExisting(table);
    table.expects_empty = !holds_rows && settings_.existing != Existing::kAppend;
  }

  // Rows that were written would be read, or shown beside those that they are copies of.
  void RefuseKin(const TablePlan& table) {
    const std::vector<TableName>& kin = table.target.kin;
    if (!same_place_ || std::find(kin.begin(), kin.end(), table.source.name) == kin.end()) return;
    refusals_.Add(table.source.name,
                  "the target " + table.target.name.Show() +
                      " is a partition of it, or linked with it by inheritance, and rows written "
                      "there would be its own as well: name another schema by --target-schema");
  }

  void Create(TablePlan& table, const TableName& name, const std::string& prepared) {
    if (settings_.census && !ends_.same_database()) ends_.source->TakeCensus(table.source);
    const Table wanted = WantedTable(settings_, table.source);
    RefuseColumnClashes(wanted);
    table.target = ends_.target->Translate(wanted, name);
    table.statements.push_back(ends_.target->CreateStatement(table.target));
    table.prepared = prepared;
  }

  void Continue(TablePlan& table, const SplitRecord& split) {
    table.prepared = split.prepared;
    if (!unfinished_->restart) return RefuseEmptied(table.target.name, split);
    table.rows_to_go = ends_.target->CountRows(table.target.name);
    table.statements.push_back(ends_.target->TruncateStatement(table.target.name));
  }

  // The rows before the checkpoint are not read again: they would stay away.
  void RefuseEmptied(const TableName& name, const SplitRecord& split) {
    const int64_t inserted = split.checkpoint.counts.inserted;
    if (inserted == 0 || ends_.target->HoldsRows(name)) return;
    refusals_.Add(name, "the job had put " + std::to_string(inserted) +
                            " rows into it, and it is empty now: --restart begins anew");
  }

  void TreatExisting(TablePlan& table) {
    const TableName name = table.target.name;
    const int64_t rows = ends_.target->CountRows(name);
    switch (settings_.existing) {
      case Existing::kFail:
        refusals_.Add(name, "the target table already holds " + std::to_string(rows) +
                                " rows: say --existing append, truncate or replace");
        return;
      case Existing::kAppend:
        return;
      case Existing::kTruncate:
        table.rows_to_go = rows;
        table.prepared = "truncated";
        table.statements.push_back(ends_.target->TruncateStatement(name));
        return;
      case Existing::kReplace:
        table.rows_to_go = rows;
        table.statements.push_back(ends_.target->DropStatement(name));
        Create(table, name, "replaced");
        return;
    }
  }

  const Settings& settings_;
  Ends& ends_;
  const Unfinished* unfinished_;
  const bool same_place_;  // one database, by whatever way both ends lead to it
  Refusals refusals_;
};

}  // namespace

std::string JobName(const Settings& settings, const Ends& ends) {
  return JobName(settings, ends.source->Place(), ends.target->Place());
}

JobPlan Resolve(const Settings& settings, Ends& ends, const Unfinished* unfinished) {
  CheckSettings(settings);
  return Resolver(settings, ends, unfinished).Run();
}

}  // namespace rowferry
