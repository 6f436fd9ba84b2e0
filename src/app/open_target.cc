#include "app/open_target.h"

namespace rowferry {

TargetEnd OpenTarget(const Invocation& invocation, bool read_only) {
  TargetOptions options;
  options.url = invocation.arguments.at(0);
  options.ledger_schema = invocation.Text("ledger-schema");
  options.read_only = read_only;
  options.must_exist = true;
  return OpenTargetEnd(options);
}

std::string JobArgument(const Invocation& invocation) {
  return invocation.arguments.size() > 1 ? invocation.arguments[1] : std::string();
}

}  // namespace rowferry
