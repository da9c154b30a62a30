# SPDX-License-Identifier: ISC
"""The main job as people do it, in each language: sign in, take in contacts,
find and edit one, log a note and a file, hand over everything on that person,
erase another, and read in the log who did what."""
import zipfile

import pytest

from chrome import Window

PEOPLE = """English,中文,Email,Phone,Tax
"CHAN Tai Man, Peter",陳大文,peter.chan@example.com,9123 4567,TX-1001
"WONG Siu Ling",黃小玲,siuling.wong@example.com,+852 6234 5678,TX-1002
"Broken row",,not an address,12,
"""

WORDS = {
    "en": {"done": "Finished", "erased": "Erasure receipt", "log": "Erased", "seen": "Viewed"},
    "zh-Hant": {"done": "已完成", "erased": "刪除確認書", "log": "刪除", "seen": "檢視"},
}


@pytest.fixture(params=["en", "zh-Hant"])
def desk(request, stack, tmp_path):
    """An administrator of a fresh workspace, at a window in one language."""
    workspace = stack.new_workspace()
    window = Window(workspace.stack.origin(workspace.slug), tmp_path)
    window.sign_in(workspace.admin.email, workspace.admin.password)
    window.language(request.param)
    yield window, WORDS[request.param], tmp_path
    window.close()


def take_in(window, words, folder):
    sheet = folder / "people.csv"
    sheet.write_text(PEOPLE, encoding="utf-8")
    window.open("/import")
    window.find("main input[type='file']").send_keys(str(sheet))
    window.press("main form[action='/import'] button[type='submit']")
    for select, field in zip(window.all("main select[name='columns']"),
                             ["name_en", "name_zh", "email", "phone", "tax_id"]):
        select.find_element("css selector", f"option[value='{field}']").click()
    window.press("main button[name='step'][value='preview']")
    assert "陳大文" in window.text
    window.press("main button[name='step'][value='start']")

    def finished():
        if words["done"] in window.text:
            return True
        window.driver.refresh()
        return False

    window.until(finished, "the import ends")
    assert window.all("main a[href$='/failed.csv']"), "one row was refused"


def find(window, words):
    window.open("/contacts")
    window.type("q", words)
    window.press("main form[action='/contacts/search'] button[type='submit']")
    rows = window.all("main table tbody tr")
    assert len(rows) == 1, f"{len(rows)} rows for a search"
    assert words not in window.path, "what was looked for stands in the address"
    window.press("main table tbody tr a")


def test_main_job(desk):
    window, words, folder = desk
    take_in(window, words, folder)

    find(window, "大文")
    person = window.path.split("?")[0]
    assert "TX-1001" not in window.text, "an encrypted field is shown"

    window.press(f"main a[href='{person}/edit']")
    window.type("job_title", "Director 總監")
    window.press("main form[method='post'] .form-actions button[type='submit']")
    assert "Director 總監" in window.text

    window.press(f"main a[href='{person}/activities/new']")
    window.choose("kind", "note")
    window.type("body", "Prefers to be called in the afternoon 下午致電")
    window.press("main form[method='post'] .form-actions button[type='submit']")
    window.open(person)
    assert "下午致電" in window.text

    letter = folder / "letter.txt"
    letter.write_text("Dear Mr Chan")
    window.press(f"main a[href='{person}/attachments/new']")
    window.find("main input[type='file']").send_keys(str(letter))
    window.press("main form[method='post'] .form-actions button[type='submit']")
    window.open(person)
    assert "letter.txt" in window.text

    window.open(f"{person}/export")
    window.press("main form[method='post'] .form-actions button[type='submit']")
    window.until(lambda: window.all("main a[href^='/downloads/']") or
                 (window.driver.refresh() or False), "the export ends")
    window.find("main a[href^='/downloads/']").click()
    window.until(lambda: list(folder.glob("*.zip")), "the file comes")
    with zipfile.ZipFile(next(folder.glob("*.zip"))) as archive:
        data = archive.read("data.json").decode()
    assert "TX-1001" in data and "下午致電" in data and "Director 總監" in data

    find(window, "siuling.wong@example.com")
    other = window.path.split("?")[0]
    window.open(f"{other}/erase")
    window.choose("reason", "subject_request")
    window.type("confirm", other.rsplit("/", 1)[1])
    window.press("main form.confirm button[type='submit']")
    assert words["erased"] in window.text
    window.open(other)
    for gone in ("WONG", "黃小玲", "siuling", "6234"):
        assert gone not in window.text

    window.open("/audit")
    assert words["log"] in window.text and words["seen"] in window.text
