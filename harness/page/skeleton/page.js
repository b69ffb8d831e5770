// What every page has: its data, elements made of text, numbers for people, the theme. Pages put what they need in `kg`.
'use strict';
const kg = {
  data: JSON.parse(document.getElementById('data').textContent),
  by_id: (id) => document.getElementById(id),
  motion: [],  // to be called when colours change
};

/// An element: make('td', {class: 'number'}, 'text', child). Strings become text, never markup.
kg.make = (tag, attributes = {}, ...children) => {
  const svg = ['svg', 'line', 'circle', 'path', 'title'].includes(tag) && attributes.svg !== false;
  const element = svg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false || name === 'svg') continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== undefined && child !== null && child !== ''));
  return element;
};

/// Four significant digits without an exponent, as the program prints them.
kg.digits = (value) => {
  if (!(Math.abs(value) < 1e15)) return value.toExponential(3);
  const magnitude = value > 0 ? Math.floor(Math.log10(value) + 1e-9) : 0;
  return value.toFixed(Math.max(0, Math.min(3, 3 - magnitude)));
};
kg.known = (value) => typeof value === 'number' && isFinite(value);
const time_units = [[1, 's'], [1e-3, 'ms'], [1e-6, '\u00b5s'], [1e-9, 'ns']];
kg.time_unit = (seconds) => time_units.find(([scale]) => seconds >= scale * 0.99995) || time_units[3];
kg.seconds = (seconds) => {
  if (!kg.known(seconds)) return '-';
  if (seconds > 0 && seconds < 0.5e-12) return 'under 0.001 ns';
  const [scale, unit] = kg.time_unit(seconds);
  return kg.digits(seconds / scale) + ' ' + unit;
};
kg.rate = (value, unit) => {
  if (!kg.known(value)) return '-';
  const [scale, prefix] = [[1e15, 'P'], [1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [0, '']].find(([scale]) => value >= scale * 0.99995);
  return kg.digits(value / (scale || 1)) + ' ' + prefix + unit;
};
kg.change = (ratio) => {
  if (!kg.known(ratio)) return '-';
  if (ratio > 10000) return 'over 10000x';
  if (ratio >= 10) return ratio.toFixed(0) + 'x';
  if (ratio < 0.001) return 'under 0.001x';
  return (ratio >= 1 ? '+' : '') + (100 * (ratio - 1)).toFixed(1) + ' %';
};
kg.plural = (n, word) => n.toLocaleString('en') + ' ' + word + (n === 1 ? '' : 's');

/// A colour of the page by its name in page.css.
kg.colour = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
kg.colours_changed = () => kg.motion.forEach((redraw) => redraw());

/// A command with a button that copies it.
kg.command = (text) => {
  const copy = () => {
    const said = (word) => { button.textContent = word; setTimeout(() => { button.textContent = 'Copy'; }, 1500); };
    const select = () => { getSelection().selectAllChildren(code); said('Selected'); };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => said('Copied'), select);
    else select();
  };
  const code = kg.make('pre', {}, text);
  const button = kg.make('button', {type: 'button', onclick: copy}, 'Copy');
  return kg.make('div', {class: 'command'}, code, button);
};

/// A list of [name, value] pairs.
kg.facts = (pairs) => kg.make('dl', {class: 'facts'}, ...pairs.flatMap(
    ([name, value]) => [kg.make('dt', {}, name), kg.make('dd', {}, value)]));

{
  const button = kg.by_id('theme'), names = {auto: 'as the system', light: 'light', dark: 'dark'};
  let theme = 'auto';
  const show = () => {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = 'Theme: ' + names[theme];
    kg.colours_changed();
  };
  button.hidden = false;
  button.addEventListener('click', () => { theme = {auto: 'light', light: 'dark', dark: 'auto'}[theme]; show(); });
  for (const query of ['(prefers-color-scheme: dark)', 'print'])
    matchMedia(query).addEventListener('change', kg.colours_changed);
}
