#include "support/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace rowferry::testing {
namespace {

constexpr size_t kLengthBytes = 4;
constexpr int kTickMs = 50;

uint32_t BigEndian(const char* bytes) {
  uint32_t number = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    number = (number << 8U) | static_cast<unsigned char>(bytes[i]);
  }
  return number;
}

sockaddr_in Address(const std::string& host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    throw std::runtime_error("the proxy takes an IPv4 address, not " + host);
  }
  return address;
}

int NewSocket() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) throw std::runtime_error("no socket for the proxy");
  return socket;
}

const sockaddr* Generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

bool SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

std::string Garbled(std::string message) {
  message.back() = static_cast<char>(~message.back());
  return message;
}

}  // namespace

// Cuts one direction's bytes into messages.
class Proxy::Framing {
 public:
  explicit Framing(Side side) : untyped_(side == Side::kClient) {}

  void Add(std::string_view bytes) { bytes_.append(bytes); }

  // The next whole message; empty: it has not come yet.
  std::string Next() {
    const size_t head = untyped_ ? 0 : 1;
    if (bytes_.size() < head + kLengthBytes) return {};
    const size_t size = head + BigEndian(bytes_.data() + head);
    if (bytes_.size() < size) return {};
    std::string message = bytes_.substr(0, size);
    bytes_.erase(0, size);
    // A client's first message has no type byte: it is the start-up, or a request to cancel.
    untyped_ = false;
    return message;
  }

 private:
  bool untyped_;
  std::string bytes_;
};

struct Proxy::Link {
  int client = -1;
  int server = -1;
  Framing from_client{Side::kClient};
  Framing from_server{Side::kServer};
  int64_t generation = 0;
  std::atomic<bool> stalled = false;
  std::thread thread;
};

Proxy::Proxy(const std::string& url, const std::optional<Fault>& fault) : fault_(fault) {
  const size_t at = url.find('@');
  const size_t colon = url.find(':', at);
  const size_t slash = url.find('/', colon);
  if (at == std::string::npos || colon == std::string::npos || slash == std::string::npos) {
    throw std::runtime_error("the proxy takes postgresql://user@host:port/database, not " + url);
  }
  server_host_ = url.substr(at + 1, colon - at - 1);
  if (server_host_ == "localhost") server_host_ = "127.0.0.1";
  server_port_ = std::stoi(url.substr(colon + 1, slash - colon - 1));
  listener_ = NewSocket();
  sockaddr_in address = Address("127.0.0.1", 0);
  socklen_t size = sizeof(address);
  if (::bind(listener_, Generic(address), size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  url_ = url.substr(0, at) + "@127.0.0.1:" + std::to_string(ntohs(address.sin_port)) +
         url.substr(slash) + "?sslmode=disable&gssencmode=disable";
  thread_ = std::thread([this] { Accept(); });
}

Proxy::~Proxy() {
  ended_ = true;
  thread_.join();
  for (const auto& link : links_) link->thread.join();
  ::close(listener_);
}

int64_t Proxy::Messages(Side side) const {
  const std::lock_guard lock(mutex_);
  return side == Side::kClient ? client_messages_ : server_messages_;
}

bool Proxy::Happened() const {
  const std::lock_guard lock(mutex_);
  return happened_;
}

void Proxy::Heal() {
  const std::lock_guard lock(mutex_);
  healed_ = true;
}

void Proxy::Arm(const Fault& fault) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  if (fault.tag.empty() && fault.type == 0) {
    fault_->at += fault.side == Side::kClient ? client_messages_ : server_messages_;
  }
  met_ = 0;
  happened_ = false;
  healed_ = false;
}

void Proxy::EndConnections() {
  Heal();
  ++generation_;
}

std::optional<Proxy::Mark> Proxy::FirstWith(const std::string& text) const {
  const std::lock_guard lock(mutex_);
  for (const Seen& seen : seen_) {
    if (seen.message.find(text) != std::string::npos) return seen.mark;
  }
  return std::nullopt;
}

void Proxy::Accept() {
  while (!ended_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, kTickMs) <= 0) continue;
    auto link = std::make_unique<Link>();
    link->client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (link->client < 0) continue;
    link->generation = generation_;
    Link& accepted = *link;
    links_.push_back(std::move(link));
    accepted.thread = std::thread([this, &accepted] { Serve(accepted); });
  }
}

