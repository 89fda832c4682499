# SPDX-License-Identifier: Apache-2.0
"""tools/check on a small tree: silent while the tree keeps the rules, and for each rule broken, one line that says where."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

spdx = "// SPDX-License-Identifier: Apache-2.0\n"

clean_tree = {
    "CMakeLists.txt": "# SPDX-License-Identifier: Apache-2.0\n# Builds it.\nproject(weft)\n",
    "README.md": "# weft\n\n<!-- from tests/api/first.cpp:sum -->\n```cpp\nint sum = 1 + 1;\n```\n",
    "tests/api/first.cpp": spdx + "// The README's example.\n// [sum]\nint sum = 1 + 1;\n// [/sum]\n",
    "include/weft/version.hpp": spdx + "// Which weft this is.\n#pragma once\nnamespace weft {\n/// The version.\nint version();\n}\n",
    "include/weft/task.hpp": spdx + """//
// A task, with what a checker might stumble over.
#pragma once
#include "weft/version.hpp"
namespace weft {
namespace detail {
class hidden { public: void undocumented(); };
}
class later;
/// A task: braces in text and comments } are no braces.
template <class T, int N = (3 > 2)>
  requires (sizeof(T) < 64)
class [[nodiscard]] alignas(64) task final : public detail::hidden {
 public:
  /// Makes one.
  explicit task(T first) noexcept(noexcept(T(first))) : first_{first}, text_("}{") {}
  task(const task&) = delete;
  task& operator=(task&& other) noexcept;
  ~task() { first_ = 0; }
  /// Runs it.
  int run(int n = int{1}) const { return [n] { return n; }(); }
  int run(long n) const;
  operator bool() const;  /// Whether there is one.
  static constexpr char quote = '"';
  bool await_ready() const noexcept { return 1'000'000 > 1; }

 private:
  int undocumented_but_private();
  T first_;
  const char* text_ = R"(raw " } text)";
};
template <class T>
task(T) -> task<T>;
template <class T>
int task<T>::run(long) const { return 0; }
}  // namespace weft
""",
    "include/weft/detail/resume.hpp": spdx + "// Resumes.\n#pragma once\ninline void run(auto h) { h.resume(); }\n",
    "include/weft/detail/deque.hpp": spdx + """//
