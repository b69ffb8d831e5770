// Draws the case that is picked: nights, their runs' range, levels, drift, changes of the environment.
'use strict';
const history_data = JSON.parse(document.getElementById('history').textContent);
const by_id = (id) => document.getElementById(id);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();

const percent = (ratio) => (ratio >= 1 ? '+' : '') + (100 * (ratio - 1)).toFixed(2) + ' %';
const units = [[1, 's'], [1e-3, 'ms'], [1e-6, 'µs'], [1e-9, 'ns']];
const unit_of = (seconds) => units.find(([scale]) => seconds >= scale) || units[units.length - 1];

/// What a reader looks for first: the latest step or drift.
const event_rank = (series) => Math.max(-1, ...series.events.map((event) => event.judged ? event.rank : -1));
const ordered = history_data.series.slice().sort(
    (a, b) => event_rank(b) - event_rank(a) || a.name.localeCompare(b.name) || a.device.localeCompare(b.device));

function label_of(series) {
  const judged = series.events.filter((event) => event.judged);
  const what = judged.length ? ' \u2014 ' + judged.map((event) => event.what + ' ' + event.change).join(', ') : '';
  return series.name + ' (' + series.device + ')' + what;
}

/// Vertical lines where the environment changed.
const marks = {
  id: 'marks',
  afterDatasetsDraw(chart) {
    const {ctx, chartArea, scales} = chart;
    ctx.save();
    ctx.strokeStyle = colour('change');
    ctx.fillStyle = colour('change');
    ctx.setLineDash([5, 4]);
    ctx.font = '12px system-ui, sans-serif';
    for (const mark of chart.options.plugins.marks.at) {
      const x = scales.x.getPixelForValue(mark.index);
      ctx.beginPath();
      ctx.moveTo(x, chartArea.top);
      ctx.lineTo(x, chartArea.bottom);
      ctx.stroke();
      const right = x < (chartArea.left + chartArea.right) / 2;
      ctx.textAlign = right ? 'left' : 'right';
      ctx.fillText(mark.text, x + (right ? 4 : -4), chartArea.top + 12);
    }
    ctx.restore();
  }
};

let chart = null;

function draw(series) {
  const [scale, unit] = unit_of(Math.min(...series.median));
  const scaled = (values) => values.map((value) => value === null ? null : value / scale);
  const text = colour('text'), line = colour('line');
  const axis = (title) => ({ticks: {color: text}, grid: {color: line}, title: {display: true, text: title, color: text}});
  const data = {
    labels: series.night,
    datasets: [
      {type: 'line', label: 'median of the night', data: scaled(series.median), borderColor: colour('night'),
       backgroundColor: colour('night'), showLine: false, pointRadius: series.night.length > 120 ? 2 : 3},
      {type: 'line', label: 'level between steps', data: scaled(series.level), borderColor: colour('level'),
       backgroundColor: colour('level'), pointRadius: 0, borderWidth: 2, stepped: false, segment: {
         borderColor: (at) => series.piece[at.p0DataIndex] === series.piece[at.p1DataIndex] ? undefined : 'transparent'}},
      {type: 'bar', label: 'range of the runs',
       data: series.low.map((low, i) => [low / scale, Math.max(series.high[i], low * (1 + 1e-6)) / scale]),
       backgroundColor: colour('range'), barPercentage: 0.6, maxBarThickness: 6},
    ],
  };
  if (series.drift)
    data.datasets.push({type: 'line', label: 'drift from the anchor', data: scaled(series.drift),
                        borderColor: colour('drift'), backgroundColor: colour('drift'), borderDash: [6, 4],
                        pointRadius: 0, borderWidth: 2});
  const options = {
    animation: false, responsive: true, maintainAspectRatio: false,
    interaction: {mode: 'index', intersect: false},
    scales: {x: axis('night'), y: {...axis('time of one launch, ' + unit), beginAtZero: false}},
    plugins: {
      legend: {labels: {color: text}},
      title: {display: true, text: series.name + ' (' + series.device + ')', color: text},
      tooltip: {callbacks: {afterTitle: (items) => items.length ? 'commit ' + series.commit[items[0].dataIndex] : ''}},
      marks: {at: series.events.filter((event) => !event.judged).map((event) => ({index: event.index, text: event.what}))},
    },
  };
  if (chart) chart.destroy();
  chart = new Chart(by_id('plot'), {data, options, plugins: [marks]});
  by_id('plot').setAttribute('aria-label', 'Time of ' + series.name + ' on ' + series.device + ', one point a night, ' +
      series.night.length + ' nights from ' + series.night[0] + ' to ' + series.night[series.night.length - 1]);
  list(series);
}

function list(series) {
  const body = by_id('events').querySelector('tbody');
  const rows = series.events.length ? series.events : [{night: '', what: 'nothing', change: '', where: ''}];
  body.replaceChildren(...rows.map((event) => {
    const row = document.createElement('tr');
    for (const text of [event.night, event.what, event.change, event.where])
      row.appendChild(document.createElement('td')).textContent = text;
    return row;
  }));
}

function offer() {
  const wanted = by_id('filter').value.toLowerCase();
  const shown = ordered.filter((series) => label_of(series).toLowerCase().includes(wanted));
  by_id('picker').replaceChildren(...shown.map((series) => {
    const option = document.createElement('option');
    option.value = String(ordered.indexOf(series));
    option.textContent = label_of(series);
    return option;
  }));
  if (shown.length) draw(shown[0]);
}

by_id('summary').textContent = history_data.summary;
by_id('filter').addEventListener('input', offer);
by_id('picker').addEventListener('change', (event) => draw(ordered[Number(event.target.value)]));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  const picked = by_id('picker').value;
  if (picked !== '') draw(ordered[Number(picked)]);
});
offer();
