#include "bench/storm/http_login.hpp"

#include <fmt/format.h>

#include <map>

#include "base/crypto/crypto.hpp"
#include "base/text.hpp"

namespace stormdoor::storm {
namespace {

using Parameters = std::map<std::string, std::string>;

// name=value, name="va\"lue", ... (RFC 9110, 11.2)
Parameters read_parameters(std::string_view text) {
  Parameters parameters;
  while (!text.empty()) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) break;
    std::string name = ascii_lower(trim(text.substr(0, equals)));
    while (!name.empty() && (name.front() == ',' || name.front() == ' ')) name.erase(0, 1);
    text.remove_prefix(equals + 1);
    std::string value;
    if (text.starts_with('"')) {
      size_t at = 1;
      for (; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        value += text[at];
      }
      text.remove_prefix(std::min(at + 1, text.size()));
    } else {
      const size_t end = std::min(text.find(','), text.size());
      value = trim(text.substr(0, end));
      text.remove_prefix(end);
    }
    parameters[name] = value;
  }
  return parameters;
}

std::string basic(const HttpLogin& login) {
  return "Basic " + crypto::base64_encode(login.user + ":" + login.password);
}

std::string digest(const HttpLogin& login, const Parameters& challenge, std::string_view target,
                   std::string_view cnonce) {
  const auto of = [&](const char* name) {
    const auto found = challenge.find(name);
    return found == challenge.end() ? std::string() : found->second;
  };
  const std::string algorithm = of("algorithm");
  const bool sha256 = equals_ignoring_case(algorithm, "SHA-256");
  if (!sha256 && !algorithm.empty() && !equals_ignoring_case(algorithm, "MD5")) return {};
  const auto hash = [&](const std::string& text) {
    return crypto::hash_hex(sha256 ? crypto::Hash::Sha256 : crypto::Hash::Md5, text);
  };
  const std::string realm = of("realm");
  const std::string nonce = of("nonce");
  const std::string a1 = hash(login.user + ":" + realm + ":" + login.password);
  const std::string a2 = hash(fmt::format("GET:{}", target));
  const std::string response =
      hash(fmt::format("{}:{}:00000001:{}:auth:{}", a1, nonce, cnonce, a2));
  std::string header =
      fmt::format(R"(Digest username="{}", realm="{}", nonce="{}", uri="{}", response="{}", )"
                  R"(qop=auth, nc=00000001, cnonce="{}")",
                  login.user, realm, nonce, target, response, cnonce);
  if (!algorithm.empty()) header += ", algorithm=" + algorithm;
  if (const std::string opaque = of("opaque"); !opaque.empty())
    header += ", opaque=\"" + opaque + "\"";
  return header;
}

}  // namespace

std::string answer_challenge(const HttpLogin& login,
                             const std::vector<std::string_view>& challenges,
                             std::string_view target, std::string_view cnonce) {
  std::string answer;
  for (const std::string_view challenge : challenges) {
    const std::string_view scheme = challenge.substr(0, challenge.find(' '));
    const std::string_view rest = challenge.substr(std::min(scheme.size() + 1, challenge.size()));
    if (login.scheme != HttpLogin::Scheme::Basic && equals_ignoring_case(scheme, "Digest")) {
      const std::string header = digest(login, read_parameters(rest), target, cnonce);
      if (!header.empty()) return header;
    }
    if (login.scheme != HttpLogin::Scheme::Digest && equals_ignoring_case(scheme, "Basic"))
      answer = basic(login);
  }
  return answer;
}

}  // namespace stormdoor::storm
