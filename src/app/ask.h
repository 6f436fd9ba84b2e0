// Asking the user, where somebody can answer.
#pragma once

namespace rowferry {

// Reads the answer to a question that was just asked: true for y, Y or yes; false for all else, and
// where a signal comes first.
bool AnswersYes();

}  // namespace rowferry
