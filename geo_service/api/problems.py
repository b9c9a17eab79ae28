"""The only table from errors to answers; every error answer is an RFC 9457 problem."""

import json
import sys
from collections.abc import Mapping
from math import isfinite
from typing import Any, NamedTuple, Protocol

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from geo_service import errors
from geo_service.errors import GeoServiceError, LayerTitles

PROBLEMS: Mapping[type[GeoServiceError], tuple[int, str, str]] = {
    errors.InvalidInput: (422, "invalid-input", "What was sent cannot be used as sent"),
    errors.EmptyInput: (422, "empty-input", "No records"),
    errors.UnreadableFile: (422, "unreadable-file", "Unreadable file"),
    errors.DamagedBackup: (422, "damaged-backup", "Damaged backup"),
    errors.UnknownColumn: (422, "unknown-column", "Unknown column"),
    errors.MissingColumn: (422, "missing-column", "Missing column"),
    errors.SpoiledCodes: (422, "spoiled-codes", "Codes made numbers by a spreadsheet"),
    errors.InvalidValue: (422, "invalid-value", "Invalid value"),
    errors.RefusedValue: (422, "refused-value", "Refused value"),
    errors.InvalidGeometry: (422, "invalid-geometry", "Invalid geometry"),
    errors.InvalidCoordinates: (422, "invalid-coordinates", "Invalid coordinates"),
    errors.UnknownFrame: (422, "unknown-frame", "Unknown frame"),
    errors.UnsupportedFrame: (422, "unsupported-frame", "Unsupported frame"),
    errors.MissingFrame: (422, "missing-frame", "Missing frame"),
    errors.FrameContradiction: (422, "frame-contradiction", "Frame and evidence disagree"),
    errors.InvalidProfile: (422, "invalid-profile", "Invalid profile"),
    errors.InvalidPeriod: (422, "invalid-period", "Invalid period"),
    errors.MixedDates: (422, "mixed-dates", "Two dates in one ratio"),
    errors.LayerWithoutLadder: (422, "layer-without-ladder", "Layer without a ladder"),
    errors.InvalidCursor: (422, "invalid-cursor", "Invalid cursor"),
    errors.UnknownLayer: (404, "unknown-layer", "Unknown layer"),
    errors.UnknownParent: (422, "unknown-parent", "Unknown parent"),
    errors.UnfitLine: (422, "unfit-line", "The drawn line cannot be used"),
    errors.PiecesUnnamed: (422, "pieces-unnamed", "Parts and codes do not agree"),
    errors.NotAdjacent: (422, "not-adjacent", "The areas share no border"),
    errors.BordersCross: (422, "borders-cross", "Borders would cross"),
    errors.WrongParent: (422, "wrong-parent", "Not a possible parent"),
    errors.NoFreeGround: (422, "no-free-ground", "No free ground there"),
    errors.ApprovalMissing: (422, "approval-missing", "Statutory borders need an approval"),
    errors.NoBalancedParts: (422, "no-balanced-parts", "No lines part the area as asked"),
    errors.BuildingNotAdjacent: (422, "building-not-adjacent", "A building is not at the border"),
    errors.UnfitBuildingLists: (422, "unfit-building-lists", "Building lists cannot be used"),
    errors.BuildingsNotInArea: (422, "buildings-not-in-area", "The area has no such buildings"),
    errors.MissingFacts: (422, "missing-facts", "The step needs more"),
    errors.TargetNotAllowed: (422, "target-not-allowed", "Nothing may be sent there"),
    errors.UnknownHost: (422, "unknown-host", "Unknown host"),
    errors.IdempotencyConflict: (422, "idempotency-conflict", "Idempotency-Key was used"),
    errors.NotAPhoto: (422, "not-a-photo", "Not a photo"),
    errors.DamagedPhoto: (422, "damaged-photo", "Damaged photo"),
    errors.NotFound: (404, "not-found", "Not found"),
    errors.AgreementNotFound: (404, "agreement-not-found", "Border agreement not found"),
    errors.EnclaveNotFound: (404, "enclave-not-found", "Enclave not found"),
    errors.NoHoleThere: (422, "no-hole-there", "No hole there"),
    errors.EntryNotFound: (404, "entry-not-found", "Entry not found"),
    errors.AreaNotFound: (404, "area-not-found", "Area not found"),
    errors.UnknownArea: (404, "unknown-area", "Unknown area"),
    errors.UnknownBorder: (404, "unknown-border", "Unknown border"),
    errors.EditionNotFound: (404, "edition-not-found", "Edition not found"),
    errors.DraftNotFound: (404, "draft-not-found", "Draft not found"),
    errors.EnteredFigureNotFound: (404, "entered-figure-not-found", "No such value entered"),
    errors.IssueNotFound: (404, "issue-not-found", "Issue not found"),
    errors.WebhookNotFound: (404, "webhook-not-found", "Webhook not found"),
    errors.AttachmentNotFound: (404, "attachment-not-found", "Attachment not found"),
    errors.SheetNotFound: (404, "sheet-not-found", "Sheet not found"),
    errors.SheetUnchanged: (409, "sheet-unchanged", "No figure of the sheet has changed"),
    errors.Conflict: (409, "conflict", "Conflict"),
    errors.WebhookExists: (409, "webhook-exists", "There is a webhook of this name"),
    errors.CodeInUse: (409, "code-in-use", "Code in use"),
    errors.CodeRetired: (409, "code-retired", "The code was in use once"),
    errors.HasChildren: (409, "has-children", "The area is made of others"),
    errors.NothingLeft: (409, "nothing-left", "The area would be without ground"),
    errors.OutsideParent: (409, "outside-parent", "The ground lies outside its parent"),
    errors.CodesExhausted: (409, "codes-exhausted", "No numbers left below the prefix"),
    errors.BuildingsCutOff: (409, "buildings-cut-off", "Buildings would be cut off"),
    errors.NaturalKeyConflict: (409, "natural-key-conflict", "Issue exists with other content"),
    errors.ListUnderWay: (409, "list-under-way", "The same list is being imported"),
    errors.StaleEdition: (409, "stale-edition", "Another edition was published"),
    errors.PendingConflict: (409, "pending-conflict", "A pending edition is in the way"),
    errors.RevertConflict: (409, "revert-conflict", "Changed again since"),
    errors.ProfileConflict: (409, "profile-conflict", "The profile does not fit the database"),
    errors.IllegalTransition: (409, "illegal-transition", "Not possible now"),
    errors.DraftClosed: (409, "draft-closed", "The draft is not changed any more"),
    errors.StaleDraft: (412, "stale-draft", "The draft was changed meanwhile"),
    errors.AreaNotRedrawn: (409, "area-not-redrawn", "The draft leaves the area as it is"),
    errors.StaleBoundsText: (412, "stale-bounds-text", "The text was changed meanwhile"),
    errors.NothingToUndo: (409, "nothing-to-undo", "No step that way"),
    errors.DraftOvertaken: (409, "draft-overtaken", "Another edition is in force then"),
    errors.RebaseConflict: (409, "rebase-conflict", "Both changed the same areas"),
    errors.EmptyDraft: (409, "empty-draft", "Nothing to publish"),
    errors.StaleIssue: (412, "stale-issue", "The issue was handled meanwhile"),
    errors.StepTooLate: (409, "step-too-late", "The time for the step is over"),
    errors.NotAdmitted: (409, "not-admitted", "Not a duty of residents"),
    errors.DepartmentsMissing: (409, "departments-missing", "Departments have not come"),
    errors.AttachmentsMissing: (409, "attachments-missing", "Photos are missing"),
    errors.PhotoOnOtherSide: (409, "photo-on-other-side", "The photo shows the other side"),
    errors.IssueErased: (409, "issue-erased", "Closed and erased"),
    errors.DatabaseNotEmpty: (409, "database-not-empty", "The database is not empty"),
    errors.NewerBackup: (409, "newer-backup", "Backup of a newer version"),
    errors.TopologyBroken: (422, "topology-broken", "The boundaries are not a clean coverage"),
    errors.CoverageOverlap: (500, "coverage-overlap", "Stored boundaries overlap"),
    errors.Forbidden: (403, "forbidden", "Forbidden"),
    errors.NotLoopback: (403, "not-loopback", "Loopback only"),
    errors.ForeignOrigin: (403, "foreign-origin", "The request comes from elsewhere"),
    errors.LimitExceeded: (413, "limit-exceeded", "Limit exceeded"),
    errors.Unavailable: (503, "unavailable", "Unavailable"),
    errors.StorageUnavailable: (503, "storage-unavailable", "Database unavailable"),
    errors.NoRoomForFile: (503, "no-room-for-file", "No room left for a file"),
    errors.DiskFull: (503, "disk-full", "No room left for the database"),
    errors.DatabaseReadOnly: (503, "database-read-only", "Database can only be read"),
    errors.OutcomeUnknown: (503, "outcome-unknown", "Database went away while committing"),
    errors.DatabaseUnfit: (503, "database-unfit", "The database cannot be used"),
    errors.AttachmentsUnwritable: (503, "attachments-unwritable", "No photo can be stored"),
    errors.ImportInterrupted: (503, "import-interrupted", "Database unavailable during an import"),
    errors.AttachmentDamaged: (500, "attachment-damaged", "A stored file is damaged"),
    errors.ExternalReference: (500, "external-reference", "A page would load from outside"),
}
"""Error class → (status, slug of its type, title); a class without a row answers as its parent."""

