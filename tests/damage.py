"""Files as they come out of broken disks and hostile hands, for property tests."""

from hypothesis import strategies as st


def damaged(data: st.DataObject, content: bytes) -> bytes:
    """Cut, double or overwrite a file at one to four places."""
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        stop = data.draw(st.integers(start, min(len(content), start + 100)))
        new = data.draw(st.one_of(st.binary(max_size=8), st.just(content[start:stop] * 2), st.just(b"\xff" * 4)))
        content = content[:start] + new + content[stop:]
    return content
