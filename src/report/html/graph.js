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
// Hundreds of tables are folded once more: each group is a table with those that its foreign keys lead to or come from.
const tables = [...new Set(data.nodes.map((node) => node.table).filter(Boolean))].sort();
const GROUPED = 200;
const clusters = tables.length > GROUPED ? cluster(Math.ceil(tables.length / 30)) : [];
const groups = new Map(tables.map((table) => [table, null]));
clusters.forEach((members, at) => members.forEach((table) => groups.set(table, at)));
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

function cluster(size) {
  const near = new Map(tables.map((table) => [table, new Set()]));
  for (const [child, parent] of data.keys) {
    if (child === parent || !near.has(child) || !near.has(parent)) continue;
    near.get(child).add(parent);
    near.get(parent).add(child);
  }
  const free = new Set(tables);
  const found = [];
  const leaders = tables.filter((table) => near.get(table).size).sort((one, other) => near.get(other).size - near.get(one).size);
  for (const leader of leaders) {
    if (!free.delete(leader)) continue;
    const members = [leader];
    for (let at = 0; at < members.length && members.length < size; at++) {
      for (const table of near.get(members[at])) {
        if (members.length < size && free.delete(table)) members.push(table);
      }
    }
    found.push(members);
  }
  // Those without a neighbour left go by the alphabet.
  const alone = [...found.filter((members) => members.length === 1).flat(), ...free].sort();
  const grouped = found.filter((members) => members.length > 1);
  for (let at = 0; at < alone.length; at += size) grouped.push(alone.slice(at, at + size));
  return grouped;
}
function groupTitle(group) {
  const [first, ...others] = clusters[group];
  const isAround = data.keys.some(([child, parent]) => (child === first && others.includes(parent)) || (parent === first && others.includes(child)));
  if (isAround) return `${first} + ${others.length} around it`;
  return others.length ? `${first} … ${others[others.length - 1]} (${others.length + 1})` : first;
}
// Steps of a folded table are one node, its foreign keys lines to the tables that they reference. What a longer way implies
// was left out when the page was made; an edge that folding turns backwards is not drawn.
function visible() {
  const nodes = [];
  const at = new Map();
  const isKey = (node) => node.kind === "foreign_key" || node.kind === "validate";
  const isOpen = (table) => !table || unfolded.has(table);
  const place = data.nodes.map((node, step) => {
    const open = isOpen(node.table);
    const group = open ? null : groups.get(node.table);
    const [key, title, kind, table] = open
      ? [`step ${step}`, node.title, node.kind, node.table]
      : group !== null && !opened.has(group)
        ? [`group ${group}`, groupTitle(group), "table", null]
        : [`table ${node.table}`, node.table, "table", node.table];
    if (!at.has(key)) {
      at.set(key, nodes.length);
      nodes.push({ key, title, kind, table, group, folded: !open, steps: [], rows: null, done: true });
    }
    const into = nodes[at.get(key)];
    into.steps.push(step);
    into.done &&= node.done;
    if (node.rows !== null) into.rows = (into.rows ?? 0) + node.rows;
    return at.get(key);
  });
  const edges = new Map();
  for (const [from, to] of data.edges) {
    // What a foreign key waits for, the key itself says.
    if (isKey(data.nodes[to]) && !isOpen(data.nodes[to].table)) continue;
    const [a, b] = [place[from], place[to]];
    if (a < b) edges.set(a * nodes.length + b, { from: a, to: b });
  }
  const first = new Map();
  data.nodes.forEach((node, step) => node.table && !first.has(node.table) && first.set(node.table, place[step]));
  const keys = new Map();
  for (const [child, parent, name] of data.keys) {
    const [to, from] = [first.get(child), first.get(parent)];
    if (isOpen(child) || from === undefined || to === undefined || (from === to && nodes[to].key.startsWith("group "))) continue;
    const known = keys.get(from * nodes.length + to);
    if (known) known.names.push(`${child}: ${name}`);
    // Between groups nearly every pair has a key: drawn where it is asked for, and no reason for a layer.
    const quiet = nodes[from].key.startsWith("group ") || nodes[to].key.startsWith("group ");
    if (!known) keys.set(from * nodes.length + to, { from, to, key: true, quiet, names: [`${child}: ${name}`] });
  }
  // Edges of a node that everything waits for, or that waits for everything, are drawn where they are asked for.
  const degree = { from: new Map(), to: new Map() };
  for (const edge of edges.values()) for (const end of ["from", "to"]) degree[end].set(edge[end], (degree[end].get(edge[end]) ?? 0) + 1);
  const isHub = (edge) => (nodes[edge.from].folded || nodes[edge.to].folded) && (degree.from.get(edge.from) > 4 || degree.to.get(edge.to) > 4);
  const sorted = [...edges.values()].sort((one, other) => one.to - other.to);
  return { nodes, edges: [...sorted.map((edge) => ({ ...edge, quiet: isHub(edge) })), ...keys.values()] };
}

