"""Every number of the synthetic text renderer. Lengths are shares of the text's height and angles degrees, unless said.

`chance` fields are probabilities; a pair is a range from which a value is drawn evenly. `WORDS` imitates photographed
words, `LINES` scanned or photographed lines of print. Sources of the starting values: MJSynth (arXiv 1406.2227),
SynthText (CVPR 2016), SynthTIGER (arXiv 2107.09313); validated on real words.
"""

from dataclasses import dataclass, field

from s2s.config.checks import at_least
from s2s.config.ranges import Range, check_chances_and_ranges


@dataclass(frozen=True)
class Labels:
    """What is written. Those up to `line` are shares of the kinds of text; they need not add up to one."""

    word: float = 0.60
    """Words of the list, drawn with probability ~ count ** power."""
    number: float = 0.12
    """Numbers, prices, dates, times and codes."""
    random: float = 0.10
    """Strings of random characters."""
    phrase: float = 0.10
    """Two to four words."""
    affixed: float = 0.05
    """Words with punctuation attached, web and mail addresses."""
    single: float = 0.03
    """One character."""
    line: float = 0.0
    """Running text of `line_length` characters."""
    power: float = 0.5
    """Flattens word frequencies: 0 draws every word alike, 1 as in the language."""
    lower: float = 0.35
    """Share of words in lower case."""
    title: float = 0.25
    """Share with a capital first letter."""
    upper: float = 0.30
    """Share in capitals."""
    mixed: float = 0.10
    """Share with random case."""
    uniform_length: float = 0.15
    """Chance that a word is drawn by an even length from `length` instead of by frequency."""
    length: tuple[int, int] = (1, 25)
    """Characters of a word drawn by length, and of random strings."""
    line_length: tuple[int, int] = (20, 90)
    """Characters of a line."""
    rare: float = 3.0
    """Weight in random strings of the third of the characters that words hold least."""
    negative: float = 0.01
    """Share of pictures without text, labelled with the empty string."""

    def __post_init__(self) -> None:
        check_chances_and_ranges(self)


@dataclass(frozen=True)
class Faces:
    """Which fonts are drawn from; a family is drawn first, then one of its faces."""

    hold_out: float = 0.10
    """Share of the families, by the hash of their names, kept for validation."""
    power: float = 0.5
    """A family's weight is (its number of faces) ** power, as text families have more faces than novelties, ..."""
    legibility: float = 3.0
    """... times (its legibility) ** this: how much its glyphs look like those of all other faces."""


@dataclass(frozen=True)
class Glyphs:
    """How the text is drawn before it is placed."""

    size: tuple[int, int] = (40, 96)
    """Least and most pixels of the em at which FreeType draws; in between it follows the picture's height."""
    oversampling: float = 1.15
    """Height of the drawn text over that of the picture: a little more is drawn than is kept."""
    tracking_chance: float = 0.25
    """Letters set wider or tighter than the font says."""
    tracking: Range = (-0.03, 0.25)
    """Extra space between letters, in em."""
    justified_chance: float = 0.0
    """Wider spaces between words, as in justified text."""
    justified: tuple[int, int] = (2, 3)
    """How many spaces stand for one."""
    column_chance: float = 0.0
    """One of the spaces as wide as between the columns of a table."""
    column: tuple[int, int] = (4, 14)
    """How many spaces stand for it."""
    jitter_chance: float = 0.10
    """Letters moved up and down, each on its own."""
    jitter: float = 0.06
    """Standard deviation of that move, in em."""
    bold_chance: float = 0.15
    """Strokes thickened by dilation."""
    thin_chance: float = 0.05
    """Strokes thinned by erosion, where they are thick enough to survive."""
    stroke: Range = (0.02, 0.05)
    """Width added or taken, in em."""
    underline_chance: float = 0.04
    """A line under the text."""
    underline: Range = (0.04, 0.08)
    """Its thickness, in em."""
    spread_chance: float = 0.0
    """Ink that has run: blurred, roughened and cut again."""
    spread: Range = (0.012, 0.03)
    """Standard deviation of the blur, in em."""
    roughness: Range = (5.0, 25.0)
    """Standard deviation of the roughness, in levels of the mask."""
    broken_chance: float = 0.0
    """Strokes with gaps, as of worn type or a thin ribbon."""
    broken: Range = (0.03, 0.12)
    """Size of the gaps, in em."""

    def __post_init__(self) -> None:
        check_chances_and_ranges(self)


