"""What holds for every page, whatever it is of."""


def check_keys_and_charts(browser, faults, has_times):
    """From the filter to a case and back by keys alone; what is opened has its charts, if its times are known."""
    browser.key("/")
    browser.key("ArrowDown", 40)
    faults.expect(browser.evaluate("document.activeElement.className") == "name", "the arrow does not lead to the first case")
    browser.key("Enter", 13)
    faults.expect(browser.evaluate("document.querySelectorAll('tr.detail').length") == 1, "Enter does not open the case")
    faults.expect(browser.evaluate("location.hash.startsWith('#case=')"), "the opened case has no address")
    with_charts = browser.evaluate("kg.has_charts")
    drawn = browser.evaluate("""[...document.querySelectorAll('tr.detail canvas')].map((canvas) => {
      const seen = new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data); return seen.size > 2; })""")
    # Only numbers that no clock has may be without a chart.
    beyond = browser.evaluate("""document.querySelector('tr.detail').textContent.includes('beyond what a chart can show') &&
      [...document.querySelectorAll('.cases td')].some((cell) => Math.abs(Number(cell.dataset.value)) > 1e18)""")
    faults.expect(not with_charts or not has_times or ((drawn or beyond) and all(drawn)), f"charts: {drawn}")
    faults.expect(with_charts or browser.evaluate("document.body.textContent.includes('This page has no charts')"), "no word of the missing charts")
    browser.key("Escape", 27)
    faults.expect(browser.evaluate("document.querySelectorAll('tr.detail').length") == 0, "Escape does not close the case")
    faults.expect(browser.evaluate("document.activeElement.className") == "name", "the focus is lost")


def check_policy(browser, faults):
    """Nothing foreign runs, not even what got into the document."""
    faults.expect(browser.evaluate("typeof window.was_here") == "undefined", "a foreign script ran")
    scripts = browser.evaluate("document.querySelectorAll('script:not([type])').length")
    faults.expect(scripts == browser.evaluate("document.querySelector('meta[http-equiv]').content.match(/script-src[^;]*/)[0].split('sha256-').length - 1"), f"{scripts} scripts")
    faults.expect("unsafe" not in browser.evaluate("document.querySelector('meta[http-equiv]').content"), "the policy has 'unsafe'")
    faults.expect(browser.evaluate("document.querySelectorAll('img, iframe, object, embed, [src], [style]:not(canvas):not(svg)').length") == 0, "elements out of nowhere")
    before = len(browser.console)
    browser.evaluate("(() => { const script = document.createElement('script'); script.textContent = 'window.was_here = 1'; document.body.append(script); })()")
    faults.expect(browser.evaluate("typeof window.was_here") == "undefined", "the policy lets scripts run")
    browser.settle()
    faults.expect(len(browser.console) > before, "the console says nothing of what was refused")
    del browser.console[before:]


def check_looks(browser, faults):
    background = "getComputedStyle(document.body).backgroundColor"
    browser.look()
    light = browser.evaluate(background)
    browser.look(dark=True)
    faults.expect(browser.evaluate(background) != light, "no dark colours")
    browser.look(medium="print", dark=True)
    faults.expect(browser.evaluate(background) == "rgb(255, 255, 255)", "not printed on white")
    faults.expect(browser.evaluate("getComputedStyle(document.querySelector('.controls')).display") == "none", "the filter is printed")
    browser.look(width=390, height=844, phone=True)
    wide = browser.evaluate("document.documentElement.scrollWidth")
    faults.expect(wide <= 390, f"{wide} pixels on a phone of 390")
    browser.look()


def check_all(browser, faults, has_times):
    check_keys_and_charts(browser, faults, has_times)
    check_looks(browser, faults)
    check_policy(browser, faults)
    for line in browser.console:
        faults.append("console: " + line)
