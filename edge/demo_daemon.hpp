#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "base/unique_fd.hpp"
#include "edge/demo.hpp"

namespace stormdoor::edge {

Result<SampleOffice> read_sample(const std::string& folder);

// stormdoord with the sample's configuration, in a temporary directory, on loopback ports that were
// free. Stopped and its directory removed when this goes.
class DemoDaemon {
 public:
  // Waits until it serves; an error tells the end of its log.
  static Result<std::unique_ptr<DemoDaemon>> start(const DemoOptions& options);
  ~DemoDaemon();
  DemoDaemon(const DemoDaemon&) = delete;
  DemoDaemon& operator=(const DemoDaemon&) = delete;

  [[nodiscard]] const DemoOffice& office() const { return office_; }
  [[nodiscard]] std::string control_socket() const { return folder_ + "/run/control.sock"; }
  // What its clients must trust.
  [[nodiscard]] std::string authority_file() const { return folder_ + "/authority.pem"; }
  // False once it has ended by itself.
  [[nodiscard]] bool running();

 private:
  DemoDaemon() = default;
  Result<void> write_config(const DemoOptions& options);
  Result<void> run_program(const std::string& program);
  Result<void> wait_until_ready();
  Result<void> open_office();
  [[nodiscard]] std::string end_of_log() const;

  std::string folder_;
  UniqueFd notifications_;
  pid_t pid_ = -1;
  std::unique_ptr<storm::TlsClient> tls_;
  DemoOffice office_;
};

}  // namespace stormdoor::edge
