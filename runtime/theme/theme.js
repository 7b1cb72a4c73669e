// The stored choice of light or dark, set before anything is drawn; and the button that makes it.
// Without this file the page follows the system and reads the same.
(function () {
	"use strict";
	var root = document.documentElement, key = "theme";

	function stored() {
		try {
			return localStorage.getItem(key);
		} catch (refused) {
			return null;
		}
	}

	function apply(theme) {
		root.classList.toggle("light", theme === "light");
		root.classList.toggle("dark", theme === "dark");
	}

	function isDark() {
		return root.classList.contains("dark") ||
			(!root.classList.contains("light") && matchMedia("(prefers-color-scheme: dark)").matches);
	}

	function addButton() {
		var nav = document.querySelector(".top nav");
		var button = document.createElement("button");
		if (!nav)
			return;
		button.type = "button";
		button.className = "btn";
		button.title = "Switch the colour theme";
		button.textContent = isDark() ? "Light" : "Dark";
		button.addEventListener("click", function () {
			var theme = isDark() ? "light" : "dark";
			apply(theme);
			try {
				localStorage.setItem(key, theme);
			} catch (refused) {
				// The choice then lasts as long as the page.
			}
			button.textContent = isDark() ? "Light" : "Dark";
		});
		nav.appendChild(button);
	}

	apply(stored());
	document.addEventListener("DOMContentLoaded", addButton);
}());
