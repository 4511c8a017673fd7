#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "bench/storm/fetch.hpp"

namespace stormdoor::storm {

// One HTTP/1.1 answer to a GET (RFC 9112), byte by byte as it arrives: length given, chunked, or
// until the connection closes. Pure. The head is at most kMostHead bytes; of the body, Body keeps
// what it keeps.
class HttpResponse {
 public:
  static constexpr size_t kMostHead = size_t{32} * 1024;

  explicit HttpResponse(bool hashed = false) : body_(hashed) {}

  // Returns how many bytes belonged to this answer; more come only once ended() was read. An error
  // is an answer that is none.
  Result<size_t> feed(std::span<const std::byte> bytes);
  // The connection has ended; an error if the answer had not.
  Result<void> close();

  [[nodiscard]] bool begun() const { return begun_; }
  [[nodiscard]] bool ended() const { return part_ == Part::End; }
  [[nodiscard]] int status() const { return status_; }
  // Whether another request may follow on this connection.
  [[nodiscard]] bool keeps_alive() const { return keep_alive_; }
  // All values of one header, in their order.
  [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;
  [[nodiscard]] Body take_body() { return std::move(body_); }

 private:
  enum class Part : uint8_t { Head, Length, ChunkHead, Chunk, ChunkEnd, Trailer, UntilClose, End };
  Result<void> read_head();
  Result<void> read_fields(std::string_view fields);
  void choose_body();
  Result<void> read_line();
  size_t take_body_bytes(std::span<const std::byte> bytes);

  Part part_ = Part::Head;
  bool begun_ = false;
  bool keep_alive_ = true;
  int status_ = 0;
  std::string line_;  // the head, or one line of the chunks' framing
  std::vector<std::pair<std::string, std::string>> fields_;
  uint64_t left_ = 0;
  Body body_;
};

}  // namespace stormdoor::storm
