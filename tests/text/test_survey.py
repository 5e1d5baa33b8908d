"""The report on labels before training."""

from s2s.text.charset import Charset
from s2s.text.survey import survey

LABELS = [("1.png", "ab"), ("2.png", "aé"), ("3.png", "e\u0301é"), ("4.png", ""), ("5.png", "é"), ("6.png", "é")]


def test_unknown_characters_are_counted_with_the_files_that_hold_them():
    report = survey(LABELS, Charset("abz"))
    assert report.unknown["é"].count == 5
    assert report.unknown["é"].names == ["2.png", "3.png", "5.png"]
    assert report.known == {"a": 2, "b": 1}


def test_changed_labels_are_counted_and_shown():
    report = survey(LABELS, Charset("ab"))
    assert report.changed.examples == 1
    assert report.changed.names == ["3.png"]
    assert "changed to NFC: in 1 label: 3.png" in report.lines()


def test_the_report_says_what_can_never_be_learned_and_what_is_unknown():
    lines = survey(LABELS, Charset("abz")).lines()
    assert lines[0] == "6 labels, 1 empty, 3 characters known, 5 unknown"
    assert "never seen: 1 characters of the charset: z" in lines
    assert any(
        "U+00E9 LATIN SMALL LETTER E WITH ACUTE), 5 times in 4 labels: 2.png, 3.png, 5.png, ..." in line
        for line in lines
    )


def test_ten_unknown_characters_are_listed_and_the_others_counted():
    labels = [("x.png", "".join(map(chr, range(0x4E00, 0x4E00 + 60))))]
    lines = survey(labels, Charset("a")).lines()
    assert sum(line.startswith("unknown: ") for line in lines) == 11
    assert lines[-1] == "unknown: 50 more characters"
    assert ", 1 time in 1 label: x.png" in lines[2]
