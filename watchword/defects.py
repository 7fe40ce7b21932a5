"""Every kind of defect, with the sentence that the report and docs/defects.md show. A kind not listed here is a bug."""

DEFECTS: dict[str, str] = {
    # ---- containers (room `read`)
    # ---- messages (room `parse`)
    # ---- facts (room `observe`)
}
