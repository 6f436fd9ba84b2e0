#include "flow/failures.h"

#include <algorithm>
#include <array>

namespace rowferry {
namespace {

constexpr std::string_view kTriedAgain =
    "tried again up to `--retries` times in a row, in smaller chunks for a while";
constexpr std::string_view kWaitedFor =
    "connects anew and goes on from the ledger's checkpoint, for `--retry-for`";
constexpr std::string_view kEnds = "ends the run at once";

constexpr std::array kRows = {
    FailureRow{Failure::kDeadlock, "deadlock or conflict", ErrorKind::kTransient, kTriedAgain,
               "let what it clashes with end", "--retries"},
    FailureRow{Failure::kLock, "lock of others", ErrorKind::kTransient,
               "waited for as long as `--lock-timeout`, each time; then as above",
               "let the transaction that holds the lock end", "--lock-timeout or --retries"},
    FailureRow{Failure::kMemory, "no memory", ErrorKind::kTransient, kTriedAgain,
               "give the database that says so more memory or room for locks"},
    FailureRow{Failure::kLost, "lost connection", ErrorKind::kLost,
               "connects anew and goes on from the ledger's checkpoint, which tells whether a "
               "COMMIT took effect whose answer was lost, for `--retry-for`",
               "see that the server runs and can be reached", "--retry-for"},
    FailureRow{Failure::kSilent, "silent connection", ErrorKind::kLost,
               "ends the connection after `--stall` without progress; then as above",
               "see that the server and the network answer", "--retry-for"},
    FailureRow{Failure::kSnapshot, "lost snapshot", ErrorKind::kLost,
               "reads what is left in a new snapshot, and says so; then as above",
               "see that the source runs and can be reached", "--retry-for"},
    FailureRow{Failure::kNoRoom, "server without room", ErrorKind::kLost, kWaitedFor,
               "see that the server has started and has connections left", "--retry-for"},
    FailureRow{Failure::kNoWritesYet, "server that takes no writes yet", ErrorKind::kLost,
               "met on a new connection: connects anew until it does, for `--retry-for`",
               "have the server take writes again"},
    FailureRow{Failure::kInDoubt, "commit in doubt", ErrorKind::kTransient,
               "the ledger tells whether it took effect; if not, tried again up to `--retries` "
               "times in a row",
               "see what keeps the server from telling how a COMMIT ends", "--retries"},
    FailureRow{Failure::kRow, "bad row", ErrorKind::kData,
               "finds the row and keeps it as a reject, within `--max-rejects`; so it does where a "
               "trigger or a type raises a code that no row here has, unless its class is the "
               "server's or SQL's own",
               ""},
    FailureRow{Failure::kNoWrites, "server that takes no writes", ErrorKind::kTarget, kEnds,
               "have the server take writes again (default_transaction_read_only, pg_promote)"},
    FailureRow{Failure::kDiskFull, "full disk", ErrorKind::kTarget, kEnds,
               "free space on the disk of the database that says so"},
    FailureRow{Failure::kDisk, "disk error", ErrorKind::kTarget, kEnds,
               "see to the disk of the database that says so: its space, quota and state, and "
               "limits on the size of files (ulimit -f)"},
    FailureRow{Failure::kNoEntry, "refused login", ErrorKind::kTarget, kEnds,
               "see that the database is there and lets the role in: its right to log in, its "
               "password, pg_hba.conf"},
    FailureRow{Failure::kDenied, "missing right", ErrorKind::kTarget, kEnds,
               "grant the right that is missing"},
    FailureRow{Failure::kAltered, "altered table", ErrorKind::kTarget, kEnds,
               "undo the change of the table if it was not meant"},
    FailureRow{Failure::kCancelled, "cancelled statement", ErrorKind::kTarget, kEnds,
               "find out who cancelled it, or which limit did"},
    FailureRow{Failure::kDamaged, "damaged database", ErrorKind::kTarget, kEnds,
               "repair the database that says so, or restore its backup"},
    FailureRow{Failure::kNoDatabase, "no database", ErrorKind::kPlan, "refuses to begin", ""},
    FailureRow{Failure::kOwned, "job of another run", ErrorKind::kOwned,
               "writes nothing more, and ends with exit code 5", ""},
    FailureRow{Failure::kReport, "unwritten report", ErrorKind::kTarget,
               "completes the copy, and ends with exit code 1",
               "make room for it, or name another file"},
    FailureRow{Failure::kFault, "fault of rowferry", ErrorKind::kInternal, kEnds,
               "report it, with this message"},
    FailureRow{Failure::kOther, "anything else", ErrorKind::kTarget, kEnds, ""},
};

}  // namespace

std::string WayOutOf(const FailureRow& row, bool tried_again) {
  const std::string raise =
      row.limit.empty() || !tried_again ? "" : ", or raise " + std::string(row.limit);
  return std::string(row.way_out) + raise;
}

std::span<const FailureRow> FailureRows() { return kRows; }

const FailureRow& FailureRowOf(Failure failure) {
  return *std::find_if(kRows.begin(), kRows.end(),
                       [&](const FailureRow& row) { return row.failure == failure; });
}

Failure FindFailure(std::span<const FailureCode> codes, std::string_view code) {
  const auto found = std::find_if(codes.begin(), codes.end(), [&](const FailureCode& row) {
    return code.starts_with(row.prefix);
  });
  return found == codes.end() ? Failure::kOther : found->failure;
}

}  // namespace rowferry
