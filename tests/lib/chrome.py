# SPDX-License-Identifier: ISC
"""Debian's Chromium, without a screen, looking at an instance of the product."""
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 30
CONFIRM = "main form.confirm button[type='submit']"

# The instance's authority is known to nobody, and nothing else is to be reached.
ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--ignore-certificate-errors", "--host-resolver-rules=MAP *.praya.localhost 127.0.0.1",
    "--lang=en-GB", "--hide-scrollbars", "--disable-software-rasterizer", "--disable-extensions", "--disable-default-apps",
    "--disable-breakpad", "--mute-audio", "--disable-features=Translate,OptimizationHints,MediaRouter,GlobalMediaControls",
)


class Window:
    """One browser window. Elements are found by what a form calls them."""

    def __init__(self, origin, downloads=None, width=1280, height=900, scripts=True):
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for argument in (*ARGUMENTS, f"--window-size={width},{height}"):
            options.add_argument(argument)
        self.profile = tempfile.TemporaryDirectory(prefix="praya-chromium-")
        options.add_argument(f"--user-data-dir={self.profile.name}")
        preferences = {"download.default_directory": str(downloads)} if downloads else {}
        if not scripts:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.origin = origin

    def close(self):
        self.driver.quit()
        self.profile.cleanup()

    def open(self, path):
        self.driver.get(self.origin + path)

    def until(self, condition, what):
        return WebDriverWait(self.driver, PATIENCE).until(lambda _: condition(), what)

    @property
    def path(self):
        return self.driver.current_url.removeprefix(self.origin)

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "main").text

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def type(self, name, text):
        field = self.find(f"main [name='{name}']")
        field.clear()
        field.send_keys(text)

    def choose(self, name, value):
        self.find(f"main select[name='{name}'] option[value='{value}']").click()

    def press(self, selector):
        """Clicks what leads to another page, and waits until that page is there."""
        before, what = self.find("html"), self.find(selector)
        # A menu is opened first; the keyboard then presses what lies under a fixed bar, too.
        for menu in what.find_elements(By.XPATH, "ancestor::details[not(@open)]/summary"):
            menu.send_keys(Keys.ENTER)
        what.send_keys(Keys.ENTER)
        self.until(lambda: self.find("html").id != before.id and self.ready(), f"{selector} leads on")
        # Asked once more who is there: as whoever sits there would.
        if selector != CONFIRM and self.all("main input[name='_password']"):
            self.type("_password", self.password)
            self.press(CONFIRM)

    def keys(self, *keys):
        """Typed where one is, whatever that is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def leads_on(self, *keys):
        """Typed, and it leads to another page."""
        before = self.find("html").id
        self.keys(*keys)
        self.until(lambda: self.find("html").id != before and self.ready(), "it leads on")

    def ready(self):
        return self.driver.execute_script("return document.readyState") == "complete"

    def sign_in(self, email, password):
        self.password = password
        self.open("/login")
        self.type("email", email)
        self.type("password", password)
        self.press("main form[action='/login'] button[type='submit']")

    def language(self, tag):
        if self.driver.execute_script("return document.documentElement.lang").startswith(tag[:2]):
            return
        self.press(f"button[name='lang'][value='{tag}']")

    def picture(self, path, width=None):
        """A screenshot of the whole page."""
        size = self.driver.get_window_size()
        width = width or size["width"]
        self.driver.set_window_size(width, 800)
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        self.driver.set_window_size(width, min(max(height + 150, 600), 1800))
        self.driver.save_screenshot(str(path))
        self.driver.set_window_size(size["width"], size["height"])
