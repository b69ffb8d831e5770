// The sheet of an acceptance: the GPUs, what did not pass, the load over time, all tests, the thresholds.
'use strict';
{
  const sheet = kg.data, tones = {passed: 'good', failed: 'bad', inconclusive: 'unsure', 'not tested': ''};
  const chip = (word) => kg.make('span', {class: 'chip ' + (tones[word] ?? '')}, word);
  const fact = (value) => kg.known(value) ? value : null;
  const cell = (text, more = {}) => kg.make('td', more, ...[text].flat());
  const table = (heads, rows) => kg.make('div', {class: 'card scroll'}, kg.make('table', {class: 'small'},
      kg.make('thead', {}, kg.make('tr', {}, ...heads.map((head) => kg.make('th', {scope: 'col'}, head)))), kg.make('tbody', {}, ...rows)));
  const subject = (test) => test.gpu === null ? 'the machine' : 'GPU ' + test.gpu;
  const later_median = (samples, key) => {
    const values = samples.slice(Math.floor(samples.length / 2)).map((one) => fact(one[key])).filter((one) => one !== null).sort((a, b) => a - b);
    return values.length ? values[Math.floor(values.length / 2)] : null;
  };
  const number = (value, scale, unit, digits = 0) => kg.known(value) ? (value / scale).toFixed(digits) + ' ' + unit : '-';

  const failures = (gpu) => sheet.tests.filter((test) => test.gpu === gpu && test.outcome !== 'passed' && test.outcome !== 'not tested').map((test) => test.title);
  kg.by_id('gpus').append(table(['GPU', '', 'What did not pass', 'Serial', 'Board', 'VBIOS', 'Slot', 'Speed', 'Memory', 'From host', 'Power', 'Hottest'], sheet.gpus.map((gpu) => kg.make('tr', {'data-gpu': gpu.gpu, 'data-verdict': gpu.verdict},
      cell(`${gpu.gpu}  ${gpu.name}`), cell(chip(gpu.verdict)), cell(failures(gpu.gpu).join('; ') || '-', {class: 'wide'}),
      cell(gpu.serial || '-'), cell(gpu.board_part_number || '-'), cell(gpu.vbios || '-'), cell(gpu.pci_bus_id || '-'),
      cell(number(later_median(gpu.load.samples, 'flop_per_s'), 1e12, 'TFLOP/s', 1), {class: 'number'}),
      cell(number(fact(gpu.load.memory.read), 1e9, 'GB/s'), {class: 'number'}),
      cell(number(fact(gpu.links.host_to_device), 1e9, 'GB/s', 1), {class: 'number'}),
      cell(number(later_median(gpu.load.samples, 'power_w'), 1, 'W'), {class: 'number'}),
      cell(number(Math.max(...gpu.load.samples.map((one) => fact(one.temperature_c) ?? -Infinity)), 1, '\u00b0C'), {class: 'number'})))));

  const open = sheet.tests.filter((test) => test.outcome === 'failed' || test.outcome === 'inconclusive');
  if (open.length) kg.by_id('open').append(kg.make('h2', {}, 'What did not pass'), ...open.flatMap((test) => [
    kg.make('h3', {}, chip(test.outcome), ` ${subject(test)}: ${test.title}`), kg.make('p', {class: 'says'}, test.says), kg.command(test.repeat)]));
  const untested = new Map();
  for (const test of sheet.tests.filter((one) => one.outcome === 'not tested')) {
    const key = `${test.title}: ${test.says}`;
    untested.set(key, [...(untested.get(key) ?? []), subject(test)]);
  }
  if (untested.size) kg.by_id('notes').append(kg.make('h2', {}, 'Not tested, which is no pass'), kg.make('ul', {class: 'lines'},
      ...[...untested].map(([text, of]) => kg.make('li', {}, `${of.length === sheet.gpus.length && of.length > 1 ? 'Every GPU' : of.join(', ')}. ${text}`))));
  if (sheet.notes.length) kg.by_id('notes').append(kg.make('h2', {}, 'Worth knowing'), kg.make('ul', {class: 'lines'}, ...sheet.notes.map((note) => kg.make('li', {}, note))));

  const loaded = sheet.gpus.filter((gpu) => gpu.load.samples.length > 1);
  if (kg.has_charts && loaded.length) {
    const kinds = [['Speed', 'TFLOP/s', 'flop_per_s', 1e12], ['SM clock', 'MHz', 'sm_clock_hz', 1e6], ['Power', 'W', 'power_w', 1], ['Temperature', '\u00b0C', 'temperature_c', 1]];
    const most = 300;
    for (const [title, unit, key, scale] of kinds.filter(([, , key]) => loaded.some((gpu) => gpu.load.samples.some((one) => fact(one[key]) !== null)))) {
      const drawn = kg.chart(title, 'Every GPU under the steady load, from its start.', () => ({type: 'line', data: {datasets: loaded.map((gpu, i) => {
        const step = Math.ceil(gpu.load.samples.length / most), colour = kg.colour('s' + i % 4);
        return {label: 'GPU ' + gpu.gpu, data: gpu.load.samples.filter((ignored, at) => at % step === 0).map((one) => ({x: one.at_s, y: fact(one[key]) === null ? null : one[key] / scale})),
                borderColor: colour, backgroundColor: colour, borderDash: i > 3 ? [5, 3] : [], borderWidth: 1.5, pointRadius: 0};
      })}, options: {interaction: {mode: 'nearest', intersect: false}, scales: {x: kg.axis('seconds', {type: 'linear'}), y: kg.axis(unit, {grace: '5%'})},
                     plugins: {legend: {display: true, position: 'bottom'}, tooltip: {callbacks: {label: (item) => `${item.dataset.label}: ${kg.digits(item.parsed.y)} ${unit}`}}}}}));
      kg.by_id('charts').append(drawn.element);
      requestAnimationFrame(() => drawn.draw());
    }
  }

  const sources = new Map(sheet.thresholds.map((one) => [one.id, one]));
  const order = ['failed', 'inconclusive', 'passed', 'not tested'];
  const sorted = [...sheet.tests].sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome) || (a.gpu ?? -1) - (b.gpu ?? -1));
  kg.by_id('tests').append(table(['Of', '', 'Tested', 'What was found', 'Value', 'Threshold', '', 'Time'], sorted.map((test) => kg.make('tr', {'data-outcome': test.outcome, 'data-test': test.id},
      cell(subject(test)), cell(chip(test.outcome)), cell(test.title, {title: test.id}), cell(test.says, {class: 'wide'}),
      cell(kg.known(test.value) ? kg.digits(test.value) : '-', {class: 'number'}), cell(kg.known(test.least) ? kg.digits(test.least) : '-', {class: 'number', title: sources.get(test.threshold)?.source}),
      cell(test.unit), cell(kg.seconds(test.seconds || null), {class: 'number'})))));
  kg.by_id('thresholds').append(table(['What', 'Value', '', 'Source'], sheet.thresholds.map((one) => kg.make('tr', {},
      cell(one.text, {class: 'wide'}), cell(String(one.value), {class: 'number'}), cell(one.unit), cell(one.source, {class: 'wide'})))));
  kg.by_id('silent').append(...sheet.does_not_say.map((line) => kg.make('li', {}, line)));
  kg.by_id('repeat').append(kg.command(sheet.run.command), kg.facts([['Begun', sheet.run.started_utc], ['Ended', sheet.run.ended_utc], ['Program', `${sheet.run.version}, commit ${sheet.run.commit}`],
      ['Driver', sheet.machine.driver], ['Sum of the sheet', sheet.sha256], ['To check it', 'sed \'s/"sha256": "[0-9a-f]*"/"sha256": "' + '0'.repeat(64) + '"/\' SHEET.json | sha256sum']]));
}
