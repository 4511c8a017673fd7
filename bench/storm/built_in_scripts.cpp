#include "bench/storm/boot_script.hpp"

// Orders of files and User-Agents as devices were seen to use them or vendors document them; what
// each rests on is written in etc/phones/<vendor>/, and so is the patience, which is published for
// none of them exactly; where nothing is known, five tries of a second (TFTP), three of ten seconds
// (HTTP).
namespace stormdoor::storm {
namespace {

constexpr auto kTftp = Transport::Tftp;
constexpr auto kHttp = Transport::Http;
constexpr auto kHttps = Transport::Https;

BootStep required(std::string path, TextFormat format) {
  BootStep step;
  step.path = std::move(path);
  step.required = true;
  step.format = format;
  return step;
}

BootStep optional(std::string path) {
  BootStep step;
  step.path = std::move(path);
  return step;
}

BootStep otherwise(BootStep step) {
  step.else_previous = true;
  return step;
}

BootStep unless_named(BootStep step) {
  step.unless_named = true;
  return step;
}

BootStep naming(BootStep step, std::string names_after) {
  step.names_after = std::move(names_after);
  return step;
}

// XML from <mac>.cfg, over HTTP or HTTPS only.
BootScript sangoma(std::string models, std::string user_agent) {
  BootScript script;
  script.vendor = "sangoma";
  script.models = std::move(models);
  script.transports = {kHttps, kHttp};
  script.steps = {optional("{mac}.cfg"), otherwise(required("000000000000.cfg", TextFormat::Xml))};
  script.steps[0].format = TextFormat::Xml;
  script.user_agent = std::move(user_agent);
  script.http_patience.tries = 5;
  script.url_after = "id=\"config_server_url\" value=\"";
  return script;
}

BootScript polycom() {
  BootScript script;
  script.vendor = "polycom";
  script.models = "*";
  script.transports = {kHttps, kHttp, kTftp};
  script.steps = {
      naming(optional("{mac}.cfg"), "CONFIG_FILES=\""),
      naming(otherwise(required("000000000000.cfg", TextFormat::Xml)), "CONFIG_FILES=\""),
      optional("{mac}-phone.cfg"),
      optional("{mac}-license.cfg"),
      optional("{mac}-directory.xml"),
      otherwise(optional("000000000000-directory.xml"))};
  script.steps[0].format = TextFormat::Xml;
  script.format = TextFormat::Xml;
  script.user_agent = "FileTransport PolycomVVX-{MODEL}-UA/5.9.2.7727 Type/Application";
  script.url_after = "device.prov.serverName=\"";
  script.tftp = {.block_size = 0, .size = true, .window = 0, .timeout = 0};
  return script;
}

BootScript yealink() {
  BootScript script;
  script.vendor = "yealink";
  script.models = "*";
  script.transports = {kHttps, kHttp, kTftp};
  script.steps = {naming(optional("{mac}.boot"), "include:config \""),
                  naming(otherwise(optional("y000000000000.boot")), "include:config \""),
                  unless_named(optional("y000000000028.cfg")),
                  unless_named(required("{mac}.cfg", TextFormat::KeyValue))};
  script.format = TextFormat::KeyValue;
  script.user_agent = "Yealink SIP-{MODEL} 66.86.0.15 {mac}";
  script.url_after = "static.auto_provision.server.url = ";
  script.tftp = {.block_size = 1428, .size = true, .window = 0, .timeout = 0};
  return script;
}

// Boot by TFTP, in blocks of 512. After no answer they release their address and start again.
BootScript cisco() {
  BootScript script;
  script.vendor = "cisco";
  script.models = "*";
  script.transports = {kTftp};
  script.steps = {optional("CTLSEP{MAC}.tlv"),
                  optional("ITLSEP{MAC}.tlv"),
                  optional("ITLFile.tlv"),
                  optional("SEP{MAC}.cnf.xml"),
                  otherwise(required("XMLDefault.cnf.xml", TextFormat::Xml)),
                  optional("dialplan.xml")};
  script.steps[3].format = TextFormat::Xml;
  script.tftp_patience = {.tries = 3, .wait = milliseconds{4'000}};
  return script;
}

BootScript grandstream() {
  BootScript script;
  script.vendor = "grandstream";
  script.models = "*";
  script.transports = {kHttps, kHttp, kTftp};
  script.steps = {optional("cfg{mac}"), optional("cfg{mac}.xml"),
                  otherwise(optional("cfg{model}.xml")),
                  otherwise(required("cfg.xml", TextFormat::Xml))};
  script.steps[1].format = script.steps[2].format = TextFormat::Xml;
  script.user_agent = "Grandstream Model HW {MODEL} SW 1.0.11.79 DevId {mac}";
  script.url_after = "<P237>";
  script.tftp = {.block_size = 1428, .size = true, .window = 0, .timeout = 0};
  return script;
}

BootScript snom() {
  BootScript script;
  script.vendor = "snom";
  script.models = "*";
  script.transports = {kHttps, kHttp};
  script.steps = {naming(optional("snom{MODEL}.htm"), "<file url=\""),
                  naming(required("snom{MODEL}-{MAC}.htm", TextFormat::Xml), "<file url=\""),
                  optional("snom{MODEL}-firmware.xml")};
  script.format = TextFormat::Xml;
  script.user_agent =
      "Mozilla/4.0 (compatible; snom{MODEL}-SIP 10.1.169.16 2010.12-00004 {MAC} SXM:0 UXM:0 "
      "UXMC:0)";
  script.url_after = "<setting_server perm=\"\">";
  script.url_is_file = true;
  script.http_patience = {.tries = 1, .timeout = milliseconds{300'000}};
  return script;
}

// Aastra and Mitel 6xxx.
BootScript aastra() {
  BootScript script;
  script.vendor = "aastra";
  script.models = "*";
  script.transports = {kHttps, kHttp, kTftp};
  script.steps = {optional("aastra.cfg"), optional("{MODEL}.cfg"),
                  required("{MAC}.cfg", TextFormat::KeyValue)};
  script.user_agent = "Aastra{MODEL} MAC:{MAC-} V:3.2.1.1013-SIP";
  script.tftp_patience = {.tries = 3, .wait = milliseconds{20'000}};
  script.http_patience = {.tries = 3, .timeout = milliseconds{20'000}};
  script.url_parts_after = {"https server: ", "https port: ", "https path: "};
  script.tftp = {.block_size = 1428, .size = true, .window = 0, .timeout = 0};
  return script;
}

}  // namespace

const std::vector<BootScript>& built_in_scripts() {
  static const std::vector<BootScript> scripts = {sangoma("D*", "Digium {MODEL} 2_9_19"),
                                                  sangoma("*", "Sangoma {MODEL} 4_27_8 {MAC}"),
                                                  polycom(),
                                                  yealink(),
                                                  cisco(),
                                                  grandstream(),
                                                  snom(),
                                                  aastra()};
  return scripts;
}

}  // namespace stormdoor::storm
