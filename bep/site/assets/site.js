// The table of the front page, and the diagrams.
"use strict";
(() => {
  // --- The table: filters and sorting ------------------------------------------------------------

  const form = document.querySelector(".bep-filters");
  const table = document.querySelector(".bep-table");
  const DAY = 86400000;

  const isShown = (row, wanted, now) => {
    if (wanted.status && row.dataset.status !== wanted.status) return false;
    if (wanted.layout && row.dataset.layout !== wanted.layout) return false;
    if (wanted.author && !row.dataset.author.split("\n").includes(wanted.author)) return false;
    if (wanted.age) {
      const days = Number(wanted.age);
      const changed = Date.parse(row.dataset.changed);
      if (Number.isNaN(changed)) return false;
      const passed = (now - changed) / DAY;
      if (days > 0 ? passed > days : passed < -days) return false;
    }
    const text = row.textContent.toLowerCase();
    return wanted.words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
  };

  const filter = () => {
    const wanted = Object.fromEntries(new FormData(form));
    const rows = [...table.tBodies[0].rows];
    const now = Date.now();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !isShown(row, wanted, now);
      if (!row.hidden) shown += 1;
    }
    form.querySelector("output").textContent = `${shown} of ${rows.length} proposals`;
    const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
    try {
      history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
    } catch { /* Some browsers allow no such thing on the file system. */ }
  };

  const valueOf = (row, at) => {
    const cell = row.cells[at];
    return cell.dataset.value || cell.textContent.trim();
  };

  const sort = (heading) => {
    const at = heading.cellIndex;
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const one of heading.parentElement.cells) one.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const order = new Intl.Collator(undefined, { numeric: true });
    const rows = [...table.tBodies[0].rows].map((row) => [valueOf(row, at), row]);
    rows.sort(([one], [other]) => {
      // What says nothing comes last, whichever way is sorted.
      if (!one || !other) return (one ? 0 : 1) - (other ? 0 : 1);
      return down ? order.compare(other, one) : order.compare(one, other);
    });
    table.tBodies[0].append(...rows.map(([, row]) => row));
  };

  if (form && table) {
    for (const [name, value] of new URLSearchParams(location.search)) {
      const field = form.elements.namedItem(name);
      if (field) field.value = value;
    }
    form.hidden = false;
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(filter));
    for (const heading of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => sort(heading));
    }
    filter();
  }

  // --- Diagrams ----------------------------------------------------------------------------------

  const diagrams = [...document.querySelectorAll("pre.bep-diagram")];
  const own = document.currentScript.src;

  const isDark = () => document.body.dataset.mdColorScheme === "slate";

  // A proposal in the picture of relations leads where its number in the text of the page leads.
  const link = (picture) => {
    const places = new Map([...document.querySelectorAll(".md-content a")]
      .map((one) => [one.textContent.trim(), one.href]));
    for (const node of picture.querySelectorAll("g.node")) {
      const number = node.textContent.trim().match(/^BEP-[0-9]+/);
      const place = number && places.get(number[0]);
      if (!place) continue;
      const around = document.createElementNS("http://www.w3.org/2000/svg", "a");
      around.setAttribute("href", place);
      node.replaceWith(around);
      around.append(node);
    }
  };

  const draw = async (one, at) => {
    const source = one.dataset.source;
    try {
      const { svg } = await window.mermaid.render(`bep-diagram-${at}`, source);
      const drawn = document.createElement("div");
      drawn.innerHTML = svg;
      const picture = drawn.firstElementChild;
      if (!picture.hasAttribute("aria-label")) picture.setAttribute("aria-label", "Diagram");
      picture.setAttribute("role", "img");
      if (one.classList.contains("bep-diagram--graph")) {
        picture.removeAttribute("role");
        link(picture);
      }
      one.replaceChildren(picture);
      one.classList.add("bep-diagram--drawn");
    } catch (error) {
      document.getElementById(`dbep-diagram-${at}`)?.remove();
      const code = document.createElement("code");
      code.textContent = source;
      const said = document.createElement("span");
      said.className = "bep-why";
      said.textContent = `This diagram cannot be drawn: ${String(error.message || error).split("\n")[0]}\n`;
      one.replaceChildren(said, code);
      one.classList.remove("bep-diagram--drawn");
    }
  };

  const drawAll = async () => {
    window.mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      suppressErrorRendering: true,
      // Labels are text of SVG: no HTML of an author is ever parsed, and no diagram can change that.
      htmlLabels: false,
      flowchart: { htmlLabels: false },
      secure: ["secure", "securityLevel", "startOnLoad", "maxTextSize", "suppressErrorRendering",
        "htmlLabels", "flowchart", "maxEdges", "dompurifyConfig", "fontFamily", "themeCSS"],
      theme: isDark() ? "dark" : "default",
      fontFamily: "inherit",
      themeVariables: isDark() ? { edgeLabelBackground: "#2e303e" } : {},
      maxTextSize: 100000,
    });
    for (const [at, one] of diagrams.entries()) await draw(one, at);
    document.body.dataset.bepDrawn = isDark() ? "dark" : "light";
  };

  if (diagrams.length) {
    for (const one of diagrams) one.dataset.source = one.textContent;
    const script = document.createElement("script");
    script.src = new URL("mermaid.min.js", own);
    script.addEventListener("load", () => {
      let drawing = drawAll();
      new MutationObserver(() => { drawing = drawing.then(drawAll); })
        .observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
    });
    document.head.append(script);
  }

  // What is folded is printed too.
  const folded = [];
  window.addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details:not([open])")) {
      one.open = true;
      folded.push(one);
    }
  });
  window.addEventListener("afterprint", () => {
    for (const one of folded.splice(0)) one.open = false;
  });
})();
