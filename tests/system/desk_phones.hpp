#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/loop/event_loop.hpp"
#include "bench/storm/http_client.hpp"
#include "bench/storm/storm.hpp"
#include "bench/storm/tftp_client.hpp"
#include "tests/support/dhcp.hpp"
#include "tests/support/office_network.hpp"
#include "tests/support/registrar.hpp"
#include "tests/support/sip_client.hpp"

namespace stormdoor::test {

// A phone on a desk: what it has been told, where it is, and the SIP stack it uses.
struct Desk {
  storm::PhoneSpec phone;
  std::string vendor_class;       // what it calls itself to a DHCP server
  std::string place;              // of OfficeNetwork
  std::string address = {};       // its own there; empty: the place's
  std::string provisioning = {};  // what option 66 of its lease said
  std::string extension;
  std::string account = {}, secret = {};  // of the configuration it fetched last
  std::unique_ptr<DhcpPhone> port = {};   // of those with an address of their own
  std::unique_ptr<SipClient> simulated = {};
  std::unique_ptr<BaresipPhone> real = {};
  bool is_real = false;
  bool is_back = false;
};

inline Desk yealink_t46g(uint16_t number) {
  Desk desk;
  desk.phone.vendor = "yealink";
  desk.phone.model = "T46G";
  desk.phone.mac = MacAddress({0, 0x15, 0x65, 0, uint8_t(number >> 8), uint8_t(number)});
  desk.phone.transport = storm::Transport::Https;
  desk.vendor_class = "yealink";
  return desk;
}

inline Desk cisco_7945g(uint16_t number) {
  Desk desk;
  desk.phone.vendor = "cisco";
  desk.phone.model = "CP-7945G";
  desk.phone.mac = MacAddress({0, 0x1b, 0xd4, 0, uint8_t(number >> 8), uint8_t(number)});
  desk.phone.transport = storm::Transport::Tftp;
  desk.vendor_class = "Cisco Systems, Inc. IP Phone CP-7945G";
  return desk;
}

// Lets phones boot from the server that their lease named, as they do: those whose option 66 is an
// address by TFTP, the others over the URL that it is; and reads their account and secret out of
// what they got.
class PhoneBoots {
 public:
  // `authority`: the certificate that HTTPS is checked against.
  PhoneBoots(const OfficeNetwork& network, const std::string& authority) : network_(network) {
    auto tls = storm::TlsClient::create({.ca_file = authority, .check_names = false});
    EXPECT_TRUE(tls) << tls.error().message();
    if (tls) tls_ = std::move(*tls);
  }

  void boot(const std::vector<Desk*>& desks) const {
    std::map<std::pair<std::string, std::string>, std::vector<Desk*>> alike;
    for (Desk* desk : desks) alike[{desk->place, desk->provisioning}].push_back(desk);
    for (const auto& [where, some] : alike) boot(where.first, where.second, some);
  }

  // The file at the server that `desk` boots from, asked for by `desk`.
  [[nodiscard]] storm::FetchResult fetch(const Desk& desk, const std::string& path) const {
    std::optional<storm::FetchResult> result;
    network_.within(desk.place, [&] {
      const auto loop = loop::EventLoop::create();
      storm::StormLoop storm_loop(**loop);
      result.emplace(fetch(**loop, storm_loop, desk, path));
    });
    return std::move(*result);
  }

 private:
  [[nodiscard]] storm::Target target_of(const std::string& option_66) const {
    storm::Target target;
    target.tls = tls_.get();
    const auto url = storm::read_url(option_66, target, storm::Transport::Tftp);
    EXPECT_TRUE(url) << option_66;
    if (!url) return target;
    target.folder = url->folder;
    if (url->transport == storm::Transport::Https)
      target.https = url->server;
    else
      target.tftp = Endpoint{url->server.address, kTftpPort, 0};
    return target;
  }

  void boot(const std::string& place, const std::string& option_66,
            const std::vector<Desk*>& desks) const {
    storm::StormPlan plan;
    plan.most_at_once = 20;
    plan.target = target_of(option_66);
    for (Desk* desk : desks) {
      desk->phone.source =
          *IpAddress::parse(desk->address.empty() ? network_.address(place) : desk->address);
      plan.phones.push_back(desk->phone);
    }
    network_.within(place, [&] {
      const auto loop = loop::EventLoop::create();
      storm::StormLoop storm_loop(**loop);
      storm::Storm storm(storm_loop, std::move(plan));
      bool ended = false;
      storm.begin([&] { ended = true; });
      while (!ended) (*loop)->run_once(milliseconds(100));
      const auto report = storm.report();
      EXPECT_EQ(report.total().served, desks.size())
          << storm::report_text(report, storm::ReportStyle{});
      const auto after = storm.phones_after();
      for (size_t i = 0; i < desks.size(); ++i) {
        desks[i]->phone = after[i];
        read_configuration(**loop, storm_loop, *desks[i]);
      }
    });
  }

  void read_configuration(loop::EventLoop& loop, storm::StormLoop& storm_loop, Desk& desk) const {
    const bool is_cisco = desk.phone.transport == storm::Transport::Tftp;
    const auto result =
        fetch(loop, storm_loop, desk,
              storm::fill_in(is_cisco ? "SEP{MAC}.cnf.xml" : "{mac}.cfg", desk.phone));
    ASSERT_EQ(result.outcome, storm::FetchResult::Outcome::Found) << result.reason;
    const std::string& text = result.body.text();
    desk.account = is_cisco ? between(text, "<authName>", "</authName>")
                            : between(text, "\naccount.1.auth_name = ", "\n");
    desk.secret = is_cisco ? between(text, "<authPassword>", "</authPassword>")
                           : between(text, "\naccount.1.password = ", "\n");
    ASSERT_FALSE(desk.account.empty() || desk.secret.empty()) << text;
  }

  // From where its last configuration told it to; by TFTP, from where DHCP did.
  storm::FetchResult fetch(loop::EventLoop& loop, storm::StormLoop& storm_loop, const Desk& desk,
                           const std::string& path) const {
    const auto target = target_of(desk.provisioning);
    std::optional<storm::FetchResult> result;
    const auto on_done = [&](storm::FetchResult answer) { result.emplace(std::move(answer)); };
    storm::TftpClient tftp(storm_loop, desk.phone.source);
    storm::HttpClient http(storm_loop, desk.phone.source);
    if (desk.phone.transport == storm::Transport::Tftp) {
      tftp.fetch({.server = *target.tftp, .path = path, .options = {}, .patience = {}}, on_done);
    } else {
      const auto url = storm::read_url(desk.phone.stored_url, target, storm::Transport::Https);
      EXPECT_TRUE(url) << desk.phone.mac.to_string();
      storm::HttpRequest request;
      request.server = url->server;
      request.tls = tls_.get();
      request.path = url->folder + path;
      request.user_agent = "Yealink SIP-T46G 66.86.0.15 " + desk.phone.mac.to_string();
      http.fetch(std::move(request), on_done);
    }
    while (!result) loop.run_once(milliseconds(100));
    return std::move(*result);
  }

  static std::string between(const std::string& text, const std::string& before,
                             const std::string& after) {
    const size_t at = text.find(before);
    if (at == std::string::npos) return {};
    const size_t from = at + before.size();
    return text.substr(from, text.find(after, from) - from);
  }

  static constexpr uint16_t kTftpPort = 69;
  const OfficeNetwork& network_;
  std::unique_ptr<storm::TlsClient> tls_;
};

}  // namespace stormdoor::test
