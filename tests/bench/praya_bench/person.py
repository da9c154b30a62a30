# SPDX-License-Identifier: ISC
"""A person with a long history."""
import os

MESSAGES = """insert into message (contact_id, channel, direction, sender, recipients, subject, body, happened_at, created_by)
select {contact}, (array['email', 'whatsapp', 'sms', 'phone', 'letter'])[1 + i % 5],
	case when i % 2 = 0 then 'in' else 'out' end, 'someone@example.com', 'sales@example.com',
	'Order ' || i || ' 訂單', repeat('Thank you for your message of today. 多謝閣下今日的來信，我們會盡快回覆。 ', 1 + i % 5) || md5(i::text),
	now() - i * interval '1 hour', 1
from generate_series(1, {count}) i;
analyze message;"""


def make(space, messages, files=0):
    """Its number."""
    fields = {"name_en": "CHAN Tai Man", "name_zh": "陳大文", "email": "taiman@example.com"}
    number = space.api.ok("POST", "/contacts", json=fields)["id"]
    space.sql(MESSAGES.format(contact=number, count=messages))
    # As photographs are: nothing that could be packed closer.
    for index in range(files):
        upload = {"file": (f"photo-{index}.jpg", os.urandom(1024 * 1024), "image/jpeg")}
        space.api.ok("POST", f"/contacts/{number}/attachments", files=upload)
    return number
