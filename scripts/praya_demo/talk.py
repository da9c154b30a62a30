# SPDX-License-Identifier: ISC
"""What was written, said, agreed and sent along."""

ASKS = (
    ("Delivery next week", "Could you confirm whether the delivery can be made on Thursday morning?"),
    ("Quotation", "Please send us a quotation for the same items as last year."),
    ("Invoice received", "We have received the invoice and will arrange payment by the end of the month."),
    ("Meeting", "Would Tuesday at 3 pm at our office suit you? Please bring the samples."),
    ("Change of address", "Kindly note that our office moves to the new building from next month."),
    ("查詢報價", "請問可否提供最新報價？數量與上次相同。"),
    ("送貨安排", "麻煩安排星期四上午送貨，送到前請先致電。"),
    ("付款通知", "款項已於今早經轉數快支付，請查收。"),
    ("改期", "不好意思，原定的會面可否改到下星期二下午三時？"),
    ("多謝", "產品已收妥，同事都很滿意，多謝安排。"),
)
ANSWERS = (
    ("Thank you for your message. We have arranged it as you asked and will call before we arrive."),
    ("Please find the details below. Let us know if anything is unclear."),
    ("We have noted the change and updated our records."),
    ("多謝你的訊息，已按要求安排，送達前會先致電。"),
    ("資料已更新，如有查詢請隨時聯絡我們。"),
)
SHORT = (
    "On my way, ten minutes.",
    "Received, thanks!",
    "收到，謝謝。",
    "請問今日幾點送到？",
    "Can you send the catalogue again?",
    "OK，到時見。",
    "Is the blue one in stock?",
    "已過數，麻煩查收。",
)
NOTES = (
    ("note", "Asked for a catalogue in Chinese.", None),
    ("note", "客人希望轉用電子單據。", None),
    ("call", "Called about the renewal; wants to decide next month.", "Renewal"),
    ("call", "致電跟進報價，對方仍在考慮。", "跟進報價"),
    ("meeting", "Showed the samples; agreed on a first order of twenty boxes.", "Samples"),
    ("meeting", "商討明年合作安排，對方要求延長付款期。", "合作安排"),
    ("task", "Send the revised quotation.", "Quotation"),
    ("task", "確認送貨日期。", "送貨"),
)


def message(rng, contact, moment):
    channel = rng.choices(("email", "whatsapp", "sms", "phone", "letter"), (55, 30, 8, 5, 2))[0]
    incoming = rng.random() < 0.55
    fields = {
        "channel": channel,
        "direction": "in" if incoming else "out",
        "happened_at": moment(rng.randint(60, 540 * 24 * 60)),
    }
    if channel in ("email", "letter"):
        subject, ask = rng.choice(ASKS)
        text = ask if incoming else rng.choice(ANSWERS)
        who = contact["hail_zh"] if text[0] > "\u2e80" else contact["hail"]
        fields["subject"] = subject if incoming else f"Re: {subject}"
        fields["body"] = f"{text}\n\n{who}" if incoming else f"{who},\n\n{text}\n\nHarbour Trading"
    elif channel == "phone":
        fields["body"] = rng.choice(ASKS)[1]
    else:
        fields["body"] = rng.choice(SHORT)
    if channel == "email" and contact.get("email"):
        ours = "sales@harbour.example"
        ends = (contact["email"], ours) if incoming else (ours, contact["email"])
        fields["sender"], fields["recipients"] = ends
    return fields


def activity(rng, owners, day, moment):
    kind, body, subject = rng.choice(NOTES)
    fields = {"kind": kind, "body": body, "owner_id": rng.choice(owners)}
    if subject:
        fields["subject"] = subject
    if kind != "task":
        fields["happened_at"] = moment(rng.randint(60, 400 * 24 * 60))
        return fields
    done = rng.random() < 0.7
    fields["due_on"] = day(rng.randint(3, 200) if done else -rng.randint(-6, 30)).isoformat()
    if done:
        fields["done_at"] = moment(rng.randint(60, 400 * 24 * 60))
    return fields


def file(rng, index, contact):
    """Name, type, bytes."""
    if index % 2:
        text = f"Order form\r\n\r\nName: {contact['name']}\r\nBoxes: {rng.randint(1, 40)}\r\n"
        return f"order-form-{index + 1}.txt", "text/plain", text.encode()
    return f"quotation-{index + 1}.pdf", "application/pdf", pdf(f"Quotation {index + 1:04d}")


def pdf(title):
    """A page with a title on it."""
    draw = f"BT /F1 20 Tf 60 760 Td ({title}) Tj ET".encode()
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(draw), draw),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, text)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, table, len(objects) + 1, len(out))
    )
