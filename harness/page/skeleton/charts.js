// Charts in the page's colours. Without the chart library a page has its tables alone, and says so.
'use strict';
kg.has_charts = typeof Chart !== 'undefined';

/// Boxes of quartiles: chart.options.plugins.boxes.all = [{at, low, q1, median, q3, high, colour}], along x ('at' is of y)
/// or, with `upright`, along y.
kg.boxes = {
  id: 'boxes',
  beforeDatasetsDraw(chart, ignored, options) {
    const {ctx, scales} = chart, upright = options.upright;
    const value = upright ? scales.y : scales.x, place = upright ? scales.x : scales.y;
    const rectangle = (a, b, at, half) => upright ? [at - half, Math.min(a, b), 2 * half, Math.abs(b - a)] : [Math.min(a, b), at - half, Math.abs(b - a), 2 * half];
    const stroke = (a, b, at, half) => {
      ctx.beginPath();
      if (upright) { ctx.moveTo(at - half, a); ctx.lineTo(at + half, b); } else { ctx.moveTo(a, at - half); ctx.lineTo(b, at + half); }
      ctx.stroke();
    };
    ctx.save();
    for (const box of options.all ?? []) {
      const at = place.getPixelForValue(box.at), half = box.half ?? 7;
      const [low, q1, median, q3, high] = [box.low, box.q1, box.median, box.q3, box.high].map((v) => value.getPixelForValue(v));
      ctx.strokeStyle = ctx.fillStyle = box.colour;
      ctx.lineWidth = 1;
      stroke(low, high, at, 0);
      ctx.globalAlpha = 0.28;
      ctx.fillRect(...rectangle(q1, q3, at, half));
      ctx.globalAlpha = 1;
      ctx.strokeRect(...rectangle(q1, q3, at, half));
      ctx.lineWidth = 2.5;
      stroke(median, median, at, half);
    }
    ctx.restore();
  },
};

/// Vertical lines with words: chart.options.plugins.marks.all = [{at, text, colour}].
kg.marks = {
  id: 'marks',
  afterDatasetsDraw(chart, ignored, options) {
    const {ctx, chartArea, scales} = chart;
    ctx.save();
    ctx.setLineDash([5, 4]);
    ctx.font = '12px system-ui, "DejaVu Sans", sans-serif';
    (options.all ?? []).forEach((mark, i) => {
      const x = scales.x.getPixelForValue(mark.at), right = x < (chartArea.left + chartArea.right) / 2;
      ctx.strokeStyle = ctx.fillStyle = kg.colour(mark.colour ?? 'unsure');
      ctx.beginPath();
      ctx.moveTo(x, chartArea.top);
      ctx.lineTo(x, chartArea.bottom);
      ctx.stroke();
      ctx.textAlign = right ? 'left' : 'right';
      ctx.fillText(mark.text, x + (right ? 4 : -4), chartArea.top + 12 + 14 * (i % 3));
    });
    ctx.restore();
  },
};

/// An axis: type 'linear' or 'logarithmic'; `shows(value)` prints a tick.
kg.axis = (title, options = {}) => ({
  type: 'linear', ...options,
  title: {display: Boolean(title), text: title, color: kg.colour('muted')},
  ticks: {color: kg.colour('muted'), maxRotation: 0, autoSkipPadding: 12, ...options.ticks},
  grid: {color: kg.colour('grid'), ...options.grid},
});

/// Whether all numbers are such as a clock or a kernel can have: with others Chart.js looks for ticks without end.
kg.drawable = (data) => {
  if (typeof data === 'number') return data === 0 || !Number.isFinite(data) || (Math.abs(data) > 1e-24 && Math.abs(data) < 1e24);
  return data === null || typeof data !== 'object' || Object.values(data).every(kg.drawable);
};

/// A chart in a card of its own. `config()` is called again whenever the colours change. Returns {element, destroy, redraw};
/// nothing is drawn until `draw` is called, when the element is in the document.
kg.chart = (title, said, config, buttons = []) => {
  const canvas = kg.make('canvas', {role: 'img', 'aria-label': title + '. ' + said});
  const element = kg.make('section', {class: 'card chart'}, kg.make('div', {class: 'top'}, kg.make('h3', {}, title), ...buttons),
                          kg.make('div', {class: 'canvas'}, canvas), kg.make('p', {class: 'note'}, said));
  let chart = null;
  const draw = () => {
    chart?.destroy();
    const made = config();
    if (!kg.drawable(made.data)) {
      canvas.replaceWith(kg.make('p', {class: 'note'}, 'These numbers are beyond what a chart can show; the table has them.'));
      return;
    }
    made.options = {animation: false, responsive: true, maintainAspectRatio: false, devicePixelRatio: Math.max(2, devicePixelRatio), ...made.options};
    made.options.plugins = {...made.options.plugins, legend: {display: false, ...made.options.plugins?.legend}};
    if (made.options.plugins.legend.display) made.options.plugins.legend.labels = {color: kg.colour('text'), boxWidth: 12, boxHeight: 8, ...made.options.plugins.legend.labels};
    chart = new Chart(canvas, {plugins: [kg.boxes, kg.marks], ...made});
  };
  const destroy = () => { chart?.destroy(); chart = null; kg.motion = kg.motion.filter((one) => one !== draw); };
  kg.motion.push(draw);
  return {element, draw, destroy};
};
