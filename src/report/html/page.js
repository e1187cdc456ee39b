"use strict";
// Colours of the page and of SQL, filters. Without any script everything but the graph can be read.

const root = document.documentElement;
const theme = document.getElementById("theme");
theme.hidden = false;
theme.onclick = () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
};

// ---- of a large plan what is folded stands in comments until it is opened
const commentOf = (item) => [...item.childNodes].find((node) => node.nodeType === Node.COMMENT_NODE);
function reveal(item) {
  const comment = commentOf(item);
  if (!comment) return;
  const holder = document.createElement("template");
  holder.innerHTML = comment.data;
  comment.replaceWith(holder.content);
}
const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&#x2f;": "/", "&amp;": "&" };
function textOf(item) {
  const hidden = commentOf(item)?.data.replace(/<[^>]*>/g, " ").replace(/&[^;]*;/g, (entity) => ENTITIES[entity] ?? entity);
  return (item.textContent + (hidden ?? "")).toLowerCase();
}

// ---- filters: an item stays where its kind is chosen and every word is in it
for (const form of document.querySelectorAll("form[data-filters]")) {
  const items = [...document.querySelectorAll(`[data-item="${form.dataset.filters}"]`)];
  let texts = null; // read when they are first asked for: a large page must open at once
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const search = form.querySelector("input[type=search]");
  const filter = () => {
    const kinds = boxes.filter((box) => box.checked).map((box) => box.value);
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    texts ??= items.map(textOf);
    items.forEach((item, at) => {
      const stays = (!boxes.length || kinds.includes(item.dataset.kind)) && words.every((word) => texts[at].includes(word));
      item.hidden = !stays;
      shown += stays;
    });
    form.querySelector("output").textContent = shown < items.length ? `${shown} of ${items.length}` : "";
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
}

// ---- SQL: coloured when it is opened
const KEYWORDS = new Set(
  ("add alter analyze and as asc begin by check column comment concurrently constraint copy create database default " +
    "deferrable deferred delete desc do drop else end execute exists extension false for foreign format from function " +
    "generated grant identity if in index initially insert into is key not null on or primary references role schema " +
    "select set stdin table then to true trigger unique update usage using valid validate values view when where with").split(" "),
);
const TOKENS = /(--[^\n]*)|('(?:[^']|'')*')|("(?:[^"]|"")*")|(\b\d+(?:\.\d+)?\b)|([A-Za-z_]\w*)/g;

function colour(pre) {
  if (pre.dataset.coloured) return;
  pre.dataset.coloured = "yes";
  const text = pre.textContent;
  const parts = [];
  let last = 0;
  for (const match of text.matchAll(TOKENS)) {
    const [token, comment, string, , number, word] = match;
    const kind = comment ? "c" : string ? "s" : number ? "n" : word && KEYWORDS.has(word.toLowerCase()) ? "k" : "";
    if (!kind) continue;
    parts.push(text.slice(last, match.index));
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = token;
    parts.push(span);
    last = match.index + token.length;
  }
  pre.replaceChildren(...parts, text.slice(last));
}
document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.open) return;
    reveal(event.target);
    event.target.querySelectorAll("pre.sql").forEach(colour);
  },
  true,
);
