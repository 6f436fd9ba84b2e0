// The table of databases: the one place that knows which there are.
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

// A new database is a folder and a row of this table (drivers.cc).
struct Driver {
  std::string_view name;
  bool has_schemas;  // tables are "schema.name", and --schema applies
  bool folds_case;   // "Orders" and "orders" are one name
  bool (*matches)(std::string_view url);
  std::string (*show)(std::string_view url);  // without passwords
  // The files that the database consists of, those included that may come to lie beside it; none
  // for a server.
  std::vector<std::string> (*files)(std::string_view url);
  std::unique_ptr<Source> (*open_source)(const SourceOptions& options);
  std::unique_ptr<Target> (*open_target)(const TargetOptions& options);
  std::string (*versions)();
  std::span<const FailureCode> (*failure_codes)();
};

// The driver for the URL. Throws Error(kUsage) for an empty URL, an unknown scheme, and keywords of
// libpq where no file has that name.
const Driver& DriverFor(std::string_view url);

std::span<const Driver> Drivers();

// Which failure it is, by the codes of all databases: they share none.
Failure FailureOf(const Error& error);
// What the user can do about it: "free space on …", or empty. What has begun is tried again within
// limits, which can be raised.
std::string WayOut(const Error& error, bool began);

// The versions of all client libraries in use, a line each.
std::string DriverVersions();

}  // namespace rowferry
