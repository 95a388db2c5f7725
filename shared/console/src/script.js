// Keys, and times in the viewer's zone. Pages work without.
"use strict";

(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const parts = { year: "numeric", month: "2-digit", day: "2-digit" };
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const forms = {
    day: parts,
    minute: { ...parts, ...clock },
    second: { ...parts, ...clock, second: "2-digit" },
  };
  if (zone && zone !== "UTC") {
    for (const element of document.querySelectorAll("time[data-form]")) {
      const form = forms[element.dataset.form];
      const at = new Date(element.dateTime);
      if (form && !Number.isNaN(at.getTime())) {
        element.textContent = new Intl.DateTimeFormat("sv-SE", form).format(at);
      }
    }
    const note = document.getElementById("zone");
    if (note) note.textContent = `Times are those of ${zone}; UTC shows on hover.`;
  }

  const dialog = document.getElementById("keys");
  document.body.classList.add("with-keys");
  let waiting = 0;
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    const afterG = Date.now() - waiting < 1500;
    waiting = 0;
    if (afterG) {
      const link = document.querySelector(`nav a[data-key="${CSS.escape(event.key)}"]`);
      if (link) {
        event.preventDefault();
        link.click();
      }
    } else if (event.key === "g") {
      waiting = Date.now();
    } else if (event.key === "?") {
      event.preventDefault();
      dialog.showModal();
    } else if (event.key === "/") {
      event.preventDefault();
      document.querySelector("[data-search]")?.focus();
    }
  });
})();
