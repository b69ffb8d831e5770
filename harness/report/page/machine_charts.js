// The charts of one case and the machine: its place under the roofline, and what the GPU said meanwhile.
'use strict';
const machine_charts = {};

machine_charts.roofline = (row, group, rows) => {
  const at = (one) => one.median_s > 0 && one.flop > 0 && one.bytes > 0 ? {x: one.flop / one.bytes, y: one.flop / one.median_s, name: one.name} : null;
  if (!at(row)) return null;
  const flops = Math.max(0, ...kg.data.ceilings.map(([, flop]) => flop)), bytes = Math.max(0, ...kg.data.ceilings.map(([, , byte]) => byte));
  const others = rows.filter((one) => one !== row && at(one));
  const step = Math.max(1, Math.ceil(others.length / 400));
  const all = others.filter((ignored, i) => i % step === 0 && !group.includes(others[i])).map(at);
  const own = group.filter((one) => one !== row && at(one)).map(at);
  const points = [...all, ...own, at(row)];
  const x_low = Math.min(...points.map((p) => p.x), flops && bytes ? flops / bytes : Infinity) / 2, x_high = Math.max(...points.map((p) => p.x), flops && bytes ? flops / bytes : 0) * 2;
  const roof = [];
  if (bytes) roof.push({label: `memory: ${kg.rate(bytes, 'B/s')}, measured`, from: x_low, to: flops ? Math.min(x_high, flops / bytes) : x_high, of: (x) => x * bytes});
  if (flops) roof.push({label: `arithmetic: ${kg.rate(flops, 'FLOP/s')}, measured`, from: bytes ? Math.max(x_low, flops / bytes) : x_low, to: x_high, of: () => flops});
  const share = flops && bytes ? at(row).y / Math.min(flops, at(row).x * bytes) : null;
  const cpu = kg.data.device_kind !== 'cuda';
  const said = (roof.length ? `Ceilings: what the control kernels of this run reached (${cpu ? 'a copy in memory, f32 multiply-adds on all cores' : 'a copy in memory, mma.sync on all multiprocessors'}). `
                            : 'No ceilings: this result does not say how much its control kernels did. ') +
      (share === null ? '' : `This case: ${(100 * share).toFixed(share < 0.1 ? 1 : 0)} % of its ceiling. `) +
      (share > 1 ? (cpu ? 'More than all is possible: a case may fit the caches, or use wider types than the control.' : 'More than all is possible: a case may fit the L2, or use wgmma, which the control does not.') : '');
  const config = () => {
    const shows = (list, label, colour, radius, shape) => ({type: 'scatter', label, data: list, backgroundColor: kg.colour(colour), borderColor: kg.colour(colour), pointRadius: radius, pointHoverRadius: radius + 2, pointStyle: shape});
    return {type: 'scatter', data: {datasets: [
      shows([at(row)], row.implementation.slice(0, 30), 's1', 6, 'rectRot'),
      ...(own.length ? [shows(own, 'same problem', 's0', 4, 'circle')] : []),
      ...(all.length ? [shows(all, 'other cases', 'base', 1.8, 'circle')] : []),
      ...roof.map((line, i) => ({type: 'line', label: line.label, data: [line.from, line.to].map((x) => ({x, y: line.of(x)})), borderColor: kg.colour(i ? 's3' : 's2'),
                                 backgroundColor: kg.colour(i ? 's3' : 's2'), pointRadius: 0, borderWidth: 2})),
    ]}, options: {
      scales: {
        x: {...kg.axis('FLOP a byte, of the work that the algorithm needs', {type: 'logarithmic', ticks: {callback: (value) => Number.isInteger(Math.round(1e6 * Math.log10(value)) / 1e6) ? value.toLocaleString('en') : ''}}), min: x_low, max: x_high},
        y: kg.axis('FLOP/s', {type: 'logarithmic', ticks: {callback: (value) => Number.isInteger(Math.round(1e6 * Math.log10(value)) / 1e6) ? kg.rate(value, '').replace(/\.?0+ /, ' ').trim() : ''}}),
      },
      plugins: {legend: {display: true, position: 'bottom', labels: {usePointStyle: true}},
                tooltip: {filter: (item) => item.raw.name !== undefined, callbacks: {label: (item) => `${item.raw.name}: ${kg.rate(item.parsed.y, 'FLOP/s')} at ${kg.digits(item.parsed.x)} FLOP a byte`}}},
    }};
  };
  return kg.chart('Roofline', said, config);
};

/// Clocks, power and temperature, a point a timed region, of which a process run has one.
machine_charts.telemetry = (row) => {
  const regions = row.telemetry;
  if (!regions) return [];
  const throttled = {};
  for (const region of regions) for (const [cause, seconds] of Object.entries(region.throttled_s)) throttled[cause] = (throttled[cause] ?? 0) + seconds;
  const causes = Object.entries(throttled).map(([cause, seconds]) => `${cause} ${kg.seconds(seconds)}`).join(', ');
  const kinds = [
    ['SM clock', 'MHz', 1e-6, [['highest', 'sm_clock_max_hz', 'base'], ['median', 'sm_clock_median_hz', 's0'], ['lowest', 'sm_clock_min_hz', 's1']], causes ? `Held down by: ${causes}.` : 'Nothing held the clocks down.'],
    ['Power', 'W', 1, [['highest', 'power_max_w', 's1'], ['mean', 'power_mean_w', 's0']], 'Of the whole board, while this problem was timed.'],
    ['Temperature', '\u00b0C', 1, [['highest', 'temperature_max_c', 's1'], ['at the start', 'temperature_start_c', 's0']], 'Of the GPU, while this problem was timed.'],
  ];
  return kinds.filter(([, , , lines]) => regions.some((region) => lines.some(([, key]) => kg.known(region[key])))).map(([title, unit, factor, lines, said]) => kg.chart(title, said, () => ({
    type: 'line',
    data: {labels: regions.map((region) => region.run + 1), datasets: lines.map(([label, key, colour]) => ({
      label, data: regions.map((region) => kg.known(region[key]) ? region[key] * factor : null), borderColor: kg.colour(colour), backgroundColor: kg.colour(colour), borderWidth: 2, pointRadius: 3}))},
    options: {interaction: {mode: 'index', intersect: false}, scales: {x: kg.axis('process run', {type: 'category'}), y: kg.axis(unit, {grace: '10%'})},
              plugins: {legend: {display: true, position: 'bottom'}, tooltip: {callbacks: {label: (item) => `${item.dataset.label}: ${kg.digits(item.parsed.y)} ${unit}`}}}},
  })));
};
