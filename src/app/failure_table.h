// The table of failures (flow/failures.h) with all databases' codes, for the reference manual.
#pragma once

#include <string>

namespace rowferry {

std::string FailureTable();

}  // namespace rowferry
