// What libpq makes of a URL.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>

namespace rowferry {

using ConninfoPtr = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

// Empty if the option is not set, or `options` is null. Valid as long as the options are.
std::string_view ValueOf(const PQconninfoOption* options, std::string_view keyword);

// Throws Error(kPlan) for a URL that libpq cannot parse, or that it splits in the middle of a
// password: in what libpq would say of either, a part of the password may stand, so it is not told.
void CheckPostgresUrl(const std::string& url);

}  // namespace rowferry
