/* SPDX-License-Identifier: ISC */
/* Passkeys: a form marked data-passkey asks the browser for one, fills in what it says and
 * is sent. Without this file the password works, and such forms stay out of sight. */
"use strict";

(function () {
	if (!window.PublicKeyCredential || !navigator.credentials)
		return;

	function bytes(text) {
		var raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));

		return Uint8Array.from(raw, function (c) {
			return c.charCodeAt(0);
		});
	}

	function text(buffer) {
		return btoa(String.fromCharCode.apply(null, new Uint8Array(buffer)))
			.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
	}

	function known(ids) {
		return ids.map(function (id) {
			return { type: "public-key", id: bytes(id) };
		});
	}

	/* A new challenge, and what goes with it. */
	function challenge(form) {
		var body = {};

		if (form.dataset.purpose)
			body.for = form.dataset.purpose;
		if (form.dataset.ticket)
			body.ticket = form.dataset.ticket;
		return fetch(form.dataset.challenge, {
			method: "POST",
			credentials: "same-origin",
			headers: {
				Accept: "application/json",
				"Content-Type": "application/json",
				"X-CSRF-Token": form.elements._csrf.value,
			},
			body: JSON.stringify(body),
		}).then(function (r) {
			if (!r.ok)
				throw new Error(String(r.status));
			return r.json();
		});
	}

	function create(o) {
		return navigator.credentials.create({ publicKey: {
			challenge: bytes(o.challenge),
			rp: { id: o.rp_id, name: o.rp_name },
			user: {
				id: bytes(o.user.handle),
				name: o.user.name,
				displayName: o.user.display_name,
			},
			pubKeyCredParams: o.algorithms.map(function (alg) {
				return { type: "public-key", alg: alg };
			}),
			timeout: o.timeout,
			excludeCredentials: known(o.credentials),
			authenticatorSelection: {
				residentKey: "preferred",
				userVerification: o.user_verification,
			},
			attestation: "none",
		} });
	}

	function get(o) {
		return navigator.credentials.get({ publicKey: {
			challenge: bytes(o.challenge),
			rpId: o.rp_id,
			timeout: o.timeout,
			allowCredentials: known(o.credentials),
			userVerification: o.user_verification,
		} });
	}

	function fill(form, credential) {
		var said = credential.response;
		var parts = {
			credential: credential.rawId,
			client_data: said.clientDataJSON,
			attestation: said.attestationObject,
			authenticator_data: said.authenticatorData,
			signature: said.signature,
			user_handle: said.userHandle,
		};

		form.querySelectorAll("[data-part]").forEach(function (input) {
			var part = parts[input.dataset.part];

			input.value = part ? text(part) : "";
		});
	}

	function complain(form, which) {
		form.querySelectorAll("[data-error]").forEach(function (box) {
			box.hidden = box.dataset.error !== which;
		});
	}

	function ask(form) {
		form.dataset.busy = "1";
		complain(form, "");
		challenge(form).then(form.dataset.passkey === "create" ? create : get)
			.then(function (credential) {
				fill(form, credential);
				form.submit();
			}).catch(function (e) {
				complain(form, e.name === "InvalidStateError" ? "known" : "failed");
			}).then(function () {
				delete form.dataset.busy;
			});
	}

	document.querySelectorAll("form[data-passkey]").forEach(function (form) {
		form.hidden = false;
		form.addEventListener("submit", function (e) {
			/* Not yet sent, whatever others count. */
			e.preventDefault();
			e.stopPropagation();
			if (!form.dataset.busy)
				ask(form);
		});
	});
	document.querySelectorAll("[data-without-passkey]").forEach(function (note) {
		note.hidden = true;
	});
})();
