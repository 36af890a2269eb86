const text = document.getElementById("find");
const access = document.getElementById("access");
const tests = document.getElementById("tests");
const rows = [...document.querySelectorAll("#endpoints tbody tr")];
const count = document.getElementById("shown");
function show() {
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const fits = words.every((word) => row.dataset.text.includes(word))
      && (!access.value || row.dataset.access === access.value)
      && (!tests.value || row.dataset.tests === tests.value);
    row.hidden = !fits;
    if (fits) shown += 1;
  }
  count.textContent = `${shown} of ${rows.length} shown`;
}
for (const control of [text, access, tests]) control.addEventListener("input", show);
document.querySelector(".filters").hidden = false;
show();
