// Servers that fall silent while TCP lives, before commands that cannot say how long is too long:
// each of their questions ends by itself.
#include <doctest/doctest.h>

#include "app/rejects.h"
#include "app/status.h"
#include "base/error.h"
#include "job/ends.h"
#include "job/lease.h"
#include "job/retry_job.h"
#include "job/run.h"
#include "support/database.h"
#include "support/process.h"
#include "support/proxy.h"

namespace rowferry::testing {
namespace {

constexpr std::chrono::milliseconds kStall{500};
constexpr char kJob[] = "fill";

TargetEnd Open(const std::string& url, bool read_only) {
  TargetOptions options;
  options.url = url;
  options.read_only = read_only;
  options.must_exist = true;
  WatchTimes times;
  times.stall = kStall;
  return OpenTargetEnd(options, times);
}

// A job in a PostgreSQL ledger, with a row that the target refuses.
class RefusedRow {
 public:
  RefusedRow() {
    source_.Exec("CREATE TABLE items (id INTEGER PRIMARY KEY, note TEXT)");
    source_.Exec("INSERT INTO items VALUES (1, 'one'), (2, NULL), (3, 'three')");
    target_.Exec("CREATE TABLE items (id bigint PRIMARY KEY, note text NOT NULL)");
    const Finished copied = Rowferry({"copy", source_.url(), target_.url(), "--job", kJob});
    REQUIRE_MESSAGE(copied.exit_code == 3, copied.err);
  }

  // `ask`, of a server that falls silent at one message after the other, from the second question
  // on: the first one has a bound of its own.
  template <typename Ask>
  void FallSilent(int64_t step, const Ask& ask) const {
    int64_t lost = 0;
    for (int64_t at = 3;; at += step) {
      CAPTURE(at);
      const Proxy proxy(target_.url(), Fault{Fault::Kind::kStall, Side::kClient, at});
      try {
        ask(proxy.url());
        if (!proxy.Happened()) break;
      } catch (const Error& error) {
        ++lost;
        CHECK_MESSAGE(error.kind() == ErrorKind::kLost, error.what());
      }
    }
    CHECK(lost > 2);
  }

 private:
  SqliteDatabase source_;
  PostgresDatabase target_;
};

TEST_CASE("status of a server that falls silent ends with a lost connection") {
  RefusedRow().FallSilent(3, [](const std::string& url) {
    const TargetEnd end = Open(url, true);
    const auto jobs = ReadStatus(end.ledger(), "");
    CHECK(jobs.size() == 1);
  });
}

TEST_CASE("a list of rejects of a server that falls silent ends with a lost connection") {
  RefusedRow().FallSilent(3, [](const std::string& url) {
    const TargetEnd end = Open(url, true);
    const RejectedJob job = FindRejectedJob(end.ledger(), "");
    int rejects = 0;
    end.ledger().EachReject(kJob, FilterOf({}, job), [&](const Reject&) { return ++rejects > 0; });
    CHECK(rejects == 1);
  });
}

TEST_CASE("a purge before a server that falls silent ends with a lost connection") {
  RefusedRow().FallSilent(9, [](const std::string& url) {
    const TargetEnd end = Open(url, false);
    const JobLease lease(end.ledger(), kJob);
    RejectFilter none;
    none.id = -1;
    const int64_t purged = end.ledger().Purge(kJob, none);
    CHECK(purged == 0);
  });
}

TEST_CASE("a retry of rejects before a server that falls silent ends with a lost connection") {
  const RefusedRow row;
  row.FallSilent(20, [](const std::string& url) {
    const JobRecord job = FindJob(Open(url, true).ledger(), kJob).value();
    RetryOptions options;
    options.target = url;
    options.ledger_schema = "rowferry";
    options.retry.lost = {};  // else it goes on by itself
    options.stall = kStall;
    const std::atomic<bool> stop = false;
    RetryResult result;
    RetryJob(job, options, stop, result);
    CHECK(result.counts.failed == 1);
    CHECK(result.open == 1);
  });
}

}  // namespace
}  // namespace rowferry::testing
