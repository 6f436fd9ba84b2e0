// The command line's options, with what --help says of them.
#pragma once

#include <boost/program_options.hpp>

namespace rowferry {

boost::program_options::options_description CopyOptions();
boost::program_options::options_description PlanOptions();
boost::program_options::options_description StatusOptions();
boost::program_options::options_description ForgetOptions();

boost::program_options::options_description RejectsListOptions();
boost::program_options::options_description RejectsShowOptions();
boost::program_options::options_description RejectsExportOptions();
boost::program_options::options_description RejectsRetryOptions();
boost::program_options::options_description RejectsPurgeOptions();

}  // namespace rowferry
