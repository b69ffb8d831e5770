// The page of a run or a comparison: its table, the case that is opened, the machine.
'use strict';
const words = kg.data.words;
const tones = {SLOWER: 'bad', WRONG: 'bad', INVALID: 'bad', ERROR: 'bad', NOT_COMPARABLE: 'bad', POSSIBLE: 'unsure', INCONCLUSIVE: 'unsure', FASTER: 'good', SAME: 'good', MEASURED: 'good'};
const urgency = ['WRONG', 'INVALID', 'ERROR', 'SLOWER', 'NOT_COMPARABLE', 'POSSIBLE', 'INCONCLUSIVE', 'FASTER', 'SAME', 'MEASURED', 'NO_BASELINE', 'SKIPPED'];
const is_word = new Set(['op', 'problem', 'label', 'implementation', 'origin', 'state', 'word', 'reason', 'code_hash', 'base_code_hash', 'kernel', 'chosen_by', 'attribution', 'unit']);

const named = (columns, values) => {
  const made = {};
  columns.forEach((column, i) => { made[column] = is_word.has(column) ? words[values[i]] : values[i]; });
  return made;
};
const scaled = (share, scale) => share === null ? null : share * scale / 1e5;
const side_of = (packed, scale) => packed && packed[0].length ? {runs: packed[0].map((run) => run.map((mark) => scaled(mark, scale))), dots: packed[1].map((dot) => scaled(dot, scale))} : null;
const night_of = (index) => { const text = kg.data.nights[index], bar = text.indexOf('|'); return [text.slice(0, bar), text.slice(bar + 1)]; };
const history_of = (packed) => packed && {
  nights: packed[1].map(night_of), medians: packed[2].map((one) => scaled(one, packed[0])),
  levels: packed[3].map(([from, to, level, sd]) => ({from, to, level: scaled(level, packed[0]), sd})),
  events: packed[4].map(([at, judged, text]) => ({at, judged, text})), ends_with_this: packed[5] === 1};

/// What is only seen of an opened case is unpacked when it is.
function unpacked(row) {
  if (row.side !== undefined) return row;
  const distribution = kg.data.distributions[row.index];
  row.side = distribution ? side_of(distribution[1], distribution[0]) : null;
  row.base_side = distribution ? side_of(distribution[2], distribution[0]) : null;
  row.history = history_of(kg.data.histories[row.index]);
  const group = kg.data.telemetry_of[row.index];
  row.telemetry = group < 0 ? null : kg.data.telemetry[group].map((region) => Object.fromEntries(kg.data.telemetry_columns.map((column, i) => [column, region[i]])));
  return row;
}

const rows = kg.data.cases.map((values, index) => {
  const row = named(kg.data.columns, values);
  row.index = index;
  row.name = row.name ?? `${row.op}/${row.problem}/${row.implementation}/${row.state}`;
  row.verdict = row.verdict && named(kg.data.verdict_columns, row.verdict);
  return row;
});
const groups = new Map();
for (const row of rows) {
  row.group = `${row.op}\n${row.problem}\n${row.state}`;
  if (!groups.has(row.group)) groups.set(row.group, []);
  groups.get(row.group).push(row);
}

const chip = (word) => kg.make('span', {class: 'chip ' + (tones[word] ?? '')}, word);
const throughput = (row) => {
  if (!(row.median_s > 0)) return '-';
  if (row.bytes > 0 && row.flop < 10 * row.bytes) return kg.rate(row.bytes / row.median_s, 'B/s');
  return row.flop > 0 ? kg.rate(row.flop / row.median_s, 'FLOP/s') : '-';
};
const times = (ratio) => !kg.known(ratio) ? '-' : ratio >= 1000 ? ratio.toExponential(1) + 'x' : ratio.toFixed(2) + 'x';

/// The change and its interval on one scale for all rows: a tenth either way, what is beyond is at the edge.
function change_line(verdict, word) {
  if (!kg.known(verdict.ratio_low) || !kg.known(verdict.ratio_high)) return '';
  const x = (ratio) => 40 + 38 * Math.max(-1, Math.min(1, Math.log(ratio) / Math.log(1.1)));
  const tone = word === 'SLOWER' ? ' bad' : word === 'FASTER' ? ' good' : '';
  return kg.make('svg', {class: 'range' + tone, width: 80, height: 14, 'aria-hidden': 'true', viewBox: '0 0 80 14'},
      kg.make('line', {class: 'axis', x1: 0, x2: 80, y1: 7, y2: 7}), kg.make('line', {class: 'zero', x1: 40, x2: 40, y1: 2, y2: 12}),
      kg.make('line', {class: 'line', x1: x(verdict.ratio_low), x2: x(verdict.ratio_high), y1: 7, y2: 7}), kg.make('circle', {class: 'dot', cx: x(verdict.ratio), cy: 7, r: 3}));
}

