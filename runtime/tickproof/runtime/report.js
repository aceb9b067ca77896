"use strict";
// The table of fills: filter and page over the rows embedded in the page. Text only, never markup.
(() => {
  const PAGE = 15;
  const data = JSON.parse(document.getElementById("fills-data").textContent);
  const body = document.querySelector("#fill-table tbody");
  const shown = document.getElementById("fills-shown");
  const previous = document.getElementById("fills-previous");
  const next = document.getElementById("fills-next");
  const search = document.getElementById("fills-search");
  const choices = [...document.querySelectorAll("select[data-column]")];
  let page = 0;

  const matches = (row) => {
    const text = search.value.trim().toLowerCase();
    return choices.every((each) => !each.value || row[Number(each.dataset.column)] === each.value)
      && (!text || row.some((cell) => String(cell).toLowerCase().includes(text)));
  };
  const draw = () => {
    const found = data.rows.filter(matches);
    const pages = Math.max(Math.ceil(found.length / PAGE), 1);
    page = Math.min(Math.max(page, 0), pages - 1);
    const part = found.slice(page * PAGE, (page + 1) * PAGE);
    body.replaceChildren(...part.map((row) => {
      const line = document.createElement("tr");
      data.columns.forEach((style, index) => {
        if (style === "hidden") return;
        const cell = document.createElement("td");
        const text = String(row[index]);
        cell.className = style === "side" ? text : style;
        if (style === "when") {
          cell.title = text;
          cell.textContent = text.slice(11, 23);
        } else {
          text.split("\n").forEach((part) => {
            const piece = document.createElement("div");
            piece.textContent = part;
            cell.append(piece);
          });
        }
        line.append(cell);
      });
      return line;
    }));
    const from = found.length ? page * PAGE + 1 : 0;
    shown.textContent = `${from} to ${page * PAGE + part.length} of ${found.length}`;
    previous.disabled = page === 0;
    next.disabled = page === pages - 1;
  };
  const restart = () => { page = 0; draw(); };
  search.addEventListener("input", restart);
  choices.forEach((each) => each.addEventListener("change", restart));
  previous.addEventListener("click", () => { page -= 1; draw(); });
  next.addEventListener("click", () => { page += 1; draw(); });
  draw();
})();
