/* SPDX-License-Identifier: ISC */
/* Comfort only: every page works without this file. */
"use strict";

(function () {
	var menus = "details.pop[open], details.menu[open]";

	/* A click anywhere in a row opens it, unless it was meant for something inside. */
	document.addEventListener("click", function (e) {
		var row = e.target.closest("tr");
		var link = row && row.querySelector(".row-link");

		if (link && !e.target.closest("a, button, input, select, label, summary") &&
			String(window.getSelection()) === "") {
			if (e.ctrlKey || e.metaKey)
				window.open(link.href, "_blank", "noopener");
			else
				link.click();
		}
		document.querySelectorAll(menus).forEach(function (d) {
			if (!d.contains(e.target))
				d.open = false;
		});
	});

	/* "/" goes to the search box, "n" to the new record; Escape closes menus. */
	document.addEventListener("keydown", function (e) {
		var typing = e.target.closest("input, textarea, select, [contenteditable]");
		var to;

		if (e.key === "Escape") {
			document.querySelectorAll(menus).forEach(function (d) {
				d.open = false;
				d.querySelector("summary").focus();
			});
		}
		if (typing || e.ctrlKey || e.metaKey || e.altKey || (e.key !== "/" && e.key !== "n"))
			return;
		to = document.querySelector('[data-key="' + e.key + '"]');
		if (!to)
			return;
		e.preventDefault();
		if (to.tagName === "A")
			to.click();
		else
			to.select();
	});

	/* Leaving a form with entries in it asks first. */
	var changed = false;

	document.querySelectorAll("form[data-guard]").forEach(function (form) {
		form.addEventListener("input", function () {
			changed = true;
		});
		form.addEventListener("submit", function () {
			changed = false;
		});
	});
	window.addEventListener("beforeunload", function (e) {
		if (changed) {
			e.preventDefault();
			e.returnValue = document.body.dataset.unsaved;
		}
	});

	/* One submit a form; the page coming back from the cache may be sent again. */
	document.addEventListener("submit", function (e) {
		if (e.target.dataset.sent)
			e.preventDefault();
		e.target.dataset.sent = "1";
	});
	window.addEventListener("pageshow", function () {
		document.querySelectorAll("form[data-sent]").forEach(function (form) {
			delete form.dataset.sent;
		});
	});

	/* How long it still takes, in the words that the page came with. */
	function remaining(note, seconds) {
		if (seconds === null)
			return note.dataset.unknown;
		if (seconds < 60)
			return note.dataset.minute;
		return note.dataset.minutes.replace("%s", Math.ceil(seconds / 60).toLocaleString("en"));
	}

	/* An export of everything: what it counts is nobody's, so its share is told. */
	function move_export(box, state) {
		var note = box.querySelector("[data-unknown]");

		box.querySelector("progress").value = state.percent;
		box.querySelector("[data-done]").textContent = state.percent + " %";
		note.textContent = remaining(note, state.seconds_left);
	}

	function move_job(box, job) {
		var bar = box.querySelector("progress");

		bar.max = job.total;
		bar.value = job.done;
		box.querySelector("[data-done]").textContent = job.done.toLocaleString("en");
	}

	/* A job's bar moves; when the job is over the page is loaded once more. */
	function follow(box) {
		fetch(box.dataset.follow || "/api/v1/jobs/" + encodeURIComponent(box.dataset.job), {
			credentials: "same-origin",
			headers: { Accept: "application/json" },
		}).then(function (r) {
			if (!r.ok)
				throw new Error(String(r.status));
			return r.json();
		}).then(function (job) {
			var bar = box.querySelector("progress");

			if (!bar && job.total || job.state !== "running" && job.state !== "queued") {
				location.reload();
				return;
			}
			if (job.progress)
				move_export(box, job.progress);
			else if (bar)
				move_job(box, job);
			setTimeout(follow, 1000, box);
		}).catch(function () {
			setTimeout(follow, 5000, box);
		});
	}

	/* Whether what is typed can be had, told while it is typed. */
	document.querySelectorAll("[data-check]").forEach(function (input) {
		var told = document.querySelector('[data-checked="' + input.name + '"]');
		var timer;

		input.addEventListener("input", function () {
			clearTimeout(timer);
			told.textContent = told.className = "";
			if (input.value.length < 3)
				return;
			timer = setTimeout(function () {
				var asked = input.value;

				fetch(input.dataset.check + "?slug=" + encodeURIComponent(asked), {
					credentials: "same-origin",
					headers: { Accept: "application/json" },
				}).then(function (r) {
					return r.ok ? r.json() : null;
				}).then(function (answer) {
					if (!answer || input.value !== asked)
						return;
					told.className = answer.available ? "free" : "error";
					told.textContent = answer.detail;
				}).catch(function () {});
			}, 250);
		});
	});

	document.querySelectorAll("[data-job], [data-follow]").forEach(function (box) {
		if (box.dataset.job || box.dataset.follow)
			follow(box);
	});
	/* The sentence above the form is an alert and read out by itself; whoever types goes
	 * on at the first field that is wrong. */
	var wrong = document.querySelector('main [aria-invalid="true"]') || document.getElementById("form-error");
	if (wrong)
		wrong.focus();
})();