_HTTP: Mapping[int, tuple[str, str, str, str]] = {
    404: ("not-found", "Not found", "没有这个网址", "there is nothing at this address"),
    405: ("method-not-allowed", "Method not allowed", "这个网址不支持 {}", "no {} at this address"),
}
_UNREADABLE = ("invalid-request", "Invalid request", "请求无法读取", "the request cannot be read")
"""What the web framework itself refuses; its phrases differ between versions of Python."""

_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "Leads to the section of /problems."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "In the language of Accept-Language."},
        "instance": {"type": "string"},
    },
    "additionalProperties": {"description": "The facts, by name."},
}

_log = structlog.wrap_logger(
    structlog.PrintLogger(sys.stderr),
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,  # lines alone: variables may hold what people wrote
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ],
)
_MEDIA_TYPE = "application/problem+json"
_SERVER_ERROR = 500
_UNAVAILABLE = 503
_RETRY_AFTER_S = 5
"""A database that is back is found with the next request; sooner is only more load."""

PROBLEM_ANSWERS: dict[int | str, dict[str, Any]] = {
    family: {"description": text, "content": {_MEDIA_TYPE: {"schema": _PROBLEM_SCHEMA}}}
    for family, text in {"4XX": "A problem (RFC 9457)", "5XX": "The service failed"}.items()
}
"""How the interface's description promises errors."""


