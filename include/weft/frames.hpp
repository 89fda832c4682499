// SPDX-License-Identifier: Apache-2.0
// The memory of coroutine frames, for the whole process: what it is, how much it may be, and how to get it back.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

namespace weft {

/// Where coroutine frames come from.
enum class frame_source {
  /// Size-classed blocks that threads keep and exchange: what weft is built for.
  pool,
  /// The heap, one allocation a frame, so that leak detectors and sanitizers see each of them.
  heap,
};

/// Chooses where frames come from, for the whole process. False: the choice is already made, and it is the other one.
/// Call it before the first scheduler or coroutine: whoever needs a frame first settles it, by the environment
/// variable WEFT_FRAMES ("pool" or "malloc"), which is not read if the program chose. Any thread.
[[nodiscard]] bool choose_frame_source(frame_source source) noexcept;

/// Limits the bytes of memory that frames hold in the whole process; nothing: no limit, which is how it starts.
/// A coroutine that would need more throws std::bad_alloc where it is called. A limit below what frames hold already
/// takes nothing away. Memory goes to frames in steps of 64 KiB. Any thread; of no effect on frame_source::heap.
void set_frame_limit(std::optional<std::size_t> bytes) noexcept;

/// Gives memory that no frame needs back to the system and answers how many bytes. Any thread.
/// What workers keep for their next frames stays with them; after a scheduler has stopped, all of its memory can go.
/// Costs time in proportion to the free frames, and frames that are needed meanwhile may have to wait for it.
std::size_t trim_frames() noexcept;

/// Frames in use. Any thread; exact while no worker runs.
[[nodiscard]] std::size_t live_frames() noexcept;

/// The blocks of one size.
struct frame_class_usage {
  /// Bytes of a block.
  std::size_t block_bytes = 0;
  /// Blocks that exist, in use or free.
  std::size_t carved_blocks = 0;
  /// Free blocks that no worker keeps.
  std::size_t pooled_blocks = 0;
};

/// What frames hold, at about one moment. Exact while nobody allocates or releases.
struct frame_statistics {
  /// Address space taken from the system; most of it is never backed by memory.
  std::size_t mapped_bytes = 0;
  /// Bytes of the slabs that blocks are cut from.
  std::size_t carved_bytes = 0;
  /// Bytes of large frames, each mapped by itself, and of such mappings kept for reuse.
  std::size_t large_bytes = 0;
  /// Large frames in use.
  std::size_t large_frames = 0;
  /// What set_frame_limit() set. It bounds carved_bytes and large_bytes together.
  std::optional<std::size_t> limit_bytes;
  /// The blocks by size, smallest first.
  std::array<frame_class_usage, 31> classes{};
};

/// Describes the memory of frames as it is now. Any thread.
[[nodiscard]] frame_statistics describe_frames() noexcept;

}  // namespace weft
