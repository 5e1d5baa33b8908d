"""What is answered, for the description at /docs; the values come from where the command line has them."""

from pydantic import BaseModel, ConfigDict, Field


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(_Answer):
    """Any answer but 200."""

    error: str = Field(description="What is wrong, where, and what to do; one sentence.")


class Candidate(_Answer):
    """One of the best translations."""

    text: str
    score: float
    tokens: list[str]
    alignment: list[list[float]] | None = Field(None, description="If it was asked for.")


class Translation(_Answer):
    """Of one text."""

    text: str = Field(description="The best output.")
    score: float = Field(description="Its log-probability under the length and coverage penalties.")
    tokens: list[str] = Field(description="Its subwords.")
    parts: int = Field(description="In how many parts the text was translated.")
    cut: bool = Field(description="Whether the output was cut at its length limit.")
    unlike_training: str | None = Field(description="Why the text looks unlike what the model was trained on.")
    n_best: list[Candidate] | None = Field(None, description="With n_best above 1.")
    source_tokens: list[str] | None = Field(None, description="With alignment: the subwords of the text.")
    alignment: list[list[float]] | None = Field(
        None, description="With alignment: for each of tokens, its weight on each of source_tokens."
    )


class Translations(_Answer):
    """One result for each text."""

    model: str
    results: list[Translation]


class Class(_Answer):
    """Of one text, by a classifier."""

    label: str = Field(description="The most probable class; empty for a blank text.")
    probabilities: dict[str, float] = Field(description="Of every class, the most probable first.")
    parts: int = Field(description="In how many windows the text was read.")


class Tags(_Answer):
    """Of one text, by a tagger."""

    words: list[str]
    tags: list[str] = Field(description="The most probable tag of each word.")
    probabilities: list[float] = Field(description="Of these tags.")
    parts: int = Field(description="In how many windows the text was read.")


class Predictions(_Answer):
    """One result for each text."""

    model: str
    results: list[Class] | list[Tags]


class Written(_Answer):
    """What a language model wrote."""

    model: str
    text: str = Field(description="What goes on from the prompt.")


class Character(_Answer):
    """Where it stands, in pixels of the upright picture."""

    text: str
    probability: float
    left: float
    right: float


class Line(_Answer):
    """Of a page."""

    text: str
    confidence: float
    characters: list[Character]
    left: int
    top: int
    right: int
    bottom: int


class Alternative(_Answer):
    """One of the best texts of a picture."""

    text: str
    score: float


class Transcription(_Answer):
    """What a picture says."""

    model: str
    text: str = Field(description="Of a page, its lines with line breaks between them.")
    confidence: float = Field(description="How sure the model is of a character on average.")
    characters: list[Character] | None = Field(None, description="None of a page, whose lines have them.")
    lines: list[Line] | None = Field(None, description="Of a page, in reading order.")
    n_best: list[Alternative] | None = Field(None, description="With n_best above 1.")
    turned: int | None = Field(None, description="Degrees clockwise by which a page was turned to be read.")
    warnings: list[str] | None = Field(None, description="What makes the text doubtful.")
    width: int = Field(description="Of the picture in pixels, turned upright.")
    height: int
