// What networks and servers do to a copy, at any moment: it goes on by itself, and ends exact.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "e2e/copies.h"
#include "support/proxy.h"

namespace rowferry::testing {
namespace {

using nlohmann::json;

// A table with a key and one without, in which rows are there twice.
constexpr char kMakeTables[] = R"(
CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, note text);
CREATE TABLE bag (word text, amount bigint);
INSERT INTO items
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
  SELECT i * 3, 'note ' || i FROM n;
INSERT INTO bag
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 14)
  SELECT 'word ' || (i % 4), i % 2 FROM n;
)";
constexpr int64_t kRows = 34;

// A small copy whose PostgreSQL end is reached through a proxy.
class ProxiedCopy {
 public:
  ProxiedCopy(const std::string& proxied, const std::optional<Fault>& fault)
      : source_(MakeDatabase(proxied == "source" ? "postgres" : "sqlite")),
        target_(MakeDatabase(proxied == "source" ? "sqlite" : "postgres")),
        proxy_(proxied == "source" ? source_->url() : target_->url(), fault),
        at_source_(proxied == "source") {
    source_->Exec(kMakeTables);
    if (at_source_) source_->AwaitOpenTransactions();
  }

  Proxy& proxy() { return proxy_; }
  TestDatabase& target() { return *target_; }

  Finished Run(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"copy", at_source_ ? proxy_.url() : source_->url(),
                                      at_source_ ? target_->url() : proxy_.url()};
    words.insert(words.end(), {"--chunk-rows", "7"});
    words.insert(words.end(), more.begin(), more.end());
    return Rowferry(words);
  }

  void CheckExact() {
    for (const char* contents :
         {"SELECT id, note FROM items ORDER BY 1", "SELECT word, amount FROM bag ORDER BY 1, 2"}) {
      CHECK(target_->Rows(contents) == source_->Rows(contents));
    }
    const std::string split = target_->LedgerTable("split");
    CHECK(target_->Rows("SELECT sum(\"read\"), sum(inserted) FROM " + split) ==
          std::vector<TextRow>{{std::to_string(kRows), std::to_string(kRows)}});
    CHECK(target_->One("SELECT state FROM " + target_->LedgerTable("job")) == "done");
  }

 private:
  std::unique_ptr<TestDatabase> source_;
  std::unique_ptr<TestDatabase> target_;
  Proxy proxy_;
  bool at_source_;
};

std::string Show(const Fault& fault) {
  const char* kinds[] = {"reset", "close", "stall", "delay", "partial", "garble"};
  return std::string(kinds[static_cast<int>(fault.kind)]) +
         (fault.side == Side::kClient ? " of the client's " : " of the server's ") +
         (fault.tag.empty() ? "message " : fault.tag + " ") + std::to_string(fault.at) +
         (fault.after ? ", passed on before" : "");
}

bool NamesSilence(const std::string& text) {
  for (const char* cause : {"it had fallen silent, and was ended",
                            "no answer to the first question", "timeout expired"}) {
    if (text.find(cause) != std::string::npos) return true;
  }
  return false;
}

struct Extent {
  Proxy::Mark begins;  // where the job is born, or for a source where the first row is asked for
  int64_t client = 0;
  int64_t server = 0;

  bool Planning(const Fault& fault) const {
    return fault.at <= (fault.side == Side::kClient ? begins.client : begins.server);
  }
};

// The copy is disturbed once, and ends as if it had not been. What comes before the job begins is
// refused, as where no connection can be made, and nothing is there to be cleaned up.
void Survive(const std::string& proxied, const Extent& extent, const Fault& fault,
             const std::vector<std::string>& more = {}) {
  CAPTURE(Show(fault));
  ProxiedCopy copy(proxied, fault);
  const Finished finished = copy.Run(more);
  CAPTURE(finished.err);
  CHECK(copy.proxy().Happened());
  if (finished.exit_code == 2 && extent.Planning(fault)) {
    CHECK(finished.err.find(": try ") == std::string::npos);
    CHECK((fault.kind != Fault::Kind::kStall || NamesSilence(finished.err)));
    copy.proxy().EndConnections();  // as the server's TCP does within a minute: the lease goes
    const Finished next = copy.Run();
    CHECK_MESSAGE(next.exit_code == 0, next.err);
  } else {
    CHECK(finished.exit_code == 0);
  }
  copy.CheckExact();
}

