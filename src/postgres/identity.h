// Which database a session is in, whatever the URL that led there.
#pragma once

#include <string>

#include "postgres/session.h"

namespace rowferry {

// "postgresql://host:port/database", as libpq resolved them from URL, environment and service file.
std::string DatabasePlace(Session& session);

// As Source::Identity: the system's number, which a standby shares with its primary, where this
// role may ask for it; and when the server started. Throws Error(kTransient).
std::string DatabaseIdentity(Session& session);

// Throws Error(kPlan) if a pooler hands the session's statements to changing backends: locks,
// settings and snapshots would belong to nobody. `second`: for another session like this one.
void RefuseTransactionPooler(Session& session, const SessionOptions& second);

}  // namespace rowferry
