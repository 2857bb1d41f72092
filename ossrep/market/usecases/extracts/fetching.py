"""Gets from ERCOT's public document list what is new of the ESI ID extract (report 203).

The list: ``servlets/IceDocListJsonWS?reportTypeId=203``; a document:
``mirDownload?doclookupId=`` (https://www.ercot.com/mp/data-products, no sign-in).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import httpx

from ossrep.kernel.errors import DomainError
from ossrep.market.domain.esi_id_extract import ExtractNameRefused, parse_extract_name
from ossrep.market.models import ExtractDocument

REPORT_TYPE_ID = "203"
LIST_PATH = "misapp/servlets/IceDocListJsonWS"
DOCUMENT_PATH = "misdownload/servlets/mirDownload"
TIMEOUT_SECONDS = 30.0
LIST_BYTES_MAX = 20_000_000
DOCUMENTS_MAX = 5_000
DOCUMENT_BYTES_MAX = 2_000_000_000
READ_BYTES = 1 << 18
_ID = re.compile(r"[0-9]{1,40}")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,200}")


class FetchFailed(DomainError):
    """ERCOT's list or a document of it could not be had; what was had before stays."""

    code = "fetch_failed"


def fetch_extracts(*, base_url: str, folder: Path, now: dt.datetime) -> Sequence[Path]:
    """Files that are new or not imported yet, whole on disk, older ones first.

    A document is written beside, its size compared with the list's, and renamed; one that broke
    off goes on where it was. Raises FetchFailed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with httpx.Client(
        base_url=base_url.rstrip("/") + "/", timeout=TIMEOUT_SECONDS, follow_redirects=False
    ) as client:
        for entry in _listed(client):
            document = _noted(entry)
            if document.imported_at is None and document.fetched_at is None:
                _fetch(client, document, folder)
                document.fetched_at = now
                document.save(update_fields=["fetched_at"])
    waiting = ExtractDocument.objects.filter(imported_at=None).exclude(fetched_at=None)
    paths = [folder / document.file_name for document in waiting.order_by("published_at", "pk")]
    return [path for path in paths if path.exists()]


def mark_imported(*, file_name: str, now: dt.datetime) -> None:
    """The document is in the registry; its file may be removed by whoever keeps the folder.

    ``file_name`` is the outcome's: the path, and the name within the zip.
    """
    names = PurePosixPath(file_name).parts
    ExtractDocument.objects.filter(file_name__in=names, imported_at=None).update(imported_at=now)


def _listed(client: httpx.Client) -> Sequence[Mapping[str, Any]]:
    answer = _answer(client, LIST_PATH, {"reportTypeId": REPORT_TYPE_ID})
    try:
        found = answer.json()["ListDocsByRptTypeRes"]["DocumentList"]
        documents = [entry["Document"] for entry in found]
    except (ValueError, KeyError, TypeError) as error:
        raise FetchFailed("the list is not what ERCOT's lists are", where=LIST_PATH) from error
    if len(documents) > DOCUMENTS_MAX:
        raise FetchFailed(f"the list has more than {DOCUMENTS_MAX} documents", where=LIST_PATH)
    return [document for document in documents if _is_extract(document)]


def _answer(client: httpx.Client, path: str, query: Mapping[str, str]) -> httpx.Response:
    try:
        with client.stream("GET", path, params=dict(query)) as answer:
            answer.raise_for_status()
            body = b""
            for part in answer.iter_bytes():
                body += part
                if len(body) > LIST_BYTES_MAX:
                    raise FetchFailed("the list is too large", where=path)
    except httpx.HTTPError as error:
        raise FetchFailed(f"ERCOT's list cannot be had: {error}", where=path) from error
    return httpx.Response(200, content=body)


def _is_extract(document: Any) -> bool:
    """Whether an entry is a zip of an extract whose name cannot lead anywhere else."""
    if not isinstance(document, Mapping):
        return False
    name, number = str(document.get("ConstructedName", "")), str(document.get("DocID", ""))
    if not (_NAME.fullmatch(name) and _ID.fullmatch(number) and name.lower().endswith(".zip")):
        return False
    try:
        parse_extract_name(name)
    except ExtractNameRefused:
        return False
    return True


def _noted(entry: Mapping[str, Any]) -> ExtractDocument:
    size = str(entry.get("ContentSize", ""))
    try:
        published_at = dt.datetime.fromisoformat(str(entry.get("PublishDate", "")))
    except ValueError:
        published_at = None
    if published_at is not None and published_at.tzinfo is None:
        published_at = published_at.replace(tzinfo=dt.UTC)
    document, _ = ExtractDocument.objects.get_or_create(
        document_id=str(entry["DocID"]),
        defaults={
            "file_name": entry["ConstructedName"],
            "content_bytes": int(size) if size.isdecimal() else None,
            "published_at": published_at,
        },
    )
    return document


def _fetch(client: httpx.Client, document: ExtractDocument, folder: Path) -> None:
    path = folder / document.file_name
    beside = folder / f"{document.file_name}.part"
    wanted = document.content_bytes
    if wanted is not None and wanted > DOCUMENT_BYTES_MAX:
        raise FetchFailed(f"has more than {DOCUMENT_BYTES_MAX} bytes", where=document.file_name)
    have = beside.stat().st_size if beside.exists() else 0
    if wanted is None or have > wanted:
        beside.unlink(missing_ok=True)
        have = 0
    if wanted is None or have < wanted:
        _download(client, document, beside, have)
    size = beside.stat().st_size
    if wanted is not None and size != wanted:
        # What is there may be the beginning of it; too much of it can only be something else.
        if size > wanted:
            beside.unlink()
        raise FetchFailed(
            f"has {size} bytes, the list says {wanted}; run the command again",
            where=document.file_name,
        )
    beside.replace(path)


def _download(client: httpx.Client, document: ExtractDocument, beside: Path, have: int) -> None:
    headers = {"Range": f"bytes={have}-"} if have else {}
    query = {"doclookupId": document.document_id}
    try:
        with client.stream("GET", DOCUMENT_PATH, params=query, headers=headers) as answer:
            answer.raise_for_status()
            goes_on = answer.status_code == httpx.codes.PARTIAL_CONTENT
            with beside.open("ab" if goes_on else "wb") as out:
                left = DOCUMENT_BYTES_MAX - (have if goes_on else 0)
                for part in answer.iter_raw(READ_BYTES):
                    left -= len(part)
                    if left < 0:
                        raise FetchFailed(
                            f"has more than {DOCUMENT_BYTES_MAX} bytes", where=document.file_name
                        )
                    out.write(part)
    except httpx.HTTPError as error:
        raise FetchFailed(
            f"broke off: {error}; run the command again", where=document.file_name
        ) from error