// A word that two threads share.
//
// Checked   tests/api/first.cpp (E1),
//           tests/api/first.cpp
//
// Edges
//   E1  put   the store in put (release) -> the load in take (acquire)
#pragma once
namespace weft::detail {
class word {
  void put(int n) { value_.store(n, release); }  // E1
  int take() {
    return value_.exchange(  // the order follows
        last_.load(relaxed) + 1, acquire);  // E1; last_ is ours alone
  }
  int look() {
    // only we write it
    int one = last_.load(std::memory_order_relaxed);
    int two = last_.load(relaxed);
    return one + two;
  }
  atomic<int> value_{0};
  atomic<int> last_{0};
};
}
""",
    "scheduler/deque.cpp": spdx + "// The rest of the deque.\nvoid f(auto& a) { a.store(1, release); }  // E1\n",
    "coro/protocol.cpp": spdx + '// The protocol.\n#include <weft/task.hpp>\n',
    "tools/hello": "#!/usr/bin/env bash\n# SPDX-License-Identifier: Apache-2.0\n# Says hello.\necho hello\n",
}

body = spdx + "// A file.\n"
public = spdx + "// A header.\n#pragma once\nnamespace weft {\n"
long_function = "void f() {\n" + "  g();\n" * 60 + "}\n"

# rule, file, its text, the line to be reported
planted = [
    ("layer", "include/weft/task.hpp", body + '#include "scheduler/parker.hpp"\n', 3),
    ("layer", "scheduler/queue.cpp", body + '#include "../coro/slot.hpp"\n', 3),
    ("layer", "coro/queue.cpp", body + "#include <weft/detail/deque.hpp>\n", 3),
    ("rank", "include/weft/version.hpp", body + '#include "weft/task.hpp"\n', 3),
    ("rank", "include/weft/never_heard_of.hpp", body, 1),
    ("whole", "include/weft/weft.hpp", body + '#include "weft/task.hpp"\n', 1),
    ("cycle", "scheduler/one.hpp", body + '#include "two.hpp"\n', None),
    ("resume", "scheduler/worker.cpp", body + "void f(auto h) { h.resume(); }\n", 3),
    ("resume", "coro/worker.cpp", body + "void f(auto h) { h->resume ( ); }\n", 3),
    ("resume", "scheduler/worker.cpp", body + "void f(std::coroutine_handle<> h) {\n  h();\n}\n", 4),
    ("resume", "scheduler/worker.cpp", body + "void f(void* p) { std::coroutine_handle<>::from_address(p)(); }\n", 3),
    ("order", "scheduler/word.cpp", body + "int f(auto& a) { return a.load(); }\n", 3),
    ("order", "scheduler/word.cpp", body + "int f(auto& a) { return a.fetch_add(other(relaxed)); }\n", 3),
    ("order", "scheduler/word.cpp", body + "atomic<int> count{0};\nvoid f() { ++count; }\n", 4),
    ("order", "scheduler/word.cpp", body + "atomic<int> count{0};\nvoid f() {\n  count = 1;\n}\n", 5),
    ("order", "scheduler/word.cpp", body + "atomic<int> count{0};\nint f() {\n  return count;\n}\n", 5),
    ("edge", "scheduler/word.cpp", body + "int f(auto& a) { return a.load(acquire); }\n", 3),
    ("edge", "scheduler/word.cpp", body + "int f(auto& a) { return a.load(std::memory_order::seq_cst); }  // E7\n", 3),
    ("edge", "scheduler/word.cpp", body + "int f(auto& a) {\n  return a.load(acquire);  // deque.hpp E2\n}\n", 4),
    ("edge", "scheduler/word.cpp", body + "int f(auto& a) {\n  return a.load(acquire);  // E2 of deque.hpp\n}\n", 4),
    ("relaxed", "scheduler/word.cpp", body + "int f(auto& a) {\n  return a.load(relaxed);\n}\n", 4),
    ("fence", "scheduler/word.cpp", body + "void f() { std::atomic_thread_fence(std::memory_order_seq_cst); }  // E1\n", 3),
    ("seam", "scheduler/word.cpp", body + "std::atomic<int> word;\n", 3),
    ("seam", "scheduler/word.cpp", body + "int f(int* p) { return __atomic_load_n(p, 0); }\n", 3),
    ("waiting", "scheduler/word.cpp", body + "std::condition_variable sleepers;\n", 3),
    ("top", "notes.txt", "notes\n", 1),
    ("licence", "scheduler/free.cpp", "// A file.\nint x;\n", 1),
    ("licence", "tools/free.py", "#!/usr/bin/env python3\n# A script.\n", 2),
    ("purpose", "scheduler/free.cpp", spdx + "int x;\n", 2),
    ("purpose", "scheduler/free.cpp", spdx + "//\n\n", 2),
    ("length", "scheduler/long.cpp", body + "int x();\n" * 399, 401),
    ("function", "scheduler/long.cpp", body + long_function, 3),
    ("function", "scheduler/long.cpp", body + "struct s {\n  s() : a_{1}, b_(2)\n  " + long_function[9:] + "};\n", 4),
    ("function", "tools/long.py", "# SPDX-License-Identifier: Apache-2.0\n# A script.\ndef f():\n" + "    g()\n" * 51, 3),
    ("line", "scheduler/wide.cpp", body + "// " + "x" * 140 + "\n", 3),
    ("line", "scheduler/wide.cpp", body + "int x; \n", 3),
    ("name", "scheduler/slab_utils.cpp", body, 1),
    ("name", "scheduler/slab.cpp", body + "class slab_manager {};\n", 3),
    ("name", "scheduler/slab.cpp", body + "namespace weft::impl {\n}\n", 3),
    ("name", "scheduler/slab.cpp", body + "struct s {\n  using slab_t = int;\n};\n", 4),
    ("name", "tests/unit/version.hpp", body, 1),
    ("todo", "scheduler/slab.cpp", body + "int x;  // TODO: more\n", 3),
    ("documented", "include/weft/task.hpp", public + "class task {};\n}\n", 5),
    ("documented", "include/weft/task.hpp", public + "template <class T>\nvoid f(T) {}\n}\n", 5),
    ("documented", "include/weft/task.hpp", public + "using number = int;\n}\n", 5),
    ("documented", "include/weft/task.hpp", public + "enum class colour { red };\n}\n", 5),
    ("documented", "include/weft/task.hpp", public + "inline constexpr int limit = 3;\n}\n", 5),
    ("documented", "include/weft/task.hpp", public + "/// A task.\nstruct task {\n  int run() const;\n};\n}\n", 7),
    ("documented", "include/weft/task.hpp", public + "/// One.\nint f();\n\nint f(int);\n}\n", 8),
    ("documented", "include/weft/task.hpp", public + "/// A task.\nclass task {\n  int x();\n public:\n  task(int n);\n};\n}\n", 9),
    ("checked", "scheduler/word.cpp", spdx + "//\n// A word.\n//\n// Checked   tests/api/first.cpp, tests/unit/word_test.cpp\n", 5),
    ("checked", "scheduler/word.cpp", spdx + "//\n// A word.\n//\n// Checked: tests/api/first.cpp,\n//      tests/model/word.cpp\n", 6),
    ("snippet", "README.md", clean_tree["README.md"].replace("1 + 1", "1 + 2"), 4),
    ("snippet", "README.md", clean_tree["README.md"].replace(":sum", ":other"), 3),
    ("snippet", "README.md", clean_tree["README.md"].replace("```cpp\n", "text\n"), 3),
]
accomplices = {"scheduler/two.hpp": body + '#include "one.hpp"\n', "scheduler/parker.hpp": body, "coro/slot.hpp": body}


class check_test(unittest.TestCase):
    program = None

    def check(self, files, *options):
        """The exit status and the lines of tools/check on a tree of `files`."""
        with tempfile.TemporaryDirectory() as root:
            for name, text in files.items():
                path = pathlib.Path(root, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text.replace("ROOT", root), encoding="utf-8")
            done = subprocess.run(
                [sys.executable, self.program, "--root", root, *options],
                cwd=root, capture_output=True, text=True, timeout=120, check=False,
            )
            self.assertEqual(done.stderr, "")
            return done.returncode, done.stdout.splitlines()

    def test_a_clean_tree_is_passed(self):
        status, lines = self.check(clean_tree)

        self.assertEqual(lines[:-1], [])
        self.assertEqual(status, 0)

    def test_every_planted_violation_is_reported_where_it_is(self):
        for rule, name, text, line in planted:
            with self.subTest(rule=rule, name=name, text=text[-80:]):
                helped = accomplices if rule in ("cycle", "layer") else {}
                status, lines = self.check(clean_tree | helped | {name: text})

                self.assertEqual(status, 1)
                where = f"{name}:{line}: {rule}: " if line else f": {rule}: "
                self.assertTrue(any(where in found for found in lines), f"no line with {where!r} in {lines}")

    def test_every_rule_is_planted(self):
        done = subprocess.run([sys.executable, self.program, "--list-rules"], capture_output=True, text=True, timeout=60, check=True)

        listed = {line.split()[0] for line in done.stdout.splitlines()}
        self.assertEqual(listed, {rule for rule, *_ in planted})

    def test_a_strong_access_may_name_an_edge_of_another_file(self):
        for said in ("deque.hpp E1", "E1 of deque.hpp"):
            text = body + f"int f(auto& a) {{ return a.load(acquire); }}  // {said}\n"

            status, lines = self.check(clean_tree | {"scheduler/word.cpp": text})

            self.assertEqual((status, lines[:-1]), (0, []))

    def test_a_load_of_a_class_of_our_own_needs_no_order(self):
        text = body + "struct cart {\n  int load();\n};\nint f(cart& c) { return c.load(); }\n"

        status, lines = self.check(clean_tree | {"scheduler/cart.cpp": text})

        self.assertEqual((status, lines[:-1]), (0, []))

    def our_own(self, name):
        return {name: pathlib.Path(self.program).resolve().parent.parent.joinpath(name).read_text(encoding="utf-8")}

    def test_names_are_checked_by_clang_tidy(self):
        build = '[{"directory": "ROOT", "file": "scheduler/slab.cpp", "command": "clang++-19 -std=c++20 -c scheduler/slab.cpp"}]'
        style = self.our_own(".clang-tidy") | {"build/compile_commands.json": build}
        good = "template <class Item>\nclass slab {\n  Item first_;\n};\n"

        self.assertEqual(self.check(style | {"scheduler/slab.cpp": body + good}, "--tidy", "build")[0], 0)
        for line, old, new in ((3, "Item", "item_type"), (4, "slab", "Slab"), (5, "first_", "first"), (5, "first_", "First_")):
            status, lines = self.check(style | {"scheduler/slab.cpp": body + good.replace(old, new)}, "--tidy", "build")
            self.assertEqual(status, 1, f"{new} for {old}: {lines}")
            self.assertIn(f"scheduler/slab.cpp:{line}: tidy: ", lines[0])

    def test_layout_is_checked_by_clang_format(self):
        style = self.our_own(".clang-format")
        good = style | {"scheduler/slab.cpp": body + "int x;\n"}
        bad = style | {"scheduler/slab.cpp": body + "int   x;\n"}

        self.assertEqual(self.check(good, "--format")[0], 0)
        status, lines = self.check(bad, "--format")
        self.assertEqual(status, 1)
        self.assertIn("scheduler/slab.cpp:3: format: ", lines[0])


if __name__ == "__main__":
    check_test.program = sys.argv.pop(1)
    unittest.main()
