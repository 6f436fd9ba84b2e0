#include "job/drivers.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/error.h"
#include "base/text.h"
#include "postgres/driver.h"
#include "sqlite/driver.h"

namespace rowferry {
namespace {

std::string ShowAsIs(std::string_view url) { return std::string(url); }
std::vector<std::string> NoFiles(std::string_view /*url*/) { return {}; }

// Taken for the path of a file, the password in such a string would be shown and stored.
void RefuseLikeness(std::string_view url) {
  if (url.starts_with("sqlite:") || IsPostgresUrl(url)) return;
  const bool misspelt = IsMisspeltPostgresUrl(url);
  if (!misspelt && !IsPostgresKeywords(url)) return;
  std::error_code ignored;
  if (std::filesystem::exists(url, ignored)) return;
  throw Error(ErrorKind::kUsage,
              std::string(misspelt ? "what begins like a URL of PostgreSQL and is none"
                                   : "a connection string of keywords (host=… dbname=…)") +
                  " is not taken: use postgresql://user@host/db, or sqlite:PATH for a file of that "
                  "name");
}

// The first row that matches wins: SQLite takes every path, so it stands last.
constexpr std::array kDrivers = {
    Driver{"postgresql", true, false, IsPostgresUrl, ShowPostgresUrl, NoFiles, OpenPostgresSource,
           OpenPostgresTarget, PostgresVersions, PostgresFailureCodes},
    Driver{"sqlite", false, true, IsSqliteUrl, ShowAsIs, SqliteFiles, OpenSqliteSource,
           OpenSqliteTarget, SqliteVersions, SqliteFailureCodes},
};

}  // namespace

const Driver& DriverFor(std::string_view url) {
  if (url.empty()) throw Error(ErrorKind::kUsage, "SOURCE and TARGET must not be empty");
  RefuseLikeness(url);
  const auto driver = std::find_if(kDrivers.begin(), kDrivers.end(),
                                   [&](const Driver& d) { return d.matches(url); });
  if (driver != kDrivers.end()) return *driver;
  throw Error(ErrorKind::kUsage,
              "no database is known for \"" + Printable(url.substr(0, url.find(':'))) +
                  ":\"; use postgresql://…, sqlite:PATH or a path to an SQLite file");
}

std::span<const Driver> Drivers() { return kDrivers; }

// A row that a policy refuses has the code of a missing right.
Failure FailureOf(const Error& error) {
  for (const Driver& driver : kDrivers) {
    const Failure failure = FindFailure(driver.failure_codes(), error.code());
    if (error.kind() == ErrorKind::kData && failure != Failure::kDamaged) continue;
    if (failure != Failure::kOther) return failure;
  }
  if (error.kind() == ErrorKind::kData) return Failure::kRow;
  if (error.kind() == ErrorKind::kInternal) return Failure::kFault;
  return error.kind() == ErrorKind::kOwned ? Failure::kOwned : Failure::kOther;
}

std::string WayOut(const Error& error, bool began) {
  return WayOutOf(FailureRowOf(FailureOf(error)), began);
}

std::string DriverVersions() {
  std::string versions;
  for (const Driver& driver : kDrivers) versions += driver.versions() + "\n";
  return versions;
}

}  // namespace rowferry
