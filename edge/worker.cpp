#include "edge/worker.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <future>

#include "base/log.hpp"
#include "edge/kernel_neighbours.hpp"
#include "tftp-http/http_files.hpp"
#include "tftp-http/http_server.hpp"
#include "tftp-http/tftp_server.hpp"

namespace stormdoor::edge {
namespace {

// Provisioning, and a word to the main thread about each phone that was served.
class ObservedFiles final : public http::FileSource {
 public:
  ObservedFiles(http::Provisioning& files, Mailbox<News>& news) : files_(files), news_(news) {}

  http::FileAnswer find(const http::FileRequest& request, Now now) override {
    return files_.find(request, now);
  }

  void delivered(const http::FileAnswer& answer, const http::FileRequest& request, bool complete,
                 Now now) override {
    files_.delivered(answer, request, complete, now);
    if (!answer.phone) return;
    const std::string_view path = request.path;
    // Only the file's name: the folder before it is the phone's token.
    const auto name = path.substr(path.rfind('/') + 1);
    news_.put(Served{*answer.phone,
                     {.time = now.wall,
                      .source = request.source,
                      .file = std::string(name),
                      .complete = complete},
                     request.transport,
                     answer.secret});
  }

 private:
  http::Provisioning& files_;
  Mailbox<News>& news_;
};

// The guard at the door of the phones' HTTP listeners.
class GuardGate final : public http::HttpGate {
 public:
  explicit GuardGate(acl::Guard& guard) : guard_(guard) {}
  std::optional<std::string> refuse(const IpAddress& source, Now now) override {
    const auto admission = guard_.admit(source, acl::Service::Provisioning, now);
    if (admission.admitted()) return {};
    return acl::refusal(admission, acl::Service::Provisioning);
  }

 private:
  acl::Guard& guard_;
};

// Who is behind an address: a binding that the watch has seen and nobody disputes, and the kernel
// does not know better (promise 7). The kernel's own word alone is not enough: one forged ARP reply
// makes it.
class WireWitness {
 public:
  explicit WireWitness(acl::BindingTable& bindings) : bindings_(bindings) {
    if (auto opened = KernelNeighbours::open()) kernel_.emplace(std::move(*opened));
  }

  std::optional<MacAddress> operator()(const IpAddress& source, Now now) {
    const auto binding = bindings_.find(source, now);
    if (!binding || !binding->fit) return {};
    const auto& holder = binding->holders.front();
    const auto known = kernel_ ? kernel_->find(source, holder.interface) : std::nullopt;
    if (!known || *known == holder.mac) return holder.mac;
    bindings_.learn({.mac = *known,
                     .address = source,
                     .source = acl::BindingSource::Kernel,
                     .interface = holder.interface,
                     .vendor_class = {},
                     .relay = {}},
                    now);
    return {};
  }

 private:
  acl::BindingTable& bindings_;
  std::optional<KernelNeighbours> kernel_;
};

http::Provisioning::Hooks hooks_to(Mailbox<News>& news, loop::EventLoop& loop,
                                   acl::BindingTable& bindings, MetricsShard& metrics) {
  return {
      .on_token_delivered = [&news](const MacAddress& mac) { news.put(TokenDelivered{mac}); },
      .on_verdict =
          [&news, &loop](const acl::Failure& failure, const acl::Verdict& verdict) {
            news.put(Failed{failure, verdict, loop.now().wall});
          },
      .on_problem = [&news](const MacAddress& mac,
                            const Error& error) { news.put(Problem{mac, error}); },
      .mac_on_the_wire = [witness = std::make_shared<WireWitness>(bindings)](
                             const IpAddress& source, Now now) { return (*witness)(source, now); },
      .metrics = &metrics};
}

// What is behind the phones' HTTP listeners: files, and the desk pages.
class PhoneSite final : public http::HttpHandler {
 public:
  PhoneSite(http::HttpFiles& files, http::DeskPages& desks) : files_(files), desks_(desks) {}

  void handle(http::HttpExchange& exchange) override {
    if (http::DeskPages::is_ours(exchange.request().path)) return desks_.handle(exchange);
    if (exchange.request().method == "POST") {
      auto response = http::HttpResponse::text(405, "Nothing is taken here, only given.");
      response.headers.emplace_back("Allow", files_.allowed_methods());
      return exchange.respond(std::move(response));
    }
    files_.handle(exchange);
  }
  [[nodiscard]] std::string_view allowed_methods() const override {
    return desks_.allowed_methods();
  }

