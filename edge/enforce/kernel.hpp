#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "edge/enforce/contents.hpp"
#include "edge/enforce/netlink.hpp"
#include "edge/enforce/table.hpp"

struct nft_ctx;

namespace stormdoor::edge::enforce {

// stormdoor's table in the kernel: its text goes through libnftables, its elements over a netlink
// socket of our own. Needs CAP_NET_ADMIN in the network namespace it was opened in. Used by one
// thread; every call returns when the kernel has answered. Touches no other table.
class Kernel {
 public:
  static Result<Kernel> open();
  Kernel(Kernel&&) noexcept = default;
  Kernel& operator=(Kernel&&) noexcept = default;

  // All of the text or nothing.
  Result<void> run(const std::string& text);
  // All of the changes or nothing. An entry that `known` has gets its new time by being replaced
  // within the transaction, because kernels before 6.12 keep the old one. Without `known` each may
  // be there.
  Result<void> apply(const Changes& changes, const Layout& layout, const Contents* known,
                     SteadyTime now);
  // Makes the layout's sets hold exactly this, in one step, whatever they held. Several times the
  // work of a small difference, but in proportion to what goes and comes.
  Result<void> replace(const Contents& contents, const Layout& layout, SteadyTime now);
  // Makes the ask chain hand packets to that queue.
  Result<void> ask_queue(uint16_t queue);

  // The sets of our table that have names of ours; nothing when there is no table. What has the
  // wrong name is not ours to judge and stays.
  Result<std::vector<SetId>> sets();
  // What is in them, and nothing else.
  struct Found {
    Contents contents;
    // Elements that no order could have made, as the kernel spells them: to be removed.
    std::vector<std::pair<SetId, std::string>> strange;
    bool whole = true;  // false: there is more than was to be read
  };
  // Adds to `found` what the sets hold; stops beyond `most` elements in all. (Returned as a value,
  // g++ 12 sees it freed twice.) The kernel walks a set from its beginning for each message of the
  // listing, so a listing costs by the square of a set's size: 100,000 elements half a second, and
  // with memory so fragmented that it has no 32 KiB pieces for its messages, seven.
  Result<void> read(const std::vector<SetId>& sets, SteadyTime now, size_t most, Found& found);
  Result<void> remove_strange(const Found& found);
  // Whether somebody else has changed nftables (any table) since we last asked or were asked. Costs
  // one question.
  Result<bool> changed_by_others();
  Result<void> remove_table();

 private:
  struct FreeContext {
    void operator()(nft_ctx* context) const;
  };
  Kernel(std::unique_ptr<nft_ctx, FreeContext> context, UniqueFd socket);
  Result<void> send(std::string_view question);
  Result<void> receive(Answer& answer);
  Result<Answer> exchange(std::string_view question, bool until_done);
  Result<Answer> list(const SetId& set, size_t most);
  Result<void> commit(Transaction transaction);
  Result<uint32_t> ask_generation_now();
  Result<void> note_own_change();

  std::unique_ptr<nft_ctx, FreeContext> context_;
  UniqueFd socket_;
  std::string buffer_;
  uint32_t generation_ = 0;  // of nftables when we last looked
  bool touched_ = false;     // it has moved further than we have moved it
  bool native_queue_ = true;
};

}  // namespace stormdoor::edge::enforce
