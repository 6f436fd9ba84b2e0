// The display as text: pure functions from progress to lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/rate.h"
#include "app/recorder.h"

namespace rowferry {

// The live display: a line for each table at work, then one for the whole job. No line is wider
// than `width` columns.
std::vector<std::string> RenderLive(const RunProgress& progress, const Pace& pace, size_t width,
                                    bool color);

// "50 %, 500,000 of 1,000,000 rows, 480,000 rows/s, 0:01 left", for logs and pipes.
std::string RenderPlain(const RunProgress& progress, const Pace& pace);

// What is said before the first row: the job, and where it resumes.
std::string RenderStart(const RunProgress& progress);

// The closing table: table, rows, time, rows/s; and a line for the whole.
std::string RenderSummary(const RunProgress& progress, int64_t now_unix_micros);

}  // namespace rowferry
