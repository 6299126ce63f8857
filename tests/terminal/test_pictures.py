"""A picture in a terminal that shows pictures: what it is sent."""

from __future__ import annotations

import io
import re
from base64 import standard_b64decode

from PIL import Image

from tests.buckets import own_bucket, putting
from tests.terminal.conftest import Opened
from tui.services.aws import Account

COMMAND = re.compile(rb"\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\")
PLACEHOLDER = "\U0010eeee".encode()


def test_a_picture_is_sent_before_its_cells_and_taken_away_with_its_preview(
    on_sandbox: Opened, account: Account
) -> None:
    bucket, out = own_bucket(account), io.BytesIO()
    Image.effect_noise((120, 60), 90).save(out, "PNG")
    putting(account, bucket)({"noise.png": out.getvalue()})
    written = bytearray()
    with on_sandbox(f"s3://{bucket}/", TERM="xterm-kitty", COLORTERM="truecolor") as terminal:
        read = terminal.read

        def reading() -> bytes:
            data = read()
            written.extend(data)
            # The terminal of the tests knows nothing of the protocol.
            return COMMAND.sub(b"", data)

        terminal.read = reading  # type: ignore[method-assign]
        terminal.wait_for("noise.png")
        assert PLACEHOLDER not in written
        terminal.press("\r")
        terminal.wait_until(lambda: PLACEHOLDER in written, "the cells of the picture")
        terminal.press("\x1b")
        terminal.wait_until(lambda: b"a=d,d=I" in written, "the end of the picture")
        terminal.press("\x11")
        assert terminal.wait_for_exit() == 0
    commands = COMMAND.findall(bytes(written))
    heads = [head.decode() for head, _ in commands]
    first = re.fullmatch(r"a=T,U=1,q=2,f=100,i=(\d+),c=12,r=3,m=\d", heads[0])
    assert first is not None
    assert heads[-1] == f"a=d,d=I,q=2,i={first[1]}"
    picture = Image.open(io.BytesIO(standard_b64decode(b"".join(body for _, body in commands))))
    assert picture.size == (120, 60)
    assert written.index(b"\x1b_G") < written.index(PLACEHOLDER)
    number = int(first[1])
    color = f"38;2;{number >> 16};{number >> 8 & 255};{number & 255}".encode()
    assert color in written
    assert written.count(PLACEHOLDER) >= 36