class _Problem(JSONResponse):
    """JSON whatever the facts repeat of a request: half of a surrogate pair is written as "?"."""

    media_type = _MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


def problem_row(kind: type[GeoServiceError]) -> tuple[int, str, str]:
    """Return the table's row for an error class, its own or its nearest parent's."""
    for parent in kind.__mro__:
        if parent in PROBLEMS:
            return PROBLEMS[parent]
    return _SERVER_ERROR, "internal-error", "Internal error"


def refused_row(request: Request, error: GeoServiceError) -> dict[str, Any]:
    """Return what is said of one of several things that were asked for and refused."""
    status, slug, title = problem_row(type(error))
    detail = reader_of(request).told(error)
    return {"type": f"/problems#{slug}", "title": title, "status": status, "detail": detail}


def problem(
    request: Request, status: int, slug: str, title: str, detail: str, **facts: Any
) -> JSONResponse:
    """Return one RFC 9457 problem; facts stand beside the standard members."""
    body = {
        **facts,
        "type": f"/problems#{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
    }
    headers = {"X-Content-Type-Options": "nosniff", "Vary": "Accept-Language"}
    if status == _UNAVAILABLE:
        headers["Retry-After"] = str(_RETRY_AFTER_S)
    return _Problem(body, status_code=status, headers=headers)


