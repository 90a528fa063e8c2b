"""The demo page in a browser, as its visitor has it."""

from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

# Every word that was ever highlighted, and the state of the player at every frame.
WATCH = """
window.lit = [];
window.states = [];
const look = () => {
  const word = document.querySelector('#sheet .lit')?.textContent;
  if (word && word !== lit.at(-1)) lit.push(word);
  if (player.state !== states.at(-1)) states.push(player.state);
  requestAnimationFrame(look);
};
look();
"""


class Visit:
    """A page that is open, with the player ready."""

    def __init__(self, browser, url):
        self.browser = browser
        browser.get("about:blank")
        browser.get_log("browser")
        browser.get(url)
        self.until("document.documentElement.dataset.player === 'ready'")
        self.until("document.querySelector('#text textarea')")
        self.run(WATCH)

    def run(self, script, *given):
        return self.browser.execute_script(script, *given)

    def tell(self, expression):
        return self.run(f"return {expression}")

    def shown(self, query):
        """The text of an element."""
        return self.tell(f"document.querySelector({query!r}).textContent.trim()")

    def until(self, expression):
        return WebDriverWait(self.browser, 20, 0.02).until(lambda _: self.tell(expression))

    def click(self, query):
        self.browser.find_element(By.CSS_SELECTOR, query).click()

    def focus(self, query):
        self.run("document.querySelector(arguments[0]).focus()", query)

    def press(self, *keys):
        ActionChains(self.browser).send_keys(*keys).perform()

    def write(self, text):
        """Write into the text field, and wait until Gradio has taken it in."""
        self.run(
            "const text = document.querySelector('#text textarea'); text.value = arguments[0];"
            "text.dispatchEvent(new Event('input', {bubbles: true}))",
            text,
        )
        self.run("window.wanted = arguments[0]", text)
        self.until("!player.values || JSON.parse(player.values).text === wanted")

    def speak(self, text):
        self.write(text)
        self.click("#speak")

    def hear(self, text):
        """Speak a text to its end."""
        self.speak(text)
        self.until(ENDED)

    def assert_lit(self, text):
        """The words of a text were highlighted in order, to the last; a busy browser skips those
        that end before its next frame."""
        lit, words = self.tell("lit"), iter(text.split())
        assert all(word in words for word in lit), lit
        assert lit[-1] == text.split()[-1]

    def complaints(self):
        """What the console holds against the page."""
        return [entry for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]


ENDED = "player.state === 'ended' && !player.busy"
