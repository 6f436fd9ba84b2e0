// Streams a table in key order: one long statement in the source's read transaction.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flow/source.h"
#include "sqlite/decode.h"
#include "sqlite/session.h"

namespace rowferry::sqlite {

// Looks at the rows of a column to learn how its values are to be understood.
using AskEncoding = std::function<Encoding(const std::string& column)>;

struct ReaderSetup {
  ReadPlan plan;
  ChunkLimits limits;
  std::string rowid;                // its name, where the key needs it
  std::vector<Encoding> encodings;  // one for each output
  AskEncoding ask;
};

// The session must outlive the reader, and nobody else may use it while Seek or Read runs.
std::unique_ptr<Reader> MakeReader(Session& session, ReaderSetup setup);

std::unique_ptr<KeyReader> MakeKeyReader(Session& session, ReaderSetup setup);

// Source::AsRead for a column of that form.
std::optional<Value> ReadAs(Session& session, Decoder decoder, const Value& held,
                            const std::function<Encoding()>& ask);

}  // namespace rowferry::sqlite
