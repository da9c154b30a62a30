# SPDX-License-Identifier: ISC
"""A refused form in the browser: whoever typed goes on at the first field that is
wrong, which says what is wrong with it."""
import pytest

from chrome import Window

FOCUS = """
const at = document.activeElement, note = document.getElementById(at.getAttribute("aria-describedby") || "-");
return {name: at.name, wrong: at.getAttribute("aria-invalid"), text: note ? note.innerText : "", value: at.value};
"""
# As a browser without limits of its own would send it.
SEND = """
const form = document.querySelector(`main form[action="${arguments[0]}"]`);
for (const [name, value] of Object.entries(arguments[1])) {
	const field = form.querySelector(`[name="${name}"]`);
	field.removeAttribute("maxlength");
	field.value = value;
}
form.submit();
"""


@pytest.fixture(scope="module")
def window(stack, tmp_path_factory):
    workspace = stack.new_workspace()
    window = Window(workspace.stack.origin(workspace.slug), tmp_path_factory.mktemp("window"))
    window.sign_in(workspace.admin.email, workspace.admin.password)
    yield window
    window.close()


@pytest.mark.parametrize("page, action, typed, name", [
    # Refused before any handler, and by the handler.
    ("/settings/users/new", "/settings/users", {"name": "x" * 400, "email": "a@example.com"}, "name"),
    ("/contacts/new", "/contacts", {"name_en": "LAM On", "email": "no address", "phone": "1"}, "email"),
])
def test_the_first_wrong_field_has_the_focus_and_says_why(window, page, action, typed, name):
    window.open(page)
    before = window.find("html").id
    window.driver.execute_script(SEND, action, typed)
    window.until(lambda: window.find("html").id != before and window.all("#form-error"), "the form comes back")
    focus = window.driver.execute_script(FOCUS)
    assert (focus["name"], focus["wrong"], focus["value"]) == (name, "true", typed[name])
    assert focus["text"].strip()
    assert window.find("#form-error").get_attribute("role") == "alert"
