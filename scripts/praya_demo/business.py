# SPDX-License-Identifier: ISC
"""Companies, what they buy, and the invoices for it."""

# Domains that never belong to anybody (RFC 2606).
DOMAINS = ("example.com", "example.org", "example.net")
FIRST = """
晴嵐 Ching Laam|帆影 Faan Ying|雲礁 Wan Chiu|松濤 Chung To|碧浪 Pik Long|南楓 Nam Fung|望潮 Mong Chiu|朗月 Long Yuet
星橋 Sing Kiu|青嶼 Ching Yu|丹霞 Tan Ha|銀灣 Ngan Wan|竹苑 Chuk Yuen|海棠 Hoi Tong|鶴鳴 Hok Ming|百川 Pak Chuen
千帆 Tsin Faan|玉衡 Yuk Hang|金穗 Kam Sui|長汀 Cheung Ting|翠峰 Chui Fung|天樞 Tin Shu|啟航 Kai Hong|致和 Chi Wo
""".strip()
TRADES = """
貿易 Trading wholesale|國際物流 International Logistics logistics|餐飲 Catering catering|工程 Engineering construction
室內設計 Interior Design design|資訊科技 Information Technology technology|會計服務 Accounting Services accounting
顧問 Consulting consulting|印刷 Printing printing|醫療用品 Medical Supplies healthcare|教育中心 Learning Centre education
物業管理 Property Management property|旅遊 Travel travel|海產 Seafood food|茶莊 Tea House food|紡織 Textiles textiles
電子 Electronics electronics
""".strip()
DISTRICTS = (
    "central_and_western wan_chai eastern southern yau_tsim_mong sham_shui_po kowloon_city "
    "wong_tai_sin kwun_tong kwai_tsing tsuen_wan tuen_mun yuen_long north tai_po sha_tin "
    "sai_kung islands"
).split()
STREETS = "Lantern Osprey Banyan Pearl Heron Cinnamon Bamboo Lighthouse Jasmine Kingfisher".split()
BUILDINGS = "Harbourlight Seven Gables Tidewater Millstone Skylark Cloudberry Fairwind Copperfield".split()
GOODS = (
    ("Annual maintenance plan", 480000),
    ("Packing and delivery, per pallet", 38500),
    ("Design consultation, per hour", 120000),
    ("Printed brochures, box of 500", 92000),
    ("Staff training, half a day", 650000),
    ("Gift hamper", 58800),
    ("網站寄存服務（一年）", 168000),
    ("茶葉禮盒", 33800),
    ("上門安裝", 75000),
    ("檢驗及證書", 260000),
)


def listed(text):
    return [one.strip() for line in text.split("\n") for one in line.split("|") if one.strip()]


def trade(text):
    """'國際物流 International Logistics logistics': Chinese, English, industry."""
    words = text.split()
    return words[0], " ".join(words[1:-1]), words[-1]


FIRSTS = [tuple(one.split(" ", 1)) for one in listed(FIRST)]
TRADE_ROWS = [trade(one) for one in listed(TRADES)]


def phone(kind, number):
    """Of the right length and nobody's: no subscriber's number begins like the
    emergency call 999 or with 20."""
    head = "999" if kind == "mobile" else "20"
    return f"+852{head}{number:0{8 - len(head)}d}"


def domain(index):
    zh, en = FIRSTS[index % len(FIRSTS)]
    kind = TRADE_ROWS[index // len(FIRSTS) % len(TRADE_ROWS)][2]
    return f"{en.replace(' ', '').lower()}-{kind}.{DOMAINS[index % len(DOMAINS)]}"


def address(rng):
    return (
        f"Unit {rng.randint(1, 24):02d}, {rng.randint(1, 38)}/F, {rng.choice(BUILDINGS)} House\n"
        f"{rng.randint(1, 280)} {rng.choice(STREETS)} Street"
    )


def company(rng, index, owners):
    zh, en = FIRSTS[index % len(FIRSTS)]
    trade_zh, trade_en, industry = TRADE_ROWS[index // len(FIRSTS) % len(TRADE_ROWS)]
    host = domain(index)
    return {
        "name_en": f"{en} {trade_en} Limited",
        "name_zh": f"{zh}{trade_zh}有限公司",
        "br_number": f"{90000000 + index:08d}",
        "industry": industry,
        "phone": phone("office", index),
        "email": f"info@{host}",
        "website": f"https://www.{host}/",
        "address": address(rng),
        "district": rng.choice(DISTRICTS),
        "tags": rng.sample(["supplier", "partner", "key account", "newsletter"], rng.randint(0, 2)),
        "owner_id": rng.choice(owners),
    }


def invoice(rng, index, contact, day):
    """day: days before today."""
    lines = []
    for description, unit in rng.sample(GOODS, rng.randint(1, 4)):
        quantity = rng.randint(1, 12)
        lines.append(
            {
                "description": description,
                "quantity": str(quantity),
                "unit_amount": f"{unit // 100}.{unit % 100:02d}",
            }
        )
    issued = day(rng.randint(2, 900))
    status = rng.choices(("paid", "issued", "void", "draft"), (80, 14, 3, 3))[0]
    return {
        "contact_id": contact["id"],
        "number": f"INV-{issued.year}-{index + 1:05d}",
        "issued_on": issued.isoformat(),
        "currency": "HKD",
        "status": status,
        "lines": lines,
        "bill_to": {"name": contact["name"], "address": address(rng)},
    }
