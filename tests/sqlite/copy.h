// Small steps through the driver's own interfaces, for tests that are about what arrives.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "flow/source.h"
#include "flow/target.h"
#include "support/database.h"

namespace rowferry::testing {

std::unique_ptr<Source> SourceOf(const SqliteDatabase& database, bool census = true);
std::unique_ptr<Target> TargetOf(const SqliteDatabase& database);

// The table as another database would see it: after the census.
Table CensusOf(Source& source, const std::string& table);

// A plan that reads every column of `table`: as it is (kAny), or in the form of its type.
ReadPlan PlanOf(Source& source, const Table& table, bool as_is,
                const std::vector<std::string>& key = {});

// Rows as "value|value|…"; every page of `page_rows` rows is read by a reader of its own, which
// resumes after the last key of the page before, through the key's encoding.
std::vector<std::string> ReadByPages(Source& source, const ReadPlan& plan, size_t page_rows);
std::vector<std::string> ReadAll(Source& source, const ReadPlan& plan);

// The one column x of table t, each value in the form of the type that the census gave it.
std::vector<std::string> Values(const SqliteDatabase& database);

// A job of one table, "job", begun in the target; `epoch` is its owner's.
struct Begun {
  WritePlan plan;
  SplitId split;
};
Begun BeginJob(Target& target, const Table& table, const std::vector<Type>& forms);

// One chunk of one column's values, as the next one after `before`.
ChunkOutcome WriteValues(Writer& writer, const Type& type, const std::vector<Value>& values,
                         const Checkpoint& before = {});

}  // namespace rowferry::testing
