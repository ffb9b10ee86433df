"""Judges the clock of the boot scenario: later figures are differences of its readings."""


def judge(result, check):
    words = (result / "kernel_log").read_text().split()
    error_ms = int(words[1]) / 1e6
    check("the error of the kernel log's times is below 5 ms", error_ms < 5, f"{error_ms:.3f} ms")
