"""`s2s render`: synthetic pictures of text."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from s2s.cli.printing import notice, show

if TYPE_CHECKING:
    from s2s.config.rendering import Rendering
    from s2s.image.render.renderer import Renderer


PREVIEW = 240
"""Pictures of a preview if --count is not given."""
SHOWN = 3
"""Faces left out that are named on the screen, each with the reason."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", metavar="FOLDER", help="folder for images/, labels.tsv and render.json")
    parser.add_argument("--count", type=int, metavar="N", help="how many pictures")
    parser.add_argument("--preview", metavar="FILE", help="write a sheet of the pictures to look at, as PNG")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, other pictures (default 1)")
    parser.add_argument("--lines", action="store_true", help="lines of print of 20 to 90 characters, instead of words")
    parser.add_argument("--config", metavar="FILE", help="YAML with numbers of the renderer, instead of the usual ones")
    parser.add_argument(
        "--language",
        metavar="CODE",
        nargs="+",
        default=["en"],
        help="languages of the words, as ISO codes (default en)",
    )
    parser.add_argument(
        "--text", metavar="FILE", help="draw the words or lines of this text, and codes of its characters"
    )
    parser.add_argument(
        "--charset", metavar="FILE",
        help="charset.json, or a text whose characters are used (default: ASCII, and letters of other languages)",
    )  # fmt: skip
    parser.add_argument(
        "--fonts", metavar="DIR", nargs="+", help="folders of fonts (default: the system's, and DejaVu)"
    )
    parser.add_argument(
        "--families", choices=("all", "train", "validation"), default="all",
        help="draw with all families of fonts, without those held out for validation, or with them alone",
    )  # fmt: skip
    parser.add_argument("--photos", metavar="DIR", help="folder of photographs, without text, to use as backgrounds")
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes; the pictures are the same for any"
    )


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Render, and print what the pictures are like."""
    from pathlib import Path

    from s2s.config.errors import RequestError
    from s2s.image.render.folder import encode, render_folder, write_account
    from s2s.image.render.preview import sheet
    from s2s.image.render.tally import Tally, entry

    if not args.out and not args.preview:
        raise RequestError("nothing to write: name a folder by --out, or a picture by --preview")
    if args.out and args.count is None:
        raise RequestError("how many pictures? Say --count N")
    count = PREVIEW if args.count is None else args.count
    if count < 1 or args.workers < 1 or args.seed < 0:
        raise RequestError("--count and --workers must be 1 or more, and --seed 0 or more")
    config = _config(args)
    notes: list[str] = []
    renderer, characters = _renderer(args, config, notes.append)
    for note in notes[:SHOWN]:
        notice(note)
    if len(notes) > SHOWN:
        notice(f"and {len(notes) - SHOWN:,} more faces; render.json names all")
    notice(f"{len(renderer.fonts)} faces in {len(renderer.fonts.families)} families")
    if args.preview:
        pictures = [renderer(index) for index in range(min(count, PREVIEW))]
        Path(args.preview).write_bytes(encode(sheet(pictures), 0))
        notice(f"{args.preview}: {len(pictures)} pictures")
        if not args.out:
            tally = Tally()
            for picture in pictures:
                tally.add(entry("", picture, 0.0))
            show(*tally.lines(characters)[:-1])
            return 0
    tally = render_folder(renderer, Path(args.out), count, args.workers, lambda done: _progress(done, count))
    write_account(Path(args.out), _account(args, renderer, characters, notes, tally.summary(characters)))
    show(*tally.lines(characters))
    if tally.reject_rate > 0.05:
        notice("more than 5 % of the attempts were refused: the numbers, the fonts or the words do not fit")
    return 0


def _config(args: argparse.Namespace) -> "Rendering":
    from s2s.config.errors import RequestError
    from s2s.config.rendering import LINES, WORDS, Rendering
    from s2s.config.strict import read

    if args.config and args.lines:
        raise RequestError("--config and --lines exclude each other: the file has all numbers; set labels.line in it")
    if args.config:
        return read(args.config, Rendering)
    return LINES if args.lines else WORDS


def _renderer(args: argparse.Namespace, config: "Rendering", note: Callable[[str], None]) -> "tuple[Renderer, str]":
    """The renderer and its characters; `note` is called with which faces are left out, and why."""
    from pathlib import Path

    from s2s.config.errors import RequestError
    from s2s.image.render.fonts import Fonts, find_faces
    from s2s.image.render.labels import Sampler
    from s2s.image.render.renderer import Renderer
    from s2s.image.render.vetting import vet
    from s2s.image.render.words import Words, from_languages, from_text, letters
    from s2s.text.charset import DEFAULT, Charset, learn
    from s2s.text.lines import read_lines

    lines = [line for line in map(str.strip, read_lines(Path(args.text))) if line] if args.text else []
    if args.text and not lines:
        raise RequestError(f"{args.text}: all its lines are blank, so there is nothing to write")
    counts = from_text(lines) if lines else from_languages(args.language)
    if args.charset and args.charset.endswith(".json"):
        characters = Charset.load(Path(args.charset)).characters
    elif args.charset:
        characters = learn(read_lines(Path(args.charset))).characters
    elif lines:
        characters = learn(lines).characters
    else:
        characters = learn([DEFAULT, "" if args.language == ["en"] else letters(counts)]).characters
    photographs: list[Path] = []
    if args.photos:
        kinds = (".jpg", ".jpeg", ".png", ".webp")
        photographs = sorted(p for p in Path(args.photos).rglob("*") if p.suffix.lower() in kinds)
        if not photographs:
            raise RequestError(f"{args.photos}: there are no photographs")
    faces = vet(find_faces(characters, [Path(folder) for folder in args.fonts or ()], note), characters, note)
    fonts = Fonts(faces, config.faces, {"all": None, "train": False, "validation": True}[args.families])
    labels = Sampler(config.labels, characters, Words(counts, characters, config.labels.power), lines)
    return Renderer(config, fonts, labels, args.seed, tuple(photographs)), characters


def _account(
    args: argparse.Namespace, renderer: "Renderer", characters: str, notes: list[str], statistics: dict[str, Any]
) -> dict[str, Any]:
    """What it takes to make the same pictures again."""
    import cv2
    import numpy as np
    import PIL
    from PIL import features

    from s2s import __version__
    from s2s.config.strict import to_dict

    versions = {
        "s2s": __version__,
        "pillow": PIL.__version__,
        "freetype": features.version("freetype2"),
        "raqm": features.version("raqm"),
        "opencv": cv2.__version__,
        "numpy": np.__version__,
    }
    return {
        "seed": renderer.seed,
        "languages": args.language if not args.text else args.text,
        "characters": characters,
        "fonts": {
            "faces": len(renderer.fonts),
            "families": args.families,
            "fingerprint": renderer.fonts.fingerprint,
            "used": sorted({face.family for members in renderer.fonts.families for face in members}),
            "left out": notes,
        },
        "versions": versions,
        "statistics": statistics,
        "config": to_dict(renderer.config),
    }


def _progress(done: int, count: int) -> None:
    if done % 1000 == 0 and done < count:
        notice(f"{done:,} of {count:,}")