@dataclass(frozen=True)
class Layers:
    """What belongs to the letters."""

    border_chance: float = 0.15
    """A rim of another colour around the letters."""
    border: Range = (0.02, 0.08)
    """Its width."""
    shadow_chance: float = 0.15
    """A soft shadow at any angle."""
    shadow: Range = (0.02, 0.12)
    """Its shift."""
    shadow_opacity: Range = (0.3, 0.7)
    """Its opacity."""
    shadow_blur: Range = (0.005, 0.05)
    """Standard deviation of its softness."""
    extrusion_chance: float = 0.05
    """Letters with depth: the shadow is drawn out instead of shifted."""
    extrusion: Range = (0.3, 0.8)
    """Light on its sides, as a share of the ground's."""
    outline_chance: float = 0.03
    """Only the rim is drawn, the letters are hollow."""
    texture_chance: float = 0.15
    """Letters filled with a texture."""
    texture: Range = (0.03, 0.2)
    """Its swing as a share of the difference between text and ground."""
    gradient_chance: float = 0.10
    """Letters filled with a gradient."""
    gradient: Range = (-0.4, 0.3)
    """How far its end lies from the text's colour, as a share of that difference; towards the ground if negative."""

    def __post_init__(self) -> None:
        check_chances_and_ranges(self)


@dataclass(frozen=True)
class Colours:
    """Colours are drawn in CIE Lab."""

    light_on_dark: float = 0.45
    """Share of pictures with text lighter than its ground."""
    difference: float = 22.0
    """Least difference of lightness (0-100) between text and ground ..."""
    difference_share: float = 0.97
    """... in this share of the pictures; the others only have to pass the gate."""
    grey: float = 0.25
    """Share of pictures without any colour."""
    pure_chance: float = 0.30
    """Text in near black or near white."""
    difference_skew: float = 1.4
    """Above the least the difference is drawn evenly to this power: 1 is even, more makes faint text more frequent."""
    chroma: float = 75.0
    """Largest distance from grey in the plane of a and b ..."""
    chroma_skew: float = 1.7
    """... drawn evenly to this power: most colours are weak, some are strong."""
    hues: tuple[tuple[float, float, float], ...] = (
        (38, 9, 0.22),
        (60, 12, 0.14),
        (84, 11, 0.27),
        (125, 28, 0.09),
        (205, 30, 0.06),
        (279, 9, 0.20),
        (340, 25, 0.06),
    )
    """Clusters of hues: angle and standard deviation in that plane, and share. Signs are mostly red, yellow or blue."""

    def __post_init__(self) -> None:
        check_chances_and_ranges(self)


@dataclass(frozen=True)
class Backgrounds:
    """Shares of the grounds; they need not add up to one. Without photographs their share is procedural."""

    flat: float = 0.25
    """One colour."""
    gradient: float = 0.15
    """One colour running into another."""
    gradient_reach: Range = (-0.5, 0.5)
    """How far its end lies from the ground's colour, as a share of the difference to the text."""
    procedural: float = 0.30
    """Clouds, paper, wood, stripes, halftone, leaves, bricks."""
    photograph: float = 0.25
    """Crops of photographs."""
    photograph_zoom: Range = (0.5, 4.0)
    """Pixels of the photograph (reduced to 768) for one of the picture."""
    panel: float = 0.05
    """A sign: a plain panel on another ground."""
    panel_room: Range = (0.04, 0.25)
    """Room on it around the text."""
    panel_rim_chance: float = 0.40
    """It has a rim."""
    paper: float = 0.0
    """Paper only, for lines."""
    strength: Range = (0.08, 0.45)
    """Swing of a texture as a share of the difference in lightness between text and ground."""
    tiles: int = 12
    """Textures made of each kind; crops of them are scaled and turned."""

    def __post_init__(self) -> None:
        check_chances_and_ranges(self)


@dataclass(frozen=True)
class Clutter:
    """What does not belong to the text."""

    neighbour_chance: float = 0.12
    """Other text that the crop cuts."""
    neighbour: Range = (0.04, 0.18)
    """How far it reaches into the picture."""
    neighbour_gap: Range = (0.08, 0.3)
    """Its distance where it stands above or below."""
    neighbour_space: Range = (0.25, 0.5)
    """Its distance where it stands beside."""
    neighbour_same_chance: float = 0.7
    """It has the text's colour."""
    shapes_chance: float = 0.10
    """Lines and boxes behind the text."""
    shapes_thickness: Range = (0.01, 0.07)
    """Thickness of their lines."""
    shapes_room: Range = (0.06, 0.2)
    """Their distance from the text."""
    shapes_opacity: Range = (0.5, 1.0)
    """Their opacity."""
    occluder_chance: float = 0.05
    """Something thin in front of the text."""
    occluder: Range = (0.03, 0.10)
    """Its width."""
    occluder_opacity: Range = (0.7, 1.0)
    """Its opacity."""
    ghost_chance: float = 0.12
    """A faint word in the ground."""
    ghost_opacity: Range = (0.05, 0.2)
    """Its opacity."""
    bleed_chance: float = 0.0
    """Print of the other side shining through, mirrored."""

    def __post_init__(self) -> None:
        check_chances_and_ranges(self)


