#include "tftp-http/provisioning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/keyed_hash.hpp"
#include "tftp-http/provisioning_pace.hpp"
#include "tftp-http/provisioning_proof.hpp"
#include "tftp-http/template_values.hpp"

namespace stormdoor::http {
namespace {

using hotdesk::PhoneView;

constexpr uint64_t kPublicBytes = 4U << 20;
constexpr size_t kMostEntries = 200'000;
constexpr size_t kEntryOverhead = 512;

FileAnswer not_found(std::string message) {
  FileAnswer answer;
  answer.message = std::move(message);
  return answer;
}

FileAnswer refused(std::string message) {
  FileAnswer answer;
  answer.outcome = FileAnswer::Outcome::Refused;
  answer.message = std::move(message);
  return answer;
}

FileAnswer busy(std::string message) {
  FileAnswer answer;
  answer.outcome = FileAnswer::Outcome::Busy;
  answer.message = std::move(message);
  return answer;
}

FileAnswer found(std::shared_ptr<const Content> content, std::string_view type) {
  FileAnswer answer;
  answer.outcome = FileAnswer::Outcome::Found;
  answer.content = std::move(content);
  answer.content_type = type;
  return answer;
}

// Which type a file of the tree is: firmware unless its name says otherwise.
std::string_view type_by_name(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kTypes = {{
      {".xml", "text/xml"},
      {".cfg", "text/plain"},
      {".txt", "text/plain"},
      {".wav", "audio/wav"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".bmp", "image/bmp"},
      {".htm", "text/html"},
  }};
  for (const auto& [ending, type] : kTypes)
    if (name.ends_with(ending)) return type;
  return "application/octet-stream";
}

size_t entries_for(uint64_t bytes) {
  return std::clamp<size_t>(static_cast<size_t>(bytes / 512), 64, kMostEntries);
}

// What the Guard makes of it: whether the phone itself was there.
acl::DeviceProof device_proof(Proof proof) {
  switch (proof) {
    case Proof::Token:
    case Proof::Login:
      return acl::DeviceProof::Token;
    case Proof::Certificate:
      return acl::DeviceProof::Certificate;
    case Proof::Wire:
      return acl::DeviceProof::Wire;
    default:
      return acl::DeviceProof::Claimed;
  }
}

}  // namespace

// One request on its way through find().
struct Provisioning::Asked {
  const FileRequest& request;
  Now now;
  acl::Admission admission;
  Identified what;
  PhoneView view;  // of the MAC in the path; Unknown when there is none or nobody registered it
  Proven proven;
};

ProvisioningMetrics::ProvisioningMetrics(MetricsShard& shard)
    : rendered(shard.counter("stormdoor_configurations_total",
                             "Phones' own configurations by how they were made",
                             {{"from", "template"}})),
      cached(shard.counter("stormdoor_configurations_total",
                           "Phones' own configurations by how they were made",
                           {{"from", "cache"}})),
      without_proof(shard.counter("stormdoor_configurations_withheld_total",
                                  "Requests for configurations by somebody who proved nothing")),
      problems(shard.counter("stormdoor_configuration_problems_total",
                             "Configurations that could not be made")) {}

Result<std::unique_ptr<Provisioning>> Provisioning::create(
    std::shared_ptr<const hotdesk::Registry> registry, std::shared_ptr<const ProfileSet> profiles,
    acl::Guard& guard, Credentials* credentials, Hooks hooks) {
  const ProvisioningConfig& config = profiles->config();
  auto tree = TRY(FileTree::open(config.files,
                                 {config.file_cache_bytes, config.small_file, config.open_files}));
  return std::unique_ptr<Provisioning>(new Provisioning(std::move(registry), std::move(profiles),
                                                        std::move(tree), guard, credentials,
                                                        std::move(hooks)));
}

Provisioning::Provisioning(std::shared_ptr<const hotdesk::Registry> registry,
                           std::shared_ptr<const ProfileSet> profiles,
                           std::unique_ptr<FileTree> tree, acl::Guard& guard,
                           Credentials* credentials, Hooks hooks)
    : registry_(std::move(registry)),
      profiles_(std::move(profiles)),
      tree_(std::move(tree)),
      guard_(guard),
      credentials_(credentials),
      hooks_(std::move(hooks)),
      rendered_(profiles_->config().rendered_bytes,
                entries_for(profiles_->config().rendered_bytes)),
      public_(kPublicBytes, entries_for(kPublicBytes)),
      own_metrics_(hooks_.metrics ? nullptr : std::make_unique<Metrics>()),
      metrics_(hooks_.metrics ? *hooks_.metrics : own_metrics_->shared()) {}

void Provisioning::replace_registry(std::shared_ptr<const hotdesk::Registry> registry) {
  registry_ = std::move(registry);
}

Result<void> Provisioning::replace_profiles(std::shared_ptr<const ProfileSet> profiles) {
  const ProvisioningConfig& config = profiles->config();
  tree_ = TRY(FileTree::open(config.files,
                             {config.file_cache_bytes, config.small_file, config.open_files}));
  rendered_ = {config.rendered_bytes, entries_for(config.rendered_bytes)};
  public_.clear();
  profiles_ = std::move(profiles);
  return {};
}

FileAnswer Provisioning::find(const FileRequest& request, Now now) {
  const acl::Admission admission =
      guard_.admit(request.source, acl::Service::Provisioning, now, request.proof);
  if (!admission.admitted()) {
    const std::string why = acl::refusal(admission, acl::Service::Provisioning);
    return admission.decision == acl::Decision::Throttled ? busy(why) : refused(why);
  }
  auto what = identify(profiles_->profiles(), request.path, request.user_agent);
  if (!what) return not_found("no phone asks for such a path");
  Asked asked{request, now, admission, std::move(*what), {}, {}};
  if (admission.contested && asked.what.mac)
    asked.admission = guard_.admit(request.source, acl::Service::Provisioning, now, request.proof,
                                   asked.what.mac->to_string());
  return answer(asked);
}

// Which vendor's file it is: as the registry says once the phone has proved to be itself; before
// that only what the request itself claims may decide.
FileAnswer Provisioning::answer(Asked& asked) {
  const Candidate* candidate = asked.what.claimed;
  if (asked.what.mac) {
    asked.view = hotdesk::view_of(*registry_, *asked.what.mac);
    asked.proven = prove({asked.request, asked.admission, asked.what, asked.view, credentials_,
                          asked.now, hooks_.mac_on_the_wire});
    if (asked.proven.is_that_phone() && !asked.view.phone->vendor.empty())
      candidate = asked.what.as(asked.view.phone->vendor);
  }
  if (!candidate) return serve_tree(asked, nullptr);
  switch (candidate->file->role) {
    case FileRole::Config:
      return serve_config(asked, *candidate);
    case FileRole::Boot:
    case FileRole::Common:
      return serve_public(*candidate, candidate->file->template_kind);
    case FileRole::Tree:
    case FileRole::Ordinary:
      return serve_tree(asked, candidate);
  }
  return serve_tree(asked, candidate);
}

FileAnswer Provisioning::serve_config(Asked& asked, const Candidate& candidate) {
  // What this address did has been counted already; a wrong proof adds nothing.
  if (asked.admission.decision == acl::Decision::OnlyProven &&
      device_proof(asked.proven.proof) == acl::DeviceProof::Claimed)
    return refused(acl::refusal(asked.admission, acl::Service::Provisioning));
  switch (asked.proven.proof) {
    case Proof::Network:
    case Proof::Wire:
    case Proof::Token:
    case Proof::Certificate:
    case Proof::Login:
    case Proof::FirstContact:
      break;
    case Proof::None:
      return without_proof(asked, candidate);
    case Proof::WrongToken:
      report(asked, acl::FailureKind::WrongToken, asked.what.path.token);
      return refused("the token in this address is not that of the phone whose file it names");
    case Proof::WrongLogin:
      report(asked, acl::FailureKind::WrongPassword, {});
      return without_proof(asked, candidate);
    case Proof::OtherPhone:
      report(asked, acl::FailureKind::ForeignFile, {});
      return refused("the client certificate is that of another phone");
    case Proof::OtherOnWire:
      report(asked, acl::FailureKind::WireMismatch, {});
      return refused("another phone than the one whose file this is asks from this address");
  }
  if (asked.request.transport == Transport::Http && !profiles_->config().allow_secrets_over_http)
    return refused(
        "this phone's configuration leaves by https:// only; http:// would have to be allowed with "
        "provisioning.allow_secrets_over_http");
  return serve_own(asked, candidate);
}

// The same for every MAC, registered or not. What the Guard hears differs: a stranger's MAC is a
// failure, and so is asking for a phone that has a token without it; a phone that was never given
// one is only waiting.
FileAnswer Provisioning::without_proof(Asked& asked, const Candidate& candidate) {
  if (asked.proven.proof == Proof::None) {
    if (!asked.view.phone)
      report(asked, acl::FailureKind::UnknownMac, {});
    else if (asked.view.phone->token_issued && asked.admission.identity != acl::Identity::Wire)
      report(asked, acl::FailureKind::ForeignFile, {});  // on a wire it has only not been seen yet
  }
  metrics_.without_proof.add();
  const bool can_log_in = credentials_ && profiles_->config().http_login &&
                          asked.request.transport != Transport::Tftp &&
                          asked.admission.identity != acl::Identity::Certificate &&
                          !candidate.profile->login.empty();
  if (!can_log_in)
    return candidate.profile->templates.contains(kStubKind)
               ? serve_public(candidate, kStubKind)
               : refused(
                     "this phone has not shown that it is the one it says; an administrator "
                     "approves it, or it asks at the address that it was given");
  FileAnswer answer;
  answer.outcome = FileAnswer::Outcome::Unauthorized;
  answer.message = "log in with the phone's MAC and its token";
  answer.challenges = credentials_->challenges(candidate.profile->login, asked.request.source,
                                               asked.proven.login_is_stale, asked.now);
  return answer;
}

FileAnswer Provisioning::serve_own(Asked& asked, const Candidate& candidate) {
  const MacAddress mac = asked.view.phone->mac;
  auto content = own_content(asked, *candidate.profile);
  if (!content) {
    metrics_.problems.add();
    if (hooks_.on_problem) hooks_.on_problem(mac, content.error());
    return busy("this phone's configuration cannot be made: " + content.error().message());
  }
  FileAnswer answer = found(std::move(content).value(), candidate.file->content_type);
  answer.secret = true;
  answer.phone = mac;
  answer.phone_proof = device_proof(asked.proven.proof);
  return answer;
}

Result<std::shared_ptr<const Content>> Provisioning::own_content(const Asked& asked,
                                                                 const PhoneProfile& profile) {
  const MacAddress mac = asked.view.phone->mac;
  const Rendered* known = rendered_.find(mac);
  if (known && known->profile == &profile && known->view.same_records(asked.view)) {
    metrics_.cached.add();
    return known->content;
  }
  const auto chosen =
      TRY(choose_template(profile, profiles_->config(), asked.view, [&](std::string_view file) {
        return profiles_->has_site_template(file);
      }));
  std::string text =
      TRY(chosen.parsed->render(phone_values(profile, profiles_->config(), asked.view)));
  metrics_.rendered.add();
  const size_t weight = text.size() + kEntryOverhead;
  auto content = make_content(std::move(text));
  rendered_.put(mac, {asked.view, &profile, content}, weight);
  return content;
}

FileAnswer Provisioning::serve_public(const Candidate& candidate, std::string_view kind) {
  const PhoneProfile& profile = *candidate.profile;
  const auto& mac = candidate.in_path.mac;
  const std::string key =
      fmt::format("{}/{}/{}", profile.vendor, kind, mac ? mac->lower_hex() : std::string());
  if (const auto* known = public_.find(key)) return found(*known, candidate.file->content_type);
  const auto parsed = profile.templates.find(kind);
  STORMDOOR_CHECK(parsed != profile.templates.end(), "a profile is loaded with all its templates");
  auto text = parsed->second->render(public_values(profile, profiles_->config(), mac));
  if (!text) {
    if (hooks_.on_problem) hooks_.on_problem(mac.value_or(MacAddress()), text.error());
    return busy("this file cannot be made");
  }
  const size_t weight = text->size() + key.size() + kEntryOverhead;
  auto content = make_content(std::move(text).value());
  public_.put(key, content, weight);
  return found(std::move(content), candidate.file->content_type);
}

// Firmware lies at its own name, or in the vendor's folder of the tree.
FileAnswer Provisioning::serve_tree(const Asked& asked, const Candidate* candidate) {
  const std::string_view name = asked.what.tree_name;
  const PhoneProfile* vendor = candidate           ? candidate->profile
                               : asked.what.folder ? asked.what.folder
                                                   : asked.what.agent;
  const auto missing = [](const auto& file) {
    return !file && file.error().code() == ErrorCode::NotFound;
  };
  auto file = tree_->find(asked.what.path.file, asked.now);
  if (missing(file) && name != asked.what.path.file) file = tree_->find(name, asked.now);
  if (missing(file) && vendor)
    file = tree_->find(fmt::format("{}/{}", vendor->vendor, name), asked.now);
  if (missing(file)) return not_found("there is no such file here");
  if (!file) return unreadable(asked, file.error());
  FileAnswer answer = found(std::move(file).value(), type_by_name(name));
  if (links_)
    pace(answer, *links_,
         {.request = asked.request,
          .vendor = vendor,
          .is_firmware = candidate && candidate->file->role == FileRole::Tree,
          .small_file = profiles_->config().small_file});
  return answer;
}

// Told once a second at most: strangers may ask for as many names as they like.
FileAnswer Provisioning::unreadable(const Asked& asked, const Error& why) {
  if (asked.now.steady >= tell_unreadable_ && hooks_.on_problem) {
    tell_unreadable_ = asked.now.steady + seconds(1);
    hooks_.on_problem(asked.what.mac.value_or(MacAddress()), why);
  }
  return busy("this file cannot be read now");
}

void Provisioning::report(const Asked& asked, acl::FailureKind kind, std::string_view tried) {
  acl::Failure failure;
  failure.service = acl::Service::Provisioning;
  failure.kind = kind;
  failure.source = asked.request.source;
  failure.proof = asked.request.proof;
  failure.device = asked.what.mac;
  failure.fingerprint =
      kind == acl::FailureKind::WrongPassword
          ? asked.proven.login_fingerprint
          : keyed_hash(HashKey::of_this_process(), fmt::format("{} {} {}", static_cast<int>(kind),
                                                               asked.what.mac->lower_hex(), tried));
  const acl::Verdict verdict = guard_.report_failure(failure, asked.now);
  if (hooks_.on_verdict) hooks_.on_verdict(failure, verdict);
}

void Provisioning::delivered(const FileAnswer& answer, const FileRequest& request, bool complete,
                             Now now) {
  if (!complete || !answer.secret || !answer.phone) return;
  guard_.report_success(request.source, acl::Service::Provisioning, answer.phone, now,
                        answer.phone_proof);
  const auto phone = registry_->phone(*answer.phone);
  if (phone && !phone->token_issued && !phone->token.empty() && hooks_.on_token_delivered)
    hooks_.on_token_delivered(*answer.phone);
}

}  // namespace stormdoor::http