def language_of(request: Request) -> str:
    """Return ``zh`` or ``en``: ``?lang=`` first, then Accept-Language, else Chinese."""
    asked = request.query_params.get("lang") or request.headers.get("accept-language", "")
    return "en" if asked.lower().startswith("en") else "zh"


class _Sentence(Protocol):
    """What is told in a language, naming layers by their titles."""

    def text(self, language: str, layers: LayerTitles) -> str:
        """Return one sentence."""


class Reader(NamedTuple):
    """Who reads an answer: in which language, and what layers are called."""

    language: str
    layers: LayerTitles

    def told(self, each: _Sentence) -> str:
        """Return the sentence of an error, a finding or a fix."""
        return each.text(self.language, self.layers)


def reader_of(request: Request) -> Reader:
    """Return who reads the answer to a request."""
    return Reader(language_of(request), request.app.state.services.workspace.layers.titles)


def install(app: FastAPI) -> None:
    """Let every error of the app answer as a problem."""
    app.add_exception_handler(GeoServiceError, known_problem)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unknown)


def known_problem(request: Request, error: Exception) -> JSONResponse:
    """Answer one of our own errors."""
    assert isinstance(error, GeoServiceError)  # noqa: S101  # the handler is registered for it
    status, slug, title = problem_row(type(error))
    level = _log.error if status >= _SERVER_ERROR else _log.warning
    level("request refused", path=request.url.path, problem=slug, status=status)
    facts = {name: _plain(value) for name, value in error.told.items()}
    detail = reader_of(request).told(error)
    return problem(request, status, slug, title, detail, **facts)


def log_doubt(doubt: tuple[str, str]) -> None:
    """Log why a crash may lose what was acknowledged."""
    zh, en = doubt
    _log.warning("not durable", reason=en, reason_zh=zh)


def log_failed_work(error: Exception) -> None:
    """Log on what work failed that nobody waits for; it is tried again."""
    if isinstance(error, GeoServiceError):
        _log.warning("work failed, trying again", reason=error.text("en"))
    else:
        _log.error("work failed, trying again", exc_info=error)


def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # as above
    found = [
        {"pointer": "/" + "/".join(str(part) for part in e["loc"]), "reason": e["msg"]}
        for e in error.errors()
    ]
    detail = "; ".join(f"{e['pointer']}: {e['reason']}" for e in found)
    return problem(request, 422, "invalid-request", "Invalid request", detail, errors=found)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  # as above
    if isinstance(error.__cause__, GeoServiceError):
        return known_problem(request, error.__cause__)
    slug, title, zh, en = _HTTP.get(error.status_code, _UNREADABLE)
    detail = (en if language_of(request) == "en" else zh).format(request.method)
    answer = problem(request, error.status_code, slug, title, detail)
    answer.headers.update(error.headers or {})
    return answer


def _unknown(request: Request, error: Exception) -> JSONResponse:
    _log.error("internal error", path=request.url.path, exc_info=error)
    zh = "服务内部出错，日志里有原因；请求没有完成，原样再发一次不会重复存入"
    en = (
        "the service failed, the log has the reason; the request was not completed, "
        "and sending it again stores nothing twice"
    )
    detail = en if language_of(request) == "en" else zh
    return problem(request, _SERVER_ERROR, "internal-error", "Internal error", detail)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not isfinite(value):
        return str(value)  # JSON has no NaN
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    return value if isinstance(value, str | int | float | bool | None) else str(value)
