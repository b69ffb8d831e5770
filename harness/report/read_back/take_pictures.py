"""Pictures of a page, for people to look at: light, dark, on a phone, printed.

    take_pictures.py PAGE FOLDER [--open NAME] [--whole]
"""
import argparse
import pathlib
import sys
import urllib.parse

import chromium

arguments = argparse.ArgumentParser()
arguments.add_argument("page")
arguments.add_argument("folder")
arguments.add_argument("--open", default="", help="the case that is opened")
arguments.add_argument("--height", type=int, default=900, help="of the window, where it is no phone")
arguments.add_argument("--whole", action="store_true", help="the whole page, not one screen")
options = arguments.parse_args()
program = chromium.find() or sys.exit("no Chromium is installed (Debian: chromium-headless-shell)")
folder = pathlib.Path(options.folder)
folder.mkdir(parents=True, exist_ok=True)
fragment = "#case=" + urllib.parse.quote(options.open, safe="") if options.open else ""
LOOKS = {"light": {}, "dark": {"dark": True}, "print": {"medium": "print", "width": 1000}, "phone": {"phone": True, "width": 390, "height": 844}}
with chromium.Chromium(program) as browser:
    for name, look in LOOKS.items():
        browser.look(**{"height": options.height, **look})
        browser.open(options.page, fragment)
        if not options.whole:
            browser.evaluate("window.scrollTo(0, 0)")
        browser.screenshot(folder / f"{name}.png", whole=options.whole or name == "print")
    browser.look()
    browser.open(options.page, fragment)
    browser.pdf(folder / "print.pdf")
    print("\n".join(browser.console) or "the console is silent")
