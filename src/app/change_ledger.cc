#include "app/change_ledger.h"

#include <spdlog/spdlog.h>

#include "app/exit_code.h"
#include "base/error.h"

namespace rowferry {

int ChangeLedger(const std::function<void()>& change) {
  try {
    change();
    return kExitDone;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kLost) throw;
    spdlog::error("{}", error.what());
    spdlog::error(
        "it may have taken effect before: see rowferry status; the same command again does no "
        "harm");
    return kExitFailed;
  }
}

}  // namespace rowferry
