// A table of many rows: sorted, filtered and paged; one row at a time is opened. Only what is seen is in the document.
'use strict';

/// options: columns [{title, value(row), cell(row), number, low, key, help}], rows, text(row), selects [{title, of(row)}],
/// name(row), detail(row) -> element, closed(), noun, sort: {column, down}.
/// `value` sorts, and what is not known comes last; `low` columns are not shown on a phone.
kg.table = (root, options) => {
  const state = {text: '', chosen: options.selects.map(() => ''), column: options.sort?.column ?? -1,
                 down: options.sort?.down ?? false, page: 0, size: 50, opened: null};
  const haystack = options.rows.map((row) => options.text(row).toLowerCase());
  let shown = [];

  const order = () => {
    const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
    const indices = [];
    options.rows.forEach((row, i) => {
      if (words.every((word) => haystack[i].includes(word)) &&
          options.selects.every((select, s) => state.chosen[s] === '' || select.of(row) === state.chosen[s]))
        indices.push(i);
    });
    if (state.column >= 0) {
      const values = new Map(indices.map((i) => [i, options.columns[state.column].value(options.rows[i])]));
      const sign = state.down ? -1 : 1, missing = (value) => value === null || value === undefined || value === '';
      indices.sort((a, b) => {
        const x = values.get(a), y = values.get(b);
        if (missing(x) || missing(y)) return missing(x) - missing(y) || a - b;
        return sign * (typeof x === 'string' ? x.localeCompare(y, 'en', {numeric: true}) : x - y) || a - b;
      });
    }
    shown = indices;
  };

  const close = (keep_focus) => {
    if (!state.opened) return;
    const {row, button, detail} = state.opened;
    state.opened = null;
    detail.remove();
    row.classList.remove('opened');
    button.setAttribute('aria-expanded', 'false');
    options.closed?.();
    if (keep_focus) button.focus();
  };
  const open = (index, row, button) => {
    const again = state.opened?.index === index;
    close(false);
    if (again) { remember(null); return; }
    const inside = kg.make('td', {colspan: options.columns.length});
    const detail = kg.make('tr', {class: 'detail'}, inside);
    row.after(detail);
    row.classList.add('opened');
    button.setAttribute('aria-expanded', 'true');
    state.opened = {index, row, button, detail};
    remember(options.name(options.rows[index]));
    inside.append(options.detail(options.rows[index]));
  };
  /// The address names the row, so that a link to it can be sent.
  const remember = (name) => {
    const address = name === null ? location.pathname + location.search : '#case=' + encodeURIComponent(name);
    try { history.replaceState(null, '', address); } catch (error) { /* a frame that may not */ }
  };

  const row_of = (index) => {
    const row = options.rows[index];
    const button = kg.make('button', {type: 'button', class: 'name', 'aria-expanded': 'false'});
    const cells = options.columns.map((column, c) => {
      const value = column.value(row), shows = column.cell(row);
      const cell = kg.make('td', {class: [column.number && 'number', column.low && 'low', column.key && 'key', c === 0 && 'first'].filter(Boolean).join(' ') || null,
                                  'data-label': column.title, 'data-value': column.number && kg.known(value) ? value : null});
      if (column.key) { button.append(...[shows].flat()); cell.append(button, ...(column.below ? [kg.make('div', {class: 'of'}, column.below(row))] : [])); }
      else cell.append(...[shows].flat());
      return cell;
    });
    const element = kg.make('tr', {class: 'row'}, ...cells);
    element.addEventListener('click', (event) => {
      if (getSelection().isCollapsed || event.target.closest('button')) open(index, element, button);
    });
    return element;
  };

  const count = kg.make('output', {class: 'count'});
  const body = kg.make('tbody');
  const pages = () => Math.max(1, Math.ceil(shown.length / state.size));
  const place = kg.make('span');
  const turn = (to) => { state.page = Math.max(0, Math.min(pages() - 1, to)); draw(); };
  const pager_buttons = [['First', () => 0], ['Previous', () => state.page - 1], ['Next', () => state.page + 1], ['Last', () => pages() - 1]]
      .map(([word, to]) => kg.make('button', {type: 'button', onclick: () => turn(to())}, word));
  const sizes = kg.make('select', {'aria-label': 'Rows a page', onchange: () => { state.size = Number(sizes.value); state.page = 0; draw(); }},
      ...[50, 100, 250, 500].map((size) => kg.make('option', {value: size}, size + ' a page')));
  const pager = kg.make('nav', {class: 'pager', 'aria-label': 'Pages of the table'},
      pager_buttons[0], pager_buttons[1], place, pager_buttons[2], pager_buttons[3], kg.make('label', {}, sizes));

  const heads = options.columns.map((column, c) => kg.make('th', {scope: 'col', class: [column.number && 'number', column.low && 'low'].filter(Boolean).join(' ') || null, title: column.help},
      kg.make('button', {type: 'button', onclick: () => {
        if (state.column !== c) { state.column = c; state.down = Boolean(column.number); }
        else if (state.down === Boolean(column.number)) state.down = !state.down;
        else state.column = -1;
        state.page = 0;
        update();
      }}, column.title)));

  function draw() {
    close(false);
    const first = state.page * state.size, here = shown.slice(first, first + state.size);
    body.replaceChildren(...(here.length ? here.map(row_of)
                                         : [kg.make('tr', {}, kg.make('td', {class: 'empty', colspan: options.columns.length}, 'Nothing fits the filter.'))]));
    place.textContent = here.length ? `${first + 1} to ${first + here.length} of ${shown.length.toLocaleString('en')}` : 'none';
    pager_buttons.forEach((button, i) => { button.disabled = i < 2 ? state.page === 0 : state.page >= pages() - 1; });
    pager.hidden = options.rows.length <= 50;
  }
  function update() {
    order();
    heads.forEach((head, c) => {
      if (c === state.column) head.setAttribute('aria-sort', state.down ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
      head.firstChild.textContent = options.columns[c].title + (c === state.column ? (state.down ? ' \u25be' : ' \u25b4') : '');
    });
    sorter.value = state.column < 0 ? '' : `${state.column} ${state.down ? 'down' : 'up'}`;
    count.textContent = shown.length === options.rows.length ? kg.plural(shown.length, options.noun)
                                                             : `${shown.length.toLocaleString('en')} of ${kg.plural(options.rows.length, options.noun)}`;
    draw();
  }

  const search = kg.make('input', {type: 'search', autocomplete: 'off', spellcheck: 'false', placeholder: 'words that its name has',
                                   oninput: () => { state.text = search.value; state.page = 0; update(); }});
  const selects = options.selects.map((select, s) => {
    const counts = new Map();
    for (const row of options.rows) counts.set(select.of(row), (counts.get(select.of(row)) ?? 0) + 1);
    const names = [...counts.keys()].sort((a, b) => a.localeCompare(b, 'en', {numeric: true})).slice(0, 500);
    return kg.make('select', {onchange: (event) => { state.chosen[s] = event.target.value; state.page = 0; update(); }},
        kg.make('option', {value: ''}, 'all'), ...names.map((name) => kg.make('option', {value: name}, `${name} (${counts.get(name)})`)));
  });
  // A phone has no heads of columns to press.
  const sorter = kg.make('select', {onchange: () => {
    const [column, down] = sorter.value.split(' ');
    Object.assign(state, {column: column === '' ? -1 : Number(column), down: down === 'down', page: 0});
    update();
  }}, kg.make('option', {value: ''}, 'as they are'), ...options.columns.flatMap((column, c) => ['down', 'up'].map((way) =>
      kg.make('option', {value: `${c} ${way}`}, `${column.title}, ${way === 'down' ? 'largest first' : 'smallest first'}`))));
  const labelled = (title, control, name) => kg.make('label', {class: name}, title, control);
  root.append(
      kg.make('form', {class: 'controls', onsubmit: (event) => event.preventDefault()}, labelled('Filter', search),
              ...selects.map((select, s) => labelled(options.selects[s].title, select)), labelled('Sort', sorter, 'phone'), count),
      kg.make('div', {class: 'card scroll'}, kg.make('table', {class: 'cases'}, kg.make('thead', {}, kg.make('tr', {}, ...heads)), body)),
      pager, kg.make('p', {class: 'note keys'}, 'Keys: / filters, up and down go from row to row, Enter opens, Esc closes.'));

  /// Opens the row of that name, wherever it is.
  const show = (name) => {
    const index = options.rows.findIndex((row) => options.name(row) === name);
    if (index < 0) return false;
    if (!shown.includes(index)) { search.value = ''; state.text = ''; state.chosen.fill(''); selects.forEach((select) => { select.value = ''; }); update(); }
    state.page = Math.floor(shown.indexOf(index) / state.size);
    draw();
    const button = body.children[shown.indexOf(index) - state.page * state.size].querySelector('.name');
    button.click();
    button.scrollIntoView({block: 'start'});
    return true;
  };
  const choose = (s, name) => { selects[s].value = name; state.chosen[s] = name; state.page = 0; update(); };

  document.addEventListener('keydown', (event) => {
    const typing = event.target.matches?.('input, select, textarea');
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); search.focus(); }
    else if (event.key === 'Escape' && state.opened) close(true);
    else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && (!typing || event.target === search)) {
      const names = [...body.querySelectorAll('.name')], at = names.indexOf(document.activeElement);
      if (at < 0 && event.target !== search && document.activeElement !== document.body) return;
      const next = names[at < 0 ? 0 : at + (event.key === 'ArrowDown' ? 1 : -1)];
      if (next) { event.preventDefault(); next.focus(); }
    }
  });
  update();
  const from_address = () => { if (location.hash.startsWith('#case=')) show(decodeURIComponent(location.hash.slice(6))); };
  addEventListener('hashchange', from_address);
  return {show, choose, from_address, chosen: (s) => state.chosen[s]};
};
