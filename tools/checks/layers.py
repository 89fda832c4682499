# SPDX-License-Identifier: Apache-2.0
"""Who may include whom, and who may resume a coroutine."""
import pathlib
import re

rules = {
    "layer": "include/ includes only itself; scheduler/ never includes coro/; coro/ never includes a deque",
    "rank": "every header in include/ has a rank (tools/checks/layers.py) and includes none of a higher one",
    "whole": "weft/weft.hpp includes every header of include/weft/ but those of optional components",
    "cycle": "no header includes itself, on whatever way round",
    "resume": "include/weft/detail/resume.hpp, and nothing else, resumes a coroutine handle",
}

# Rank of every header below include/weft/, lowest first: a header includes lower ranks, or its own without a cycle.
ranks = (
    ("detail/sync.hpp", "detail/short_lock.hpp", "detail/list_link.hpp", "detail/expects.hpp",
     "detail/durations.hpp", "detail/timer_node.hpp",
     "errors.hpp", "result.hpp", "metrics.hpp", "blocking_options.hpp", "task_hooks.hpp",
     "left_task.hpp", "deadlock.hpp", "frames.hpp", "topology.hpp", "version.hpp",
     "send_result.hpp", "coroutine_hooks.hpp", "task_clock.hpp"),
    ("detail/deque.hpp", "detail/frame_pool.hpp", "detail/frame_head.hpp", "detail/waiter.hpp",
     "detail/deadline.hpp", "detail/sleep_timer.hpp", "detail/local_value.hpp"),
    ("detail/worker.hpp", "detail/resume.hpp"),
    ("detail/join.hpp", "detail/failures.hpp", "detail/root.hpp", "detail/bridge.hpp", "detail/context.hpp",
     "detail/cancel_node.hpp", "detail/root_wait.hpp", "detail/child_results.hpp", "detail/blocking_job.hpp", "awaitable.hpp"),
    ("task.hpp", "scheduler.hpp", "spawn.hpp", "when_all.hpp", "when_all_range.hpp", "fork_join.hpp", "sync_wait.hpp", "on.hpp",
     "as_result.hpp"),
    ("detail/awaited.hpp", "detail/protocol_node.hpp", "detail/protocol_values.hpp", "detail/protocol_calls.hpp", "detail/coro_node.hpp",
     "detail/protocol_promise.hpp", "detail/coro_await.hpp", "detail/generator_node.hpp", "detail/generator_promise.hpp",
     "detail/generator_await.hpp", "coroutine_state.hpp", "coroutine_calls.hpp", "coroutine.hpp", "drive.hpp", "generator_calls.hpp",
     "generator.hpp", "generator_coroutine.hpp", "await_range.hpp", "as_coroutine.hpp", "protocol_mixins.hpp", "protocol_concepts.hpp",
     "async_generator.hpp", "detail/scope_state.hpp", "detail/scope_waits.hpp", "scope.hpp", "scope_of.hpp",
     "when_any.hpp", "cancellation.hpp", "finally.hpp", "timer.hpp", "timeout.hpp", "interval.hpp", "virtual_scheduler.hpp",
     "task_local.hpp", "mutex.hpp", "semaphore.hpp", "event.hpp", "latch.hpp", "barrier.hpp", "channel.hpp",
     "blocking.hpp", "parallel_options.hpp", "detail/parallel_call.hpp", "detail/sharing_probe.hpp", "detail/loop_pace.hpp",
     "detail/loop_part.hpp",
     "detail/leaves.hpp", "detail/fold.hpp", "detail/scan_order.hpp", "detail/scan_part.hpp", "detail/partition.hpp",
     "detail/sort_part.hpp", "detail/merge_part.hpp", "parallel_for.hpp", "parallel_invoke.hpp", "parallel_reduce.hpp",
     "parallel_scan.hpp", "parallel_sort.hpp", "parallel.hpp"),
    ("asio.hpp", "tbb.hpp", "weft.h", "c_value.hpp", "c_wrap.hpp"),
    ("weft.hpp",),
)
rank_of = {name: rank for rank, names in enumerate(ranks) for name in names}

library = ("include", "scheduler", "coro")
may_include = {"include": {"include"}, "scheduler": {"include", "scheduler"}, "coro": set(library)}
resume_file = "include/weft/detail/resume.hpp"