function columns_of_table() {
  const compared = rows.some((row) => row.verdict && kg.known(row.verdict.ratio));
  const ours = rows.some((row) => row.implementation !== '');
  const number = (title, value, shows, more = {}) => ({title, number: true, value, cell: (row) => shows(value(row)), ...more});
  return [
    {title: kg.data.compared ? 'Verdict' : 'Status', value: (row) => urgency.indexOf(row.word), cell: (row) => chip(row.word)},
    {title: 'Case', key: true, value: (row) => row.name, cell: (row) => row.problem ? `${row.op}/${row.problem}` : row.name, below: (row) => row.label},
    ...(ours ? [{title: 'Implementation', value: (row) => row.implementation, cell: (row) => row.implementation + (row.origin === 'peer' ? ' (peer)' : '')},
                {title: 'State', value: (row) => row.state, cell: (row) => row.state}] : []),
    ...(compared ? [
      number('Base', (row) => row.verdict?.base_s ?? null, kg.seconds, {help: 'of what decides: on a GPU the median of the runs\u2019 medians, on a CPU their lower quartile'}),
      number('New', (row) => row.verdict?.new_s ?? row.median_s, kg.seconds, {help: 'as the base; of what was not compared the median'}),
      {title: 'Change', number: true, value: (row) => row.verdict?.ratio ?? null, help: 'new over base, above 0 is slower; the line is its 95 % interval, on a scale of 10 % either way',
       cell: (row) => row.verdict ? [kg.change(row.verdict.ratio), change_line(row.verdict, row.word)] : '-'},
      number('Detects', (row) => row.verdict?.detectable_ratio ?? null, (ratio) => !kg.known(ratio) ? '-' : ratio > 10 ? 'nothing' : kg.change(ratio), {low: true, help: 'the smallest slowdown that is detected 9 times in 10'}),
    ] : []),
    ...(compared ? [] : [
      number('Median', (row) => row.median_s, kg.seconds, {help: 'over process runs of each run\u2019s median'}),
      number('p95', (row) => row.p95_s, kg.seconds, {low: true, help: 'of all samples'}),
      number('p99', (row) => row.p99_s, kg.seconds, {low: true, help: 'of all samples'})]),
    {title: 'Throughput', number: true, low: compared, help: 'of the work that the algorithm needs', cell: throughput,
     value: (row) => row.median_s > 0 ? (row.bytes > 0 && row.flop < 10 * row.bytes ? row.bytes : row.flop) / row.median_s : null},
    ...(rows.some((row) => kg.known(row.vs_peer)) ? [number('vs peer', (row) => row.vs_peer, times, {help: '1.20x: the best peer takes 1.2 times as long'})] : []),
  ];
}

const quoted = (word) => /^[\w@%+=:,./-]+$/.test(word) ? word : "'" + word.replaceAll("'", "'\\''") + "'";
function command_of(row) {
  if (kg.data.source !== 'kernelgate' || !row.op) return null;
  const pattern = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const parts = ['kernelgate', 'run', ...(kg.data.suite ? ['--suite', quoted(kg.data.suite)] : []), ...(kg.data.device_kind ? ['--device', quoted(kg.data.device_kind)] : []), '--op', quoted(row.op),
                 quoted(`--benchmark_filter=^${pattern(row.op)}/${pattern(row.problem)}/.*/${pattern(row.state)}$`)];
  return parts.join(' ');
}