@dataclass(frozen=True)
class Geometry:
    """One homography, with the bending of the baseline before it."""

    curve_chance: float = 0.15
    """Text set on an arc."""
    arc: Range = (15.0, 100.0)
    """Its angle from the first letter to the last."""
    arch_chance: float = 0.6
    """It bends upwards."""
    elastic_chance: float = 0.25
    """A smooth random displacement."""
    elastic: Range = (0.01, 0.04)
    """Its standard deviation."""
    elastic_cell: Range = (0.4, 1.2)
    """Length over which it changes."""
    rotation: float = 3.0
    """Standard deviation of the rotation."""
    rotation_limit: float = 12.0
    """Largest rotation."""
    strong_chance: float = 0.15
    """Rotation drawn evenly up to `strong_limit` instead."""
    strong_limit: float = 25.0
    """See strong_chance."""
    rise: float = 1.0
    """Most that a rotated text climbs over its length: detectors give long slanted words turned boxes."""
    shear_chance: float = 0.5
    """Sheared text."""
    shear: float = 0.35
    """Largest horizontal shift over the height."""
    corner_chance: float = 0.35
    """Perspective: every corner moved."""
    corner: float = 0.12
    """Largest move of a corner."""
    width: Range = (0.75, 1.35)
    """Horizontal scale."""

    def __post_init__(self) -> None:
        check_chances_and_ranges(self)


@dataclass(frozen=True)
class Crop:
    """The window that is kept."""

    height: tuple[int, int] = (32, 56)
    """Pixels of the picture's height."""
    width: int = 1024
    """Most pixels of its width; wider ones are rejected."""
    margin: float = 0.06
    """Mean and standard deviation of the margin on every side."""
    margin_limits: Range = (-0.05, 0.30)
    """Least and largest margin."""
    loose_chance: float = 0.10
    """Margins drawn evenly up to the largest."""

    def __post_init__(self) -> None:
        check_chances_and_ranges(self)


@dataclass(frozen=True)
class Imaging:
    """Camera, printer and file format, in the order in which they are applied."""

    motion_chance: float = 0.15
    """Motion blur."""
    motion: Range = (2.0, 6.0)
    """Its length in pixels at a height of 48."""
    defocus_chance: float = 0.40
    """Gaussian blur."""
    defocus: Range = (0.0, 1.6)
    """Its standard deviation in pixels at a height of 48."""
    gamma_chance: float = 0.40
    """Gamma."""
    gamma: Range = (0.6, 1.6)
    """Its exponent."""
    tone_chance: float = 0.40
    """Contrast and brightness."""
    contrast: Range = (0.6, 1.3)
    """Factor around mid-grey."""
    brightness: Range = (-35.0, 30.0)
    """Grey levels added."""
    shade_chance: float = 0.10
    """A cast shadow with a soft edge."""
    shade: Range = (0.4, 0.8)
    """Light left in it."""
    glare_chance: float = 0.05
    """A bright spot."""
    glare: Range = (40.0, 140.0)
    """Grey levels added at its centre."""
    resample_chance: float = 0.35
    """Reduced and enlarged again."""
    resample: tuple[int, int] = (10, 24)
    """Height in between, in pixels."""
    noise_chance: float = 0.50
    """Gaussian noise."""
    noise: Range = (2.0, 14.0)
    """Its standard deviation in grey levels."""
    poisson_chance: float = 0.20
    """Noise that grows with the square root of the light."""
    poisson: Range = (0.2, 0.8)
    """Its standard deviation as a share of that root."""
    sharpen_chance: float = 0.10
    """Unsharp masking."""
    sharpen: Range = (0.5, 1.5)
    """Its weight."""
    jpeg_chance: float = 0.60
    """JPEG compression."""
    jpeg: tuple[int, int] = (15, 95)
    """Its quality."""
    binarise_chance: float = 0.04
    """Black and white by Otsu's threshold."""

    def __post_init__(self) -> None:
        check_chances_and_ranges(self)


