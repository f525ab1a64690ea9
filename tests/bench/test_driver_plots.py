#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""test_driver_plots.py - what gnuplot is given, and what the real one makes of it."""
import os
import shutil
import struct
import unittest
import xml.etree.ElementTree
import zlib

from driver_case import DriverCase, init
import gnuplot
import plots

SCENARIOS = ("--scenario", "crowd", "--scenario", "storm", "--scenario", "forward", "--quick",
             "--runs", "1")
ALL = {f"{name}.{kind}" for name in ("crowd", "storm", "forward") for kind in ("svg", "png")}


def png_size(path):
    """Width and height; every part of the file must be whole."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    position, kinds, pixels = 8, [], b""
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position:position + 8])
        body = data[position + 8:position + 8 + length]
        checksum, = struct.unpack(">I", data[position + 8 + length:position + 12 + length])
        assert zlib.crc32(kind + body) == checksum, kind
        kinds.append(kind)
        pixels += body if kind == b"IDAT" else b""
        position += 12 + length
    assert kinds[0] == b"IHDR" and kinds[-1] == b"IEND"
    assert zlib.decompress(pixels)
    return struct.unpack(">II", data[16:24])


def svg_text(path):
    """All words in it; it must be XML."""
    root = xml.etree.ElementTree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg", root.tag
    return "\n".join("".join(element.itertext()).strip()
                     for element in root.iter("{http://www.w3.org/2000/svg}text"))


class Real(DriverCase):
    def setUp(self):
        super().setUp()
        found = shutil.which("gnuplot")
        self.assertTrue(found, "gnuplot is missing: ./dev deps --test")
        os.symlink(found, self.path("bin/gnuplot"))

    def plots(self):
        return {name for name in os.listdir(self.out) if name.endswith((".svg", ".png"))}

    def test_it_makes_svg_and_png_that_can_be_read(self):
        _, errors = self.bench(*SCENARIOS, "--init", "dumb-init --")
        self.assertEqual((errors, self.plots()), ("", ALL))
        for name in ALL:
            path = os.path.join(self.out, name)
            if name.endswith(".png"):
                self.assertEqual(png_size(path), plots.SIZES[name[:-4]])
            else:
                text = svg_text(path)
                self.assertIn("dumb-init", text)
                self.assertIn("./dev bench", text)
                self.assertIn("us", text)

    def test_no_name_can_give_it_a_command(self):
        name = f"{self.path('bin/tini')} '`touch {self.path('bad')}`' \"it's\" 50% a_b {{/=99}} @x"
        _, errors = self.bench(*SCENARIOS, "--init", name)
        self.assertEqual((errors, self.plots()), ("", ALL))
        self.assertFalse(os.path.exists(self.path("bad")))
        self.assertIn("50% a_b '{/=99}' @x", svg_text(os.path.join(self.out, "crowd.svg")))

    def test_an_init_that_failed_is_not_drawn_and_one_that_lost_says_so(self):
        tini = self.path("bin/tini")
        self.bench(*SCENARIOS, "--init", f"{tini} fail", "--init", f"{tini} lose=3")
        text = svg_text(os.path.join(self.out, "forward.svg"))
        self.assertNotIn("tini fail", text.split("\n", 2)[2])
        self.assertRegex(text, "tini lose=3 .*LOST 3 of 300")

    def test_what_costs_nothing_has_no_place_on_a_logarithm(self):
        _, errors = self.bench(*SCENARIOS, "--init", "tini --", fake="slow=0")
        self.assertEqual(errors, "bench: not drawn: crowd, forward: no figure is above 0\n")
        self.assertEqual(self.plots(), {"storm.svg", "storm.png"})


class Without(DriverCase):
    def test_a_missing_gnuplot_costs_one_line_and_no_result(self):
        _, errors = self.bench(*SCENARIOS, "--init", "tini --")
        self.assertEqual(errors, "bench: not drawn: crowd, storm, forward: "
                         "gnuplot is not installed\n")
        self.assertTrue(self.json()["complete"])

    def test_a_gnuplot_that_fails_costs_one_line_and_leaves_nothing_half_done(self):
        with open(self.path("bin/gnuplot"), "w", encoding="ascii") as file:
            file.write("#!/bin/sh\n: >plot.svg\necho 'no terminal' >&2\nexit 1\n")
        os.chmod(self.path("bin/gnuplot"), 0o755)
        _, errors = self.bench(*SCENARIOS, "--init", "tini --")
        self.assertEqual(errors, "bench: not drawn: crowd, storm, forward: gnuplot: no terminal\n")
        self.assertEqual(sorted(os.listdir(self.out)),
                         ["results.csv", "results.json", "summary.md"])


class Script(unittest.TestCase):
    def test_quotes_in_a_name_end_no_string(self):
        self.assertEqual(gnuplot.quote("it's\n`x`"), "'it''s'.\"\\n\".'`x`'")

    def test_a_curve_ends_with_the_slowest_at_one_in_all(self):
        curve = plots.curve(list(range(1000, 101000, 1000)))
        self.assertEqual(curve[-1], (100, 100.0))

    def test_a_curve_begins_with_the_median_at_one_in_two(self):
        curve = plots.curve(list(range(1000, 101000, 1000)))
        self.assertEqual(curve[0], (2, 51.0))

    def test_of_a_hundred_the_ninety_first_is_what_one_in_ten_reaches(self):
        curve = dict(plots.curve(list(range(1000, 101000, 1000))))
        self.assertEqual(curve[10], 91.0)

    def test_no_two_inits_look_alike(self):
        everybody = [init("sexton", "subject"), init("sexton, one thread", "subject"),
                     *(init(f"peer {number}") for number in range(6)),
                     init("floor", "floor"), init("auto-reap", "limit")]
        styles = {gnuplot.style(everybody, one) for one in everybody}
        self.assertEqual(len(styles), len(everybody))


if __name__ == "__main__":
    unittest.main()