 private:
  http::HttpFiles& files_;
  http::DeskPages& desks_;
};

// A person's form is short; nothing else that phones send has a body.
http::HttpConfig with_forms(http::HttpConfig config) {
  config.request.body_bytes = 1024;
  return config;
}

// The main thread decides; its answer comes back to this worker's.
http::DeskPages::Decide decide_over(const WorkerParts& parts, loop::EventLoop& loop) {
  return [&parts, &loop](http::DeskAsk ask, std::function<void(const http::DeskAnswer&)> answer) {
    parts.decide_desk(std::move(ask),
                      [&loop, answer = std::move(answer)](const http::DeskAnswer& decided) {
                        loop.post([answer, decided] { answer(decided); });
                      });
  };
}

}  // namespace

// Born, used and gone on the worker's thread.
struct Worker::Inside {
  std::shared_ptr<const http::ProfileSet> profiles;
  std::unique_ptr<http::Provisioning> provisioning;
  std::unique_ptr<ObservedFiles> files;
  std::unique_ptr<tftp::TftpServer> tftp;
  std::unique_ptr<GuardGate> gate;
  std::unique_ptr<http::HttpFiles> http_files;
  std::unique_ptr<http::DeskPages> desk_pages;
  std::unique_ptr<PhoneSite> site;
  std::unique_ptr<http::HttpServer> http;
  std::vector<Endpoint> modern, legacy;

  Result<void> open(loop::EventLoop& loop, const WorkerParts& parts, size_t index, Sockets sockets,
                    const Config& config, const TlsContexts& tls, const WorkerView& view) {
    auto& metrics = parts.metrics.worker(index);
    profiles = view.profiles;
    provisioning = TRY(
        http::Provisioning::create(view.registry, view.profiles, parts.guard, &parts.credentials,
                                   hooks_to(parts.news, loop, parts.bindings, metrics)));
    provisioning->replace_links(view.links);
    files = std::make_unique<ObservedFiles>(*provisioning, parts.news);
    if (!sockets.tftp.empty())
      tftp = TRY(tftp::TftpServer::create(loop, {config.startup.tftp, config.runtime.tftp}, *files,
                                          metrics, std::move(sockets.tftp)));
    gate = std::make_unique<GuardGate>(parts.guard);
    http_files = std::make_unique<http::HttpFiles>(*files, loop, config.runtime.http);
    desk_pages = std::make_unique<http::DeskPages>(
        view.registry, view.profiles,
        http::DeskPages::Parts{
            .guard = parts.guard,
            .forms = parts.desk_forms,
            .decide = decide_over(parts, loop),
            .on_verdict = [&news = parts.news, &loop](const acl::Failure& failure,
                                                      const acl::Verdict& verdict) {
              news.put(Failed{failure, verdict, loop.now().wall});
            }});
    site = std::make_unique<PhoneSite>(*http_files, *desk_pages);
    http = std::make_unique<http::HttpServer>(
        http::HttpServerParts{loop, *site, *gate, parts.sources, metrics},
        with_forms(config.runtime.http));
    for (auto& socket : sockets.http) TRY(http->adopt(std::move(socket)));
    for (auto& socket : sockets.https)
      modern.push_back(TRY(http->adopt(std::move(socket), tls.modern)));
    for (auto& socket : sockets.legacy_https)
      legacy.push_back(TRY(http->adopt(std::move(socket), tls.legacy)));
    return {};
  }

  void apply(const RuntimeConfig& config, const TlsContexts& tls) {
    if (tftp) tftp->apply(config.tftp);
    http_files->replace_config(config.http);
    http->replace_config(with_forms(config.http));
    for (const auto& local : modern) http->replace_tls(local, tls.modern);
    for (const auto& local : legacy) http->replace_tls(local, tls.legacy);
  }
};

Worker::Worker(size_t index, const WorkerParts& parts) : index_(index), parts_(parts) {}

Worker::~Worker() {
  stop();
}

Result<void> Worker::start(Sockets sockets, const Config& config, const TlsContexts& tls,
                           const WorkerView& view) {
  loop_ = TRY(loop::EventLoop::create());
  std::promise<Result<void>> opened;
  auto answer = opened.get_future();
  thread_ = std::jthread([&, sockets = std::move(sockets)]() mutable {
    pthread_setname_np(pthread_self(), fmt::format("worker-{}", index_).c_str());
    inside_ = std::make_unique<Inside>();
    const auto result =
        inside_->open(*loop_, parts_, index_, std::move(sockets), config, tls, view);
    opened.set_value(result);  // the references above are gone from here on
    if (result) loop_->run();
    inside_.reset();
  });
  return answer.get();
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  loop_->stop();
  thread_.join();
}

void Worker::publish(const WorkerView& view) {
  loop_->post([this, view] {
    inside_->provisioning->replace_registry(view.registry);
    inside_->provisioning->replace_links(view.links);
    inside_->desk_pages->replace(view.registry, view.profiles);
    if (std::exchange(inside_->profiles, view.profiles) == view.profiles) return;
    if (const auto replaced = inside_->provisioning->replace_profiles(view.profiles); !replaced)
      log_error("profiles-not-applied", {{"worker", uint64_t{index_}}, {"why", replaced.error()}});
  });
}

void Worker::apply(const RuntimeConfig& config, const TlsContexts& tls) {
  loop_->post([this, config, tls] { inside_->apply(config, tls); });
}

void Worker::ping(std::function<void()> alive) {
  loop_->post(std::move(alive));
}

}  // namespace stormdoor::edge
