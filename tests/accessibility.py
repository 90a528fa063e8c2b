"""Faults of accessibility that axe-core finds in a page, as it looks on screens of two sizes."""

from contextlib import contextmanager
from pathlib import Path

import pytest

SIZES = ((1280, 800), (390, 844))
SCHEMES = ("light", "dark")
EXAMPLES = Path(__file__).parents[1] / "examples"
SCRIPTS = [folder / "node_modules/axe-core/axe.min.js" for folder in (EXAMPLES, *EXAMPLES.parents)]
SCRIPT = next((path for path in SCRIPTS if path.is_file()), None)
RUN = """
const [foreign, finish] = arguments;
const isForeign = ({ element }, rule) =>
  Object.entries(foreign).some(([part, rules]) => rules.includes(rule) && element.closest(part));
const options = { resultTypes: ["violations"], elementRef: true, preload: false };
axe.run(options).then(({ violations }) => {
  const faults = [];
  for (const { id, impact, help, nodes } of violations) {
    if (impact !== "serious" && impact !== "critical") continue;
    for (const node of nodes)
      if (!isForeign(node, id)) faults.push(`${id} (${impact}): ${help}: ${node.html}`);
  }
  finish(faults);
}, (error) => finish([`axe-core failed: ${error}`]));
"""

needs_axe = pytest.mark.skipif(
    SCRIPT is None, reason="needs axe-core: npm install --prefix examples axe-core"
)


def serious_faults(browser, foreign=None):
    """The serious and critical faults of the page that is open, each in a line.

    Args:
        browser: of `tests.browsing.browsing`.
        foreign: parts that are not ours, by selector, each with the rules that it breaks; these
            faults of an element within such a part are left out. None for a page of our own.
    """
    if not browser.execute_script("return 'axe' in window"):
        browser.execute_script(SCRIPT.read_text(encoding="utf-8"))
    return browser.execute_async_script(RUN, foreign or {})


@contextmanager
def screen(browser, size, scheme="light"):
    """Show pages on a screen of a size in CSS pixels, in the light or the dark color scheme."""
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    try:
        yield browser
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
