// Which key pages a table, and why it is unique.
#pragma once

#include <string>
#include <vector>

#include "flow/source.h"

namespace rowferry::sqlite {

// As Source::ChooseKey.
KeyChoice ChooseKey(const Table& table, const std::vector<std::string>& asked);

}  // namespace rowferry::sqlite
