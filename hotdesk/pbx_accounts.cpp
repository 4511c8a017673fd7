#include "hotdesk/pbx_accounts.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "hotdesk/phone_view.hpp"

namespace stormdoor::hotdesk {

std::vector<PbxAccount> pbx_accounts(const Registry& registry) {
  std::vector<PbxAccount> accounts;
  registry.for_each_user([&](const auto& user) {
    if (!user->sip_secret.empty())
      accounts.push_back({user->extension, user->sip_secret, user->name});
  });
  registry.for_each_phone([&](const auto& phone) {
    if (phone->device_account.empty() || phone->device_secret.empty()) return;
    const PhoneView view = view_of(registry, phone->mac);
    if (view.kind != PhoneKind::Unassigned && view.kind != PhoneKind::HotDeskIdle) return;
    accounts.push_back({phone->device_account, phone->device_secret, std::string(view.label()),
                        true, std::string(view.emergency_number())});
  });
  // An extension wins, should the store hold a device account of the same name.
  std::ranges::sort(accounts, {}, [](const PbxAccount& account) {
    return std::pair(std::string_view(account.account), account.device);
  });
  const auto twice = std::ranges::unique(accounts, {}, &PbxAccount::account);
  accounts.erase(twice.begin(), twice.end());
  return accounts;
}

PbxDifference difference(const std::vector<PbxAccount>& from, const std::vector<PbxAccount>& to) {
  PbxDifference found;
  auto old = from.begin();
  for (const PbxAccount& account : to) {
    for (; old != from.end() && old->account < account.account; ++old)
      found.removed.push_back(old->account);
    if (old == from.end() || old->account != account.account)
      found.added.push_back(account);
    else if (!(*old++ == account))
      found.changed.push_back(account);
  }
  for (; old != from.end(); ++old) found.removed.push_back(old->account);
  return found;
}

}  // namespace stormdoor::hotdesk
