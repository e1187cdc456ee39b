// ---- the graph
const data = JSON.parse(document.getElementById("graph-data").textContent);
const holder = document.getElementById("graph");
const detail = document.getElementById("graph-detail");
const find = document.getElementById("graph-find");
const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, GAP_X, GAP_Y] = [190, 40, 70, 14];
const READABLE = 60; // more nodes than this are folded at first
const DRAWN = 900; // more edges than this are drawn for the chosen node alone
const unfolded = new Set(data.nodes.length <= READABLE ? data.nodes.map((node) => node.table) : []);
// Hundreds of tables are folded once more, into groups of neighbours in the alphabet.
const tables = [...new Set(data.nodes.map((node) => node.table).filter(Boolean))].sort();
const GROUPED = 120;
const size = tables.length > GROUPED ? Math.ceil(tables.length / 30) : 0;
const groups = new Map(tables.map((table, at) => [table, size ? Math.floor(at / size) : null]));
const opened = new Set();
let view = { x: 0, y: 0, width: 1, height: 1 };
let bounds = view;
let fitted = true; // nobody has moved it since

const make = (name, attributes, ...children) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};
const clip = (text, length) => ([...text].length > length ? [...text].slice(0, length - 1).join("") + "…" : text);

function groupTitle(group) {
  const members = tables.slice(group * size, (group + 1) * size);
  return `${members.length} tables: ${members[0]} … ${members[members.length - 1]}`;
}
// Steps of a folded table are one node; all foreign keys of folded tables are another. What a longer way implies was
// left out when the page was made; an edge that folding turns backwards is not drawn.
function visible() {
  const nodes = [];
  const at = new Map();
  const place = data.nodes.map((node, step) => {
    const open = !node.table || unfolded.has(node.table);
    const group = open ? null : groups.get(node.table);
    const [key, title, kind, table] = open
      ? [`step ${step}`, node.title, node.kind, node.table]
      : node.kind === "foreign_key" || node.kind === "validate"
        ? ["keys", "foreign keys", "foreign_key", null]
        : group !== null && !opened.has(group)
          ? [`group ${group}`, groupTitle(group), "table", null]
          : [`table ${node.table}`, node.table, "table", node.table];
    if (!at.has(key)) {
      at.set(key, nodes.length);
      nodes.push({ key, title, kind, table, group, steps: [], rows: null, done: true });
    }
    const into = nodes[at.get(key)];
    into.steps.push(step);
    into.done &&= node.done;
    if (node.rows !== null) into.rows = (into.rows ?? 0) + node.rows;
    return at.get(key);
  });
  const edges = new Map();
  for (const [from, to] of data.edges) {
    const [a, b] = [place[from], place[to]];
    if (a < b) edges.set(a * nodes.length + b, [a, b]);
  }
  return { nodes, edges: [...edges.values()].sort((one, other) => one[1] - other[1]) };
}

// Layers from left to right by the longest way; a layer of many nodes is a block of several columns.
function layout({ nodes, edges }) {
  const layer = nodes.map(() => 0);
  for (const [from, to] of edges) layer[to] = Math.max(layer[to], layer[from] + 1);
  const layers = [];
  layer.forEach((number, node) => (layers[number] ??= []).push(node));
  const tallest = Math.max(12, Math.ceil(Math.sqrt(nodes.length) * 1.6));
  let x = 0;
  for (const members of layers) {
    const rows = Math.min(members.length, tallest);
    members.forEach((node, position) => {
      nodes[node].x = x + Math.floor(position / rows) * (WIDTH + 24);
      nodes[node].y = ((position % rows) - (rows - 1) / 2) * (HEIGHT + GAP_Y);
    });
    x += Math.ceil(members.length / rows) * (WIDTH + 24) + GAP_X;
  }
}

