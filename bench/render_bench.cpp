#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "tftp-http/identify.hpp"
#include "tftp-http/profile_set.hpp"
#include "tftp-http/template_values.hpp"

// From a request to a configuration, without sockets: who is asking, and what it costs to make the
// file for it when the cache has nothing.
namespace stormdoor::http {
namespace {

const ProfileSet& profiles() {
  static const auto kSet = [] {
    ProvisioningConfig config;
    config.profiles = STORMDOOR_SOURCE_DIR "/etc/phones";
    config.base_url = "https://prov.example.com";
    config.variables = {{"sip_server", "pbx.example.com"}};
    return ProfileSet::load(config).value();
  }();
  return *kSet;
}

hotdesk::PhoneView phone_of(const char* vendor, const char* model) {
  store::PhoneRecord phone;
  phone.mac = MacAddress({0x00, 0x0f, 0xd3, 0x05, 0x48, 0x48});
  phone.vendor = vendor;
  phone.model = model;
  phone.token = Secret("AbCdEfGhIjKlMnOpQrStUvWx");
  store::LocationRecord location;
  location.label = "Lobby";
  location.emergency_number = "+12025550123";
  store::UserRecord user;
  user.extension = "2041";
  user.name = "Ann Example";
  user.sip_secret = Secret("AbCdEfGhIjKlMnOpQrStUvWx");
  return {hotdesk::PhoneKind::Assigned,
          std::make_shared<store::PhoneRecord>(phone),
          std::make_shared<store::LocationRecord>(location),
          nullptr,
          nullptr,
          {std::make_shared<store::UserRecord>(user)}};
}

void Render(benchmark::State& state, const char* vendor, const char* model) {
  const auto view = phone_of(vendor, model);
  const PhoneProfile& profile = *profiles().find(vendor);
  const auto& assigned = profile.templates.find("assigned")->second;
  size_t bytes = 0;
  for (auto _ : state) {
    auto text = assigned->render(phone_values(profile, profiles().config(), view));
    bytes += text->size();
    benchmark::DoNotOptimize(text);
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}
BENCHMARK_CAPTURE(Render, sangoma_p, "sangoma", "P325");
BENCHMARK_CAPTURE(Render, sangoma_d, "sangoma", "D65");
BENCHMARK_CAPTURE(Render, polycom, "polycom", "VVX400");
BENCHMARK_CAPTURE(Render, yealink, "yealink", "T46G");
BENCHMARK_CAPTURE(Render, cisco, "cisco", "CP-7941G");

void Identify(benchmark::State& state, const char* path, const char* agent) {
  for (auto _ : state) benchmark::DoNotOptimize(identify(profiles().profiles(), path, agent));
}
BENCHMARK_CAPTURE(Identify, sangoma, "/p/AbCdEfGhIjKlMnOpQrStUvWx/000fd3054848.cfg",
                  "Digium D65 2_9_19");
BENCHMARK_CAPTURE(
    Identify, snom, "/snomD785-00041396D9B4.htm",
    "Mozilla/4.0 (compatible; snomD785-SIP 10.1.169.16 2010.12-1 00041396D9B4 SXM:0)");
BENCHMARK_CAPTURE(Identify, cisco_tftp, "SEP001122334455.cnf.xml", "");
BENCHMARK_CAPTURE(Identify, stranger, "/wp-admin/setup-config.php", "Mozilla/5.0 (X11; Linux)");

void MadeToBeSlow(benchmark::State& state) {
  const std::string path = "/" + std::string(250, '0');
  const std::string agent = "Mozilla/4.0 (compatible; snom1-SIP 1 " + std::string(210, ' ');
  for (auto _ : state) benchmark::DoNotOptimize(identify(profiles().profiles(), path, agent));
}
BENCHMARK(MadeToBeSlow);

void LoadAllProfiles(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(ProfileSet::load(profiles().config()));
}
BENCHMARK(LoadAllProfiles)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stormdoor::http

BENCHMARK_MAIN();
