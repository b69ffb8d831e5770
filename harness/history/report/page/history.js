// The page of a history: what happened when, how each case stands, and the nights of the case that is opened.
'use strict';
const tones = {SLOWER: 'bad', DRIFT_SLOWER: 'bad', FASTER: 'good', DRIFT_FASTER: 'good', POSSIBLE: 'unsure', STEADY: 'good'};
const urgency = ['SLOWER', 'DRIFT_SLOWER', 'POSSIBLE', 'FASTER', 'DRIFT_FASTER', 'STEADY', 'SHORT'];
const chip = (word) => kg.make('span', {class: 'chip ' + (tones[word] ?? '')}, word);
const scaled = (share, scale) => share === null ? null : share * scale / 1e5;
const night_of = (index) => { const text = kg.data.nights[index], bar = text.indexOf('|'); return [text.slice(0, bar), text.slice(bar + 1)]; };

const rows = kg.data.series.map((values) => {
  const row = Object.fromEntries(kg.data.columns.map((column, i) => [column, values[i]]));
  row.device = kg.data.devices[row.device];
  row.count = row.nights.length;
  return row;
});

function chart_of(row) {
  const nights = row.nights.map(night_of), of = (list) => list.map((one) => scaled(one, row.scale_s));
  const median = of(row.median), low = of(row.low), high = of(row.high), drift = row.drift && of(row.drift);
  const level_at = (i) => row.levels.find(([from, to]) => i >= from && i <= to);
  const levels = median.map((ignored, i) => level_at(i) ? scaled(level_at(i)[2], row.scale_s) : null);
  const band = (sign) => median.map((ignored, i) => level_at(i) && !drift ? scaled(level_at(i)[2], row.scale_s) * Math.exp(sign * 2 * level_at(i)[3]) : null);
  const [scale, unit] = kg.time_unit(Math.min(...low));
  const ends = new Set(row.levels.map(([, to]) => to));
  const cut = {borderColor: (at) => ends.has(at.p0DataIndex) ? 'transparent' : undefined, backgroundColor: (at) => ends.has(at.p0DataIndex) ? 'transparent' : undefined};
  const config = () => {
    const flat = {type: 'line', pointRadius: 0, pointHitRadius: 0, borderWidth: 0, segment: cut};
    return {type: 'bar', data: {labels: nights.map(([night]) => night), datasets: [
      {type: 'line', label: 'median of the night', data: median, showLine: false, borderColor: kg.colour('s0'), backgroundColor: kg.colour('s0'), pointRadius: median.length > 120 ? 2 : 3},
      {...flat, label: 'level between steps', data: levels, borderWidth: 2, borderColor: kg.colour('bad'), backgroundColor: kg.colour('bad')},
      {...flat, label: 'noise: two deviations of a night', data: band(1), fill: '+1', backgroundColor: kg.colour('band'), borderColor: kg.colour('band')},
      {...flat, label: '', data: band(-1)},
      {type: 'bar', label: 'range of the runs', data: low.map((one, i) => [one, Math.max(high[i], one * (1 + 1e-6))]), backgroundColor: kg.colour('base'), barPercentage: 0.5, maxBarThickness: 5},
      ...(drift ? [{type: 'line', label: 'drift from the anchor', data: drift, borderColor: kg.colour('s3'), backgroundColor: kg.colour('s3'), borderDash: [6, 4], pointRadius: 0, borderWidth: 2}] : []),
    ]}, options: {
      interaction: {mode: 'index', intersect: false},
      scales: {x: kg.axis('night', {type: 'category'}), y: kg.axis('time of one launch, ' + unit, {beginAtZero: false, ticks: {callback: (value) => kg.digits(value / scale).replace(/\.?0+$/, '')}})},
      plugins: {legend: {display: true, position: 'bottom', labels: {filter: (item) => item.text !== ''}},
                marks: {all: row.events.map(([at, judged, what, change]) => ({at, text: (judged ? change : what).slice(0, 40), colour: judged ? 'bad' : 'unsure'}))},
                tooltip: {filter: (item) => item.datasetIndex < 2, callbacks: {label: (item) => item.dataset.label + ': ' + kg.seconds(item.parsed.y),
                          afterTitle: (items) => items.length ? 'commit ' + nights[items[0].dataIndex][1] : ''}}},
    }};
  };
  return kg.chart(`${row.name} (${row.device})`, `One point a night, ${kg.plural(row.count, 'night')} from ${nights[0][0]} to ${nights[nights.length - 1][0]}.`, config);
}

