// ---- the chart: a bar shows what it waited for; the arrow keys go from bar to bar
const barsOf = (chart) => [...(chart?.querySelectorAll(".bar:not(.whole)") ?? [])];
const bars = barsOf(document.getElementById("chart"));
const connect = (bars) => bars.forEach((bar, at) => {
  const before = bar.dataset.after.split(" ").filter(Boolean).map((other) => bars[other]);
  const show = (near) => before.forEach((other) => other.classList.toggle("near", near));
  bar.addEventListener("mouseenter", () => show(true));
  bar.addEventListener("mouseleave", () => show(false));
  bar.addEventListener("focus", () => show(true));
  bar.addEventListener("blur", () => show(false));
  bar.addEventListener("keydown", (event) => {
    const next = { ArrowDown: bars[at + 1], ArrowUp: bars[at - 1], Home: bars[0], End: bars[bars.length - 1] }[event.key];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
});
document.querySelectorAll(".chart").forEach((chart) => connect(barsOf(chart)));
// On paper everything is open.
addEventListener("beforeprint", () => document.querySelectorAll("details.fate").forEach((fate) => (fate.open = true)));
