#include "edge/subscriber_sql.hpp"

#include <fmt/format.h>

#include "base/crypto/crypto.hpp"

namespace stormdoor::edge {
namespace {

using hotdesk::PbxAccount;

std::string sql_string(std::string_view text) {
  std::string all = "'";
  for (const char c : text) {
    all += c;
    if (c == '\'') all += c;
  }
  return all + "'";
}

void put(std::string& sql, const PbxAccount& account, const SubscriberTerms& terms) {
  using crypto::Hash;
  const std::string secret(account.secret.reveal());
  const std::string name = sql_string(account.account);
  const std::string domain = sql_string(terms.domain);
  const auto ha1 =
      crypto::hash_hex(Hash::Md5, fmt::format("{}:{}:{}", account.account, terms.realm, secret));
  const auto ha1b = crypto::hash_hex(
      Hash::Md5, fmt::format("{}@{}:{}:{}", account.account, terms.domain, terms.realm, secret));
  sql += fmt::format(
      "DELETE FROM stormdoor_account WHERE username = {0} AND domain = {1};\n"
      "INSERT INTO stormdoor_account (username, domain, password, ha1, ha1b, kept)"
      " VALUES ({0}, {1}, {2}, '{3}', '{4}', 1);\n",
      name, domain, sql_string(terms.passwords ? secret : ""), ha1, ha1b);
}

// From our table to theirs.
void carry_over(std::string& sql, const SubscriberTerms& terms) {
  constexpr std::string_view kOurs =
      "FROM stormdoor_account WHERE stormdoor_account.username = subscriber.username"
      " AND stormdoor_account.domain = subscriber.domain";
  const std::string domain = sql_string(terms.domain);
  sql += fmt::format(
      "DELETE FROM subscriber WHERE domain = {0} AND username IN"
      " (SELECT username FROM stormdoor_account WHERE domain = {0} AND kept = 0);\n"
      "DELETE FROM stormdoor_account WHERE domain = {0} AND kept = 0;\n"
      "UPDATE subscriber SET password = (SELECT password {1}), ha1 = (SELECT ha1 {1}),"
      " ha1b = (SELECT ha1b {1}) WHERE domain = {0} AND EXISTS (SELECT 1 {1} AND"
      " (stormdoor_account.ha1 <> subscriber.ha1 OR stormdoor_account.ha1b <> subscriber.ha1b"
      " OR stormdoor_account.password <> subscriber.password));\n"
      "INSERT INTO subscriber (username, domain, password, ha1, ha1b)"
      " SELECT a.username, a.domain, a.password, a.ha1, a.ha1b FROM stormdoor_account a"
      " WHERE a.domain = {0} AND NOT EXISTS (SELECT 1 FROM subscriber s"
      " WHERE s.username = a.username AND s.domain = a.domain);\n",
      domain, kOurs);
}

// In the places of `columns`.
std::string check(std::string_view columns, const SubscriberTerms& terms) {
  return fmt::format(
      "SELECT {0}count(*) FROM stormdoor_account a, subscriber s WHERE a.domain = {1}"
      " AND s.username = a.username AND s.domain = a.domain AND s.ha1 = a.ha1"
      " AND s.ha1b = a.ha1b AND s.password = a.password AND a.kept = 1;\n",
      columns, sql_string(terms.domain));
}

}  // namespace

std::string_view subscriber_setup_sql() {
  return "CREATE TABLE IF NOT EXISTS stormdoor_account (username VARCHAR(64) NOT NULL,"
         " domain VARCHAR(64) NOT NULL, password VARCHAR(128) NOT NULL, ha1 VARCHAR(128) NOT NULL,"
         " ha1b VARCHAR(128) NOT NULL, kept INTEGER NOT NULL, PRIMARY KEY (username, domain));\n";
}

std::string subscriber_sql(const std::vector<PbxAccount>& all, const SubscriberTerms& terms) {
  std::string sql = fmt::format("UPDATE stormdoor_account SET kept = 0 WHERE domain = {};\n",
                                sql_string(terms.domain));
  for (const PbxAccount& account : all) put(sql, account, terms);
  carry_over(sql, terms);
  return sql;
}

std::string subscriber_sql(const hotdesk::PbxDifference& difference, const SubscriberTerms& terms) {
  std::string sql;
  for (const std::string& name : difference.removed)
    sql +=
        fmt::format("UPDATE stormdoor_account SET kept = 0 WHERE username = {} AND domain = {};\n",
                    sql_string(name), sql_string(terms.domain));
  for (const PbxAccount& account : difference.added) put(sql, account, terms);
  for (const PbxAccount& account : difference.changed) put(sql, account, terms);
  carry_over(sql, terms);
  return sql;
}

std::string subscriber_check_sql(const SubscriberTerms& terms) {
  return check("", terms);
}

std::string subscriber_script(std::string_view changes, const SubscriberTerms& terms) {
  return fmt::format("{}BEGIN;\n{}COMMIT;\n{}", subscriber_setup_sql(), changes,
                     check(fmt::format("'{}', ", kSubscriberMark), terms));
}

}  // namespace stormdoor::edge