function draw(focus) {
  const graph = visible();
  layout(graph);
  const { nodes, edges } = graph;
  const paths = make("g", {});
  const path = ([from, to]) => {
    const [x1, y1, x2, y2] = [nodes[from].x + WIDTH, nodes[from].y + HEIGHT / 2, nodes[to].x, nodes[to].y + HEIGHT / 2];
    const bend = Math.max(30, (x2 - x1) / 2);
    return make("path", { class: "edge", "marker-end": "url(#arrow)", d: `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}` });
  };
  const lines = edges.length > DRAWN ? [] : edges.map((edge) => [edge, path(edge)]);
  paths.append(...lines.map(([, line]) => line));
  const near = make("g", {});
  const show = (at) => {
    near.replaceChildren(...(at === null ? [] : edges.filter((edge) => edge.includes(at)).map(path)));
    near.childNodes.forEach((line) => line.classList.add("near"));
  };
  const boxes = nodes.map((node, at) => {
    const more = [node.steps.length > 1 && `${node.steps.length} steps`, node.rows !== null && `${node.rows.toLocaleString("en")} ${node.rows === 1 ? "row" : "rows"}`];
    const words = more.filter(Boolean).join(", ");
    const box = make(
      "g",
      { class: `node ${node.kind}${node.done ? " done" : ""}`, tabindex: 0, role: "button", transform: `translate(${node.x},${node.y})`, "data-key": node.key, "aria-label": `${node.title}${words ? ", " + words : ""}${node.done ? ", done" : ""}` },
      make("title", {}, node.title),
      make("rect", { width: WIDTH, height: HEIGHT, rx: node.kind === "copy" ? 20 : 6 }),
      make("text", { x: 10, y: words ? 17 : 25 }, clip(node.title, 24)),
    );
    if (words) box.append(make("text", { x: 10, y: 32, class: "more" }, words));
    box.onfocus = box.onmouseenter = () => show(at);
    box.onblur = box.onmouseleave = () => show(null);
    box.onclick = () => dragged || choose(node);
    box.onkeydown = (event) => {
      if (event.key === "Enter" || event.key === " ") choose(node);
      else if (event.key.toLowerCase() === "f" && node.table) fold(node.table);
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    return box;
  });
  const arrow = make("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, make("path", { d: "M0,0 L8,4 L0,8 z", fill: "context-stroke" }));
  holder.replaceChildren(make("svg", { "aria-hidden": false }, make("defs", {}, arrow), paths, near, ...boxes));
  const xs = nodes.map((node) => node.x);
  const ys = nodes.map((node) => node.y);
  const [left, top] = [xs.reduce((a, b) => Math.min(a, b), 0) - 20, ys.reduce((a, b) => Math.min(a, b), 0) - 20];
  bounds = { x: left, y: top, width: xs.reduce((a, b) => Math.max(a, b), 0) + WIDTH + 20 - left, height: ys.reduce((a, b) => Math.max(a, b), 0) + HEIGHT + 20 - top };
  document.getElementById("graph-count").textContent = `${nodes.length} nodes for ${data.nodes.length} steps`;
  mark();
  const kept = focus && boxes.find((box) => box.dataset.key === focus);
  if (kept) kept.focus({ preventScroll: true });
}

function look() {
  holder.firstChild.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
}
// All of it, but never larger than life, and never so small that it says nothing.
function fit() {
  const box = holder.getBoundingClientRect();
  const readable = box.width < 600 ? 0.6 : 0.3;
  const scale = Math.min(1, Math.max(readable, Math.min(box.width / bounds.width, box.height / bounds.height)));
  const [width, height] = [box.width / scale, box.height / scale];
  const x = bounds.width > width ? bounds.x : bounds.x - (width - bounds.width) / 2;
  view = { x, y: bounds.y - (height - bounds.height) / 2, width, height };
  fitted = true;
  look();
}
function zoom(factor, clientX, clientY) {
  const box = holder.getBoundingClientRect();
  const [across, down] = clientX === undefined ? [0.5, 0.5] : [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
  const width = Math.min(Math.max(view.width * factor, 120), bounds.width * 20 + 2000);
  const real = width / view.width;
  view = { x: view.x + view.width * across * (1 - real), y: view.y + view.height * down * (1 - real), width, height: view.height * real };
  fitted = false;
  look();
}
function pan(x, y) {
  view.x += x;
  view.y += y;
  fitted = false;
  look();
}

// A step folds into its table, a table into its group.
function fold(table) {
  const group = groups.get(table);
  const up = !unfolded.delete(table) && group !== null && opened.delete(group);
  draw(up ? `group ${group}` : `table ${table}`);
  look();
}
function choose(node) {
  if (node.key.startsWith("group ")) {
    opened.add(node.group);
    draw(`table ${tables[node.group * size]}`);
    return look();
  }
  if (node.key.startsWith("table ")) {
    unfolded.add(node.table);
    draw(`step ${node.steps[0]}`);
    return look();
  }
  detail.hidden = false;
  const list = document.createElement("p");
  list.append(node.steps.length > 1 ? `${node.title}: ` : "");
  node.steps.slice(0, 60).forEach((step, at) => {
    const link = document.createElement("a");
    link.href = `#step-${step}`;
    link.textContent = data.nodes[step].title;
    link.onclick = () => (document.getElementById(`step-${step}`).open = true);
    list.append(at ? ", " : "", link);
  });
  const parts = [list];
  if (node.steps.length === 1) {
    const pre = document.createElement("pre");
    pre.className = "sql";
    const step = document.getElementById(`step-${node.steps[0]}`);
    reveal(step);
    pre.textContent = step.querySelector("pre").textContent;
    colour(pre);
    parts.push(pre);
  }
  detail.replaceChildren(...parts);
}
function mark() {
  const words = find.value.toLowerCase().trim();
  for (const box of holder.querySelectorAll(".node")) {
    box.classList.toggle("found", words !== "" && box.querySelector("title").textContent.toLowerCase().includes(words));
  }
}
find.oninput = () => {
  // A table in a closed group is brought to light, unless half of all are meant.
  const words = find.value.toLowerCase().trim();
  const hidden = words ? tables.filter((table) => table.toLowerCase().includes(words) && groups.get(table) !== null && !opened.has(groups.get(table))) : [];
  if (hidden.length && hidden.length <= 5) {
    hidden.forEach((table) => opened.add(groups.get(table)));
    draw();
    look();
  }
  mark();
  const first = holder.querySelector(".node.found");
  if (!first) return;
  const [x, y] = first.getAttribute("transform").match(/-?[\d.]+/g).map(Number);
  pan(x + WIDTH / 2 - view.x - view.width / 2, y + HEIGHT / 2 - view.y - view.height / 2);
};

const commands = {
  fold: () => (unfolded.clear(), opened.clear(), draw(), fit()),
  // One level at a time: groups, then tables.
  unfold: () => {
    const closed = [...groups.values()].filter((group) => group !== null && !opened.has(group));
    if (closed.length) closed.forEach((group) => opened.add(group));
    else tables.forEach((table) => unfolded.add(table));
    draw();
    fit();
  },
  in: () => zoom(0.75),
  out: () => zoom(1 / 0.75),
  fit,
};
document.getElementById("graph-tools").addEventListener("click", (event) => commands[event.target.dataset?.do]?.());
const keys = {
  ArrowLeft: () => pan(-view.width / 10, 0),
  ArrowRight: () => pan(view.width / 10, 0),
  ArrowUp: () => pan(0, -view.height / 10),
  ArrowDown: () => pan(0, view.height / 10),
  "+": commands.in,
  "=": commands.in,
  "-": commands.out,
  0: fit,
};
holder.addEventListener("keydown", (event) => {
  if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  keys[event.key]();
});
// The page scrolls with the wheel; with Ctrl, as on maps, the graph zooms.
holder.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, event.clientX, event.clientY);
}, { passive: false });
let dragged = false;
let last = null;
holder.addEventListener("pointerdown", (event) => { last = [event.clientX, event.clientY]; dragged = false; });
addEventListener("pointermove", (event) => {
  if (!last) return;
  const [x, y] = [event.clientX - last[0], event.clientY - last[1]];
  if (!dragged && Math.hypot(x, y) < 4) return;
  dragged = true;
  last = [event.clientX, event.clientY];
  const scale = view.width / holder.clientWidth;
  pan(-x * scale, -y * scale);
});
addEventListener("resize", () => fitted && fit());
addEventListener("pointerup", () => { last = null; });

holder.hidden = document.getElementById("graph-tools").hidden = false;
draw();
fit();