// With no retries the run ends, and the same command again completes it.
void Resume(const std::string& proxied, const Fault& fault) {
  CAPTURE(Show(fault));
  ProxiedCopy copy(proxied, fault);
  const Finished finished = copy.Run({"--retry-for", "0"});
  CAPTURE(finished.err);
  CHECK(copy.proxy().Happened());
  CHECK(finished.exit_code != 3);
  if (finished.exit_code != 0) {
    const Finished next = copy.Run();
    CAPTURE(next.err);
    CHECK(next.exit_code == 0);
  }
  copy.CheckExact();
}

Extent MeasureOnce(const std::string& proxied) {
  ProxiedCopy copy(proxied, std::nullopt);
  const Finished finished = copy.Run();
  REQUIRE_MESSAGE(finished.exit_code == 0, finished.err);
  copy.CheckExact();
  const auto begins =
      copy.proxy().FirstWith(proxied == "source" ? "COPY (SELECT" : "DELETE FROM \"rowferry\".job");
  REQUIRE(begins.has_value());
  return {*begins, copy.proxy().Messages(Side::kClient), copy.proxy().Messages(Side::kServer)};
}

// One that takes long has a heartbeat more, which another one may not have: the shorter of two.
Extent Undisturbed(const std::string& proxied) {
  const Extent one = MeasureOnce(proxied);
  const Extent other = MeasureOnce(proxied);
  return {one.begins, std::min(one.client, other.client), std::min(one.server, other.server)};
}

// Every so many messages; all of them in the long run that ROWFERRY_EVERY_MESSAGE asks for.
int64_t Stride(int64_t otherwise) {
  return std::getenv("ROWFERRY_EVERY_MESSAGE") == nullptr ? otherwise : 1;
}

// What befalls the messages, in turn. A partial message has nothing after it.
constexpr struct {
  Fault::Kind kind;
  bool after;
} kInTurn[] = {{Fault::Kind::kReset, false}, {Fault::Kind::kClose, true},
               {Fault::Kind::kDelay, false}, {Fault::Kind::kPartial, false},
               {Fault::Kind::kReset, true},  {Fault::Kind::kStall, false},
               {Fault::Kind::kClose, false}, {Fault::Kind::kStall, true}};

void DisturbInTurn(const std::string& proxied, Side side, const Extent& extent) {
  const int64_t begins = side == Side::kClient ? extent.begins.client : extent.begins.server;
  const int64_t end = side == Side::kClient ? extent.client : extent.server;
  size_t turn = 0;
  for (int64_t at = 1; at <= end; at += at < begins ? Stride(25) : Stride(7)) {
    const auto& next = kInTurn[turn++ % std::size(kInTurn)];
    Fault fault{next.kind, side, at};
    fault.after = next.after;
    fault.delay = std::chrono::milliseconds(50);
    const bool stalls = next.kind == Fault::Kind::kStall;
    Survive(proxied, extent, fault,
            stalls ? std::vector<std::string>{"--stall", "1s"} : std::vector<std::string>{});
  }
}

void DisturbEveryMessage(const std::string& proxied) {
  const Extent extent = Undisturbed(proxied);
  MESSAGE(extent.client << " messages to the server, " << extent.server << " from it");
  DisturbInTurn(proxied, Side::kClient, extent);
  DisturbInTurn(proxied, Side::kServer, extent);
}

TEST_CASE("a connection to the target that any message finds cut, silent or slow loses nothing") {
  DisturbEveryMessage("target");
}

TEST_CASE("a connection to the source that any message finds cut, silent or slow loses nothing") {
  DisturbEveryMessage("source");
}

TEST_CASE("a commit whose answer is lost is settled by the ledger" *
          doctest::test_suite("lost connection")) {
  for (const bool after : {false, true}) {
    for (int64_t at = 1;; ++at) {
      Fault fault{Fault::Kind::kReset, Side::kServer, at};
      fault.tag = "COMMIT";
      fault.after = after;
      CAPTURE(Show(fault));
      ProxiedCopy copy("target", fault);
      const Finished finished = copy.Run();
      CAPTURE(finished.err);
      const bool began = finished.exit_code != 2;
      CHECK((began ? finished : copy.Run()).exit_code == 0);
      copy.CheckExact();
      if (!copy.proxy().Happened()) break;
    }
  }
}

