// A loopback TCP proxy between rowferry and a PostgreSQL server, which can do to the connection at
// any message of the protocol whatever networks do.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rowferry::testing {

enum class Side { kClient, kServer };  // who sent the message

struct Fault {
  enum class Kind {
    kReset,    // both sides get an RST
    kClose,    // both sides get a FIN
    kStall,    // everything is swallowed from here on; the sockets stay open
    kDelay,    // the message, and what follows, comes later
    kPartial,  // half of the message is passed on, then both sides get a FIN
    kGarble,   // the message is passed on with another last byte
  };
  Kind kind = Kind::kReset;
  Side side = Side::kServer;
  // The message at which it happens: the n-th of that side over all connections, counted from 1;
  // or, where `tag` is not empty, the n-th answer of the server to a command of that tag ("COMMIT",
  // "COPY"); or, where `type` is given, the n-th of that side of this type ('d': CopyData).
  int64_t at = 1;
  std::string tag = {};
  char type = 0;
  bool after = false;  // the message itself still goes through
  std::chrono::milliseconds delay{0};
  bool stalls_new_ones = false;  // kStall: connections made later are stalled as well
};

// Listens on a port of its own on 127.0.0.1. Understands the framing of the protocol, version 3, in
// both directions; what is encrypted it cannot count: use url(), which switches that off.
class Proxy {
 public:
  // `url` is of a server that is reached by TCP: postgresql://user@host:port/database.
  explicit Proxy(const std::string& url, const std::optional<Fault>& fault = std::nullopt);
  ~Proxy();  // ends all connections
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  const std::string& url() const { return url_; }
  // Messages of that side so far, those of the start-up included.
  int64_t Messages(Side side) const;
  // How many messages of the server's had come when the client first sent one that holds `text`;
  // and that one's own number. Nothing if it never did.
  struct Mark {
    int64_t client = 0;
    int64_t server = 0;
  };
  std::optional<Mark> FirstWith(const std::string& text) const;
  // Whether the fault has happened.
  bool Happened() const;
  // Stalled connections stay so; from here on everything else passes.
  void Heal();
  // The next fault, in place of the one before; it counts messages and tags from here on.
  void Arm(const Fault& fault);
  // Heals, and ends all connections that are open, the stalled ones too.
  void EndConnections();

 private:
  struct Link;  // one connection
  class Framing;
  enum class Action {
    kPass,
    kPassThenBreak,
    kBreak,
    kBreakHalf,
    kStall,
    kPassThenStall,
    kDelay,
    kGarble
  };
  struct Verdict {
    Action action = Action::kPass;
    bool reset = false;
    std::chrono::milliseconds delay{0};
  };

  void Accept();
  void Serve(Link& link);
  bool Pump(Link& link, Side side);
  bool Deliver(Link& link, Side side, const std::string& message);
  Verdict Judge(Side side, const std::string& message);
  bool Meets(const Fault& fault, Side side, int64_t number, const std::string& message);
  void Break(Link& link, bool reset);

  struct Seen {
    std::string message;
    Mark mark;
  };

  std::string server_host_;
  int server_port_ = 0;
  int listener_ = -1;
  std::string url_;
  mutable std::mutex mutex_;
  std::optional<Fault> fault_;  // guarded by mutex_, as are those below
  int64_t client_messages_ = 0;
  int64_t server_messages_ = 0;
  int64_t met_ = 0;         // of that tag or type
  std::vector<Seen> seen_;  // the client's
  bool happened_ = false;
  bool healed_ = false;
  std::atomic<bool> ended_ = false;
  std::atomic<int64_t> generation_ = 0;       // connections of an earlier one end
  std::vector<std::unique_ptr<Link>> links_;  // the accepting thread's
  std::thread thread_;                        // last: it uses all of the above
};

}  // namespace rowferry::testing
