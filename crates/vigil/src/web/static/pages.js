// What single pages need: the selected row kept over a refresh, drafts kept while they are typed, focus where it is wanted.
// Without this file every page still works; only what was typed into a closed page is not kept.
(function () {
  "use strict";
  var KEEP_HOURS = 24;
  var all = "vigil-draft:";
  var person = document.body.dataset.person || "";
  var prefix = all + person + ":";

  // ---- drafts: text typed into a form, kept in this browser until the form goes through, at most a day
  function keyOf(form) { return prefix + form.dataset.draft; }

  function fieldsOf(form) {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.name && field.name !== "csrf" && field.type !== "file" && field.type !== "hidden" && field.type !== "submit";
    });
  }

  function save(form) {
    var values = {};
    fieldsOf(form).forEach(function (field, place) {
      var name = field.name + "#" + place;
      values[name] = field.type === "checkbox" || field.type === "radio" ? field.checked : field.value;
    });
    try { localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), values: values })); } catch (full) { /* the server keeps what is sent */ }
  }

  function restore(form) {
    if (form.querySelector("[data-focus]") || form.dataset.restored) return;
    form.dataset.restored = "yes";
    var kept;
    try { kept = JSON.parse(localStorage.getItem(keyOf(form)) || "null"); } catch (broken) { return; }
    if (!kept || Date.now() - kept.at > KEEP_HOURS * 3600000) return;
    fieldsOf(form).forEach(function (field, place) {
      var value = kept.values[field.name + "#" + place];
      if (value === undefined) return;
      if (field.type === "checkbox" || field.type === "radio") field.checked = value; else field.value = value;
    });
  }

  function forget(caseNumber) {
    Object.keys(localStorage).forEach(function (key) {
      if (key.indexOf(prefix + caseNumber + "/") === 0) localStorage.removeItem(key);
    });
  }

  // What is old goes, and what another person left in this browser.
  function sweep() {
    Object.keys(localStorage).forEach(function (key) {
      if (key.indexOf(all) !== 0) return;
      var kept = null;
      try { kept = JSON.parse(localStorage.getItem(key)); } catch (broken) { /* removed below */ }
      var old = !kept || Date.now() - kept.at > KEEP_HOURS * 3600000;
      if (old || (person && key.indexOf(prefix) !== 0)) localStorage.removeItem(key);
    });
  }

  // ---- focus: the reasons of a refused form, else its first field
  function focusIn(place) {
    var wanted = place.querySelector("[data-focus]") || place.querySelector("form.panel input:not([type=hidden]), form.panel textarea, form.panel select");
    if (wanted) wanted.focus();
  }

  function prepare(place) {
    Array.prototype.forEach.call(place.querySelectorAll("form[data-draft]"), restore);
  }

  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (form && form.dataset.draft) save(form);
  });

  // ---- files that are too large are told before they are sent, so that nothing typed is lost
  document.addEventListener("change", function (event) {
    var field = event.target;
    if (!field.dataset || !field.dataset.most) return;
    var most = Number(field.dataset.most);
    var whole = Array.prototype.reduce.call(field.files, function (sum, file) { return sum + file.size; }, 0);
    var says = "These files are " + (whole / 1048576).toFixed(1) + " MB together; at most " + Math.round(most / 1048576) + " MB can be kept. Choose smaller or fewer files.";
    field.setCustomValidity(whole > most ? says : "");
    field.reportValidity();
  });

  // ---- the reason's own sentence goes into the field for the member while that field holds no words of its own
  document.addEventListener("change", function (event) {
    var select = event.target;
    if (!select.dataset || !select.dataset.fills) return;
    var field = document.getElementById(select.dataset.fills);
    var plain = select.selectedOptions[0] ? select.selectedOptions[0].dataset.plain || "" : "";
    var known = Array.prototype.some.call(select.options, function (option) { return option.dataset.plain === field.value; });
    if (field && (field.value === "" || known)) field.value = plain;
  }, true);

  // ---- the list refreshes itself quietly and keeps the place
  var here = null;
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (!event.target.hasAttribute || !event.target.hasAttribute("data-keeps-place")) return;
    var row = document.querySelector("tr.here");
    here = row ? { id: row.dataset.id, focused: document.activeElement === row } : null;
  });

  document.addEventListener("htmx:afterSwap", function () {
    if (here) {
      var row = document.querySelector('tr[data-id="' + CSS.escape(here.id) + '"]');
      if (row) {
        row.classList.add("here");
        row.setAttribute("tabindex", "-1");
        if (here.focused) row.focus({ preventScroll: true });
      }
      here = null;
    }
    var dock = document.getElementById("dock");
    if (dock && dock.querySelector("form.panel") && !dock.dataset.ready) {
      dock.dataset.ready = "yes";
      prepare(dock);
      focusIn(dock);
    }
  });

  // ---- leaving: what was typed by one person is not left for the next
  document.addEventListener("submit", function (event) {
    if (event.target.getAttribute("action") === "/sign-out") {
      Object.keys(localStorage).forEach(function (key) { if (key.indexOf(all) === 0) localStorage.removeItem(key); });
    }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    Array.prototype.forEach.call(document.querySelectorAll("details.more[open], details.why[open]"), function (box) { box.open = false; });
  });

  sweep();
  var done = document.querySelector("[data-done]");
  if (done) forget(done.dataset.done);
  prepare(document);
  focusIn(document);
})();