// Layers from left to right by the longest way, in which a referenced table stands before the tables that reference it; a
// layer of many nodes is a block of several columns. A key that leads past a layer has a gap of its own in it.
const LANE = 10;
function layout({ nodes, edges }) {
  const before = nodes.map(() => []);
  const linked = nodes.map(() => false);
  for (const { from, to, key, quiet } of edges) {
    // What everything waits for needs no layer of its own.
    if (from !== to && !(quiet && (key || ["schema", "extension"].includes(nodes[from].kind)))) before[to].push(from);
    if (!quiet) linked[from] = linked[to] = true;
  }
  const layer = nodes.map(() => null);
  const depth = (node) => {
    if (layer[node] !== null) return Math.max(layer[node], 0);
    layer[node] = -1; // a circle of foreign keys is cut where it is met
    let deepest = 0;
    for (const other of before[node]) if (layer[other] !== -1) deepest = Math.max(deepest, depth(other) + 1);
    return (layer[node] = deepest);
  };
  nodes.forEach((_, node) => depth(node));
  const tallest = Math.max(12, Math.ceil(Math.sqrt(nodes.length) * 1.6));
  const layers = [];
  layer.forEach((number, node) => (layers[number] ??= []).push({ node, after: before[node], height: HEIGHT, isLast: !linked[node] }));
  for (const edge of edges.filter((edge) => edge.key && !edge.quiet)) {
    edge.lanes = [];
    for (let at = layer[edge.from] + 1; at < layer[edge.to]; at++) {
      if (layers[at].filter((item) => !item.edge).length <= tallest) layers[at].push({ edge, after: [edge.from], height: LANE });
    }
  }
  let x = 0;
  for (const items of layers.filter(Boolean)) {
    // Near what they wait for; those without a line come last, or in the first of several columns.
    const columns = Math.ceil(items.filter((item) => !item.edge).length / tallest);
    const place = (item) => {
      const lane = item.edge?.lanes.at(-1);
      const heights = lane ? [lane.y] : item.after.filter((other) => nodes[other].y !== undefined).map((other) => nodes[other].y + HEIGHT / 2);
      if (item.isLast) return columns > 1 ? -1e9 : 1e9;
      return heights.reduce((sum, y) => sum + y, 0) / (heights.length || 1);
    };
    const places = new Map(items.map((item) => [item, place(item)]));
    const sorted = items.map((item, at) => [item, at]).sort(([one, a], [other, b]) => places.get(one) - places.get(other) || a - b).map(([item]) => item);
    const rows = Math.ceil(sorted.length / columns);
    for (let column = 0; column < columns; column++) {
      const stack = sorted.slice(column * rows, (column + 1) * rows);
      let y = -stack.reduce((sum, item) => sum + item.height + GAP_Y, -GAP_Y) / 2;
      for (const item of stack) {
        const left = x + column * (WIDTH + 24);
        if (item.edge) item.edge.lanes.push({ x: left, y: y + LANE / 2 });
        else Object.assign(nodes[item.node], { x: left, y });
        y += item.height + GAP_Y;
      }
    }
    x += columns * (WIDTH + 24) + GAP_X;
  }
}

function draw(focus) {
  const graph = visible();
  layout(graph);
  const { nodes, edges } = graph;
  const paths = make("g", {});
  const path = ({ from, to, key, names, lanes }) => {
    const [x1, y1, x2, y2] = [nodes[from].x + WIDTH, nodes[from].y + HEIGHT / 2, nodes[to].x, nodes[to].y + HEIGHT / 2];
    const curve = (fromX, fromY, toX, toY) => {
      const bend = Math.min(Math.max(30, Math.abs(toX - fromX) / 2), 160);
      return `C${fromX + bend},${fromY} ${toX - bend},${toY} ${toX},${toY}`;
    };
    let d = `M${x1},${y1} `;
    let [x, y] = [x1, y1];
    for (const lane of lanes ?? []) {
      d += `${curve(x, y, lane.x, lane.y)} L${lane.x + WIDTH},${lane.y} `;
      [x, y] = [lane.x + WIDTH, lane.y];
    }
    // A key of a table to itself is a loop at its side.
    d += from === to ? `C${x1 + 34},${y1 - 2} ${x1 + 34},${y1 + 16} ${x1},${y1 + 14}` : curve(x, y, x2, y2);
    if (!key) return make("path", { class: "edge", "marker-end": "url(#arrow)", d });
    return make("path", { class: "edge key", "marker-start": "url(#back)", d }, make("title", {}, names.join("\n")));
  };
  const drawn = edges.length > DRAWN ? [] : edges.filter((edge) => !edge.quiet);
  paths.append(...drawn.map(path));
  const near = make("g", {});
  const show = (at) => {
    near.replaceChildren(...(at === null ? [] : edges.filter((edge) => edge.from === at || edge.to === at).map(path)));
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
  const back = make("marker", { id: "back", viewBox: "0 0 8 8", refX: 1, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, make("path", { d: "M8,0 L0,4 L8,8 z", fill: "context-stroke" }));
  holder.replaceChildren(make("svg", { "aria-hidden": false }, make("defs", {}, arrow, back), paths, near, ...boxes));
  const xs = nodes.map((node) => node.x);
  const ys = nodes.map((node) => node.y);
  const [left, top] = [xs.reduce((a, b) => Math.min(a, b), 0) - 20, ys.reduce((a, b) => Math.min(a, b), 0) - 20];
  bounds = { x: left, y: top, width: xs.reduce((a, b) => Math.max(a, b), 0) + WIDTH + 20 - left, height: ys.reduce((a, b) => Math.max(a, b), 0) + HEIGHT + 20 - top };
  const keys = edges.filter((edge) => edge.key).length;
  document.getElementById("graph-count").textContent = `${nodes.length} nodes for ${data.nodes.length} steps`;
  document.getElementById("graph-legend").hidden = !keys;
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
    draw(`table ${clusters[node.group][0]}`);
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
    const closed = clusters.map((_, group) => group).filter((group) => !opened.has(group));
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
