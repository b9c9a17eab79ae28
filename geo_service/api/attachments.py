"""Photos of issues in and out."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Path, Response, UploadFile
from fastapi.responses import JSONResponse

from geo_service.api.boundaries import uploaded
from geo_service.api.parameters import JsonObject, RowNumber, VisitParameter, moment_text
from geo_service.api.streams import answers
from geo_service.governance.handling.attachment import KIND_BY_NAME
from geo_service.services.attachments.attaching import AttachmentAsked
from geo_service.storage.attachments import AttachmentRow

router = APIRouter(tags=["attachments"])

_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",  # what is erased must not live on in a browser
}

Text = Annotated[str, Form(max_length=200)]
Hash = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.post("/issues/{issue_id}/attachments", responses={201: {"description": "The photo is new"}})
def attach(
    visit: VisitParameter,
    issue_id: RowNumber,
    file: Annotated[UploadFile, File(description="A JPEG, PNG or WebP photo.")],
    kind: Annotated[Text, Form(description="上报, 处置前, 处置后, 核查, or report, before, …")],
    role: Text,
    note: Annotated[str | None, Form(max_length=200)] = None,
) -> JSONResponse:
    """Attach a photo: 201 when it is new, 200 when the issue has it already.

    Its pixels are kept, upright, and nothing else of it: neither place nor time nor camera.
    """
    asked = AttachmentAsked(kind, role, note)
    with uploaded(file) as path:
        done = visit.services.attachments.attach(visit.caller, issue_id, path, asked)
    body = {**attachment_json(done.row), "replayed": done.is_replayed}
    return JSONResponse(body, 200 if done.is_replayed else 201)


@router.get("/issues/{issue_id}/attachments")
def attachments(visit: VisitParameter, issue_id: RowNumber) -> JsonObject:
    """List the photos of an issue in the order they came."""
    rows = visit.services.attachments.attachments(visit.caller, issue_id)
    return {"items": [attachment_json(row) for row in rows]}


@router.get(
    "/issues/{issue_id}/attachments/{digest}",
    response_class=Response,
    responses=answers(*_ENDINGS),
)
def attachment(visit: VisitParameter, issue_id: RowNumber, digest: Hash) -> Response:
    """Return one photo to save, compared with its hash."""
    row, content = visit.services.attachments.content(visit.caller, issue_id, digest)
    name = f"{issue_id}-{row.kind}-{digest[:12]}{_ENDINGS[row.media_type]}"
    saved = {"Content-Disposition": f'attachment; filename="{quote(name)}"'}
    return Response(content, media_type=row.media_type, headers=_HEADERS | saved)


def attachment_json(row: AttachmentRow) -> dict[str, Any]:
    """Return a photo as the API shows it."""
    told = row._asdict()
    kind = KIND_BY_NAME[row.kind]
    return {
        **{name: told[name] for name in ("hash", "kind")},
        "title_zh": kind.title_zh,
        "title_en": kind.title_en,
        **{name: told[name] for name in ("media_type", "bytes", "width", "height")},
        **{name: told[name] for name in ("role", "note")},
        "attached_at": moment_text(row.attached_at_s),
        "href": f"/api/v1/issues/{row.issue_id}/attachments/{row.hash}",
    }