let drawn = null;
function detail_of(row) {
  const inside = kg.make('div', {class: 'inside'});
  if (kg.has_charts) {
    drawn = chart_of(row);
    drawn.element.classList.add('wide');
    inside.append(drawn.element);
    requestAnimationFrame(() => drawn?.draw());
  }
  const events = row.events.map(([at, , what, change, where]) => kg.make('tr', {}, kg.make('td', {}, night_of(row.nights[at])[0]), kg.make('td', {}, what),
      kg.make('td', {class: 'number'}, change), kg.make('td', {class: 'wide'}, where)));
  inside.append(kg.make('h3', {}, 'What happened to this case'), events.length
      ? kg.make('div', {class: 'card scroll'}, kg.make('table', {class: 'small'}, kg.make('thead', {}, kg.make('tr', {}, ...['Night', 'What', 'Change', 'Where'].map((head) => kg.make('th', {scope: 'col'}, head)))), kg.make('tbody', {}, ...events)))
      : kg.make('p', {class: 'note'}, 'Nothing: no step, no drift, no change of the environment.'));
  return inside;
}

const several = kg.data.devices.length > 1;
const table = kg.table(kg.by_id('cases'), {
  noun: 'case', rows, name: (row) => several ? `${row.name} (${row.device})` : row.name,
  text: (row) => [row.name, row.device, row.word].join(' '),
  columns: [
    {title: 'Stands', value: (row) => urgency.indexOf(row.word), cell: (row) => chip(row.word)},
    {title: 'Case', key: true, value: (row) => row.name, cell: (row) => row.name},
    ...(several ? [{title: 'Device', value: (row) => row.device, cell: (row) => row.device}] : []),
    {title: 'Change', number: true, help: 'of the last step, or of the drift; above 0 is slower', value: (row) => ['STEADY', 'SHORT'].includes(row.word) ? null : row.ratio, cell: (row) => ['STEADY', 'SHORT'].includes(row.word) ? '-' : kg.change(row.ratio)},
    {title: 'Since', value: (row) => row.since, cell: (row) => row.since || '-'},
    {title: 'Last night', number: true, value: (row) => row.last_s, cell: (row) => kg.seconds(row.last_s)},
    {title: 'Over best level', number: true, low: true, value: (row) => row.last_over_best, cell: (row) => kg.change(row.last_over_best)},
    {title: 'A night scatters', number: true, low: true, help: 'standard deviation of a night, of its last segment', value: (row) => row.night_sd, cell: (row) => (100 * row.night_sd).toFixed(2) + ' %'},
    {title: 'Nights', number: true, low: true, value: (row) => row.count, cell: (row) => row.count.toLocaleString('en')},
  ],
  selects: [{title: 'Stands', of: (row) => row.word}, ...(several ? [{title: 'Device', of: (row) => row.device}] : [])],
  sort: {column: 0, down: false},
  detail: detail_of, closed: () => { drawn?.destroy(); drawn = null; },
});

{
  const counts = new Map();
  for (const row of rows) counts.set(row.word, (counts.get(row.word) ?? 0) + 1);
  const buttons = urgency.filter((word) => counts.has(word)).map((word) => [word, kg.make('button', {type: 'button', class: 'chip ' + (tones[word] ?? ''), 'aria-pressed': 'false', onclick: () => {
    const on = table.chosen(0) !== word;
    table.choose(0, on ? word : '');
    for (const [other, it] of buttons) it.setAttribute('aria-pressed', String(on && other === word));
  }}, `${counts.get(word).toLocaleString('en')} ${word}`)]);
  kg.by_id('tally').append(...buttons.map(([, button]) => kg.make('li', {}, button)));
  if (!kg.has_charts) kg.by_id('tally').after(kg.make('p', {class: 'note'}, 'This page has no charts: the program that wrote it was built without the chart library (libjs-chart.js). The tables have what happened.'));
  const most = 15, line = ([night, text, name]) => kg.make('li', {}, night + ' ', kg.make('a', {href: '#case=' + encodeURIComponent(name)}, text));
  const events = kg.data.events;
  if (events.length) {
    kg.by_id('events').append(kg.make('h2', {}, 'What happened, the latest first'), kg.make('ul', {class: 'lines'}, ...events.slice(0, most).map(line)));
    if (events.length > most) kg.by_id('events').append(kg.make('details', {}, kg.make('summary', {}, kg.plural(events.length - most, 'more event')), kg.make('ul', {class: 'lines'}, ...events.slice(most, 1000).map(line))));
  }
}
table.from_address();
