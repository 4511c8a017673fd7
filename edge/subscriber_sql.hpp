#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hotdesk/pbx_accounts.hpp"

// SQL for Kamailio's table `subscriber` (modules auth_db, version 7 of the table), in the words
// that SQLite, PostgreSQL and MySQL share. Pure.
//
// A table of ours beside it, `stormdoor_account`, says which rows of a domain are ours and what
// stands in them: others' rows are never touched, with one exception: a row that has the name of an
// account of ours is taken over, since phones are told our secret for it. Other columns of a row
// are left alone. Rows hold digests (ha1, ha1b), and the password only when asked for.
namespace stormdoor::edge {

struct SubscriberTerms {
  std::string domain;  // letters, digits and .-:_ only
  std::string realm;
  bool passwords = false;  // SQLite only: its strings know no escapes
};

// Makes our table, if it is not there.
[[nodiscard]] std::string_view subscriber_setup_sql();
// Makes these all of ours. Inside a transaction.
[[nodiscard]] std::string subscriber_sql(const std::vector<hotdesk::PbxAccount>& all,
                                         const SubscriberTerms& terms);
// Changes ours by this. Inside a transaction.
[[nodiscard]] std::string subscriber_sql(const hotdesk::PbxDifference& difference,
                                         const SubscriberTerms& terms);
// One query with one number: of how many accounts of ours `subscriber` has exactly what it should.
[[nodiscard]] std::string subscriber_check_sql(const SubscriberTerms& terms);
// The whole input of an SQL client: the setup, `changes` in a transaction, and a query that prints
// kSubscriberMark and that number.
inline constexpr std::string_view kSubscriberMark = "stormdoor-accounts";
[[nodiscard]] std::string subscriber_script(std::string_view changes, const SubscriberTerms& terms);

}  // namespace stormdoor::edge
