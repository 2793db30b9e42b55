// Keys for hands that stay on the keyboard. Every key has a visible button or link; without this file the pages still work.
(function () {
  "use strict";
  var places = { w: "/worklist", c: "/cases", s: "/census", m: "/measures", l: "/library" };
  var waitingForPlace = false;
  var timer = 0;

  function typing(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }

  function rows() {
    return Array.prototype.slice.call(document.querySelectorAll("tr[data-href], [data-row]"));
  }

  function move(step) {
    var all = rows();
    if (!all.length) return;
    var here = all.findIndex(function (row) { return row.classList.contains("here"); });
    var next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + step));
    all.forEach(function (row, index) { row.classList.toggle("here", index === next); });
    all[next].setAttribute("tabindex", "-1");
    all[next].focus({ preventScroll: true });
    all[next].scrollIntoView({ block: "nearest" });
  }

  function open() {
    var row = document.querySelector(".here[data-href]") || (document.activeElement && document.activeElement.closest("[data-href]"));
    if (row) location.assign(row.dataset.href);
    return Boolean(row);
  }

  function map() {
    var keys = document.getElementById("keys");
    if (!keys) return;
    keys.hidden = !keys.hidden;
    if (!keys.hidden) keys.focus();
  }

  function press(key) {
    var button = document.querySelector('[data-key="' + CSS.escape(key) + '"]:not([disabled])');
    if (!button) return false;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(button.tagName)) button.focus(); else button.click();
    return true;
  }

  function place(key) {
    waitingForPlace = false;
    clearTimeout(timer);
    var link = document.querySelector('[data-go="' + CSS.escape(key) + '"]');
    if (link) { location.assign(link.getAttribute("href")); return true; }
    if (places[key]) { location.assign(places[key]); return true; }
    return false;
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      var keys = document.getElementById("keys");
      if (keys) keys.hidden = true;
      if (typing(event.target)) event.target.blur();
      return;
    }
    if (typing(event.target)) return;
    var done = true;
    if (waitingForPlace) done = place(event.key);
    else if (event.key === "g") { waitingForPlace = true; timer = setTimeout(function () { waitingForPlace = false; }, 1200); }
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "Enter") done = event.target.closest("a, button, summary") ? false : open();
    else if (event.key === "/") { var box = document.getElementById("search"); if (box) box.focus(); else done = false; }
    else if (event.key === "?") map();
    else if (/^[a-z]$/.test(event.key)) done = press(event.key);
    else done = false;
    if (done) event.preventDefault();
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("a, button, input, select, textarea, label, summary")) return;
    var row = event.target.closest("[data-href]");
    if (row && !String(getSelection())) location.assign(row.dataset.href);
  });
})();
