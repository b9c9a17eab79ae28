"""What boundaries are trusted, and what they say about the frame of others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo_service.errors import EmptyInput, FrameContradiction
from geo_service.layers.area import Boundaries, Geometries
from geo_service.layers.edition import IN_FORCE, Edition, EditionChoice
from geo_service.layers.files import read_features
from geo_service.layers.frame_evidence import FrameEvidence, Silence, frame_evidence
from geo_service.layers.frames import frame_of_crs, parse_frame
from geo_service.layers.layer import Layer, Layers
from geo_service.services.callers import Caller
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions


@dataclass(frozen=True, eq=False)
class Trust:
    """Areas of one layer in one edition, EPSG:4490: what a frame is judged by."""

    layer: Layer
    edition: int
    geometries: Geometries


@dataclass(frozen=True)
class Examination:
    """What was found out about a frame, and which layer it rests on."""

    evidence: FrameEvidence
    layer: Layer | None
    edition: int | None

    def text(self, language: str) -> str:
        """Return what was found, with what it rests on, in ``zh`` or ``en``."""
        said = self.evidence.text(language)
        if self.layer is None or self.evidence.best is None:
            return said
        title = self.layer.title(language)
        if language == "en":
            return f"beside the {title} layer of edition {self.edition}, {said}"
        return f"与第 {self.edition} 版的{title}图层相比，{said}"


@dataclass(frozen=True)
class FrameReport:
    """A file, and what its outlines say about its frame."""

    file: str
    areas: int
    examination: Examination


class FrameService:
    """Asking what frame a file is in; nothing is stored."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def examine_file(
        self,
        _caller: Caller,
        path: Path,
        *,
        frame: str | None = None,
        table: str | None = None,
        layer: str | None = None,
        choice: EditionChoice = IN_FORCE,
    ) -> FrameReport:
        """Compare a file's outlines with an edition, or with one layer of it.

        The declared frame is ``frame``, or what the file itself says.

        Raises
        ------
        UnreadableFile, EmptyInput
            The file cannot be used.
        UnknownFrame, UnsupportedFrame, UnknownLayer
            A frame or a layer that is not there.
        """
        read = read_features(path, table=table)
        if len(read) == 0:
            raise EmptyInput(where=path.name)
        declared = parse_frame(frame) if frame else frame_of_crs(read.crs)
        trusted = self._trusted(layer, choice)
        return FrameReport(path.name, len(read), examine(read.geometries, declared, trusted))

    def _trusted(self, name: str | None, choice: EditionChoice) -> list[Trust]:
        layers = self._workspace.layers
        wanted = layers if name is None else [layers[name]]
        with self._workspace.database.read() as connection:
            edition = self._workspace.governing(connection, choice)
            base = editions.read_boundaries(connection, edition.number) if edition else {}
        # the deepest layers have the most outlines
        return list(_trusts(reversed(list(wanted)), edition, base))


def trusted_beside(
    layer: Layer, layers: Layers, edition: Edition | None, base: Boundaries
) -> list[Trust]:
    """Return what new areas of a layer are judged by: the layer, its children, its ancestors."""
    above = [] if layer.is_overlay else layers.chain(layer.name)[-2::-1]
    return list(_trusts([layer, *layers.children(layer.name), *above], edition, base))


def examine(
    geometries: Geometries,
    declared: str | None,
    trusted: Sequence[Trust],
    *,
    is_brief: bool = False,
) -> Examination:
    """Return what the first layer says that says anything; else what comes nearest to it."""
    said = [Examination(FrameEvidence(declared, silence=Silence.NOTHING_TRUSTED), None, None)]
    for trust in trusted:
        evidence = frame_evidence(
            geometries, trust.geometries, declared=declared, is_brief=is_brief
        )
        examination = Examination(evidence, trust.layer, trust.edition)
        if evidence.best:
            return examination
        said.append(examination)
    return max(said, key=lambda each: (len(each.evidence.fits), each.layer is not None))


def question_frame(
    where: str, geometries: Geometries, declared: str, trusted: Sequence[Trust]
) -> None:
    """Refuse a declared frame that the trusted boundaries contradict.

    Raises
    ------
    FrameContradiction
        Naming the frame that the outlines speak for.
    """
    found = examine(geometries, declared, trusted, is_brief=True)
    if found.evidence.is_contradicting:
        raise FrameContradiction(
            where=where,
            declared=declared,
            evidence_zh=f"{found.text('zh')}。请核对；若声明无误，请加 --frame-confirmed",
            evidence_en=f"{found.text('en')}. Check it; if the declared frame is right, "
            "add --frame-confirmed",
        )


def examination_json(report: FrameReport, language: str) -> Mapping[str, Any]:
    """Return the report as values that JSON can hold."""
    found = report.examination
    evidence = found.evidence
    return {
        "file": report.file,
        "areas": report.areas,
        "declared": evidence.declared,
        "frame": evidence.best.frame if evidence.best else None,
        "is_swapped": evidence.best.is_swapped if evidence.best else None,
        "is_contradicting": evidence.is_contradicting,
        "confidence": evidence.confidence,
        "alike": list(evidence.alike),
        "silence": evidence.silence.value if evidence.silence else None,
        "text": found.text(language),
        "rests_on": {"layer": found.layer.name, "edition": found.edition} if found.layer else None,
        "within_m": evidence.within_m,
        "chance_share": evidence.chance_share,
        "fits": [vars(fit) for fit in evidence.fits],
    }


def _trusts(
    layers: Sequence[Layer] | Iterator[Layer], edition: Edition | None, base: Boundaries
) -> Iterator[Trust]:
    for layer in layers:
        if edition is not None and len(base.get(layer.name, ())):
            yield Trust(layer, edition.number, base[layer.name].geometries)
