// PostgreSQL as source and target: all that the rest of the program knows of this folder.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "flow/endpoint.h"
#include "flow/failures.h"
#include "flow/source.h"
#include "flow/target.h"

namespace rowferry {

// True for libpq URIs: postgresql://… and postgres://…
bool IsPostgresUrl(std::string_view url);
// True for libpq's other form, "host=… password=…", also where libpq would not quite take it; and
// for other tools' strings with such words: jdbc:postgresql:db?password=…
bool IsPostgresKeywords(std::string_view text);
// True for what was meant for a libpq URI: postgresql:/host/db, POSTGRES://db, postgresql/user@host
bool IsMisspeltPostgresUrl(std::string_view text);
// The URL without its password, also where it stands among the parameters: for every message.
std::string ShowPostgresUrl(std::string_view url);

// Both connect at once. Throw Error(kPlan) for a URL that libpq refuses or a server that is too
// old, Error(kLost) where no connection can be made, Error(kTarget) where the login is refused.
std::unique_ptr<Source> OpenPostgresSource(const SourceOptions& options);
std::unique_ptr<Target> OpenPostgresTarget(const TargetOptions& options);

// Which SQLSTATE is which failure.
std::span<const FailureCode> PostgresFailureCodes();

// "libpq 15.18, libpqxx 6.4.5"
std::string PostgresVersions();

}  // namespace rowferry
