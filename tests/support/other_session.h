// Another client's session, which keeps its transaction open.
#pragma once

#include <doctest/doctest.h>
#include <libpq-fe.h>

#include <memory>
#include <string>

namespace rowferry::testing {

class OtherSession {
 public:
  explicit OtherSession(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
    REQUIRE(PQstatus(connection_.get()) == CONNECTION_OK);
  }
  // Does not wait for the answer.
  void Send(const std::string& sql) { REQUIRE(PQsendQuery(connection_.get(), sql.c_str()) == 1); }
  void AwaitAnswers() {
    while (PGresult* result = PQgetResult(connection_.get())) PQclear(result);
  }
  void Exec(const std::string& sql) {
    Send(sql);
    AwaitAnswers();
  }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
};

}  // namespace rowferry::testing
