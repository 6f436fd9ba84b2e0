// Sequences behind columns: identity, serial, or any that the default names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flow/target.h"
#include "postgres/session.h"

namespace rowferry {

struct ColumnSequence {
  std::string column;
  std::string sequence;  // quoted and qualified as SQL wants it
  int64_t increment = 1;
  std::string minimum;
  std::string maximum;
  bool may_advance = false;           // the session's role may set it
  bool may_read_column = false;       // and may look for the column's largest value
  std::optional<int64_t> last_value;  // nothing if it has not begun, or the role may not ask

  bool counts_down() const { return increment < 0; }
};

// REQUIRES: the table exists.
std::vector<ColumnSequence> ReadSequences(Session& session, const TableName& table);

// Sets the sequences that fill the plan's columns of whole or decimal numbers behind the largest
// value of the column and of the source's sequence (the smallest, for those that count down); never
// back. Where neither has one, they are left as they are. REQUIRES: the table exists.
void AdvanceTableSequences(Session& session, const WritePlan& plan, const std::string& from);

// Why `role`, which is the session's, may not set them so. REQUIRES: the table exists.
std::vector<std::string> WhyNoSequences(Session& session, const WritePlan& plan,
                                        const std::string& role);

}  // namespace rowferry
