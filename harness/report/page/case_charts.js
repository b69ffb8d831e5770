// The charts of one case: how its samples lie, run by run, and on earlier nights.
'use strict';
const case_charts = {};

/// Colours by who it is: this case, its base, the others of its problem.
case_charts.colour_of = (index) => kg.colour('s' + index % 6);

const seconds_ticks = (scale) => ({callback: (value) => kg.digits(value / scale).replace(/\.?0+$/, '')});

/// One line each: {name, colour, side}; side: {runs: [[p5, q1, median, q3, p95], ...], dots: [...]}, in seconds.
function distribution_lines(row, group) {
  const lines = [];
  if (row.base_side) lines.push({name: row.side ? 'base' : 'base (this case)', colour: 'base', side: row.base_side});
  if (row.side) lines.push({name: group.length > 1 || row.base_side ? row.implementation + (row.base_side ? ' (new)' : '') : row.implementation, colour: 's0', side: row.side});
  group.filter((other) => other !== row && other.side).slice(0, 6)
      .forEach((other, i) => lines.push({name: other.implementation, colour: 's' + (1 + i % 5), side: other.side}));
  return lines;
}

/// The middle of the runs' marks: what is left where there are no samples.
function pooled(side) {
  const middle = (values) => { const sorted = values.slice().sort((a, b) => a - b); return sorted[Math.floor(sorted.length / 2)]; };
  return [0, 1, 2, 3, 4].map((mark) => middle(side.runs.map((run) => run[mark])));
}

/// A toggle between a linear and a logarithmic axis.
function log_button(state, redraw) {
  const button = kg.make('button', {type: 'button', 'aria-pressed': String(state.log), onclick: () => {
    state.log = !state.log;
    button.setAttribute('aria-pressed', String(state.log));
    button.textContent = state.log ? 'linear axis' : 'log axis';
    redraw();
  }}, state.log ? 'linear axis' : 'log axis');
  return button;
}

case_charts.distribution = (row, group) => {
  const lines = distribution_lines(row, group);
  if (!lines.length) return null;
  const values = lines.flatMap((line) => line.side.runs.flat()), low = Math.min(...values), high = Math.max(...values);
  const state = {log: high > 8 * low}, [scale, unit] = kg.time_unit(low);
  const said = 'Box: quartiles and median, its line from the 5th to the 95th percentile; of base and results with samples each dot is a twentieth of all samples.';
  const config = () => {
    const datasets = lines.map((line, i) => {
      const at = lines.length - 1 - i, dots = line.side.dots, colour = kg.colour(line.colour);
      // Dots that would cover each other are piled up.
      const bin = (state.log ? Math.log(high / low) || 1 : high - low || 1) / 60, piles = new Map();
      const points = dots.map((dot) => {
        const key = Math.round((state.log ? Math.log(dot) : dot) / bin), level = piles.get(key) ?? 0;
        piles.set(key, level + 1);
        return {x: dot, y: at + 0.24 + 0.055 * Math.min(level, 9)};
      });
      return {label: line.name, data: points, backgroundColor: colour, borderColor: colour, pointRadius: 2.5, pointHitRadius: 6};
    });
    const boxes = lines.map((line, i) => {
      const [p5, q1, median, q3, p95] = pooled(line.side);
      return {at: lines.length - 1 - i, low: p5, q1, median, q3, high: p95, colour: kg.colour(line.colour), half: 8};
    });
    return {type: 'scatter', data: {datasets}, options: {
      scales: {
        x: {...kg.axis('time of one launch, ' + unit, {type: state.log ? 'logarithmic' : 'linear', ticks: seconds_ticks(scale)}),
            ...(state.log ? {} : {suggestedMin: low - 0.05 * (high - low || low), suggestedMax: high + 0.05 * (high - low || low)})},
        y: {...kg.axis('', {ticks: {autoSkip: false, stepSize: 1, color: kg.colour('text'),
                                     callback: (value) => Number.isInteger(value) ? lines[lines.length - 1 - value]?.name.slice(0, innerWidth < 740 ? 14 : 28) ?? '' : ''}, grid: {display: false}}),
            min: -0.5, max: lines.length - 0.1},
      },
      plugins: {boxes: {all: boxes}, tooltip: {callbacks: {label: (item) => item.dataset.label + ': ' + kg.seconds(item.parsed.x)}}},
    }};
  };
  const chart = kg.chart('Distribution', said, config, [log_button(state, () => chart.draw())]);
  return chart;
};

