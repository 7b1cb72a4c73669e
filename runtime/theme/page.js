// Comforts of an essay's page: copy buttons, links to lines, the current section, reference cards.
// Without this file the page says the same.
(function () {
	"use strict";

	function all(selector, within) {
		return Array.from((within || document).querySelectorAll(selector));
	}

	// ---- code ----

	// The source as it was written: a reference is shown as ⟨name⟩.
	function sourceOf(pre) {
		var code = pre.querySelector("code").cloneNode(true);
		all("a.ref", code).forEach(function (ref) {
			ref.textContent = "<<" + ref.textContent.slice(1, -1) + ">>";
		});
		return code.textContent;
	}

	function say(button, text) {
		button.textContent = text;
		setTimeout(function () {
			button.textContent = "Copy";
		}, 1500);
	}

	function copyButton(pre) {
		var button = document.createElement("button");
		button.type = "button";
		button.className = "btn";
		button.textContent = "Copy";
		button.title = "Copy this code";
		button.setAttribute("aria-live", "polite");
		button.addEventListener("click", function () {
			navigator.clipboard.writeText(sourceOf(pre)).then(function () {
				say(button, "Copied");
			}, function () {
				say(button, "Not copied");
			});
		});
		return button;
	}

	// In the bar; a fold's bar is a button itself, so there, as where there is none, it lies on the code's corner.
	function addCopyButtons() {
		if (!navigator.clipboard)
			return;
		all("figure.code").forEach(function (figure) {
			var pre = figure.querySelector("pre"), bar = figure.querySelector("figcaption.bar .r");
			if (bar) {
				bar.prepend(copyButton(pre));
				return;
			}
			var corner = document.createElement("div");
			corner.className = "corner";
			corner.append(copyButton(pre));
			pre.before(corner);
		});
	}

	// A line's number is a link to the line.
	function addLineLinks() {
		document.documentElement.classList.add("lines");
		document.addEventListener("click", function (event) {
			var line = event.target;
			if (line.matches && line.matches("pre .l[id]") &&
			    event.clientX < line.getBoundingClientRect().left + parseFloat(getComputedStyle(line).paddingLeft) * .75)
				location.hash = line.id;
		});
	}

	// ---- the current section ----

	function markSections() {
		var links = new Map();
		all(".rail .toc a").forEach(function (a) {
			links.set(decodeURIComponent(a.hash.slice(1)), a);
		});
		var headings = all("h2[id]").filter(function (h) {
			return links.has(h.id);
		});
		var current = null;

		// The last heading above the line a third down: right whichever way the reader came.
		function mark() {
			var above = headings.filter(function (h) {
				return h.getBoundingClientRect().top < innerHeight / 3;
			});
			var link = above.length ? links.get(above[above.length - 1].id) : null;
			if (link === current)
				return;
			if (current)
				current.removeAttribute("aria-current");
			if (link)
				link.setAttribute("aria-current", "location");
			current = link;
		}

		if (!headings.length || !window.IntersectionObserver)
			return;
		// It calls as a heading crosses that line, and not at each scrolled pixel.
		var observer = new IntersectionObserver(mark, {rootMargin: "0px 0px -66.6% 0px"});
		headings.forEach(function (h) {
			observer.observe(h);
		});
	}

	// ---- reference cards ----

	var card = null, owner = null, closing = 0;

	function hideCard() {
		clearTimeout(closing);
		if (!card)
			return;
		card.remove();
		owner.removeAttribute("aria-describedby");
		card = owner = null;
	}

	// Time enough to move the pointer from the citation into the card.
	function hideSoon() {
		clearTimeout(closing);
		closing = setTimeout(hideCard, 250);
	}

	// Below the citation, or above it where there is no room; never wider than the window.
	function placeCard() {
		var line = owner.getClientRects()[0];
		var left = Math.max(12, Math.min(line.left, document.documentElement.clientWidth - card.offsetWidth - 12));
		var below = line.bottom + 6, above = line.top - card.offsetHeight - 6;
		var top = below + card.offsetHeight > innerHeight && above > 0 ? above : below;
		card.style.left = left + scrollX + "px";
		card.style.top = top + scrollY + "px";
	}

	function showCard(link) {
		var entry = document.getElementById(decodeURIComponent(link.hash.slice(1)));
		clearTimeout(closing);
		if (link === owner || !entry)
			return;
		hideCard();
		card = document.createElement("div");
		card.id = "weft-card";
		card.className = "card";
		card.setAttribute("role", "tooltip");
		entry.childNodes.forEach(function (node) {
			if (!node.classList || !node.classList.contains("back"))
				card.append(node.cloneNode(true));
		});
		card.addEventListener("mouseenter", function () {
			clearTimeout(closing);
		});
		card.addEventListener("mouseleave", hideSoon);
		document.body.append(card);
		owner = link;
		owner.setAttribute("aria-describedby", card.id);
		placeCard();
	}

	function addCards() {
		all("a.cite").forEach(function (link) {
			function show() {
				showCard(link);
			}
			link.addEventListener("mouseenter", show);
			link.addEventListener("mouseleave", hideSoon);
			link.addEventListener("focus", show);
			link.addEventListener("blur", hideSoon);
			link.addEventListener("click", hideCard);
		});
		document.addEventListener("keydown", function (event) {
			if (event.key === "Escape")
				hideCard();
		});
		addEventListener("resize", hideCard);
	}

	addCopyButtons();
	addLineLinks();
	markSections();
	addCards();
}());
