#include "e2e/outcomes.h"

#include <doctest/doctest.h>

#include <regex>

namespace rowferry::testing {

void CheckHolds(const std::string& text, const std::string& part) {
  CHECK_MESSAGE(Holds(text, part), text, " lacks ", part);
}

// What a sequence has given out does not come back with a rollback.
std::string RaiseSizes(const std::string& table, int times) {
  return "CREATE SEQUENCE failures; "
         "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
         "IF EXISTS (SELECT FROM sent) AND nextval('failures') <= " +
         std::to_string(times) +
         " THEN RAISE 'brought % rows', (SELECT count(*) FROM sent) USING ERRCODE = '40P01'; "
         "END IF; RETURN NULL; END $$; "
         "CREATE TRIGGER fail AFTER INSERT ON " +
         table + " REFERENCING NEW TABLE AS sent FOR EACH STATEMENT EXECUTE FUNCTION fail()";
}

std::vector<int> SizesRaised(const std::string& err) {
  static const std::regex kSize("brought ([0-9]+) rows");
  std::vector<int> sizes;
  for (std::sregex_iterator at(err.begin(), err.end(), kSize), end; at != end; ++at) {
    sizes.push_back(std::stoi((*at)[1]));
  }
  return sizes;
}

void CheckStopped(const Finished& stopped, const std::string& says, const std::string& way_out) {
  CHECK_MESSAGE(stopped.exit_code == 1, stopped.err);
  CHECK_MESSAGE(Holds(stopped.err, says), stopped.err);
  CHECK_MESSAGE(Holds(stopped.err, way_out + "; then the same command resumes"), stopped.err);
}

void CheckCompletes(Copies& copies, const std::vector<std::string>& words) {
  const Finished next = Rowferry(words);
  CHECK_MESSAGE(next.exit_code == 0, next.err);
  CHECK_MESSAGE(Holds(next.err, "resumed after"), next.err);
  copies.CheckExact();
}

}  // namespace rowferry::testing