case_charts.by_run = (row, group) => {
  const lines = distribution_lines(row, group);
  if (!lines.length || Math.max(...lines.map((line) => line.side.runs.length)) < 2) return null;
  const base = lines.find((line) => line.colour === 'base'), others = lines.filter((line) => line !== base);
  const before = base ? base.side.runs.length : 0, after = Math.max(0, ...others.map((line) => line.side.runs.length));
  const values = lines.flatMap((line) => line.side.runs.flat()), low = Math.min(...values), high = Math.max(...values);
  const state = {log: high > 8 * low}, [scale, unit] = kg.time_unit(low);
  const width = others.length > 1 ? 0.7 / others.length : 0;
  const place = (line, run) => line === base ? run + 1 : before + (base ? 1 : 0) + run + 1 + width * (others.indexOf(line) - (others.length - 1) / 2);
  const config = () => {
    const half = Math.max(2.5, Math.min(9, 150 / (before + after * Math.max(1, others.length))));
    const boxes = lines.flatMap((line) => line.side.runs.map(([p5, q1, median, q3, p95], run) =>
        ({at: place(line, run), low: p5, q1, median, q3, high: p95, colour: kg.colour(line.colour), half})));
    const datasets = lines.map((line) => ({label: line.name, pointRadius: 2, pointHitRadius: 9, backgroundColor: kg.colour(line.colour), borderColor: kg.colour(line.colour),
                                           data: line.side.runs.map((run, i) => ({x: place(line, i), y: run[2], run: i + 1}))}));
    return {type: 'scatter', data: {datasets}, options: {
      scales: {
        x: {...kg.axis(base ? 'process run: base, then new' : 'process run, in the order of time', {ticks: {stepSize: 1, autoSkip: before + after > 24, callback: (value) => {
              if (!Number.isInteger(value)) return '';
              if (value >= 1 && value <= before) return value;
              const run = value - before - (base ? 1 : 0);
              return run >= 1 && run <= after ? run : '';
            }}, grid: {display: false}}), min: 0, max: before + after + (base ? 2 : 1)},
        y: {...kg.axis('time of one launch, ' + unit, {type: state.log ? 'logarithmic' : 'linear', ticks: seconds_ticks(scale)})},
      },
      plugins: {boxes: {all: boxes, upright: true}, legend: {display: lines.length > 1, position: 'bottom'},
                tooltip: {callbacks: {label: (item) => `${item.dataset.label}, run ${item.raw.run}: median ${kg.seconds(item.parsed.y)}`}}},
    }};
  };
  const chart = kg.chart('By process run', 'A box a process run: 5th percentile, quartiles, median, 95th percentile. Runs, not samples, are what a verdict counts.',
                         config, [log_button(state, () => chart.draw())]);
  return chart;
};

case_charts.history = (row) => {
  const line = row.history;
  if (!line) return null;
  const [scale, unit] = kg.time_unit(Math.min(...line.medians));
  const last = line.medians.length - 1;
  const config = () => {
    const band = (sign) => line.medians.map((ignored, i) => {
      const level = line.levels.find((one) => i >= one.from && i <= one.to);
      return level ? level.level * Math.exp(sign * 2 * level.sd) : null;
    });
    const level = line.medians.map((ignored, i) => line.levels.find((one) => i >= one.from && i <= one.to)?.level ?? null);
    const cut = {borderColor: (at) => line.levels.some((one) => one.to === at.p0DataIndex && one.to !== last) ? 'transparent' : undefined,
                 backgroundColor: (at) => line.levels.some((one) => one.to === at.p0DataIndex && one.to !== last) ? 'transparent' : undefined};
    const flat = {type: 'line', pointRadius: 0, pointHitRadius: 0, borderWidth: 0, segment: cut};
    const points = line.medians.map((ignored, i) => line.ends_with_this && i === last);
    return {type: 'line', data: {labels: line.nights.map(([night]) => night), datasets: [
      {label: 'median of the night', data: line.medians, showLine: false, backgroundColor: points.map((is_this) => kg.colour(is_this ? 's1' : 's0')),
       borderColor: points.map((is_this) => kg.colour(is_this ? 's1' : 's0')), pointRadius: points.map((is_this) => is_this ? 5 : line.medians.length > 120 ? 2 : 3)},
      {label: 'level', data: level, ...flat, borderWidth: 2, borderColor: kg.colour('bad'), backgroundColor: kg.colour('bad')},
      {...flat, label: 'noise: two deviations of a night', data: band(1), fill: '+1', backgroundColor: kg.colour('band'), borderColor: kg.colour('band')},
      {...flat, label: '', data: band(-1)},
    ]}, options: {
      interaction: {mode: 'index', intersect: false},
      scales: {x: kg.axis('night', {type: 'category'}), y: kg.axis('time of one launch, ' + unit, {ticks: seconds_ticks(scale)})},
      plugins: {legend: {display: true, position: 'bottom', labels: {filter: (item) => item.text !== ''}},
                marks: {all: line.events.map((event) => ({at: event.at, text: event.text.slice(0, 40), colour: event.judged ? 'bad' : 'unsure'}))},
                tooltip: {filter: (item) => item.datasetIndex < 2, callbacks: {
                  label: (item) => item.dataset.label + ': ' + kg.seconds(item.parsed.y),
                  afterTitle: (items) => items.length && line.nights[items[0].dataIndex][1] ? 'commit ' + line.nights[items[0].dataIndex][1] : ''}}},
    }};
  };
  return kg.chart('History', 'One point a night; the band is two standard deviations of a night about its level' + (line.ends_with_this ? '; the last point is this result.' : '.'), config);
};
