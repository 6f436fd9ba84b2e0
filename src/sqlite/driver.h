// SQLite as source and target: all that the rest of the program knows of this folder.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flow/endpoint.h"
#include "flow/failures.h"
#include "flow/source.h"
#include "flow/target.h"

namespace rowferry {

// "sqlite:PATH", or any path: what is no other driver's URL is a file.
bool IsSqliteUrl(std::string_view url);
// The file, and those that SQLite and rowferry make beside it; there or not.
std::vector<std::string> SqliteFiles(std::string_view url);

// Throw Error(kPlan) for a file that is missing (source), is no database, or cannot be written,
// and for a missing target that must exist.
std::unique_ptr<Source> OpenSqliteSource(const SourceOptions& options);
std::unique_ptr<Target> OpenSqliteTarget(const TargetOptions& options);

// Which of SQLite's result codes, by their names, is which failure.
std::span<const FailureCode> SqliteFailureCodes();

// "SQLite 3.40.1, SQLiteCpp 3.2.1"
std::string SqliteVersions();

}  // namespace rowferry
