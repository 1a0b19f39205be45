// The map, drawn from coordinates: the townships with an outline around them, incidents, reports. Nothing is fetched
// from elsewhere unless the office has configured an address of map tiles.
"use strict";

(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const SIZE = 1000; // width of the drawing, in its own units
  const RATIO = 0.72; // its height to its width
  const MARGIN = 90;
  const GRADES = { I: "Ⅰ", II: "Ⅱ", III: "Ⅲ", IV: "Ⅳ" };
  const TILE = 256;
  const place = document.getElementById("map");
  let data = null;
  let view = null; // {x, y, size} in the drawing's units

  // Web Mercator in units of the whole world (0 to 1), as map tiles have it.
  const across = (lon) => (lon + 180) / 360;
  const down = (lat) => {
    const sine = Math.sin((lat * Math.PI) / 180);
    return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  };

  function make(name, attributes = {}, text = "") {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text) element.textContent = text;
    return element;
  }

  // From the world to the drawing: everything that is shown, with a margin around it.
  function frame(points) {
    const xs = points.map(({ lon }) => across(lon));
    const ys = points.map(({ lat }) => down(lat));
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const wide = Math.max(right - left, 5e-5);
    const high = Math.max(bottom - top, 5e-5);
    const scale = Math.min((SIZE - 2 * MARGIN) / wide, (SIZE * RATIO - 2 * MARGIN) / high);
    const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
    return {
      scale,
      x: (lon) => SIZE / 2 + (across(lon) - middleX) * scale,
      y: (lat) => (SIZE * RATIO) / 2 + (down(lat) - middleY) * scale,
      world: (x, y) => [(x - SIZE / 2) / scale + middleX, (y - (SIZE * RATIO) / 2) / scale + middleY],
    };
  }

  // The convex hull (Andrew's monotone chain), pushed outwards a little: where the county lies, not its border.
  function outline(points) {
    if (points.length < 3) return "";
    const sorted = [...points].sort(([ax, ay], [bx, by]) => ax - bx || ay - by);
    const turn = ([ax, ay], [bx, by], [cx, cy]) => (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    const half = (row) => {
      const kept = [];
      for (const point of row) {
        while (kept.length > 1 && turn(kept[kept.length - 2], kept[kept.length - 1], point) <= 0) kept.pop();
        kept.push(point);
      }
      return kept.slice(0, -1);
    };
    const hull = [...half(sorted), ...half([...sorted].reverse())];
    const middle = [0, 1].map((axis) => hull.reduce((sum, point) => sum + point[axis], 0) / hull.length);
    const pushed = hull.map(([x, y]) => {
      const length = Math.hypot(x - middle[0], y - middle[1]) || 1;
      return [x + ((x - middle[0]) / length) * 45, y + ((y - middle[1]) / length) * 45];
    });
    return pushed.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  }

  // Tiles are only asked for where an address is configured: {z}, {x} and {y} in it.
  function tiles(to, shown, template) {
    const group = make("g", { class: "tiles" });
    if (!template) return group;
    const zoom = Math.max(1, Math.min(17, Math.ceil(Math.log2((to.scale * SIZE) / shown.size / TILE))));
    const count = 2 ** zoom;
    const size = to.scale / count;
    const [left, top] = to.world(shown.x, shown.y).map((value) => Math.floor(value * count));
    const [right, bottom] = to.world(shown.x + shown.size, shown.y + shown.size * RATIO).map((value) => Math.floor(value * count));
    for (let x = left; x <= right; x++) {
      for (let y = top; y <= bottom; y++) {
        const [startX, startY] = to.world(0, 0);
        group.append(
          make("image", {
            href: template.replace("{z}", zoom).replace("{x}", x).replace("{y}", y),
            x: (x / count - startX) * to.scale,
            y: (y / count - startY) * to.scale,
            width: size,
            height: size,
          })
        );
      }
    }
    return group;
  }

  // Incidents of one township without places would lie on each other: they stand around its middle.
  function spread(incidents, to) {
    const taken = new Map();
    return incidents.map((one) => {
      const key = `${one.lat.toFixed(3)},${one.lon.toFixed(3)}`;
      const number = taken.get(key) || 0;
      taken.set(key, number + 1);
      const angle = number * 2.4;
      const far = number ? 26 + 9 * Math.sqrt(number) : 0;
      return { ...one, x: to.x(one.lon) + far * Math.cos(angle), y: to.y(one.lat) + far * Math.sin(angle) };
    });
  }

  function draw() {
    const points = [...data.townships, ...data.incidents, ...data.reports];
    place.textContent = "";
    if (!points.length) {
      place.textContent = "还没有可以画的位置。";
      return;
    }
    const to = frame(points);
    view ||= { x: 0, y: 0, size: SIZE };
    const svg = make("svg", { viewBox: `${view.x} ${view.y} ${view.size} ${view.size * RATIO}`, role: "group", "aria-label": "停水地图" });
    const unit = view.size / SIZE; // marks stay as large on the screen, however near
    svg.append(tiles(to, view, place.dataset.tiles));
    const edge = outline(data.townships.map(({ lat, lon }) => [to.x(lon), to.y(lat)]));
    if (edge) svg.append(make("polygon", { points: edge, class: "county" }));
    for (const { name, lat, lon } of data.townships) {
      const [x, y] = [to.x(lon), to.y(lat)];
      svg.append(make("rect", { x: x - 4 * unit, y: y - 4 * unit, width: 8 * unit, height: 8 * unit, class: "township" }));
    }
    for (const { lat, lon } of data.reports) svg.append(make("circle", { cx: to.x(lon), cy: to.y(lat), r: 5 * unit, class: "report" }));
    for (const one of spread(data.incidents, to)) svg.append(mark(one, unit));
    for (const { name, lat, lon } of data.townships) {
      svg.append(make("text", { x: to.x(lon), y: to.y(lat) - 10 * unit, "font-size": 18 * unit, class: "name" }, name));
    }
    place.append(svg);
  }

  function mark(one, unit) {
    const link = make("a", { href: `/incidents/${one.number}`, class: `incident g${one.grade || "none"}`, "aria-label": one.label });
    link.append(make("title", {}, one.label));
    const round = { cx: one.x, cy: one.y, r: (20 + Math.min(14, Math.sqrt(one.reports) * 2)) * unit };
    link.append(make("circle", { ...round, "stroke-width": 4 * unit, ...(one.exact ? {} : { "stroke-dasharray": `${8 * unit} ${5 * unit}` }) }));
    link.append(make("text", { x: one.x, y: one.y + 8 * unit, "font-size": 24 * unit }, GRADES[one.grade] || "·"));
    if (one.drill) link.append(make("text", { x: one.x, y: one.y + 50 * unit, "font-size": 20 * unit, class: "name" }, "演练"));
    return link;
  }

  async function load() {
    try {
      data = await (await fetch(place.dataset.map)).json();
      draw();
    } catch {
      if (!data) place.textContent = "地图画不出来，请看下面的清单。";
    }
  }

  function zoom(how) {
    if (!data) return;
    if (how === "all") view = { x: 0, y: 0, size: SIZE };
    else {
      const size = Math.min(SIZE, Math.max(40, view.size * (how === "in" ? 0.6 : 1 / 0.6)));
      view = { x: view.x + (view.size - size) / 2, y: view.y + ((view.size - size) * RATIO) / 2, size };
    }
    draw();
  }

  // Dragged with the pointer; with the keyboard the arrows move it while a button of the map has the focus.
  function move(x, y) {
    if (!view) return;
    view = { ...view, x: view.x + x * view.size, y: view.y + y * view.size };
    draw();
  }

  const ARROWS = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15] };
  let dragged = null;
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => zoom(button.dataset.zoom));
    button.addEventListener("keydown", (event) => {
      if (!ARROWS[event.key]) return;
      event.preventDefault();
      move(...ARROWS[event.key]);
    });
  }
  place.addEventListener("pointerdown", (event) => (dragged = { x: event.clientX, y: event.clientY }));
  window.addEventListener("pointerup", (event) => {
    if (!dragged) return;
    const width = place.clientWidth || 1;
    const [x, y] = [(dragged.x - event.clientX) / width, (dragged.y - event.clientY) / width];
    dragged = null;
    if (Math.hypot(x, y) > 0.02) move(x, y);
  });
  document.addEventListener("live", load);
  load();
})();