function facts_of(row) {
  const facts = [['Case', row.name]];
  if (row.label) facts.push(['Where from', row.label]);
  if (row.kernel) facts.push(['Kernel', row.kernel + (row.chosen_by ? ', chosen by ' + row.chosen_by : '')]);
  if (row.flop > 0 || row.bytes > 0) facts.push(['Work', [row.flop > 0 && kg.rate(row.flop, 'FLOP'), row.bytes > 0 && kg.rate(row.bytes, 'B')].filter(Boolean).join(', ')]);
  if (row.samples) facts.push(['Measured', `${kg.plural(row.samples, 'sample')} in ${kg.plural(row.runs, 'process run')}`]);
  if (row.proof) facts.push(['Proof', row.proof[0] ? `right: ${row.proof[1].toLocaleString('en')} of ${row.proof[2].toLocaleString('en')} outputs looked at, worst error ${kg.known(row.proof[3]) ? row.proof[3].toFixed(2) : '?'} of the bound` : 'WRONG']);
  const verdict = row.verdict;
  if (verdict) {
    if (kg.known(verdict.ratio_low)) facts.push(['Change', `${kg.change(verdict.ratio)}, 95 % interval ${kg.change(verdict.ratio_low)} to ${kg.change(verdict.ratio_high)}; counted: ${verdict.base_runs} and ${kg.plural(verdict.new_runs, verdict.unit || 'run')}`]);
    if (verdict.attribution) facts.push(['Likeliest cause', verdict.attribution]);
    if (kg.known(verdict.control_ratio)) facts.push(['Fixed work beside it', kg.change(verdict.control_ratio)]);
  }
  if (row.code_hash) facts.push(['Machine code', row.base_code_hash ? (row.code_hash === row.base_code_hash ? `${row.code_hash}, the same on both sides` : `${row.base_code_hash} \u2192 ${row.code_hash}: changed; see kernelgate codegen --changes`) : row.code_hash]);
  return facts;
}

function runs_table(row) {
  const side = (name, from) => (from?.runs ?? []).map((run, i) => kg.make('tr', {}, kg.make('td', {}, `${name} ${i + 1}`),
      ...run.map((mark) => kg.make('td', {class: 'number'}, kg.seconds(mark)))));
  const body = [...side('base run', row.base_side), ...side('run', row.side)];
  if (!body.length) return null;
  const heads = ['', '5 %', 'quarter', 'median', 'three quarters', '95 %'];
  return kg.make('details', {}, kg.make('summary', {}, 'Process runs as numbers'), kg.make('div', {class: 'card scroll'}, kg.make('table', {class: 'small'},
      kg.make('thead', {}, kg.make('tr', {}, ...heads.map((head, i) => kg.make('th', {scope: 'col', class: i ? 'number' : null}, head)))), kg.make('tbody', {}, ...body))));
}

let drawn = [];
function detail_of(row) {
  unpacked(row);
  const group = groups.get(row.group).map(unpacked);
  const inside = kg.make('div', {class: 'inside'});
  if (row.reason) inside.append(kg.make('p', {class: 'reason'}, chip(row.word), ' ', row.reason));
  if (kg.has_charts) {
    drawn = [case_charts.distribution(row, group), case_charts.by_run(row, group), case_charts.history(row),
             machine_charts.roofline(row, group, rows), ...machine_charts.telemetry(row)].filter(Boolean);
    if (drawn.length) inside.append(kg.make('div', {class: 'charts'}, ...drawn.map((one) => one.element)));
    requestAnimationFrame(() => drawn.forEach((one) => one.draw()));
  }
  inside.append(...[kg.facts(facts_of(row)), runs_table(row)].filter(Boolean));
  const command = command_of(row);
  if (command) inside.append(kg.make('h3', {}, 'Measure it again, with its peers'), kg.command(command));
  return inside;
}

const table = kg.table(kg.by_id('cases'), {
  noun: 'case', rows, columns: columns_of_table(), name: (row) => row.name,
  text: (row) => [row.name, row.label, row.word, row.kernel].join(' '),
  selects: [{title: kg.data.compared ? 'Verdict' : 'Status', of: (row) => row.word},
            ...[['Op', 'op'], ['Implementation', 'implementation'], ['State', 'state']].filter(([, key]) => new Set(rows.map((row) => row[key])).size > 1)
                .map(([title, key]) => ({title, of: (row) => row[key]}))],
  sort: kg.data.compared ? {column: 0, down: false} : undefined,
  detail: detail_of, closed: () => { drawn.forEach((one) => one.destroy()); drawn = []; },
});