def includes(file):
    """(line, what is included) of every include directive."""
    for number, line in enumerate(file.code_lines):
        if re.match(r"\s*#\s*include\b", line) and (match := re.search(r'include\s*["<]([^">]+)[">]', file.lines[number])):
            yield number, match[1]


def _resolve(root, file, included):
    """Where in the tree an include leads, or None if it leads out of it."""
    for base in (file.path.parent, root / "include", root, root / "scheduler", root / "coro"):
        candidate = pathlib.Path(base / included).resolve()
        if candidate.is_file() and candidate.is_relative_to(root):
            return str(candidate.relative_to(root))
    return None


def _check_edge(file, line, target):
    source_folder, target_folder = file.folder, target.split("/")[0]
    if source_folder in may_include and target_folder in library and target_folder not in may_include[source_folder]:
        allowed = " or ".join(sorted(may_include[source_folder]))
        yield file.violation(line, "layer", f"{source_folder}/ must not include {target}; it may include {allowed}")
    if source_folder == "coro" and target.endswith("/deque.hpp"):
        yield file.violation(line, "layer", "nothing in coro/ touches a deque; use the four verbs of detail/resume.hpp")
    below = "include/weft/"
    if file.name.startswith(below) and target.startswith(below):
        mine, other = rank_of.get(file.name[len(below) :]), rank_of.get(target[len(below) :])
        if mine is not None and other is not None and other > mine:
            yield file.violation(line, "rank", f"{target} has rank {other}, above this file's {mine}")


def _check_whole(files, edges):
    whole = "include/weft/weft.hpp"
    if whole not in files:
        return
    included = {target for _, target in edges[whole]}
    for name in files:
        short = name[len("include/weft/") :]
        if name.startswith("include/weft/") and "/" not in short and rank_of.get(short, 0) < rank_of["asio.hpp"] and name not in included:
            yield files[whole].violation(1, "whole", f"include {name[len('include/') :]} here: one include is all that a program needs")


def _find_cycles(edges, files):
    """Each cycle once, reported at the include that closes it."""
    done, on_path = set(), []

    def visit(name):
        on_path.append(name)
        for line, target in edges.get(name, ()):
            if target in on_path:
                way = " -> ".join([*on_path[on_path.index(target) :], target])
                yield files[name].violation(line, "cycle", f"break the circle {way}")
            elif target not in done:
                yield from visit(target)
        on_path.pop()
        done.add(name)

    for name in edges:
        if name not in done:
            yield from visit(name)


def _called_handles(code):
    """Names declared as a coroutine handle, and not as a function, too."""
    names = set(re.findall(r"\bcoroutine_handle\s*<[^;{}()]*?>\s*(?:const\s*)?[&*]?\s*(\w+)\s*[;,)={]", code))
    return {name for name in names if not re.search(rf"[\w>&*]\s+[&*]?{name}\s*\(", code)}


def _check_resume(file):
    called = _called_handles(file.code)
    patterns = [r"(?:\.|->)\s*resume\s*\(\s*\)", r"\bfrom_(?:address|promise)\s*\([^()]*\)\s*\(\s*\)", r"\b__builtin_coro_resume\b"]
    if called:
        patterns.append(rf"\b(?:{'|'.join(sorted(called))})\s*\(\s*\)")
    for number, line in enumerate(file.code_lines):
        if any(re.search(pattern, line) for pattern in patterns):
            yield file.violation(number, "resume", f"use run_here, transfer, fork or make_ready; only {resume_file} resumes a handle")


def check(tree):
    files = {file.name: file for file in tree.files if file.is_cpp}
    edges = {}
    for file in files.values():
        edges[file.name] = []
        for line, included in includes(file):
            target = _resolve(tree.root, file, included)
            if target is None:
                continue
            edges[file.name].append((line, target))
            yield from _check_edge(file, line, target)
        if file.name.startswith("include/weft/") and file.name[len("include/weft/") :] not in rank_of:
            yield file.violation(1, "rank", "give this header a rank in tools/checks/layers.py")
        if file.folder in library and file.name != resume_file:
            yield from _check_resume(file)
    yield from _check_whole(files, edges)
    yield from _find_cycles(edges, files)
