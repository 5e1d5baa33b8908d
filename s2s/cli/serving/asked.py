"""What requests may hold."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

MOST = 32
"""Outputs and hypotheses of a text: what one request may cost."""
_Model = Annotated[str | None, Field(description="Name of the model; by default the first that can do this.")]
_Texts = Annotated[str | list[str], Field(description="One text, or several; one result each, blank for blank.")]
_Best = Annotated[int, Field(ge=1, le=MOST, description="Outputs wanted, the best first; at most as many as the beam.")]
_Beam = Annotated[int | None, Field(ge=1, le=MOST, description="Hypotheses kept; by default the model's; 1 is greedy.")]


class Asked(BaseModel):
    """A request; what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)
    model: _Model = None


class Drawn(Asked):
    """How outputs are drawn at random."""

    temperature: float | None = Field(None, description="Below 1 bolder, above 1 wilder; by default 1.")
    top_k: int | None = Field(
        None, le=2**31, description="Draw from so many most probable tokens; by default from all."
    )
    top_p: float | None = Field(None, description="Draw from the fewest tokens that hold so much probability.")
    seed: int | None = Field(None, ge=0, lt=2**63, description="Other numbers draw other outputs; by default 0.")

    @property
    def drawing(self) -> dict[str, float]:
        """What was asked for, by name."""
        return self.model_dump(include={"temperature", "top_k", "top_p", "seed"}, exclude_none=True)


class Translate(Drawn):
    """Text to translate."""

    text: _Texts
    n_best: _Best = 1
    beam: _Beam = None
    length_penalty: float | None = Field(None, description="Above 0 favours long outputs.")
    coverage_penalty: float | None = Field(None, description="Above 0 favours looking at all of the input.")
    alignment: bool = Field(False, description="Add the weight of each output subword on each input subword.")
    sample: bool = Field(False, description="Draw outputs at random instead of searching for the best.")


class Predict(Asked):
    """Text to classify, or whose words to tag."""

    text: _Texts


class Generate(Drawn):
    """Text to go on from."""

    prompt: str = Field("", description="It is not repeated in the answer.")
    length: int = Field(500, ge=1, description="Characters to write.")
    stream: bool = Field(False, description="Answer with plain text, piece by piece as it is drawn.")


class Transcribe(BaseModel):
    """How to read the picture that is the body of the request; in the query."""

    model_config = ConfigDict(extra="forbid")
    model: _Model = None
    whole: bool = Field(False, description="Read the picture as one word or line; never take it for a page.")
    n_best: _Best = 1
    beam: _Beam = None


Reading = Annotated[Transcribe, Query()]
