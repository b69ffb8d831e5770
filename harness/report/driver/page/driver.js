// The page of a driver upgrade: settings that differ, every case, and the boots of the case that is opened.
'use strict';
const tones = {SLOWER: 'bad', FASTER: 'good', SAME: 'good', INCONCLUSIVE: 'unsure', POSSIBLE: 'unsure', INVALID: 'bad', NOT_COMPARABLE: 'bad'};
const urgency = ['SLOWER', 'INVALID', 'NOT_COMPARABLE', 'POSSIBLE', 'FASTER', 'INCONCLUSIVE', 'SAME', 'NO_BASELINE', 'SKIPPED'];
const steps = ['before', 'after', 'back'];
const chip = (word) => kg.make('span', {class: 'chip ' + (tones[word] ?? '')}, word);
const small = (heads, rows) => kg.make('div', {class: 'card scroll'}, kg.make('table', {class: 'small'},
    kg.make('thead', {}, kg.make('tr', {}, ...heads.map((head) => kg.make('th', {scope: 'col'}, head)))),
    kg.make('tbody', {}, ...rows.map((cells) => kg.make('tr', {}, ...cells.map((cell) => kg.make('td', {}, cell)))))));

if (kg.data.settings.length)
  kg.by_id('settings').append(kg.make('h2', {}, 'Settings that differ'),
      small(['Setting', 'Where', 'Was', 'Is', 'What to do'], kg.data.settings));

/// One point a process run, boot after boot: the spread between boots is what a change must stand out from.
function chart_of(row) {
  const boots = [...new Set(row.points.map(([step, boot]) => step * 1000 + boot))].sort((a, b) => a - b);
  const label = (key) => `${steps[Math.floor(key / 1000)]} ${key % 1000 + 1}`;
  const [scale, unit] = kg.time_unit(Math.min(...row.points.map(([, , seconds]) => seconds)));
  const config = () => ({type: 'scatter', data: {datasets: steps.map((name, s) => ({
    label: name, data: row.points.filter(([step]) => step === s).map(([step, boot, seconds]) => ({x: boots.indexOf(step * 1000 + boot), y: seconds})),
    backgroundColor: kg.colour(['s0', 'bad', 's3'][s]), borderColor: kg.colour(['s0', 'bad', 's3'][s]), pointRadius: 4,
  })).filter((set) => set.data.length)}, options: {
    scales: {x: kg.axis('boot', {min: -0.5, max: boots.length - 0.5, ticks: {stepSize: 1, callback: (value) => Number.isInteger(value) && boots[value] !== undefined ? label(boots[value]) : ''}}),
             y: kg.axis('time of one launch, ' + unit, {ticks: {callback: (value) => kg.digits(value / scale).replace(/\.?0+$/, '')}})},
    plugins: {legend: {display: true, position: 'bottom'}, tooltip: {callbacks: {label: (item) => item.dataset.label + ': ' + kg.seconds(item.parsed.y)}}},
  }});
  return kg.chart(row.name, `One point a process run: its median. ${kg.plural(boots.length, 'boot')}.`, config);
}

let drawn = null;
function detail_of(row) {
  const inside = kg.make('div', {class: 'inside'});
  if (kg.has_charts && row.points.length) {
    drawn = chart_of(row);
    drawn.element.classList.add('wide');
    inside.append(drawn.element);
    requestAnimationFrame(() => drawn?.draw());
  }
  inside.append(kg.facts([['Reason', row.reason || '-'], ['Most likely', row.why || '-'],
                          ['Took at most', kg.change(row.at_most) + ', 95 % sure of all cases at once'],
                          ['Going back', row.back ? `${row.back}, ${kg.change(row.back_ratio)} against before` : 'not measured']]));
  return inside;
}

const table = kg.table(kg.by_id('cases'), {
  noun: 'case', rows: kg.data.cases, name: (row) => row.name, text: (row) => [row.name, row.verdict, row.why].join(' '),
  columns: [
    {title: 'Verdict', value: (row) => urgency.indexOf(row.verdict), cell: (row) => chip(row.verdict)},
    {title: 'Case', key: true, value: (row) => row.name, cell: (row) => row.name},
    {title: 'Before', number: true, low: true, value: (row) => row.before, cell: (row) => kg.seconds(row.before)},
    {title: 'After', number: true, low: true, value: (row) => row.after, cell: (row) => kg.seconds(row.after)},
    {title: 'Change', number: true, help: 'after against before; above 0 is slower', value: (row) => row.ratio, cell: (row) => kg.change(row.ratio)},
    {title: 'From', number: true, low: true, help: '95 % interval', value: (row) => row.low, cell: (row) => kg.change(row.low)},
    {title: 'To', number: true, low: true, help: '95 % interval', value: (row) => row.high, cell: (row) => kg.change(row.high)},
    {title: 'Back', low: true, help: 'what going back showed', value: (row) => row.back, cell: (row) => row.back || '-'},
  ],
  selects: [{title: 'Verdict', of: (row) => row.verdict}],
  sort: {column: 0, down: false},
  detail: detail_of, closed: () => { drawn?.destroy(); drawn = null; },
});

{
  const lines = [...kg.data.notes, ...kg.data.unknown];
  if (!kg.has_charts) lines.push('This page has no charts: the program that wrote it was built without the chart library (libjs-chart.js).');
  if (lines.length) kg.by_id('notes').append(kg.make('h2', {}, 'Notes'), kg.make('ul', {class: 'lines'}, ...lines.map((line) => kg.make('li', {}, line))));
}
table.from_address();