@dataclass(frozen=True)
class Gate:
    """What a picture must pass; else all but its text is drawn again."""

    retries: int = 5
    """Attempts after the first; then a plain picture of the text is taken."""
    contrast: float = 12.0
    """Least grey levels between the ink and the ring around it, in the finished picture ..."""
    unrest: float = 0.5
    """... and least share of the ring's standard deviation that they are."""
    ink: Range = (0.01, 0.60)
    """Share of the picture that is ink."""
    inside: float = 0.97
    """Least share of the ink inside the picture."""
    pixels: float = 6.0
    """Least width a character at a height of 32."""
    stride: int = 4
    """Pixels a CTC step at a height of 32: there must be a step for every character and between equal neighbours."""

    def __post_init__(self) -> None:
        check_chances_and_ranges(self)


@dataclass(frozen=True)
class Rendering:
    """All of it."""

    labels: Labels = field(default_factory=Labels)
    """What is written."""
    faces: Faces = field(default_factory=Faces)
    """Which fonts."""
    glyphs: Glyphs = field(default_factory=Glyphs)
    """How it is drawn."""
    layers: Layers = field(default_factory=Layers)
    """Borders, shadows and fillings."""
    colours: Colours = field(default_factory=Colours)
    """Colours."""
    backgrounds: Backgrounds = field(default_factory=Backgrounds)
    """Grounds."""
    clutter: Clutter = field(default_factory=Clutter)
    """Things around, behind and in front of it."""
    geometry: Geometry = field(default_factory=Geometry)
    """Where the letters come to lie."""
    crop: Crop = field(default_factory=Crop)
    """The window."""
    imaging: Imaging = field(default_factory=Imaging)
    """Camera and file format."""
    gate: Gate = field(default_factory=Gate)
    """What is refused."""
    quality: int = 95
    """JPEG quality of the files; 0 writes PNG."""

    def __post_init__(self) -> None:
        at_least(1, self.backgrounds, "tiles")
        at_least(0, self.gate, "retries")
        if not 0 <= self.quality <= 100:
            raise ValueError(f"quality must be between 0 and 100, not {self.quality}")


WORDS = Rendering()

LINES = Rendering(
    labels=Labels(
        word=0.05,
        number=0.05,
        random=0.04,
        phrase=0.04,
        affixed=0.04,
        single=0.01,
        line=0.77,
        line_length=(8, 95),
        power=0.8,
        negative=0.002,
    ),
    faces=Faces(legibility=8),
    glyphs=Glyphs(
        tracking_chance=0.1,
        tracking=(-0.03, 0.18),
        justified_chance=0.12,
        column_chance=0.05,
        jitter_chance=0.03,
        jitter=0.01,
        bold_chance=0.1,
        stroke=(0.01, 0.03),
        underline_chance=0.03,
        spread_chance=0.25,
        broken_chance=0.15,
    ),
    layers=Layers(
        border_chance=0, shadow_chance=0, extrusion_chance=0, outline_chance=0, texture_chance=0.1, gradient_chance=0
    ),
    colours=Colours(light_on_dark=0.05, grey=0.7, pure_chance=0.8, difference=35, difference_skew=0.4, chroma=20),
    backgrounds=Backgrounds(
        flat=0.3, gradient=0.15, procedural=0.05, photograph=0, panel=0, paper=0.5, strength=(0.01, 0.12)
    ),
    clutter=Clutter(
        neighbour_chance=0.25,
        neighbour=(0.03, 0.12),
        shapes_chance=0.04,
        occluder_chance=0.01,
        ghost_chance=0,
        bleed_chance=0.15,
    ),
    geometry=Geometry(
        curve_chance=0.1,
        arc=(0.5, 4),
        elastic_chance=0.2,
        elastic=(0.005, 0.015),
        rotation=0.4,
        rotation_limit=1,
        strong_chance=0,
        shear_chance=0.2,
        shear=0.1,
        corner_chance=0.2,
        corner=0.06,
        width=(0.75, 1.15),
    ),
    crop=Crop(height=(36, 56), width=3200, loose_chance=0.25),
    imaging=Imaging(
        motion_chance=0.03,
        glare_chance=0.01,
        resample_chance=0.45,
        resample=(14, 34),
        noise_chance=0.35,
        noise=(1, 8),
        jpeg=(25, 95),
        binarise_chance=0.25,
    ),
)
