// The hospital's pages: lists that follow the feed within a second, and a signature drawn on a tablet. Without this file lists
// refresh every half minute and notices are signed on paper.
(function () {
  "use strict";

  // ---- live: the stream says only that something was written; the page asks for its own list again
  function follow() {
    var places = document.querySelectorAll("[data-live]");
    if (!places.length || !window.EventSource) return;
    var stream = new EventSource("/live");
    var waiting = 0;
    stream.onmessage = function () {
      if (waiting) return;
      waiting = setTimeout(function () {
        waiting = 0;
        Array.prototype.forEach.call(document.querySelectorAll("[data-live]"), function (place) {
          // A form that is being filled is left alone; the next refresh comes when it is closed.
          if (place.hasAttribute("data-live-page") && document.querySelector("form.panel")) return;
          if (window.htmx) window.htmx.trigger(place, "changed");
        });
      }, 60);
    };
    window.addEventListener("pagehide", function () { stream.close(); });
  }

  // ---- signature: strokes as a path of whole numbers in the canvas's own measure
  function sign(canvas) {
    if (canvas.dataset.ready) return;
    canvas.dataset.ready = "yes";
    var field = document.getElementById(canvas.dataset.signature);
    var pen = canvas.getContext("2d");
    var drawing = false;
    var path = [];
    pen.lineWidth = 2;
    pen.lineCap = "round";

    function point(event) {
      var box = canvas.getBoundingClientRect();
      return [
        Math.round((event.clientX - box.left) * canvas.width / box.width),
        Math.round((event.clientY - box.top) * canvas.height / box.height)
      ];
    }

    canvas.addEventListener("pointerdown", function (event) {
      drawing = true;
      canvas.setPointerCapture(event.pointerId);
      var at = point(event);
      pen.strokeStyle = getComputedStyle(canvas).color;
      pen.beginPath();
      pen.moveTo(at[0], at[1]);
      path.push("M" + at[0] + " " + at[1]);
      event.preventDefault();
    });
    canvas.addEventListener("pointermove", function (event) {
      if (!drawing) return;
      var at = point(event);
      pen.lineTo(at[0], at[1]);
      pen.stroke();
      path.push("L" + at[0] + " " + at[1]);
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      canvas.addEventListener(name, function () {
        drawing = false;
        field.value = path.join(" ");
      });
    });
    var clear = canvas.parentNode.querySelector("[data-clear-signature]");
    if (clear) clear.addEventListener("click", function () {
      pen.clearRect(0, 0, canvas.width, canvas.height);
      path = [];
      field.value = "";
    });
  }

  function prepare() {
    Array.prototype.forEach.call(document.querySelectorAll("canvas[data-signature]"), sign);
  }

  document.addEventListener("htmx:afterSwap", prepare);
  prepare();
  follow();
})();
