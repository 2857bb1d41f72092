"""What other parts name the staff sign-in by."""

from __future__ import annotations

BACKEND = "ossrep.infra.staff.backend.StaffBackend"
