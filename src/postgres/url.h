// What libpq makes of a URL.
#pragma once

#include <string>

namespace rowferry {

// Throws Error(kPlan) for a URL that libpq cannot parse, or that it splits in the middle of a
// password: in what libpq would say of either, a part of the password may stand, so it is not told.
void CheckPostgresUrl(const std::string& url);

}  // namespace rowferry