void Proxy::Serve(Link& link) {
  link.server = NewSocket();
  const sockaddr_in address = Address(server_host_, server_port_);
  bool open = ::connect(link.server, Generic(address), sizeof(address)) == 0;
  const int on = 1;  // each message is a packet, and waits for no other
  ::setsockopt(link.client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::setsockopt(link.server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  {
    const std::lock_guard lock(mutex_);
    link.stalled = happened_ && !healed_ && fault_ && fault_->kind == Fault::Kind::kStall &&
                   fault_->stalls_new_ones;
  }
  while (open && !ended_ && link.generation == generation_) {
    if (link.stalled) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kTickMs));
      continue;
    }
    pollfd waiting[] = {{link.client, POLLIN, 0}, {link.server, POLLIN, 0}};
    if (::poll(waiting, 2, kTickMs) <= 0) continue;
    if (waiting[0].revents != 0) open = Pump(link, Side::kClient);
    if (open && !link.stalled && waiting[1].revents != 0) open = Pump(link, Side::kServer);
  }
  ::close(link.client);
  ::close(link.server);
}

// False: the link is over.
bool Proxy::Pump(Link& link, Side side) {
  char bytes[16'384];
  const int from = side == Side::kClient ? link.client : link.server;
  const ssize_t size = ::recv(from, bytes, sizeof(bytes), 0);
  if (size <= 0) return false;
  Framing& framing = side == Side::kClient ? link.from_client : link.from_server;
  framing.Add({bytes, static_cast<size_t>(size)});
  while (!link.stalled) {
    const std::string message = framing.Next();
    if (message.empty()) return true;
    if (!Deliver(link, side, message)) return false;
  }
  return true;
}

bool Proxy::Deliver(Link& link, Side side, const std::string& message) {
  const int to = side == Side::kClient ? link.server : link.client;
  const Verdict verdict = Judge(side, message);
  switch (verdict.action) {
    case Action::kDelay:
      std::this_thread::sleep_for(verdict.delay);
      return SendAll(to, message);
    case Action::kPass:
      return SendAll(to, message);
    case Action::kGarble:
      return SendAll(to, Garbled(message));
    case Action::kPassThenBreak:
    case Action::kPassThenStall:
      SendAll(to, message);
      break;
    case Action::kBreakHalf:
      SendAll(to, std::string_view(message).substr(0, message.size() / 2));
      break;
    case Action::kBreak:
    case Action::kStall:
      break;
  }
  if (verdict.action == Action::kStall || verdict.action == Action::kPassThenStall) {
    link.stalled = true;
    return true;
  }
  Break(link, verdict.reset);
  return false;
}

// Counts the message, and says what becomes of it.
Proxy::Verdict Proxy::Judge(Side side, const std::string& message) {
  const std::lock_guard lock(mutex_);
  const int64_t number = side == Side::kClient ? ++client_messages_ : ++server_messages_;
  if (side == Side::kClient) seen_.push_back({message, {number, server_messages_}});
  if (!fault_ || happened_ || healed_ || !Meets(*fault_, side, number, message)) return {};
  happened_ = true;
  const Fault& fault = *fault_;
  switch (fault.kind) {
    case Fault::Kind::kDelay:
      return {Action::kDelay, false, fault.delay};
    case Fault::Kind::kGarble:
      return {Action::kGarble};
    case Fault::Kind::kPartial:
      return {Action::kBreakHalf};
    case Fault::Kind::kStall:
      return {fault.after ? Action::kPassThenStall : Action::kStall};
    default:
      return {fault.after ? Action::kPassThenBreak : Action::kBreak,
              fault.kind == Fault::Kind::kReset};
  }
}

// REQUIRES: mutex_ is held.
bool Proxy::Meets(const Fault& fault, Side side, int64_t number, const std::string& message) {
  if (fault.type != 0) {
    return side == fault.side && message[0] == fault.type && ++met_ == fault.at;
  }
  if (fault.tag.empty()) return side == fault.side && number == fault.at;
  constexpr size_t kHead = 1 + kLengthBytes;
  const bool tagged = side == Side::kServer && message[0] == 'C' &&
                      message.compare(kHead, fault.tag.size(), fault.tag) == 0;
  return tagged && ++met_ == fault.at;
}

// An RST is what a socket sends that is closed with no time to linger.
void Proxy::Break(Link& link, bool reset) {
  if (!reset) return;
  const linger none{1, 0};
  ::setsockopt(link.client, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
  ::setsockopt(link.server, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

}  // namespace rowferry::testing
