// The commands as rows of one table: lookup, listing, help and the reference manual come from it.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {

// A command line after parsing.
struct Invocation {
  std::vector<std::string> arguments;  // SOURCE, TARGET …
  boost::program_options::variables_map options;

  bool Has(const std::string& option) const { return options.count(option) > 0; }
  // REQUIRES: the option has a value or a default.
  std::string Text(const std::string& option) const;
  std::vector<std::string> List(const std::string& option) const;  // empty if not given
};

struct Command {
  std::string_view name;
  std::string_view arguments;  // as the usage line shows them
  size_t min_arguments;
  size_t max_arguments;
  std::string_view summary;  // one line
  std::string_view text;     // what it does, and examples
  boost::program_options::options_description (*options)();
  int (*run)(const Invocation& invocation);  // gives the exit code; throws Error
};

// "rowferry copy --help"
std::string CommandHelp(const Command& command);
// "rowferry --help"
std::string GeneralHelp();
// docs/reference.md, made from the table of commands.
std::string ReferenceManual();

// Parses and runs a whole command line, without the program's name. Gives the exit code; every
// error has been reported on stderr.
int RunCommandLine(const std::vector<std::string>& arguments);

}  // namespace rowferry
