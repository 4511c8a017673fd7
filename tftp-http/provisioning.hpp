#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "acl/guard.hpp"
#include "base/metrics.hpp"
#include "hotdesk/phone_view.hpp"
#include "hotdesk/registry.hpp"
#include "tftp-http/content_cache.hpp"
#include "tftp-http/credentials.hpp"
#include "tftp-http/file_source.hpp"
#include "tftp-http/file_tree.hpp"
#include "tftp-http/firmware_links.hpp"
#include "tftp-http/identify.hpp"
#include "tftp-http/profile_set.hpp"

namespace stormdoor::http {

// What one worker's provisioning counts.
struct ProvisioningMetrics {
  explicit ProvisioningMetrics(MetricsShard& shard);

  Counter& rendered;       // configurations made anew
  Counter& cached;         // taken from the cache
  Counter& without_proof;  // asked for by somebody who proved nothing
  Counter& problems;       // that could not be made
};

// Which bytes this phone gets for this path: the boot journey. One per worker, on its thread; the
// Guard and the Credentials are shared, everything else is its own or an immutable snapshot.
//
//   identify -> Guard.admit -> is it that phone? -> the rendered file, from the cache
//
// Is it that phone? Proof is, as the source's network says, the token in the path (or as an HTTP
// password), a client certificate that names the MAC, the MAC that stormdoor-watch has seen behind
// the address (identity = "wire"), or nothing at all ("none"). A certificate proves its phone on
// every network; a token on a "wire" as well, as long as nobody else is seen there. TFTP carries no
// token: only on a network with "wire" or "none" do secrets leave over it; over plain http:// only
// where the configuration allows it.
//
// Without proof the answer depends on the request alone, never on the registry: a stub without
// secrets, the same bytes for a factory phone, a phone that forgot its token and a MAC that nobody
// registered. The stub sets nothing that it would have to take away; phones of vendors that forget
// what a file does not say are refused instead of given one. First contact: a phone that
// was never given a token gets its full configuration when an administrator approved it, or when
// its network says first_contact = "full" (at one of its location's networks, if that names any).
// Once that has been delivered completely, `on_token_delivered` ends the way in.
//
// Failures, reported to the Guard with what proves the path: WrongToken and WrongPassword;
// UnknownMac and ForeignFile (a registered phone's configuration asked for without the token that
// it has, or with another phone's certificate); each once per source and phone, since the
// fingerprint is that of the MAC or the credential. An ordinary 404, a boot or common file, a
// factory phone that waits to be approved: no failures.
//
// Bounds: ProvisioningConfig's sizes per worker; public files 4 MiB. What was used longest ago is
// forgotten and rendered again. A rendered file is right as long as the records it came from
// (PhoneView::same_records) and the ProfileSet are the same objects. It has no time of its own:
// each worker makes it at another, so that only its ETag says whether a phone has it.
class Provisioning final : public FileSource {
 public:
  struct Hooks {
    // A phone got a configuration with its token for the first time, whole. To be stored.
    std::function<void(const MacAddress&)> on_token_delivered;
    // What the Guard made of a failure: to be logged, journalled and, if it blocks, stored.
    std::function<void(const acl::Failure&, const acl::Verdict&)> on_verdict;
    // Something of ours is wrong (a template, the disk): to be logged.
    std::function<void(const MacAddress&, const Error&)> on_problem;
    // Whose MAC is behind an address, when that is sure enough for secrets (promise 7); unset:
    // nobody knows.
    std::function<std::optional<MacAddress>(const IpAddress&, Now)> mac_on_the_wire = {};
    // This worker's metrics; null: counted, but nowhere shown.
    MetricsShard* metrics = nullptr;
  };

  // `guard` and `credentials` outlive it; without `credentials` nobody is asked to log in. The file
  // tree is opened here.
  static Result<std::unique_ptr<Provisioning>> create(
      std::shared_ptr<const hotdesk::Registry> registry, std::shared_ptr<const ProfileSet> profiles,
      acl::Guard& guard, Credentials* credentials, Hooks hooks);

  FileAnswer find(const FileRequest& request, Now now) override;
  void delivered(const FileAnswer& answer, const FileRequest& request, bool complete,
                 Now now) override;

  void replace_registry(std::shared_ptr<const hotdesk::Registry> registry);
  // Also reopens the file tree; on an error nothing has changed.
  Result<void> replace_profiles(std::shared_ptr<const ProfileSet> profiles);
  // Whose firmware is paced from now on; null: nobody's.
  void replace_links(std::shared_ptr<const FirmwareLinks> links) { links_ = std::move(links); }

  [[nodiscard]] const ProvisioningMetrics& metrics() const { return metrics_; }

 private:
  struct Asked;  // one request on its way through
  struct Rendered {
    hotdesk::PhoneView view;
    const PhoneProfile* profile = nullptr;
    std::shared_ptr<const Content> content;
  };

  Provisioning(std::shared_ptr<const hotdesk::Registry> registry,
               std::shared_ptr<const ProfileSet> profiles, std::unique_ptr<FileTree> tree,
               acl::Guard& guard, Credentials* credentials, Hooks hooks);

  void report(const Asked& asked, acl::FailureKind kind, std::string_view tried);

  FileAnswer answer(Asked& asked);
  FileAnswer serve_config(Asked& asked, const Candidate& candidate);
  FileAnswer serve_own(Asked& asked, const Candidate& candidate);
  Result<std::shared_ptr<const Content>> own_content(const Asked& asked,
                                                     const PhoneProfile& profile);
  FileAnswer without_proof(Asked& asked, const Candidate& candidate);
  FileAnswer serve_public(const Candidate& candidate, std::string_view kind);
  FileAnswer serve_tree(const Asked& asked, const Candidate* candidate);
  FileAnswer unreadable(const Asked& asked, const Error& why);

  std::shared_ptr<const hotdesk::Registry> registry_;
  std::shared_ptr<const ProfileSet> profiles_;
  std::shared_ptr<const FirmwareLinks> links_;
  std::unique_ptr<FileTree> tree_;
  SteadyTime tell_unreadable_{};  // not before
  acl::Guard& guard_;
  Credentials* credentials_;
  Hooks hooks_;
  ContentCache<MacAddress, Rendered> rendered_;
  ContentCache<std::string, std::shared_ptr<const Content>> public_;
  std::unique_ptr<Metrics> own_metrics_;  // when nobody gave us one
  ProvisioningMetrics metrics_;
};

}  // namespace stormdoor::http
