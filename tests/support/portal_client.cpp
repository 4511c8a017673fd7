#include "tests/support/portal_client.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "tests/support/process.hpp"

namespace stormdoor::test {

using nlohmann::json;

std::string PortalClient::Answer::header(const std::string& name) const {
  const std::string mark = "\r\n" + ascii_lower(name) + ": ";
  const size_t at = ascii_lower(head).find(mark);
  if (at == std::string::npos) return "";
  const size_t from = at + mark.size();
  return head.substr(from, head.find('\r', from) - from);
}

std::vector<std::string> PortalClient::curl(const std::string& path) const {
  std::vector<std::string> words = {
      "/usr/bin/env", "curl", "-skN", "--max-time", "30", "-b", directory_->file("cookies")};
  if (!token_.empty()) words.insert(words.end(), {"-H", "Authorization: Bearer " + token_});
  words.push_back(fmt::format("https://{}/api/v1{}", portal_.to_string(), path));
  return words;
}

PortalClient::Answer PortalClient::send_text(const std::string& method, const std::string& path,
                                             const std::string& body,
                                             std::vector<std::string> headers) {
  std::vector<std::string> words = curl(path);
  words.insert(words.end(), {"-i", "-X", method, "-c", directory_->file("cookies")});
  if (!csrf_.empty()) headers.push_back("X-CSRF-Token: " + csrf_);
  for (const auto& header : headers) words.insert(words.end(), {"-H", header});
  if (!body.empty()) words.insert(words.end(), {"--data-binary", "@-"});
  const std::string all = run_program(words, body).out;
  Answer answer;
  const auto end = all.find("\r\n\r\n");
  if (end == std::string::npos || all.size() < 12) return answer;
  answer.status = std::stoi(all.substr(9, 3));
  answer.head = all.substr(0, end + 2);
  answer.text = all.substr(end + 4);
  answer.body = json::parse(answer.text, nullptr, false);
  return answer;
}

PortalClient::Answer PortalClient::get(const std::string& path, std::vector<std::string> headers) {
  return send_text("GET", path, "", std::move(headers));
}

PortalClient::Answer PortalClient::send(const std::string& method, const std::string& path,
                                        const json& body, std::vector<std::string> headers) {
  headers.emplace_back("Content-Type: application/json");
  return send_text(method, path, body.is_null() ? "" : body.dump(), std::move(headers));
}

PortalClient::Answer PortalClient::sign_in(const std::string& name, const std::string& password) {
  Answer answer = send("POST", "/session", {{"name", name}, {"password", password}});
  if (answer.status == 200) csrf_ = answer.body["csrf"].get<std::string>();
  return answer;
}

}  // namespace stormdoor::test