{
  const counts = new Map();
  for (const row of rows) counts.set(row.word, (counts.get(row.word) ?? 0) + 1);
  const buttons = urgency.filter((word) => counts.has(word)).map((word) => {
    const button = kg.make('button', {type: 'button', class: 'chip ' + (tones[word] ?? ''), 'aria-pressed': 'false', onclick: () => {
      const on = table.chosen(0) !== word;
      table.choose(0, on ? word : '');
      for (const [other, it] of buttons) it.setAttribute('aria-pressed', String(on && other === word));
    }}, `${counts.get(word).toLocaleString('en')} ${word}`);
    return [word, button];
  });
  kg.by_id('tally').append(...buttons.map(([, button]) => kg.make('li', {}, button)));
  const most = 12, list_of = (list) => {
    const lines = list.lines.map((line) => kg.make('li', {}, line));
    if (lines.length <= most) return [kg.make('ul', {class: 'lines'}, ...lines)];
    return [kg.make('ul', {class: 'lines'}, ...lines.slice(0, most)),
            kg.make('details', {}, kg.make('summary', {}, kg.plural(lines.length - most, 'more line')), kg.make('ul', {class: 'lines'}, ...lines.slice(most, 1000),
                lines.length > 1000 ? kg.make('li', {}, `and ${kg.plural(lines.length - 1000, 'more line')}: see the table`) : null))];
  };
  for (const list of kg.data.lists) kg.by_id('lists').append(kg.make('h2', {}, list.title), ...list_of(list));
}

{
  const machine = kg.by_id('machine');
  if (!kg.has_charts) kg.by_id('tally').after(kg.make('p', {class: 'note'}, 'This page has no charts: the program that wrote it was built without the chart library (libjs-chart.js). The tables have all figures.'));
  machine.append(kg.make('ul', {class: 'lines'}, ...kg.data.head.map((line) => kg.make('li', {}, line))));
  for (const [severity, id, summary] of kg.data.findings) machine.append(kg.make('p', {}, kg.make('span', {class: 'chip ' + ({failure: 'bad', warning: 'unsure'}[severity] ?? '')}, id), ' ', summary));
  if (kg.data.controls.length)
    machine.append(kg.make('h3', {}, 'Control kernels, new over base'), kg.facts(kg.data.controls.map(([name, ratio, drift, moved]) => [name, kg.change(ratio) + (moved ? ', more than its noise' : '')])));
  const both = kg.data.both_sides === 1, differing = kg.data.environment.filter((row) => row[4] === 1).length;
  const cell = (text) => kg.make('td', {class: 'wide'}, text ?? '-');
  const line = ([group, key, base, fresh, differs]) => kg.make('tr', {class: differs ? 'differs' : null}, kg.make('td', {}, key), kg.make('td', {class: 'muted'}, group), ...(both ? [cell(base)] : []), cell(fresh));
  const heads = ['What', 'Kind', ...(both ? ['Base'] : []), both ? 'New' : 'Value'];
  const table_of = (list) => kg.make('div', {class: 'card scroll'}, kg.make('table', {class: 'small'}, kg.make('thead', {}, kg.make('tr', {}, ...heads.map((head) => kg.make('th', {scope: 'col'}, head)))), kg.make('tbody', {}, ...list.map(line))));
  if (both) machine.append(kg.make('h3', {}, differing ? `The environments differ in ${kg.plural(differing, 'field')}` : 'The environments do not differ'),
                           ...(differing ? [table_of(kg.data.environment.filter((row) => row[4] === 1))] : []));
  if (kg.data.environment.length) machine.append(kg.make('details', {}, kg.make('summary', {}, 'The whole environment'), table_of(kg.data.environment)));
  const processes = (title, list) => list.length && list[0][1] ? [kg.make('p', {class: 'note'}, `${title}: ${kg.plural(list.length, 'process run')} from ${list[0][1]} to ${list[list.length - 1][1]}.`)] : [];
  machine.append(...processes('Base', kg.data.base_processes), ...processes(both ? 'New' : 'Measured', kg.data.processes));
  const commands = [['Measure', kg.data.measured_with], ['Report', kg.data.command]].filter(([, command]) => command.length);
  kg.by_id('repeat').append(...commands.flatMap(([title, command]) => [kg.make('h3', {}, title), kg.command(command.map(quoted).join(' '))]),
                            ...(commands.length ? [] : [kg.make('p', {class: 'note'}, 'The command is not known.')]));
  kg.by_id('words').append(...kg.data.legend.map((text) => kg.make('p', {class: 'note'}, text)));
}
table.from_address();
