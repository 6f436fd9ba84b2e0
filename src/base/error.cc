#include "base/error.h"

#include <new>
#include <system_error>

namespace rowferry {

Error Unforeseen(const std::exception& exception) {
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) {
    return Error(ErrorKind::kTransient,
                 "the system gives no more memory (ulimit -v and -d, or its own limit)");
  }
  const auto* refusal = dynamic_cast<const std::system_error*>(&exception);
  if (refusal != nullptr && refusal->code() == std::errc::resource_unavailable_try_again) {
    return Error(ErrorKind::kTransient,
                 "the system starts no more threads (ulimit -u, -v and -d, or its own limit)");
  }
  return Error(ErrorKind::kInternal, std::string("internal error: ") + exception.what());
}

}  // namespace rowferry