TEST_CASE("a connection that falls silent at a rollback is made anew") {
  for (int64_t at = 1;; ++at) {
    Fault fault{Fault::Kind::kStall, Side::kServer, at};
    fault.tag = "ROLLBACK";
    CAPTURE(Show(fault));
    ProxiedCopy copy("target", fault);
    copy.target().Exec(
        "CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, note text CHECK (note <> 'note 9'))");
    const Finished finished = copy.Run({"--stall", "2s"});
    CHECK_MESSAGE(finished.exit_code == 3, finished.err);
    CHECK(copy.target().One("SELECT count(*) FROM items") == "19");
    CHECK(copy.target().One("SELECT count(*) FROM bag") == "14");
    CHECK(copy.target().One("SELECT count(*) FROM rowferry.reject") == "1");
    if (!copy.proxy().Happened()) {
      CHECK(at > 1);
      break;
    }
  }
}

TEST_CASE("a server that falls silent just after connecting is not waited for for ever") {
  for (const char* proxied : {"target", "source"}) {
    ProxiedCopy copy(proxied, Fault{Fault::Kind::kStall, Side::kClient, 2});
    const Finished finished = copy.Run();
    CHECK(finished.exit_code == 2);
    CHECK_MESSAGE(finished.err.find("no answer to the first question") != std::string::npos,
                  finished.err);
    CHECK(copy.Run().exit_code == 0);
    copy.CheckExact();
  }
}

// Which takes no longer than --stall, though TCP says nothing. The source's job is born before its
// first row is asked for: the copy then goes on.
void FallSilentWhilePlanning(const std::string& proxied) {
  const Extent extent = Undisturbed(proxied);
  const int64_t step = Stride(extent.begins.client / 14 + 1);
  for (int64_t at = 3; at < extent.begins.client; at += step) {
    Survive(proxied, extent, {Fault::Kind::kStall, Side::kClient, at}, {"--stall", "1s"});
  }
}

TEST_CASE("a target that falls silent while it is opened and planned for ends the run") {
  FallSilentWhilePlanning("target");
}

TEST_CASE("a source that falls silent while it is opened and planned for ends the run") {
  FallSilentWhilePlanning("source");
}

TEST_CASE("a plan ends by itself where a whole server falls silent, for new connections too") {
  PostgresDatabase source;
  SqliteDatabase target;
  source.Exec(kMakeTables);
  const auto plan = [&](const Proxy& proxy) {
    ProcessOptions options;
    options.environment = {{"PGCONNECT_TIMEOUT", "2"}};
    return Rowferry({"plan", proxy.url(), target.url(), "--stall", "1s"}, options);
  };
  Proxy proxy(source.url());
  REQUIRE(plan(proxy).exit_code == 0);
  Fault fault{Fault::Kind::kStall, Side::kClient, proxy.Messages(Side::kClient) / 2};
  fault.stalls_new_ones = true;
  proxy.Arm(fault);
  const Finished finished = plan(proxy);
  CHECK(finished.exit_code == 2);
  CHECK_MESSAGE(NamesSilence(finished.err), finished.err);
}

TEST_CASE("without retries a lost connection ends the run, and the next one completes it") {
  for (const char* proxied : {"target", "source"}) {
    const Extent extent = Undisturbed(proxied);
    const int64_t step = (extent.server - extent.begins.server) / 12 + 1;
    for (int64_t at = extent.begins.server; at <= extent.server; at += step) {
      Resume(proxied, {Fault::Kind::kReset, Side::kServer, at});
    }
  }
}

TEST_CASE("a connection that falls silent while rejects are kept is found dead") {
  SqliteDatabase source;
  source.Exec(
      "CREATE TABLE items (id INTEGER PRIMARY KEY); INSERT INTO items VALUES (1), (2), (3)");
  int64_t begins = 0;
  const auto run = [&](const std::optional<Fault>& fault) {
    PostgresDatabase target;
    target.Exec("CREATE TABLE items (id bigint PRIMARY KEY CHECK (id <> 2))");
    const Proxy proxy(target.url(), fault);
    const Finished copied =
        Rowferry({"copy", source.url(), proxy.url(), "--max-rejects", "100%", "--stall", "500ms"});
    CHECK_MESSAGE(copied.exit_code == 3, copied.err);
    CHECK(target.One("SELECT count(*) FROM items") == "2");
    CHECK(target.One("SELECT count(*) FROM rowferry.reject") == "1");
    CHECK(proxy.Happened() == fault.has_value());
    const auto mark = proxy.FirstWith("COPY \"rowferry\".reject");
    REQUIRE(mark.has_value());
    begins = mark->client;
  };
  run(std::nullopt);
  const int64_t first = begins;
  for (int64_t at = first; at < first + 4; ++at) {  // its rows, its end, and what follows
    CAPTURE(at);
    run(Fault{Fault::Kind::kStall, Side::kClient, at});
  }
}

}  // namespace
}  // namespace rowferry::testing
