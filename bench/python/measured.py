# SPDX-License-Identifier: Apache-2.0
"""What CPython computes for `weft bench`, which has this text in itself and hands it to python3 -c.

arguments: <workload> <size of the warm-up> <size>; prints the two answers, the seconds of the second, and the peak of memory in KiB
"""
import itertools
import sys
import time
import types

SENT_NUMBERS = bytes(range(251))  # sent_numbers in workload/send.hpp


@types.coroutine
def suspends(value):
    return (yield value)


async def echoes():
    last = 0
    while True:
        last = await suspends(last)


async def awaits():
    return await echoes()


def send(trips):
    coroutine = awaits()
    coroutine.send(None)
    round_trip = coroutine.send
    last = None
    for number in itertools.islice(itertools.cycle(SENT_NUMBERS), trips):
        last = round_trip(number)
    return last


def counts(count):
    for number in range(count):
        yield number


def generator(count):
    total = 0
    for value in counts(count):
        total += value
    return total


def peak_kib():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def main():
    compute = {"send": send, "generator": generator}[sys.argv[1]]
    warm_up = compute(int(sys.argv[2]))
    start = time.perf_counter()
    answer = compute(int(sys.argv[3]))
    seconds = time.perf_counter() - start
    print(warm_up, answer, seconds, peak_kib())


main()
