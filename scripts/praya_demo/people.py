# SPDX-License-Identifier: ISC
"""Contacts: each the same at every run."""
from . import business
from .names import Name

JOBS = (
    "Director|General Manager|Procurement Manager|Accountant|Operations Manager|Sales Executive|"
    "Office Manager|Marketing Officer|Project Coordinator|Engineer|Merchandiser|IT Officer|"
    "東主|經理|會計主任|採購主任|市務主任|行政助理"
).split("|")
SOURCES = ("Trade fair", "Referral", "Website", "Walk-in", "Phone enquiry", "Seminar")
TAGS = ("newsletter", "wholesale", "retail", "VIP dinner", "2026 fair", "舊客", "轉介", "書展")
BIOS = (
    "Prefers to be called in the afternoon.",
    "Met at the trade fair; interested in the annual plan.",
    "喜歡以 WhatsApp 聯絡，通常黃昏回覆。",
    "Decides together with the finance team.",
    "每年農曆新年前訂購禮盒。",
)


def contact(rng, index, company_ids, owners, day):
    """Its fields. company_ids: of the companies made before, in their order."""
    name = Name(rng)
    stage = rng.choices(("lead", "prospect", "customer", "former"), (30, 20, 40, 10))[0]
    fields = {
        "name_en": name.en,
        "name_zh": name.zh,
        "surname_en": name.surname,
        "given_en": name.given,
        "title": "mr" if name.sex == "m" else rng.choice(("ms", "ms", "mrs", "miss")),
        "language": rng.choices(("zh-Hant", "en"), (65, 35))[0],
        "phone": business.phone("mobile", index),
        "district": rng.choice(business.DISTRICTS),
        "source": rng.choice(SOURCES),
        "lifecycle": stage,
        "owner_id": rng.choice(owners),
    }
    if name.english:
        fields["english_name"] = name.english
    host = rng.choice(business.DOMAINS)
    if company_ids and rng.random() < 0.7:
        at = rng.randrange(len(company_ids))
        fields["company_id"] = company_ids[at]
        fields["job_title"] = rng.choice(JOBS)
        host = business.domain(at)
    if rng.random() < 0.93:
        fields["email"] = f"{name.login}{index % 97}@{host}"
    if rng.random() < 0.6:
        fields["whatsapp"] = fields["phone"]
    if rng.random() < 0.45:
        fields["address"] = business.address(rng)
    if rng.random() < 0.4:
        fields["tags"] = rng.sample(TAGS, rng.randint(1, 3))
    if rng.random() < 0.15:
        fields["bio"] = rng.choice(BIOS)
    if rng.random() < 0.04:
        fields["vip"] = True
    if stage == "customer":
        sensitive(rng, fields, day)
    return fields, name


def sensitive(rng, fields, day):
    """What a business may come to hold on some of its customers."""
    if rng.random() < 0.3:
        fields["date_of_birth"] = day(rng.randint(20 * 365, 75 * 365)).isoformat()
    if rng.random() < 0.1:
        fields["salary"] = f"{rng.randint(14, 90) * 1000}.00"
    if rng.random() < 0.1:
        fields["tax_id"] = f"XX{rng.randint(0, 99999999):08d}"
    if rng.random() < 0.5:
        fields["last_verified_on"] = day(rng.randint(1, 500)).isoformat()
